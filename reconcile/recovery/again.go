package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// again reads suspects a second time, in rounds, and tells what both readings agree on, until no suspect is left.
func (r *Recovery) again(ctx context.Context, sweep *journal.Sweep) error {
	for {
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
		}
		if !rest(ctx, time.Until(newest.Add(r.timing.Again))) {
			return ctx.Err()
		}
		if err := r.round(ctx, sweep, counts); err != nil {
			return err
		}
	}
}

// round reads once more where suspects are that were read once.
func (r *Recovery) round(ctx context.Context, sweep *journal.Sweep, counts map[string]int) error {
	began := time.Now()
	for _, l := range []list{{event.Project, r.reader.Projects}, {event.Idea, r.reader.Ideas}} {
		if counts[l.kind] == 0 {
			continue
		}
		if err := r.pace(ctx, sweep); err != nil {
			return err
		}
		err := l.call(ctx, func(e ppm.Element) error { return r.judge(ctx, sweep, found{l.kind, event.Ref{}, e}) })
		if err == nil {
			err = r.journal.ListedAgain(ctx, *sweep, l.kind, "", began)
		}
		if err != nil {
			return err
		}
	}
	if counts[event.Task]+counts[event.KeyDate] == 0 {
		return nil
	}
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

// visitAgain reads what a project has. What is below one that cannot be read any more is as absent as the project.
func (r *Recovery) visitAgain(ctx context.Context, sweep *journal.Sweep, project string, began time.Time) error {
	parent := event.Ref{Kind: event.Project, ID: project}
	err := r.below(ctx, sweep, project, func(kind string) func(ppm.Element) error {
		return func(e ppm.Element) error {
			if !own(kind, e) {
				return nil
			}
			return r.judge(ctx, sweep, found{kind, parent, e})
		}
	})
	if err != nil && !gone(err) {
		return err
	}
	for _, kind := range []string{event.Task, event.KeyDate} {
		if err := r.journal.ListedAgain(ctx, *sweep, kind, project, began); err != nil {
			return err
		}
	}
	return r.journal.KeepReading(ctx, sweep, journal.Reading{Visited: project})
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

// tell makes events of what both readings agree on, all at once, and reports whether some have to wait for events that
// are to be planned.
func (r *Recovery) tell(ctx context.Context, sweep *journal.Sweep) (waiting bool, err error) {
	if err := r.journal.Hide(ctx, sweep, time.Now()); err != nil {
		return false, err
	}
	for after := ""; ; {
		page, err := r.journal.Suspects(ctx, true, after, recoverMost)
		if err != nil || len(page) == 0 {
			return waiting, err
		}
		var told []journal.Recovery
		var reading journal.Reading
		for i := range page {
			after = page[i].Entity.ID
			found, err := r.event(ctx, sweep, &page[i])
			switch {
			case err != nil:
				return waiting, err
			case found == nil:
				reading.Drop = append(reading.Drop, page[i].Entity.ID)
			default:
				told = append(told, *found)
			}
		}
		if len(reading.Drop) > 0 {
			if err := r.journal.KeepReading(ctx, sweep, reading); err != nil {
				return waiting, err
			}
		}
		settled, err := r.journal.Recover(ctx, sweep, told)
		if err != nil {
			return waiting, err
		}
		for _, s := range settled {
			waiting = waiting || s == journal.SettledWaiting
		}
		r.wake()
	}
}

// event makes an event of an agreed suspect; nil when it is none any more. Its version is checked by the journal.
func (r *Recovery) event(ctx context.Context, sweep *journal.Sweep, s *journal.Suspect) (*journal.Recovery, error) {
	known, err := r.journal.Entity(ctx, s.Entity.ID)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	result := ppm.Found{Type: event.TypeOf(s.Entity.Kind, event.Created), Entity: s.Entity, Parent: s.Parent, At: s.Read, After: s.Attributes}
	if s.Sort == journal.SortChanged {
		result.Type, result.Before = event.TypeOf(s.Entity.Kind, event.Updated), known.Attributes
		if result.Fields, err = ppm.Difference(s.Entity.Kind, known.Attributes, s.Attributes); err != nil || len(result.Fields) == 0 {
			return nil, nil //nolint:nilnil,nilerr // it does not differ from what is known by now
		}
	}
	// It was read after what is known, even if that is of the same second: the vendor's clock is told in whole ones.
	if next := s.Occurred.Add(time.Microsecond); !s.Occurred.IsZero() && result.At.Before(next) {
		result.At = next
	}
	told, err := recovered(result, time.Now())
	if err != nil {
		return nil, err
	}
	told.Missing, told.Suspect, told.At, told.Number = sweep.Gap, s.Entity.ID, s.Occurred, s.Number
	return &told, nil
}

// mostLines is how many differences a rehearsal names.
const mostLines = 200

// keepLines remembers what a rehearsal found.
func (r *Recovery) keepLines(ctx context.Context) {
	page, err := r.journal.Suspects(ctx, false, "", mostLines)
	if err != nil {
		r.log.WarnContext(ctx, "what was found cannot be read", "error", err)
	}
	lines := make([]Line, 0, len(page))
	for i := range page {
		s := &page[i]
		line := Line{Sort: s.Sort, Kind: s.Entity.Kind, ID: s.Entity.ID, Name: s.Entity.Name, Fields: []string{}}
		if known, err := r.journal.Entity(ctx, s.Entity.ID); err == nil && s.Sort == journal.SortChanged {
			if fields, err := ppm.Difference(s.Entity.Kind, known.Attributes, s.Attributes); err == nil {
				line.Fields = append(line.Fields, fields...)
			}
		}
		lines = append(lines, line)
	}
	r.mu.Lock()
	r.lines = lines
	r.mu.Unlock()
}
