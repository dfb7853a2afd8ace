package journaltest

import (
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func sweepChecks() []check {
	return []check{
		{"one sweep at a time, and what it read survives", sweepSurvives},
		{"what is not known becomes known, an event knows better", readStates},
		{"a suspect becomes an event as long as nothing moves", recoverSuspect},
		{"an event of the entity that waits, or came, holds a suspect back", recoverMoved},
		{"what was seen, and what is below it, is not absent", unseen},
		{"an absent entity is hidden until it is seen, or has an event", hide},
		{"a sweep closes the gaps that ended before it began", sweepCloses},
	}
}

// swept begins a sweep.
func (r *rig) swept(mode journal.Mode) journal.Sweep {
	r.t.Helper()
	r.now = r.now.Add(time.Second)
	sweep, err := r.BeginSweep(r.t.Context(), journal.Sweep{Mode: mode, Stage: journal.StageLists, Began: r.now})
	r.must(err)
	return sweep
}

func sweepSurvives(r *rig) {
	if _, err := r.KnownSince(r.t.Context()); !errors.Is(err, journal.ErrNotFound) {
		r.t.Errorf("got %v before anything is known, want %v", err, journal.ErrNotFound)
	}
	sweep := r.swept(journal.Compare)
	if _, err := r.BeginSweep(r.t.Context(), journal.Sweep{Mode: journal.Adopt, Stage: journal.StageLists, Began: r.now}); !errors.Is(err, journal.ErrConflict) {
		r.t.Errorf("got %v for a second sweep, want %v", err, journal.ErrConflict)
	}
	sweep.Stage, sweep.Progress.Requests = journal.StageVisits, 5
	suspect := journal.Suspect{
		Sort: journal.SortChanged, Entity: event.Ref{Kind: event.Task, ID: "T1", Name: "x"}, Parent: event.Ref{Kind: event.Project, ID: "P2"},
		Attributes: []byte(`{}`), Read: r.now, Seen: r.now, Occurred: r.now, Number: 3,
	}
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Visits: []string{"P1", "P2", "P1"}, Suspects: []journal.Suspect{suspect}}))
	r.reopen()
	sweeps, err := r.Sweeps(r.t.Context(), 10)
	if err != nil || len(sweeps) != 1 || sweeps[0].Stage != journal.StageVisits || sweeps[0].Progress.Requests != 5 || !sweeps[0].Ended.IsZero() {
		r.t.Errorf("got %+v, %v, want the stage and what it counted", sweeps, err)
	}
	got, err := r.Suspect(r.t.Context(), "t1")
	r.must(err)
	same(r.t, "the suspect", got, suspect)
	for _, want := range []string{"P1", "P2"} {
		id, err := r.NextVisit(r.t.Context())
		if err != nil || id != want {
			r.t.Errorf("got %q, %v, want %q", id, err, want)
		}
		r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Visited: id}))
	}
	if _, err := r.NextVisit(r.t.Context()); !errors.Is(err, journal.ErrNotFound) {
		r.t.Errorf("got %v, want %v", err, journal.ErrNotFound)
	}
	r.must(r.VisitDoubtful(r.t.Context()))
	if id, err := r.NextVisit(r.t.Context()); err != nil || id != "P2" {
		r.t.Errorf("got %q, %v, want the suspect's project", id, err)
	}
	r.must(r.EndSweep(r.t.Context(), sweep, r.now))
	r.swept(journal.Rehearse)
	if first, err := r.KnownSince(r.t.Context()); err != nil || !first.Equal(sweep.Began) {
		r.t.Errorf("got %v, %v, want that something is known since the first sweep at %v", first, err, sweep.Began)
	}
	if _, err := r.Suspect(r.t.Context(), "t1"); !errors.Is(err, journal.ErrNotFound) {
		r.t.Errorf("got %v, want that it ends with its sweep", err)
	}
}

// state is what a reading makes known.
func (r *rig) state(id string) journal.EntityState {
	return journal.EntityState{
		Entity: event.Ref{Kind: event.Project, ID: id, Name: "read"}, Occurred: r.now, Attributes: []byte(`{"Name":"read"}`),
	}
}

func (r *rig) nameOf(id string) string {
	state, err := r.Entity(r.t.Context(), id)
	if errors.Is(err, journal.ErrNotFound) {
		return ""
	}
	r.must(err)
	return state.Entity.Name
}

