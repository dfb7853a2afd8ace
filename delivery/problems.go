package delivery

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Problem is something that people should know of, beside the targets that are held.
type Problem struct {
	Part  string // "planning", a service, a target
	Why   string // in plain words
	Key   string // what makes it the same though its words change
	Count int    // of what has happened, rather than lasts: how often since the start; 0 = it lasts
}

// faults are what has gone wrong since the start and shows in no target's state.
type faults struct {
	mu       sync.Mutex
	planning string // why nothing is planned; empty = all is well
	since    time.Time
	buried   int
	why      string // of the last that was buried
	stuck    []Problem
}

// plan notes how planning goes.
func (f *faults) plan(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil:
		f.planning = ""
	case f.planning == "":
		f.since = time.Now()
		fallthrough
	default:
		f.planning = err.Error()
	}
}

// bury counts what was buried.
func (f *faults) bury(endings []journal.Ending) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range endings {
		if e.State == journal.Buried {
			f.buried, f.why = f.buried+1, e.Reason
		}
	}
}

// contradict notes a target for which nothing can be begun any more.
func (f *faults) contradict(target string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stuck = append(f.stuck, Problem{
		Key: "stuck " + target, Part: target, Why: "nothing is told until a restart: the journal contradicts itself: " + err.Error(),
	})
}

// Problems returns what has gone wrong and shows in no target's state: planning that fails, services that refuse
// everything, what was buried since the start.
func (d *Delivery) Problems() []Problem {
	d.faults.mu.Lock()
	all := slices.Clone(d.faults.stuck)
	if d.faults.planning != "" {
		all = append(all, Problem{Key: "planning", Part: "planning", Why: fmt.Sprintf("events are taken, but wait, since %s: %s",
			d.faults.since.UTC().Format(time.RFC3339), d.faults.planning)})
	}
	if n := d.faults.buried; n > 0 {
		all = append(all, Problem{
			Key: "buried", Part: "deliveries", Count: n,
			Why: fmt.Sprintf("%d were buried since the start, the last one because of %s", n, d.faults.why),
		})
	}
	d.faults.mu.Unlock()
	for _, s := range d.scheme.Load().services {
		if stopped, why, until := s.held(); stopped {
			all = append(all, Problem{
				Key: "held " + s.name, Part: s.name,
				Why: fmt.Sprintf("refuses everything: %s; next try %s", why, until.UTC().Format(time.RFC3339)),
			})
		}
	}
	return all
}
