package journaltest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func lookChecks() []check {
	return []check{
		{"an empty journal answers", emptyJournal},
		{"lists are narrowed by every field of the filter", filters},
		{"lists come in pages, newest first", pages},
		{"a line tells the states of its deliveries and no body", lines},
		{"a number that was not given has no story", noStory},
		{"the figures add up", figures},
	}
}

func emptyJournal(r *rig) {
	t := r.t
	events, err := r.Events(t.Context(), journal.Filter{})
	r.must(err)
	unplanned, err := r.Unplanned(t.Context(), 10)
	r.must(err)
	effects, err := r.OpenEffects(t.Context())
	r.must(err)
	if len(events)+len(unplanned)+len(effects)+len(r.waiting("a"))+len(r.targets()) != 0 {
		t.Errorf("got %v, %v, %v, want nothing", events, unplanned, effects)
	}
	counts := r.counts()
	if counts.Events+counts.Unplanned+counts.Quarantined+counts.Open != 0 || len(counts.Deliveries) != 0 {
		t.Errorf("got %+v, want zeros", counts)
	}
}

func filters(r *rig) {
	t := r.t
	var came []time.Time
	add := func(kind event.Type, entity, quarantine string) {
		in := r.incoming()
		came = append(came, in.Received)
		in.Type, in.Entity.ID, in.Quarantine = kind, entity, quarantine
		r.append(in)
	}
	const projects, tasks = event.Type("Project:Updated"), event.Type("Task:Created")
	add(projects, "aB-1", "")   // 1
	add(tasks, "x", "")         // 2
	add("", "", "not JSON")     // 3
	add(projects, "Ab-1", "")   // 4
	add(tasks, "AB-1", "")      // 5, unplanned
	add("", "ab-1", "bad date") // 6
	number := func(place int) int64 { return r.numbers[place-1] }
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(number(1), "a", "b"), planOf(number(2), "b"), planOf(number(4), "a")}))
	r.must(r.Begin(t.Context(), r.effect("b", r.waiting("b")[1])))
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: r.waiting("a")[1], State: journal.Buried}}))
	for _, c := range []struct {
		filter journal.Filter
		want   []int // places
	}{
		{journal.Filter{}, []int{6, 5, 4, 3, 2, 1}},
		{journal.Filter{Type: projects}, []int{4, 1}},
		{journal.Filter{Type: tasks}, []int{5, 2}},
		{journal.Filter{Entity: "ab-1"}, []int{6, 5, 4, 1}},
		{journal.Filter{Entity: "AB-1", Type: projects}, []int{4, 1}},
		{journal.Filter{Entity: "none"}, nil},
		{journal.Filter{Quarantine: true}, []int{6, 3}},
		{journal.Filter{Quarantine: true, Entity: "ab-1"}, []int{6}},
		{journal.Filter{State: journal.Pending}, []int{2, 1}}, // claimed or not
		{journal.Filter{State: journal.Buried}, []int{4}},
		{journal.Filter{State: journal.Delivered}, nil},
		{journal.Filter{Before: number(4)}, []int{3, 2, 1}},
		{journal.Filter{Since: came[2]}, []int{6, 5, 4, 3}},
		{journal.Filter{Since: came[2].Add(time.Microsecond)}, []int{6, 5, 4}},
		{journal.Filter{Until: came[2]}, []int{2, 1}},
		{journal.Filter{Since: came[4]}, []int{6, 5}}, // the fifth is not planned
		{journal.Filter{Until: came[4]}, []int{4, 3, 2, 1}},
		{journal.Filter{Since: came[1], Until: came[4], Type: projects}, []int{4}},
		{journal.Filter{Since: came[1], Until: came[5], Before: number(5), Limit: 2}, []int{4, 3}},
		{journal.Filter{Since: came[5].Add(time.Hour)}, nil},
		{journal.Filter{Before: number(4), Limit: 1}, []int{3}},
		{journal.Filter{Before: number(4), State: journal.Pending, Type: projects, Entity: "AB-1"}, []int{1}},
	} {
		events, err := r.Events(t.Context(), c.filter)
		r.must(err)
		var got []int
		for _, e := range events {
			got = append(got, slices.Index(r.numbers, e.Entry.Number)+1)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.filter, got, c.want)
		}
	}
}

func pages(r *rig) {
	t := r.t
	var want []int64
	for range 60 {
		want = append(want, r.add().Number)
	}
	slices.Reverse(want)
	first, err := r.Events(t.Context(), journal.Filter{})
	r.must(err)
	second, err := r.Events(t.Context(), journal.Filter{Before: first[len(first)-1].Entry.Number})
	r.must(err)
	if len(first) != 50 || len(second) != 10 {
		t.Errorf("got pages of %d and %d, want 50 and 10", len(first), len(second))
	}
	var got []int64
	for _, e := range append(first, second...) {
		got = append(got, e.Entry.Number)
	}
	same(t, "pages", got, want)
}

func lines(r *rig) {
	t := r.t
	number := r.planned("a", "b", "c").Number
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: r.waiting("a")[0], State: journal.Skipped}}))
	r.must(r.Begin(t.Context(), r.effect("b", r.waiting("b")...)))
	events, err := r.Events(t.Context(), journal.Filter{})
	r.must(err)
	entry := r.story(number).Entry
	entry.Body = nil
	states := map[journal.State]int{journal.Skipped: 1, journal.Pending: 2}
	same(t, "list", events, []journal.Summary{{Entry: entry, States: states}})
}

func noStory(r *rig) {
	t := r.t
	given := r.add().Number
	for _, number := range []int64{0, -1, given + 1, 1 << 40} {
		if _, err := r.Story(t.Context(), number); !errors.Is(err, journal.ErrNotFound) || !strings.Contains(err.Error(), "event") {
			t.Errorf("event %d: got error %v, want %v", number, err, journal.ErrNotFound)
		}
	}
}

func figures(r *rig) {
	t := r.t
	r.must(r.Settle(t.Context(), r.settlement(r.begun("told", 3), journal.Told)))
	r.must(r.Settle(t.Context(), r.settlement(r.begun("unsure", 2), journal.BecameUnsure)))
	double := r.begun("waiting", 1)
	r.must(r.Settle(t.Context(), r.settlement(double, journal.BecameUnsure)))
	late := r.settlement(double, journal.DidNot)
	late.Double = true
	r.must(r.Settle(t.Context(), late))
	r.begun("open", 2)
	r.planned("waiting", "skipped", "buried")
	r.must(r.End(t.Context(), r.now, []journal.Ending{
		{Delivery: r.waiting("skipped")[0], State: journal.Skipped}, {Delivery: r.waiting("buried")[0], State: journal.Buried},
	}))
	r.add()
	in := r.incoming()
	in.Quarantine = "not JSON"
	r.append(in)
	for range 2 {
		same(t, "figures", r.counts(), journal.Counts{
			Events: 11, Unplanned: 1, Quarantined: 1, Open: 2, Doubles: 1,
			Deliveries: map[journal.State]int64{
				journal.Delivered: 3, journal.Uncertain: 2, journal.Pending: 4, journal.Skipped: 1, journal.Buried: 1,
			},
		})
		r.reopen()
	}
}