// told plans an event that makes an entity known.
func (r *rig) told(id string, at time.Time) int64 {
	r.t.Helper()
	in := r.incoming()
	in.Entity.ID = id
	number := r.append(in).Number
	state := r.state(id)
	state.Entity.Name, state.Number, state.Occurred = "told", number, at
	plan := planOf(number)
	plan.Entity = &state
	r.must(r.Plan(r.t.Context(), []journal.Planned{plan}))
	return number
}

func readStates(r *rig) {
	sweep := r.swept(journal.Baseline)
	r.told("P1", r.now.Add(-time.Hour))
	r.told("P2", r.now.Add(time.Hour))
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Known: []journal.EntityState{r.state("p1"), r.state("P3")}}))
	if r.nameOf("P1") != "told" || r.nameOf("p3") != "read" {
		r.t.Errorf("got %q and %q, want that only the unknown one is read", r.nameOf("P1"), r.nameOf("p3"))
	}
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Adopt: []journal.EntityState{r.state("P1"), r.state("P2")}}))
	if r.nameOf("P1") != "read" || r.nameOf("P2") != "told" {
		r.t.Errorf("got %q and %q, want that the newer one stays", r.nameOf("P1"), r.nameOf("P2"))
	}
}

// suspect keeps a suspect of an entity that an event made known at that time; number 0 = nothing is known.
func (r *rig) suspect(sweep *journal.Sweep, sort journal.Sort, id string, at time.Time, number int64) journal.Recovery {
	r.t.Helper()
	told := r.recovered(id, r.now.Add(time.Minute))
	told.Suspect, told.At, told.Number = id, at, number
	r.must(r.KeepReading(r.t.Context(), sweep, journal.Reading{Suspects: []journal.Suspect{{
		Sort: sort, Entity: event.Ref{Kind: event.Project, ID: id}, Read: r.now, Seen: r.now, Occurred: at, Number: number, Agreed: true,
	}}}))
	return told
}

func (r *rig) settled(sweep *journal.Sweep, told ...journal.Recovery) []journal.Settled {
	r.t.Helper()
	settled, err := r.Recover(r.t.Context(), sweep, told)
	r.must(err)
	return settled
}

func recoverSuspect(r *rig) {
	sweep := r.swept(journal.Compare)
	at := r.now.Add(-time.Hour)
	known := r.suspect(&sweep, journal.SortChanged, "P1", at, r.told("P1", at))
	unknown := r.suspect(&sweep, journal.SortNew, "P2", time.Time{}, 0)
	unknown.Type = "Project:Created"
	same(r.t, "what became of them", r.settled(&sweep, known, unknown), []journal.Settled{journal.SettledTold, journal.SettledTold})
	if sweep.Progress.Updated != 1 || sweep.Progress.Created != 1 {
		r.t.Errorf("got %+v, want both counted", sweep.Progress)
	}
	if left, err := r.Suspects(r.t.Context(), true, "", 10); err != nil || len(left) != 0 {
		r.t.Errorf("got %+v, %v left, want none", left, err)
	}
	open, err := r.Unplanned(r.t.Context(), 10)
	if err != nil || len(open) != 2 || !open[0].Recovered || open[0].Entity.ID != "P1" || open[1].Type != "Project:Created" {
		r.t.Errorf("got %+v, %v, want both to be planned", open, err)
	}
	state, err := r.Entity(r.t.Context(), "P1")
	if err != nil || !state.Recovered.Equal(known.Occurred) {
		r.t.Errorf("got %+v, %v, want that its state says when it was recovered", state, err)
	}
}

func recoverMoved(r *rig) {
	sweep := r.swept(journal.Compare)
	at := r.now.Add(-time.Hour)
	told := r.suspect(&sweep, journal.SortChanged, "P1", at, r.told("P1", at))
	in := r.incoming()
	in.Entity.ID = "p1"
	waits := r.append(in).Number
	same(r.t, "with an event that waits", r.settled(&sweep, told), []journal.Settled{journal.SettledWaiting})
	state := r.state("P1")
	state.Number = waits
	plan := planOf(waits)
	plan.Entity = &state
	r.must(r.Plan(r.t.Context(), []journal.Planned{plan}))
	same(r.t, "with an event that came", r.settled(&sweep, told), []journal.Settled{journal.SettledMoved})
	if got, err := r.Suspect(r.t.Context(), "P1"); err != nil || got.Agreed {
		r.t.Errorf("got %+v, %v, want it to be read again", got, err)
	}
	counts, newest, err := r.Doubtful(r.t.Context())
	if err != nil || counts[event.Project] != 1 || newest.IsZero() {
		r.t.Errorf("got %v, %v, %v, want one doubtful project", counts, newest, err)
	}
}

