package journaltest

import (
	"errors"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// partsChecks are about what must not hold up a sweep, or a broken chain.
func partsChecks() []check {
	return []check{
		{"a broken chain that is postponed is due later", chainPostponed},
		{"the events of a broken chain are those after the state that was known", chainBetween},
		{"another project is one that the sweep has seen", anotherProject},
		{"what is below a project that nobody is told about stays unread until it is visited", unreadProject},
		{"a second reading leaves a project unread", unreadAgain},
		{"what is below a project that is unclear is not absent, and is read from then on", unclearProject},
		{"what is below a project without an id cannot be looked for", unseenNowhere},
		{"suspects that no reading meets again are settled, however many", settledAgain},
	}
}

func chainPostponed(r *rig) {
	r.broken()
	due := r.due(r.now.Add(time.Hour))
	later := r.now.Add(2 * time.Hour)
	r.must(r.PostponeChain(r.t.Context(), due[0].Number, later))
	r.reopen()
	if early := r.due(later.Add(-time.Second)); len(early) != 0 {
		r.t.Errorf("got %+v early", early)
	}
	if got := r.due(later); len(got) != 1 || got[0].Event != due[0].Event {
		r.t.Errorf("got %+v, want the chain", got)
	}
	r.must(r.CloseChain(r.t.Context(), due[0].Number, r.now, "told", nil, nil))
	r.must(r.PostponeChain(r.t.Context(), due[0].Number, later))
	if got := r.due(later); len(got) != 0 {
		r.t.Errorf("got %+v, want that a closed chain stays so", got)
	}
}

// chainBetween: a state that was read has no number, and may follow more events than anybody wants to read.
func chainBetween(r *rig) {
	begin := r.now
	var numbers []int64
	for i := range 6 {
		in := r.incoming()
		in.Entity.ID, in.Occurred = "P1", begin.Add(time.Duration(max(i, 1))*time.Minute)
		number := r.append(in).Number
		r.must(r.Plan(r.t.Context(), []journal.Planned{planOf(number)}))
		numbers = append(numbers, number)
	}
	between := func(chain journal.Gap) (got []int64) {
		chain.Entity.ID = "p1"
		entries, err := r.Between(r.t.Context(), chain, 2)
		r.must(err)
		for _, e := range entries {
			got = append(got, e.Number)
		}
		return got
	}
	after := func(minutes float64) time.Time { return begin.Add(time.Duration(minutes * float64(time.Minute))) }
	same(r.t, "after a state that was read", between(journal.Gap{Since: after(3.5), Event: numbers[5]}), numbers[4:])
	same(r.t, "after an event", between(journal.Gap{Base: numbers[3], Since: after(3), Event: numbers[5]}), numbers[4:])
	same(r.t, "after an event of the same moment", between(journal.Gap{Base: numbers[0], Since: after(1), Event: numbers[5]}), numbers[1:3])
	same(r.t, "after a state that was read at that moment", between(journal.Gap{Since: after(4), Event: numbers[5]}), numbers[5:])
	same(r.t, "what does not follow counts whenever it was", between(journal.Gap{Since: after(9), Event: numbers[1]}), numbers[1:2])
}

func anotherProject(r *rig) {
	sweep := r.swept(journal.Compare)
	another := func(but string) string {
		r.t.Helper()
		id, err := r.AnotherProject(r.t.Context(), sweep.Number, but)
		if errors.Is(err, journal.ErrNotFound) {
			return ""
		}
		r.must(err)
		return id
	}
	idea, gone := r.state("I1"), r.state("P4")
	idea.Entity.Kind, gone.Deleted = event.Idea, true
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{
		Known: []journal.EntityState{r.state("P1"), r.state("P2"), r.state("P3"), gone, idea}, Seen: []string{"P1", "P4", "I1"},
	}))
	if got := another("p1"); got != "" {
		r.t.Errorf("got %q, want none: no other one was seen", got)
	}
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Seen: []string{"P2", "P3"}}))
	got := map[string]bool{}
	for range 100 {
		got[another("p1")] = true
	}
	same(r.t, "other projects", got, map[string]bool{"P2": true, "P3": true})
}

func unreadProject(r *rig) {
	for _, step := range []struct {
		mode journal.Mode
		skip string
		want bool
	}{
		{journal.Compare, "p1", false}, // what is told may be told later
		{journal.Baseline, "p1", true},
		{journal.Compare, "p1", true},
		{journal.Rehearse, "", true},
		{journal.Compare, "", false},
		{journal.Adopt, "p1", true},
		{journal.Adopt, "", false},
	} {
		sweep := r.swept(step.mode)
		r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Visited: "p1", Skipped: step.skip}))
		r.must(r.EndSweep(r.t.Context(), sweep, r.now))
		r.reopen()
		if got := r.unread("P1"); got != step.want {
			r.t.Errorf("after %s, skipped %q: got unread %v, want %v", step.mode, step.skip, got, step.want)
		}
	}
}

