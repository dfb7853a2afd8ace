package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// found is an element of a list with what the list says about it.
type found struct {
	kind   string
	parent event.Ref
	unread bool // what is below its project was never read: it was there all the time
	ppm.Element
}

func (f found) ref() event.Ref { return event.Ref{Kind: f.kind, ID: f.ID, Name: f.Name} }

// state is what becomes known of an entity that nobody is told about.
func (f found) state() journal.EntityState {
	return journal.EntityState{Entity: f.ref(), Parent: f.parent, Occurred: f.Read, Attributes: f.Attributes}
}

// own reports whether an entity is one that events tell about: tasks of other systems are not.
func own(kind string, e ppm.Element) bool {
	return kind != event.Task || e.Source == ppm.Own || e.Source == ""
}

// compare says how an entity differs from what is known of it; empty when it does not.
func (r *Recovery) compare(ctx context.Context, f found) (journal.Sort, journal.EntityState, error) {
	known, err := r.journal.Entity(ctx, f.ID)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return journal.SortNew, journal.EntityState{}, nil
	case err != nil:
		return "", known, err
	case known.Deleted:
		return journal.SortNew, known, nil
	}
	if fields, err := ppm.Difference(f.kind, known.Attributes, f.Attributes); err != nil || len(fields) == 0 {
		return "", known, nil //nolint:nilerr // what has no attributes cannot differ
	}
	return journal.SortChanged, known, nil
}

// suspect is what is kept of a reading that differs.
func suspect(sort journal.Sort, f found, known journal.EntityState) journal.Suspect {
	return journal.Suspect{
		Sort: sort, Entity: f.ref(), Parent: f.parent, Attributes: f.Attributes, Read: f.Read, Seen: time.Now(),
		Occurred: known.Occurred, Number: known.Number,
	}
}

// absent is what is kept of an entity that is in no list. It is looked for again where it would be listed: projects and
// ideas below nothing, whatever an event says.
func absent(known *journal.EntityState) journal.Suspect {
	now := time.Now()
	s := journal.Suspect{Sort: journal.SortAbsent, Entity: known.Entity, Read: now, Seen: now, Occurred: known.Occurred, Number: known.Number}
	if known.Entity.Kind == event.Task || known.Entity.Kind == event.KeyDate {
		s.Parent = known.Parent
	}
	return s
}