func unseen(r *rig) {
	child := func(id, parentKind, parent string) journal.EntityState {
		state := r.state(id)
		state.Entity.Kind, state.Parent = event.Task, event.Ref{Kind: parentKind, ID: parent}
		return state
	}
	gone := r.state("P9")
	gone.Deleted = true
	program := r.state("G1")
	program.Entity.Kind = "Program"
	sweep := r.swept(journal.Compare)
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{
		Known: []journal.EntityState{
			r.state("P1"), r.state("P2"), child("T1", event.Project, "p2"), child("T2", event.Project, "P3"), child("K1", "Portfolio", "F"), gone, program,
		},
		Seen: []string{"p1"}, Skipped: "P2",
	}))
	var got []string
	for after := ""; ; {
		page, err := r.Unseen(r.t.Context(), sweep.Number, after, 1)
		r.must(err)
		if len(page) == 0 {
			break
		}
		after = page[0].Entity.ID
		got = append(got, after)
	}
	same(r.t, "what was not seen", got, []string{"P2", "T2"})
}

func hide(r *rig) {
	sweep := r.swept(journal.Compare)
	at := r.now.Add(-time.Hour)
	r.suspect(&sweep, journal.SortAbsent, "P1", at, r.told("P1", at))
	r.suspect(&sweep, journal.SortAbsent, "P2", at, r.told("P2", at))
	r.told("P2", r.now) // came meanwhile
	r.must(r.Hide(r.t.Context(), &sweep, r.now))
	hidden := func() (ids []string) {
		all, err := r.HiddenEntities(r.t.Context(), 10)
		r.must(err)
		for _, e := range all {
			if ids = append(ids, e.Entity.ID); e.Attributes != nil || !e.Hidden.Equal(r.now) {
				r.t.Errorf("got %+v, want since when, without what is known of it", e)
			}
		}
		return ids
	}
	if got := hidden(); len(got) != 1 || got[0] != "P1" || sweep.Progress.Hidden != 1 {
		r.t.Errorf("got %v hidden, want P1", got)
	}
	if again, err := r.Unseen(r.t.Context(), sweep.Number+1, "", 10); err != nil || len(again) != 1 || again[0].Entity.ID != "P2" {
		r.t.Errorf("got %+v, %v, want that what is hidden is not absent anew", again, err)
	}
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Seen: []string{"p1"}}))
	if got := hidden(); len(got) != 0 || sweep.Progress.Visible != 1 {
		r.t.Errorf("got %v hidden and %+v, want it visible again", got, sweep.Progress)
	}
}

func sweepCloses(r *rig) {
	record := func(cause journal.Cause, until time.Time) {
		r.must(r.RecordGap(r.t.Context(), journal.Gap{Cause: cause, Since: r.now.Add(-time.Hour), Until: until}))
	}
	record(journal.CauseDown, r.now)
	record(journal.CauseMissing, time.Time{})
	record(journal.CauseRefused, r.now.Add(time.Hour))
	for mode, want := range map[journal.Mode]int{journal.Rehearse: 3, journal.Baseline: 3} {
		r.must(r.EndSweep(r.t.Context(), r.swept(mode), r.now))
		if got := r.gaps(true); len(got) != want {
			r.t.Errorf("%s: got %d open gaps, want %d", mode, len(got), want)
		}
	}
	sweep := r.swept(journal.Compare)
	r.must(r.EndSweep(r.t.Context(), sweep, r.now))
	r.reopen()
	if got := r.gaps(true); len(got) != 2 {
		r.t.Errorf("got open %+v, want those that did not end before", got)
	}
	for _, g := range r.gaps(false) {
		if g.Cause == journal.CauseDown && (g.Sweep != sweep.Number || g.Closed.IsZero()) {
			r.t.Errorf("got %+v, want it closed by sweep %d", g, sweep.Number)
		}
	}
}
