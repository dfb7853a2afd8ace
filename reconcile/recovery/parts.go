package recovery

import (
	"context"
	"errors"
	"net/http"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// What is read has many parts, and each of them may be refused, or odd, for good. Such a part must not keep a sweep from its
// end: it is counted, named once, and read by the next sweep. Only what all of it stands on is waited for: the list of
// projects, and that PPM Express answers at all.
//
// An element without an id that can be read may be any: where a list had one, nothing that it should have is absent.

const (
	patience   = 3  // failures of a part that may be of the moment
	mostRounds = 10 // of second readings, in which a suspect may agree
	mostNamed  = 20 // odd elements, and restless entities, that a sweep names in the log

	allIdeas = "the list of ideas" // stands for it where projects are unread; no project has such an id
)

// failing is the project whose reading failed last, though another one was read well after it.
type failing struct {
	project string
	times   int // in a row
}

// gone reports whether PPM Express refuses one thing for good, rather than whoever asks or the moment; or that nothing could
// be asked, as what an event calls a project can be none.
func gone(err error) bool {
	failed, ok := errors.AsType[*ppm.CallError](err)
	return ok && (failed.Status == http.StatusNotFound || failed.Status == http.StatusForbidden || failed.Status == 0 && !failed.Temporary())
}

// alone reports whether a failure is one of its part alone: it is gone, or another part can be read after the failure. An
// outage that ends meanwhile looks the same, so a failure that may be of the moment has to happen more than once.
func (r *Recovery) alone(ctx context.Context, err error, other func() error) bool {
	failed, ok := errors.AsType[*ppm.CallError](err)
	switch {
	case !ok || ctx.Err() != nil:
		return false
	case gone(err):
		return true
	case failed.Temporary() && !rest(ctx, max(failed.RetryAfter, r.timing.Retry)):
		return false
	}
	return other() == nil
}

// temporary reports whether a failure may be of the moment.
func temporary(err error) bool {
	failed, ok := errors.AsType[*ppm.CallError](err)
	return ok && failed.Temporary()
}

// names reads a list that serves names alone, as often as has any use.
func (r *Recovery) names(ctx context.Context, sweep *journal.Sweep, l list) error {
	for times := 1; ; times++ {
		err := r.readList(ctx, sweep, l)
		if _, ok := errors.AsType[*ppm.CallError](err); !ok || ctx.Err() != nil {
			return err
		}
		if !temporary(err) || times >= patience {
			r.without(ctx, sweep, l.kind, err)
			return nil
		}
		if !rest(ctx, r.pauseAfter(err, times)) {
			return ctx.Err()
		}
	}
}

// ideas reads the ideas, or leaves them out where they alone cannot be read. A sweep that tells nobody notes that.
func (r *Recovery) ideas(ctx context.Context, sweep *journal.Sweep) error {
	unread, err := r.journal.Unread(ctx, allIdeas)
	if err != nil {
		return err
	}
	for times := 1; ; times++ {
		err := r.readList(ctx, sweep, list{event.Idea, r.reader.Ideas, unread})
		if err == nil || !r.alone(ctx, err, func() error { return r.projects(ctx, sweep) }) {
			return err
		}
		if temporary(err) && times < patience {
			continue
		}
		sweep.Progress.IdeasRefused = true
		r.without(ctx, sweep, event.Idea, err)
		return r.journal.KeepReading(ctx, sweep, journal.Reading{Skipped: allIdeas})
	}
}

func (r *Recovery) without(ctx context.Context, sweep *journal.Sweep, kind string, err error) {
	r.log.WarnContext(ctx, "a list of PPM Express cannot be read, the rest is", "kind", kind, "sweep", sweep.Number, "error", err)
}

// hopeless reports whether a project cannot be read although PPM Express can be: it is gone; or it is refused, or fails again
// and again, while another one can be read each time.
func (r *Recovery) hopeless(ctx context.Context, sweep *journal.Sweep, project string, err error) bool {
	if !r.alone(ctx, err, func() error { return r.another(ctx, sweep, project) }) {
		return false
	}
	if r.failing.project != project {
		r.failing = failing{project: project}
	}
	if r.failing.times++; temporary(err) && r.failing.times < patience {
		return false
	}
	r.log.WarnContext(ctx, "the tasks and key dates of a project cannot be read, the rest is", "project", project, "sweep", sweep.Number, "error", err)
	return true
}

// another reads what another project has, or the list of projects where there is none, to see whether that is possible.
func (r *Recovery) another(ctx context.Context, sweep *journal.Sweep, project string) error {
	ignore := func(ppm.Element) error { return nil }
	other, err := r.journal.AnotherProject(ctx, sweep.Number, project)
	switch {
	case err == nil:
		return r.below(ctx, sweep, other, func(string) func(ppm.Element) error { return ignore })
	case !errors.Is(err, journal.ErrNotFound):
		return err
	}
	return r.projects(ctx, sweep)
}

// projects reads the list of projects, to see whether that is possible.
func (r *Recovery) projects(ctx context.Context, sweep *journal.Sweep) error {
	if err := r.pace(ctx, sweep); err != nil {
		return err
	}
	return r.reader.Projects(ctx, func(ppm.Element) error { return nil })
}

// odd counts an element that cannot be understood, and names the first ones.
func (r *Recovery) odd(ctx context.Context, sweep *journal.Sweep, f found) {
	if sweep.Progress.Odd++; sweep.Progress.Odd <= mostNamed {
		r.log.WarnContext(ctx, "an element of a list cannot be understood, the rest is read", "kind", f.kind, "id", f.ID, "project", f.parent.ID)
	}
}

// giveUp drops the suspects of which no two readings agreed, or whose project was not to be read again.
func (r *Recovery) giveUp(ctx context.Context, sweep *journal.Sweep) error {
	for {
		page, err := r.journal.Suspects(ctx, false, "", portion)
		if err != nil || len(page) == 0 {
			return err
		}
		next, reading := *sweep, journal.Reading{}
		for i := range page {
			reading.Drop = append(reading.Drop, page[i].Entity.ID)
			next.Progress.Restless++
		}
		if err := r.journal.KeepReading(ctx, &next, reading); err != nil {
			return err
		}
		for i := range page[:min(len(page), max(0, mostNamed-sweep.Progress.Restless))] {
			s := &page[i]
			r.log.WarnContext(ctx, "no two readings of an entity agree, the next sweep looks at it again", "kind", s.Entity.Kind, "id", s.Entity.ID, "name", s.Entity.Name, "since", s.Seen.UTC())
		}
		*sweep = next
	}
}
