package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// again reads suspects a second time, in rounds, and tells what both readings agree on, until no suspect is left. Those that
// do not agree in the last round are given up.
func (r *Recovery) again(ctx context.Context, sweep *journal.Sweep) error {
	for began := (time.Time{}); ; {
		waiting, err := r.tell(ctx, sweep)
		if err != nil {
			return err
		}
		counts, newest, err := r.journal.Doubtful(ctx)
		switch {
		case err != nil:
			return err
		case len(counts) == 0 && !waiting:
			return nil
		case len(counts) == 0:
			if !rest(ctx, retryPlan) {
				return ctx.Err()
			}
			continue
		case sweep.Progress.Rounds >= mostRounds:
			if err := r.giveUp(ctx, sweep); err != nil {
				return err
			}
			continue
		}
		if began.After(newest) {
			newest = began
		}
		if !rest(ctx, min(time.Until(newest.Add(r.timing.Again)), r.timing.Again)) { // or the clock was put back
			return ctx.Err()
		}
		began = time.Now()
		if err := r.round(ctx, sweep, counts); err != nil {
			return err
		}
	}
}

// round reads once more where suspects are that were read once.
func (r *Recovery) round(ctx context.Context, sweep *journal.Sweep, counts map[string]int) error {
	began := time.Now()
	if err := r.listsAgain(ctx, sweep, counts, began); err != nil {
		return err
	}
	if counts[event.Task]+counts[event.KeyDate] > 0 {
		if err := r.visitsAgain(ctx, sweep, began); err != nil {
			return err
		}
	}
	next := *sweep
	next.Progress.Rounds++
	err := r.journal.KeepReading(ctx, &next, journal.Reading{})
	if err == nil {
		*sweep = next
		r.steps++
	}
	return err
}

// listsAgain reads projects and ideas once more.
func (r *Recovery) listsAgain(ctx context.Context, sweep *journal.Sweep, counts map[string]int, began time.Time) error {
	for _, l := range []list{{kind: event.Project, call: r.reader.Projects}, {kind: event.Idea, call: r.reader.Ideas}} {
		if counts[l.kind] == 0 {
			continue
		}
		if err := r.pace(ctx, sweep); err != nil {
			return err
		}
		unclear := false
		err := l.call(ctx, func(e ppm.Element) error {
			unclear = unclear || e.ID == ""
			return r.judge(ctx, sweep, found{kind: l.kind, Element: e})
		})
		switch {
		case err == nil && !unclear:
			err = r.journal.ListedAgain(ctx, *sweep, l.kind, "", began)
		case err == nil || l.kind == event.Idea && r.alone(ctx, err, func() error { return r.projects(ctx, sweep) }):
			continue // the next round, or the next sweep, may read them
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// visitsAgain reads once more what is below projects.
func (r *Recovery) visitsAgain(ctx context.Context, sweep *journal.Sweep, began time.Time) error {
	if err := r.journal.VisitDoubtful(ctx); err != nil {
		return err
	}
	for {
		project, err := r.journal.NextVisit(ctx)
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		if err == nil {
			err = r.visitAgain(ctx, sweep, project, began)
		}
		if err != nil {
			return err
		}
	}
}

// visitAgain reads what a project has. What is below one that is gone is as absent as the project; what is below one that
// fails, or has an element without an id that can be read, has the next round.
func (r *Recovery) visitAgain(ctx context.Context, sweep *journal.Sweep, project string, began time.Time) error {
	parent := event.Ref{Kind: event.Project, ID: project}
	unclear := false
	err := r.below(ctx, sweep, project, func(kind string) func(ppm.Element) error {
		return func(e ppm.Element) error {
			if !own(kind, e) {
				return nil
			}
			unclear = unclear || e.ID == ""
			return r.judge(ctx, sweep, found{kind: kind, parent: parent, Element: e})
		}
	})
	if err == nil {
		r.failing = failing{}
	}
	switch {
	case err == nil && unclear:
	case err == nil || gone(err):
		for _, kind := range []string{event.Task, event.KeyDate} {
			if err := r.journal.ListedAgain(ctx, *sweep, kind, project, began); err != nil {
				return err
			}
		}
	case !r.hopeless(ctx, sweep, project, err):
		return err
	}
	if err = r.journal.KeepReading(ctx, sweep, journal.Reading{Visited: project}); err == nil {
		r.steps++
	}
	return err
}

// judge compares the second reading of a suspect with the first one, and with what is known by now.
func (r *Recovery) judge(ctx context.Context, sweep *journal.Sweep, f found) error {
	first, err := r.journal.Suspect(ctx, f.ID)
	if errors.Is(err, journal.ErrNotFound) || err == nil && first.Agreed {
		return nil
	}
	if err != nil {
		return err
	}
	if f.Odd { // it is there, and that is all
		return r.journal.KeepReading(ctx, sweep, journal.Reading{Drop: []string{f.ID}, Seen: []string{f.ID}})
	}
	sort, known, err := r.compare(ctx, f)
	if err != nil {
		return err
	}
	var reading journal.Reading
	switch {
	case sort == "":
		reading.Drop, reading.Seen = []string{f.ID}, []string{f.ID}
	case sort == first.Sort && known.Number == first.Number && known.Occurred.Equal(first.Occurred) &&
		time.Since(first.Seen) >= r.timing.Again && same(f.kind, first.Attributes, f.Attributes):
		first.Agreed = true
		reading.Suspects = []journal.Suspect{first}
	default:
		reading.Suspects, reading.Seen = []journal.Suspect{suspect(sort, f, known)}, []string{f.ID}
	}
	return r.journal.KeepReading(ctx, sweep, reading)
}
