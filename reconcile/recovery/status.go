package recovery

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Status is how recovery is doing.
type Status struct {
	Sweep   *journal.Sweep // under way; nil = none
	Waiting int            // sweeps that were asked for and have not begun
	Rate    float64        // requests in a second
	Left    time.Duration  // of the first readings, at that rate; 0 = not known
	Trouble string         // why it does not go on
	Since   time.Time      // since when
	Lines   []Line         // what the last rehearsal found
}

// Line is one difference that a rehearsal found.
type Line struct {
	Sort   journal.Sort `json:"sort"`
	Kind   string       `json:"kind"`
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Fields []string     `json:"fields"` // that differ
}

// Status returns how recovery is doing.
func (r *Recovery) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{Waiting: len(r.asked), Trouble: r.trouble, Since: r.since, Lines: r.lines}
	if r.sweep == nil {
		return s
	}
	now := *r.sweep
	s.Sweep = &now
	if took := time.Since(r.begun); took > 0 {
		s.Rate = float64(now.Progress.Requests-r.before) / took.Seconds()
	}
	if now.Stage == journal.StageVisits && s.Rate > 0 {
		left := 2 * (now.Progress.Projects - now.Progress.Visited)
		s.Left = time.Duration(float64(left) / s.Rate * float64(time.Second))
	}
	return s
}

// note remembers why the sweep does not go on, and logs it when it changes.
func (r *Recovery) note(ctx context.Context, err error) {
	why := ""
	if err != nil {
		why = err.Error()
	}
	r.mu.Lock()
	before := r.trouble
	if why != "" && before == "" {
		r.since = time.Now()
	}
	r.trouble = why
	r.mu.Unlock()
	switch why {
	case before:
	case "":
		r.log.InfoContext(ctx, "looking for missed changes goes on")
	default:
		r.log.WarnContext(ctx, "looking for missed changes waits", "error", why)
	}
}

// forget forgets why the sweep did not go on: another reader is asked, or none.
func (r *Recovery) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble = ""
}
