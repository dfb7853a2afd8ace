package journaltest

import (
	"fmt"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func againChecks() []check {
	return []check{
		{"what has ended waits again, as a new generation", replayEnded},
		{"what is pending or unsure stays", replayStays},
		{"an event that told nobody can be told on request", replayFirst},
		{"a replay stores nothing but its deliveries", replayStoresDeliveries},
		{"an event that is not planned, or in quarantine, is left alone", replayUnplanned},
		{"a replay that fails leaves nothing behind", replayRefused},
	}
}

func (r *rig) replay(plans ...journal.Planned) []journal.NewDelivery {
	r.t.Helper()
	made, err := r.Replay(r.t.Context(), plans)
	r.must(err)
	return made
}

// queue returns what waits, without the events.
func (r *rig) queue(target string) []journal.Waiting {
	r.t.Helper()
	queue, err := r.Queue(r.t.Context(), target, 1000)
	r.must(err)
	for i := range queue {
		queue[i].Entry = journal.Entry{Number: queue[i].Entry.Number}
	}
	return queue
}

func replayEnded(r *rig) {
	t := r.t
	effect := r.begun("told", 1)
	number := r.numbers[0]
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.Told)))
	later := r.planned("told").Number
	before := r.story(number).Deliveries[0]
	plan := planOf(number, "told")
	plan.Deliveries[0].Route = "another route"
	for generation := 2; generation < 5; generation++ {
		same(t, "made", r.replay(plan), plan.Deliveries)
		r.reopen()
		queue := r.queue("told")
		if len(queue) != 2 || queue[0].Entry.Number != number || queue[1].Entry.Number != later {
			t.Fatalf("got %+v waiting, want event %d and then %d", queue, number, later)
		}
		if !queue[0].Again || queue[0].Route != "another route" || queue[1].Again {
			t.Errorf("got %+v, want the first once more, by its new route", queue)
		}
		stories := r.story(number).Deliveries
		same(t, "the first delivery", stories[0], before)
		got := stories[generation-1]
		if got.Generation != generation || got.State != journal.Pending || got.Attempts != 0 || got.Effect != nil || got.Changed.IsZero() {
			t.Errorf("got %+v, want generation %d pending", got, generation)
		}
		again := r.effect("told", queue[0].Delivery)
		r.must(r.Begin(t.Context(), again))
		r.must(r.Settle(t.Context(), r.settlement(again, journal.Told)))
	}
}

func replayStays(r *rig) {
	t := r.t
	unsure := r.begun("unsure", 1)
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.BecameUnsure)))
	r.begun("claimed", 1)
	number := r.planned("waiting", "buried").Number
	buried := r.waiting("buried")[0]
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: buried, State: journal.Buried}}))
	before := r.everything()
	if made := r.replay(planOf(r.numbers[0], "unsure"), planOf(r.numbers[1], "claimed"), planOf(number, "waiting")); len(made) != 0 {
		t.Errorf("got %v, want nothing new", made)
	}
	same(t, "the journal", r.everything(), before)

	plan := planOf(number, "waiting", "buried", "new")
	same(t, "made", r.replay(plan), plan.Deliveries[1:])
	for target, again := range map[string]bool{"waiting": false, "buried": true, "new": true} {
		if queue := r.queue(target); len(queue) != 1 || queue[0].Again != again {
			t.Errorf("%s: got %+v waiting, want one, asked for again: %t", target, queue, again)
		}
	}
	for _, d := range r.story(number).Deliveries[2:] {
		if d.Generation != 2 {
			t.Errorf("got %+v, want generation 2: it was one replay", d)
		}
	}
	if made := r.replay(plan); len(made) != 0 {
		t.Errorf("got %v, want nothing new: all of it waits", made)
	}
}

func replayFirst(r *rig) {
	t := r.t
	number := r.planned().Number
	r.replay(planOf(number, "a", "b"))
	for _, target := range []string{"a", "b"} {
		if queue := r.queue(target); len(queue) != 1 || !queue[0].Again {
			t.Errorf("%s: got %+v waiting, want one that a person asked for", target, queue)
		}
	}
	for _, d := range r.story(number).Deliveries {
		if d.Generation != 2 {
			t.Errorf("got generation %d, want 2: the first told nobody", d.Generation)
		}
	}
	same(t, "target", r.targets()["b"], journal.TargetState{Target: "b"})
}

func replayStoresDeliveries(r *rig) {
	t := r.t
	number := r.add().Number
	first := planOf(number, "a")
	first.Verdicts = []journal.Verdict{{Route: "quiet", Reason: "does not match"}}
	r.must(r.Plan(t.Context(), []journal.Planned{first}))
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: r.waiting("a")[0], State: journal.Skipped}}))
	before := r.story(number)
	plan := planOf(number, "a")
	plan.Late, plan.Verdicts = true, []journal.Verdict{{Route: "loud", Reason: "matches"}}
	plan.Entity = &journal.EntityState{Entity: event.Ref{ID: "E"}, Occurred: r.now, Number: number}
	r.replay(plan)
	after := r.story(number)
	same(t, "entry", after.Entry, before.Entry)
	same(t, "verdicts", after.Verdicts, before.Verdicts)
	if _, err := r.Entity(t.Context(), "E"); err == nil {
		t.Error("got a state of the entity, want none: a replay tells nothing new about it")
	}
	if made := r.replay(); len(made) != 0 {
		t.Errorf("got %v of no plans, want nothing", made)
	}
}

func replayUnplanned(r *rig) {
	t := r.t
	unplanned := r.add().Number
	in := r.incoming()
	in.Quarantine = "it is not JSON"
	quarantined := r.append(in).Number
	before := r.everything()
	if made := r.replay(planOf(unplanned, "a"), planOf(quarantined, "a")); len(made) != 0 {
		t.Errorf("got %v, want nothing new", made)
	}
	same(t, "the journal", r.everything(), before)
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(unplanned, "a")}))
	if queue := r.queue("a"); len(queue) != 1 || queue[0].Again {
		t.Errorf("got %+v waiting, want one, planned for the first time", queue)
	}
}

func replayRefused(r *rig) {
	number := r.planned("a").Number
	for name, plans := range map[string][]journal.Planned{
		"an unknown event": {planOf(number, "b"), planOf(99, "b")},
		"nobody":           {planOf(number, "b"), planOf(98)},
	} {
		r.unchanged(name, journal.ErrNotFound, func() error {
			made, err := r.Replay(r.t.Context(), plans)
			if len(made) != 0 {
				err = fmt.Errorf("got %v made", made)
			}
			return err
		})
	}
}
