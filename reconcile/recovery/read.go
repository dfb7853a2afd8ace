package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// portion is how many entities one commit of a reading is about.
const portion = 200

// The kinds of entities that are read for their names alone.
const (
	program   = "Program"
	portfolio = "Portfolio"
)

// list is one call that lists entities of a kind.
type list struct {
	kind string
	call func(ctx context.Context, each func(ppm.Element) error) error
}

// lists reads what stands above projects, then projects and ideas.
func (r *Recovery) lists(ctx context.Context, sweep *journal.Sweep) error {
	requests := sweep.Progress.Requests
	sweep.Progress = journal.Progress{Requests: requests, Visible: sweep.Progress.Visible} // a stage that begins again counts anew
	for _, l := range []list{{program, r.reader.Programs}, {portfolio, r.reader.Portfolios}} {
		if err := r.readList(ctx, sweep, l); err != nil && !gone(err) { // whether there are such calls is not published
			return err
		}
	}
	for _, l := range []list{{event.Project, r.reader.Projects}, {event.Idea, r.reader.Ideas}} {
		if err := r.readList(ctx, sweep, l); err != nil {
			return err
		}
	}
	return r.enter(ctx, sweep, journal.StageVisits)
}

func (r *Recovery) readList(ctx context.Context, sweep *journal.Sweep, l list) error {
	if err := r.pace(ctx, sweep); err != nil {
		return err
	}
	var reading journal.Reading
	count := 0
	err := l.call(ctx, func(e ppm.Element) error {
		if err := r.meet(ctx, sweep, &reading, found{l.kind, event.Ref{}, e}); err != nil {
			return err
		}
		if l.kind == event.Project {
			sweep.Progress.Projects++
			reading.Visits = append(reading.Visits, e.ID)
		}
		if count++; count%portion != 0 {
			return nil
		}
		return r.store(ctx, sweep, &reading)
	})
	if err != nil {
		return err
	}
	return r.store(ctx, sweep, &reading)
}

// store keeps a reading and begins the next one.
func (r *Recovery) store(ctx context.Context, sweep *journal.Sweep, reading *journal.Reading) error {
	err := r.journal.KeepReading(ctx, sweep, *reading)
	if err == nil {
		*reading = journal.Reading{}
		r.show(sweep)
	}
	return err
}

// visits reads the tasks and key dates of each project that was not read yet.
func (r *Recovery) visits(ctx context.Context, sweep *journal.Sweep) error {
	for {
		project, err := r.journal.NextVisit(ctx)
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		if err == nil {
			err = r.visit(ctx, sweep, project)
		}
		if err != nil {
			return err
		}
	}
}

func (r *Recovery) visit(ctx context.Context, sweep *journal.Sweep, project string) error {
	parent := event.Ref{Kind: event.Project, ID: project}
	reading := journal.Reading{}
	entities, differ := sweep.Progress.Entities, sweep.Progress.Differ
	take := func(kind string) func(ppm.Element) error {
		return func(e ppm.Element) error {
			if !own(kind, e) {
				return nil
			}
			if len(reading.Seen) >= portion {
				if err := r.store(ctx, sweep, &reading); err != nil {
					return err
				}
			}
			return r.meet(ctx, sweep, &reading, found{kind, parent, e})
		}
	}
	err := r.below(ctx, sweep, project, take)
	switch {
	case err == nil:
	case gone(err):
		sweep.Progress.Unreadable++
		reading.Skipped = project
	default:
		sweep.Progress.Entities, sweep.Progress.Differ = entities, differ // it is read again
		return err
	}
	sweep.Progress.Visited++
	reading.Visited = project
	return r.store(ctx, sweep, &reading)
}

// below reads what a project has.
func (r *Recovery) below(ctx context.Context, sweep *journal.Sweep, project string, take func(kind string) func(ppm.Element) error) error {
	if err := r.pace(ctx, sweep); err != nil {
		return err
	}
	if err := r.reader.Tasks(ctx, project, take(event.Task)); err != nil {
		return err
	}
	if err := r.pace(ctx, sweep); err != nil {
		return err
	}
	return r.reader.KeyDates(ctx, project, take(event.KeyDate))
}

// own reports whether an entity is one that events tell about: tasks of other systems are not.
func own(kind string, e ppm.Element) bool {
	return kind != event.Task || e.Source == ppm.Own || e.Source == ""
}

// found is an element of a list with what the list says about it.
type found struct {
	kind   string
	parent event.Ref
	ppm.Element
}

func (f found) ref() event.Ref { return event.Ref{Kind: f.kind, ID: f.ID, Name: f.Name} }

// state is what becomes known of an entity that nobody is told about.
func (f found) state() journal.EntityState {
	return journal.EntityState{Entity: f.ref(), Parent: f.parent, Occurred: f.Read, Attributes: f.Attributes}
}

// meet takes an entity into a reading: its first one in this sweep.
func (r *Recovery) meet(ctx context.Context, sweep *journal.Sweep, reading *journal.Reading, f found) error {
	if f.kind == program || f.kind == portfolio {
		reading.Adopt = append(reading.Adopt, f.state())
		return nil
	}
	sweep.Progress.Entities++
	reading.Seen = append(reading.Seen, f.ID)
	if sweep.Mode == journal.Baseline {
		reading.Known = append(reading.Known, f.state())
		return r.countUnknown(ctx, sweep, f)
	}
	sort, known, err := r.compare(ctx, f)
	if err != nil || sort == "" {
		return err
	}
	if sweep.Mode == journal.Adopt {
		sweep.Progress.Adopted++
		reading.Adopt = append(reading.Adopt, f.state())
		return nil
	}
	sweep.Progress.Differ++
	if _, err := r.journal.Suspect(ctx, f.ID); !errors.Is(err, journal.ErrNotFound) {
		return err // since a reading that was broken off: the older one counts
	}
	reading.Suspects = append(reading.Suspects, suspect(sort, f, known))
	return nil
}

func (r *Recovery) countUnknown(ctx context.Context, sweep *journal.Sweep, f found) error {
	_, err := r.journal.Entity(ctx, f.ID)
	if errors.Is(err, journal.ErrNotFound) {
		sweep.Progress.Adopted++
		return nil
	}
	return err
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

// unseen makes suspects of what is known and was in no list.
func (r *Recovery) unseen(ctx context.Context, sweep *journal.Sweep) error {
	for after := ""; ; {
		page, err := r.journal.Unseen(ctx, sweep.Number, after, portion)
		if err != nil || len(page) == 0 {
			return err
		}
		var reading journal.Reading
		for i := range page {
			known := &page[i]
			after = known.Entity.ID
			sweep.Progress.Differ++
			now := time.Now()
			reading.Suspects = append(reading.Suspects, journal.Suspect{
				Sort: journal.SortAbsent, Entity: known.Entity, Parent: known.Parent, Read: now, Seen: now,
				Occurred: known.Occurred, Number: known.Number,
			})
		}
		if err := r.store(ctx, sweep, &reading); err != nil {
			return err
		}
	}
}
