package recovery

import (
	"context"
	"errors"

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
	kind   string
	call   func(ctx context.Context, each func(ppm.Element) error) error
	unread bool // it was never read
}

// lists reads projects and ideas, and the names of what stands above projects: whether there are such calls is not
// published.
func (r *Recovery) lists(ctx context.Context, sweep *journal.Sweep) error {
	requests := sweep.Progress.Requests
	sweep.Progress = journal.Progress{Requests: requests, Visible: sweep.Progress.Visible} // a stage that begins again counts anew
	if err := r.readList(ctx, sweep, list{kind: event.Project, call: r.reader.Projects}); err != nil {
		return err
	}
	if err := r.ideas(ctx, sweep); err != nil {
		return err
	}
	for _, l := range []list{{kind: program, call: r.reader.Programs}, {kind: portfolio, call: r.reader.Portfolios}} {
		if err := r.names(ctx, sweep, l); err != nil {
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
	count, unclear := 0, false
	err := l.call(ctx, func(e ppm.Element) error {
		if err := r.meet(ctx, sweep, &reading, found{kind: l.kind, unread: l.unread, Element: e}); err != nil {
			return err
		}
		unclear = unclear || e.ID == ""
		if l.kind == event.Project && e.ID != "" {
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
	switch l.kind {
	case event.Project:
		sweep.Progress.ProjectsUnclear = unclear
	case event.Idea:
		sweep.Progress.IdeasUnclear, reading.Visited = unclear, allIdeas
		if unclear {
			reading.Unclear = allIdeas
		}
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
	unread, err := r.journal.Unread(ctx, project)
	if err != nil {
		return err
	}
	reading := journal.Reading{}
	counted, unclear := sweep.Progress, false
	take := func(kind string) func(ppm.Element) error {
		return func(e ppm.Element) error {
			if !own(kind, e) {
				return nil
			}
			unclear = unclear || e.ID == ""
			if len(reading.Seen) >= portion {
				if err := r.store(ctx, sweep, &reading); err != nil {
					return err
				}
			}
			return r.meet(ctx, sweep, &reading, found{kind, parent, unread, e})
		}
	}
	err = r.below(ctx, sweep, project, take)
	switch {
	case err == nil:
		r.failing = failing{}
		if unclear {
			reading.Unclear = project
		}
	case r.hopeless(ctx, sweep, project, err):
		sweep.Progress.Unreadable++
		reading.Skipped = project
	default:
		counted.Requests, counted.Visible = sweep.Progress.Requests, sweep.Progress.Visible
		sweep.Progress = counted // it is read again
		return err
	}
	sweep.Progress.Visited++
	reading.Visited = project
	err = r.store(ctx, sweep, &reading)
	if err == nil {
		r.steps++
	}
	return err
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

// meet takes an entity into a reading: its first one in this sweep.
func (r *Recovery) meet(ctx context.Context, sweep *journal.Sweep, reading *journal.Reading, f found) error {
	if f.Odd {
		r.odd(ctx, sweep, f)
		if f.ID != "" {
			reading.Seen = append(reading.Seen, f.ID)
		}
		return nil
	}
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
	if sort == journal.SortNew && f.unread {
		if sweep.Mode != journal.Rehearse {
			sweep.Progress.Adopted++
			reading.Known = append(reading.Known, f.state())
		}
		return nil
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
			if p := &sweep.Progress; known.Entity.Kind == event.Idea && (p.IdeasRefused || p.IdeasUnclear) || known.Entity.Kind == event.Project && p.ProjectsUnclear {
				continue
			}
			sweep.Progress.Differ++
			reading.Suspects = append(reading.Suspects, absent(known))
		}
		if err := r.store(ctx, sweep, &reading); err != nil {
			return err
		}
	}
}
