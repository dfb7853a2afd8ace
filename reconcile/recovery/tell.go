package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

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
