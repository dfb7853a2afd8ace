package journaltest

import (
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func queueChecks() []check {
	return []check{
		{"a queue is in the order of its events, not of their plans", queueOrder},
		{"a queue holds what waits for its target only", queueOfTarget},
		{"a waiting delivery comes with its whole event", queueEntry},
		{"an urgent delivery comes first, behind its entity, and alone", queueUrgent},
		{"a target is known from its first delivery on", targetKnown},
		{"the state of a target is kept", targetState},
		{"a delivery can end without a write", endings},
		{"what does not wait cannot end", endingsRefused},
	}
}

func queueOrder(r *rig) {
	t := r.t
	numbers := []int64{r.add().Number, r.add().Number, r.add().Number}
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(numbers[2], "a"), planOf(numbers[0], "a")}))
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(numbers[1], "a")}))
	for _, limit := range []int{1, 2, 50} {
		queue, err := r.Queue(t.Context(), "a", limit)
		r.must(err)
		var got []int64
		for _, w := range queue {
			got = append(got, w.Entry.Number)
		}
		same(t, "queue", got, numbers[:min(limit, 3)])
	}
}

func queueOfTarget(r *rig) {
	t := r.t
	r.planned("a", "b")
	r.planned("b")
	if a, b, c := r.waiting("a"), r.waiting("b"), r.waiting("c"); len(a) != 1 || len(b) != 2 || len(c) != 0 {
		t.Errorf("got %v, %v, %v, want 1, 2 and none", a, b, c)
	}
	r.must(r.Begin(t.Context(), r.effect("b", r.waiting("b")[0])))
	if a, b := r.waiting("a"), r.waiting("b"); len(a) != 1 || len(b) != 1 {
		t.Errorf("got %v and %v, want one each: a claimed delivery does not wait", a, b)
	}
}

// queueUrgent tells events of entities by "entity, urgent", and takes the queue's answers one by one.
func queueUrgent(r *rig) {
	t := r.t
	numbers := map[int64]string{}
	add := func(name, entity string, urgent bool) {
		in := r.incoming()
		in.Entity.ID = entity
		number := r.append(in).Number
		plan := planOf(number, "a", "b")
		plan.Deliveries[0].Urgent = urgent
		r.must(r.Plan(t.Context(), []journal.Planned{plan}))
		numbers[number] = name
	}
	for _, e := range []struct {
		name, entity string
		urgent       bool
	}{
		{"p1", "p", false},
		{"q1", "q", false},
		{"p2", "P", false},
		{"none1", "", false},
		{"p3", "p", true},
		{"p4", "p", false},
		{"p5", "p", true},
		{"none2", "", true},
	} {
		add(e.name, e.entity, e.urgent)
	}
	queue := func(target string, limit int) (names []string) {
		waiting, err := r.Queue(t.Context(), target, limit)
		r.must(err)
		for _, w := range waiting {
			name := numbers[w.Entry.Number]
			if w.Urgent {
				name += "!"
			}
			names = append(names, name)
		}
		return names
	}
	same(t, "first of the queue", queue("a", 1), []string{"p1"})
	for _, want := range [][]string{{"p1", "p2", "p3!"}, {"p4", "p5!"}, {"none2!"}, {"q1", "none1"}} {
		same(t, "queue", queue("a", 50), want)
		waiting, err := r.Queue(t.Context(), "a", 50)
		r.must(err)
		var endings []journal.Ending
		for _, w := range waiting {
			endings = append(endings, journal.Ending{Delivery: w.Delivery, State: journal.Skipped, Reason: "seen"})
		}
		r.must(r.End(t.Context(), waiting[0].Entry.Received, endings))
	}
	same(t, "queue where nothing is urgent", queue("b", 3), []string{"p1", "q1", "p2"})
	// Once more, it is as urgent as today's route says.
	var made []journal.Planned
	for number := range numbers {
		plan := planOf(number, "a")
		plan.Deliveries[0].Urgent = numbers[number] == "p4"
		made = append(made, plan)
	}
	_, err := r.Replay(t.Context(), made)
	r.must(err)
	same(t, "queue of what is told once more", queue("a", 50), []string{"p1", "p2", "p3", "p4!"})
}

