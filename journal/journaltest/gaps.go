package journaltest

import (
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func gapChecks() []check {
	return []check{
		{"the last heartbeat survives", heartbeat},
		{"gaps that touch are one gap", gapsTouch},
		{"a gap that goes on is ended by one that ends", gapEnds},
		{"when the clock is put back nothing open stays in the future", setBack},
		{"a broken chain comes with the plan, and is due", chainOfPlan},
		{"a chain is closed once, with what was recovered", chainCloses},
		{"a field that changed silently three times is no broken chain, unless something was missed", chainSilent},
	}
}

func heartbeat(r *rig) {
	if _, err := r.LastBeat(r.t.Context()); !errors.Is(err, journal.ErrNotFound) {
		r.t.Errorf("got %v, want %v", err, journal.ErrNotFound)
	}
	r.must(r.Beat(r.t.Context(), r.now))
	r.must(r.Beat(r.t.Context(), r.now.Add(time.Second)))
	r.reopen()
	if at, err := r.LastBeat(r.t.Context()); err != nil || !at.Equal(r.now.Add(time.Second)) {
		r.t.Errorf("got %v, %v, want the newest", at, err)
	}
}

func (r *rig) gaps(open bool) []journal.Gap {
	r.t.Helper()
	gaps, err := r.Gaps(r.t.Context(), open, 100)
	r.must(err)
	return gaps
}

func gapsTouch(r *rig) {
	record := func(since, until time.Duration, types ...event.Type) {
		r.must(r.RecordGap(r.t.Context(), journal.Gap{
			Cause: journal.CauseRefused, Types: types, Since: r.now.Add(since), Until: r.now.Add(until), Detail: "why",
		}))
	}
	record(0, time.Minute)
	record(90*time.Second, 2*time.Minute)
	record(time.Hour, time.Hour)
	record(time.Minute, time.Minute, "Idea:Created")
	r.reopen()
	got := r.gaps(true)
	if len(got) != 3 || !got[2].Since.Equal(r.now) || !got[2].Until.Equal(r.now.Add(2*time.Minute)) || got[2].Types != nil || got[0].Types[0] != "Idea:Created" {
		r.t.Errorf("got %+v, want the first two as one", got)
	}
	if err := r.RecordGap(r.t.Context(), journal.Gap{Cause: journal.CauseDown}); err == nil {
		r.t.Error("got no error for a gap without a begin")
	}
}

func gapEnds(r *rig) {
	r.must(r.RecordGap(r.t.Context(), journal.Gap{Cause: journal.CauseMissing, Since: r.now}))
	if got := r.gaps(true); len(got) != 1 || !got[0].Until.IsZero() {
		r.t.Errorf("got %+v, want one that goes on", got)
	}
	r.must(r.RecordGap(r.t.Context(), journal.Gap{Cause: journal.CauseMissing, Since: r.now.Add(time.Hour), Until: r.now.Add(2 * time.Hour)}))
	if got := r.gaps(true); len(got) != 1 || !got[0].Since.Equal(r.now) || !got[0].Until.Equal(r.now.Add(2*time.Hour)) {
		r.t.Errorf("got %+v, want it ended", got)
	}
}

// setBack leaves what is over or not yet due as it is.
func setBack(r *rig) {
	ahead := r.now.Add(24 * time.Hour)
	for _, g := range []journal.Gap{
		{Cause: journal.CauseDown, Since: r.now.Add(-time.Hour), Until: r.now.Add(-time.Minute)},
		{Cause: journal.CauseMissing, Since: r.now.Add(-time.Hour), Until: ahead},
		{Cause: journal.CauseRefused, Since: ahead, Until: ahead},
		{Cause: journal.CauseChain, Since: r.now, Until: ahead, Due: ahead, Known: []byte(`{}`)},
		{Cause: journal.CauseChain, Since: r.now, Until: ahead, Due: r.now, Known: []byte(`{}`)},
	} {
		r.must(r.RecordGap(r.t.Context(), g))
	}
	sweep, err := r.BeginSweep(r.t.Context(), journal.Sweep{Mode: journal.Compare, Stage: journal.StageLists, Began: ahead})
	r.must(err)
	due := r.now.Add(time.Minute)
	r.must(r.SetBack(r.t.Context(), r.now, due))
	var got []journal.Gap
	for _, g := range r.gaps(true) {
		got = append(got, journal.Gap{Cause: g.Cause, Since: g.Since, Until: g.Until, Due: g.Due})
	}
	same(r.t, "the gaps, newest first", got, []journal.Gap{
		{Cause: journal.CauseChain, Since: r.now, Until: ahead, Due: r.now},
		{Cause: journal.CauseChain, Since: r.now, Until: ahead, Due: due},
		{Cause: journal.CauseRefused, Since: r.now, Until: r.now},
		{Cause: journal.CauseMissing, Since: r.now.Add(-time.Hour), Until: r.now},
		{Cause: journal.CauseDown, Since: r.now.Add(-time.Hour), Until: r.now.Add(-time.Minute)},
	})
	r.must(r.EndSweep(r.t.Context(), sweep, r.now.Add(time.Hour)))
	if since, err := r.KnownSince(r.t.Context()); err != nil || since.After(r.now) {
		r.t.Errorf("got that something is known since %v, %v, want that it is", since, err)
	}
	open := r.gaps(true)
	if len(open) != 4 || open[2].Cause != journal.CauseRefused || open[3].Cause != journal.CauseMissing {
		r.t.Errorf("got %+v open, want what ended when the clock was put back: the sweep may have read before", open)
	}
}

// chain makes the gap of an event that does not follow.
func (r *rig) chain(number int64) *journal.Gap {
	return &journal.Gap{
		Cause: journal.CauseChain, Entity: event.Ref{Kind: event.Project, ID: "P1"}, Detail: "Score", Since: r.now, Until: r.now.Add(time.Second),
		Due: r.now.Add(time.Minute), Event: number, Base: 7, Known: []byte(`{"Score":1}`),
	}
}

func (r *rig) broken() int64 {
	r.t.Helper()
	number := r.add().Number
	plan := planOf(number)
	plan.Gap = r.chain(number)
	r.must(r.Plan(r.t.Context(), []journal.Planned{plan}))
	return number
}

func (r *rig) due(at time.Time) []journal.Gap {
	r.t.Helper()
	due, err := r.DueChains(r.t.Context(), at, 10)
	r.must(err)
	return due
}

func chainOfPlan(r *rig) {
	number := r.broken()
	last := r.now
	if early := r.due(last); len(early) != 0 {
		r.t.Errorf("got %+v early", early)
	}
	r.reopen()
	due := r.due(last.Add(time.Minute))
	if len(due) != 1 || due[0].Event != number || due[0].Base != 7 || string(due[0].Known) != `{"Score":1}` || due[0].Entity.ID != "p1" {
		r.t.Errorf("got %+v, want the chain", due)
	}
}

// recovered makes an event that nobody sent.
func (r *rig) recovered(id string, at time.Time) journal.Recovery {
	in := r.incoming()
	in.MessageID, in.WebhookID, in.Initiator, in.Entity.ID, in.Occurred = "", "", "", id, at
	return journal.Recovery{Incoming: in, Missing: journal.Span{Since: at.Add(-time.Hour), Until: at}}
}

func chainCloses(r *rig) {
	number := r.broken()
	due := r.due(r.now.Add(time.Hour))
	told := r.recovered("p1", r.now)
	for range 2 {
		r.must(r.CloseChain(r.t.Context(), due[0].Number, r.now, "told", []journal.Recovery{told}, []journal.SilentField{{Kind: "Project", Field: "Score"}}))
	}
	entries, err := r.Recovered(r.t.Context(), "P1", 10)
	if err != nil || len(entries) != 1 || !entries[0].Recovered || !entries[0].Missing.Until.Equal(told.Missing.Until) || entries[0].Number != number+1 {
		r.t.Errorf("got %+v, %v, want one recovered event", entries, err)
	}
	silent, err := r.SilentFields(r.t.Context())
	if err != nil || len(silent) != 1 || silent[0] != (journal.SilentField{Kind: "Project", Field: "Score", Times: 1}) {
		r.t.Errorf("got %+v, %v, want it counted once", silent, err)
	}
	if got := r.gaps(false); len(got) != 1 || got[0].Found != "told" || got[0].Closed.IsZero() {
		r.t.Errorf("got %+v, want it closed", got)
	}
	r.broken()
	due = r.due(r.now.Add(time.Hour))
	r.must(r.CloseChain(r.t.Context(), due[0].Number, r.now, "", nil, nil))
	if got := r.gaps(false); len(got) != 1 {
		r.t.Errorf("got %+v, want what was no gap forgotten", got)
	}
}

func chainSilent(r *rig) {
	for range 3 {
		r.broken()
		due := r.due(r.now.Add(time.Hour))
		r.must(r.CloseChain(r.t.Context(), due[0].Number, r.now, "", nil, []journal.SilentField{{Kind: "Project", Field: "Score"}}))
	}
	r.broken()
	if due := r.due(r.now.Add(time.Hour)); len(due) != 0 {
		r.t.Errorf("got %+v, want none", due)
	}
	r.must(r.RecordGap(r.t.Context(), journal.Gap{Cause: journal.CauseDown, Since: r.now, Until: r.now.Add(time.Hour)}))
	r.broken()
	if due := r.due(r.now.Add(time.Hour)); len(due) != 1 {
		r.t.Errorf("got %+v, want it, as something was missed", due)
	}
	for span, want := range map[journal.Span]bool{
		{Since: r.now.Add(-time.Hour), Until: r.now.Add(-time.Minute)}:     false,
		{Since: r.now.Add(-time.Hour), Until: r.now}:                       true,
		{Since: r.now.Add(2 * time.Hour), Until: r.now.Add(3 * time.Hour)}: false,
	} {
		if got, err := r.Explained(r.t.Context(), span); err != nil || got != want {
			r.t.Errorf("%v: got %v, %v, want %v", span, got, err, want)
		}
	}
}