func (r *rig) unread(id string) bool {
	r.t.Helper()
	unread, err := r.Unread(r.t.Context(), id)
	r.must(err)
	return unread
}

func unreadAgain(r *rig) {
	sweep := r.swept(journal.Baseline)
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Visited: "P1", Skipped: "P1"}))
	r.must(r.EndSweep(r.t.Context(), sweep, r.now))
	sweep = r.swept(journal.Compare)
	sweep.Stage = journal.StageAgain
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Visited: "P1"}))
	if !r.unread("p1") {
		r.t.Error("got it read, want that its first reading is still to come")
	}
}

func unclearProject(r *rig) {
	task := r.state("T1")
	task.Entity.Kind, task.Parent = event.Task, event.Ref{Kind: event.Project, ID: "P1"}
	for _, step := range []struct {
		mode   journal.Mode
		unread bool
	}{{journal.Compare, false}, {journal.Baseline, true}, {journal.Rehearse, true}, {journal.Compare, false}, {journal.Adopt, true}} {
		sweep := r.swept(step.mode)
		sweep.Stage = journal.StageVisits
		r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Known: []journal.EntityState{task}, Visited: "p1", Unclear: "p1"}))
		if got, err := r.Unseen(r.t.Context(), sweep.Number, "", 10); err != nil || len(got) != 0 {
			r.t.Errorf("%s: got %+v, %v absent, want none", step.mode, got, err)
		}
		if got := r.unread("P1"); got != step.unread {
			r.t.Errorf("%s: got unread %v, want %v", step.mode, got, step.unread)
		}
		r.must(r.EndSweep(r.t.Context(), sweep, r.now))
	}
}

func unseenNowhere(r *rig) {
	task := r.state("T1")
	task.Entity.Kind, task.Parent = event.Task, event.Ref{Kind: event.Project}
	sweep := r.swept(journal.Compare)
	r.must(r.KeepReading(r.t.Context(), &sweep, journal.Reading{Known: []journal.EntityState{task}}))
	if got, err := r.Unseen(r.t.Context(), sweep.Number, "", 10); err != nil || len(got) != 0 {
		r.t.Errorf("got %+v, %v, want that it is not called absent", got, err)
	}
}

// settledAgain: more suspects than one commit settles, below two projects and of all sorts.
func settledAgain(r *rig) {
	const many = 1250
	sweep, reading := r.swept(journal.Compare), journal.Reading{}
	for i := range many {
		s := journal.Suspect{
			Sort: journal.SortAbsent, Entity: event.Ref{Kind: event.Task, ID: fmt.Sprintf("T%04d", i)}, Parent: event.Ref{Kind: event.Project, ID: "P1"},
			Read: r.now, Seen: r.now, Occurred: r.now,
		}
		switch i % 5 {
		case 1:
			s.Sort = journal.SortChanged
		case 2:
			s.Parent.ID = "P2"
		case 3:
			s.Seen = r.now.Add(time.Hour)
		}
		state := r.state(s.Entity.ID)
		state.Entity, state.Parent = s.Entity, s.Parent
		reading.Known, reading.Suspects = append(reading.Known, state), append(reading.Suspects, s)
	}
	r.must(r.KeepReading(r.t.Context(), &sweep, reading))
	r.must(r.ListedAgain(r.t.Context(), sweep, event.Task, "p1", r.now.Add(time.Minute)))
	count := func(agreed bool) int {
		all, err := r.Suspects(r.t.Context(), agreed, "", 2*many)
		r.must(err)
		return len(all)
	}
	if agreed, doubtful := count(true), count(false); agreed != many*2/5 || doubtful != many*2/5 {
		r.t.Errorf("got %d agreed and %d doubtful, want %d of each: the changed ones passed", agreed, doubtful, many*2/5)
	}
	r.must(r.Hide(r.t.Context(), &sweep, r.now))
	hidden, err := r.HiddenEntities(r.t.Context(), 2*many)
	if err != nil || len(hidden) != many*2/5 || sweep.Progress.Hidden != many*2/5 || count(true) != 0 || count(false) != many*2/5 {
		r.t.Errorf("got %d hidden, %+v, %v, want those that agreed", len(hidden), sweep.Progress, err)
	}
	sweeps, err := r.Sweeps(r.t.Context(), 1)
	if err != nil || sweeps[0].Progress.Hidden != many*2/5 {
		r.t.Errorf("got %+v, %v, want them counted in the journal", sweeps, err)
	}
}