func queueEntry(r *rig) {
	t := r.t
	appended := r.planned("a")
	queue, err := r.Queue(t.Context(), "a", 1)
	r.must(err)
	story := r.story(appended.Number)
	same(t, "queue", queue, []journal.Waiting{{Delivery: story.Deliveries[0].Delivery, Route: "route", Entry: story.Entry}})
}

func targetKnown(r *rig) {
	t := r.t
	same(t, "targets of an empty journal", r.targets(), map[string]journal.TargetState{})
	r.planned("a")
	r.planned("a", "b")
	want := map[string]journal.TargetState{"a": {Target: "a"}, "b": {Target: "b"}}
	same(t, "targets", r.targets(), want)
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: r.waiting("b")[0], State: journal.Skipped}}))
	r.reopen()
	same(t, "targets", r.targets(), want)
}

func targetState(r *rig) {
	t := r.t
	r.planned("a", "b")
	for _, state := range []journal.TargetState{
		{Target: "a", Take: 4, Plain: true, Failures: 3, Hold: journal.Paused, Until: r.now.Add(time.Minute), Reason: "429"},
		{Target: "a", Hold: journal.Parked, Reason: "not a member"},
		{Target: "a", Take: 1},
		{Target: "never told", Hold: journal.Stopped, Reason: "token revoked", Until: r.now},
	} {
		r.must(r.SetTarget(t.Context(), state))
		r.planned("a") // must not reset it
		r.reopen()
		same(t, "target", r.targets()[state.Target], state)
		same(t, "other target", r.targets()["b"], journal.TargetState{Target: "b"})
	}
}

func endings(r *rig) {
	t := r.t
	number := r.planned("a", "b", "c", "d").Number
	deliveries := r.story(number).Deliveries
	at := r.now.Add(time.Minute)
	r.must(r.End(t.Context(), at, []journal.Ending{
		{Delivery: deliveries[0].Delivery, State: journal.Skipped, Reason: "taken back"},
		{Delivery: deliveries[2].Delivery, State: journal.Buried, Reason: "too long"},
		{Delivery: deliveries[3].Delivery, State: journal.Delivered, Reason: "it is there already"},
	}))
	r.reopen()
	for i, want := range []journal.DeliveryStory{{State: journal.Skipped, Reason: "taken back"}, {State: journal.Pending}, {State: journal.Buried, Reason: "too long"}, {State: journal.Delivered, Reason: "it is there already"}} {
		got := r.story(number).Deliveries[i]
		if got.State != want.State || got.Reason != want.Reason || got.Effect != nil || got.Attempts != 0 {
			t.Errorf("got %+v, want %s because %q", got, want.State, want.Reason)
		}
		if ended := i != 1; ended != got.Changed.Equal(at) {
			t.Errorf("got changed at %v, want %v only for those that ended", got.Changed, at)
		}
	}
	if a, b, c, d := r.waiting("a"), r.waiting("b"), r.waiting("c"), r.waiting("d"); len(a)+len(c)+len(d) != 0 || len(b) != 1 {
		t.Errorf("got %v, %v, %v, %v waiting, want only b", a, b, c, d)
	}
	r.must(r.End(t.Context(), at, nil))
}

func endingsRefused(r *rig) {
	t := r.t
	claimed := r.begun("claimed", 1).Deliveries[0]
	told := r.begun("told", 1)
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	unsure := r.begun("unsure", 1)
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.BecameUnsure)))
	r.planned("a")
	waiting := r.waiting("a")[0]
	for name, c := range map[string]struct {
		ending journal.Ending
		want   error
	}{
		"claimed":    {journal.Ending{Delivery: claimed, State: journal.Skipped}, journal.ErrConflict},
		"delivered":  {journal.Ending{Delivery: told.Deliveries[0], State: journal.Buried}, journal.ErrConflict},
		"unsure":     {journal.Ending{Delivery: unsure.Deliveries[0], State: journal.Buried}, journal.ErrConflict},
		"unknown":    {journal.Ending{Delivery: 9999, State: journal.Buried}, journal.ErrConflict},
		"twice":      {journal.Ending{Delivery: waiting, State: journal.Buried}, journal.ErrConflict},
		"as pending": {journal.Ending{Delivery: waiting, State: journal.Pending}, nil},
		"as nothing": {journal.Ending{Delivery: waiting}, nil},
	} {
		r.unchanged(name, c.want, func() error {
			return r.End(t.Context(), r.now, []journal.Ending{{Delivery: waiting, State: journal.Skipped}, c.ending})
		})
	}
}
