package journaltest

import (
	"errors"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func planChecks() []check {
	return []check{
		{"events wait for their plan, oldest first", unplannedOldestFirst},
		{"a plan is one commit", planIsOneCommit},
		{"a plan that fails leaves nothing behind", planLeavesNothing},
		{"an event that is planned stays as it is", plannedStays},
		{"a quarantined event cannot be planned", quarantinedStays},
		{"the newest state of an entity is known", newestEntity},
		{"an entity that nobody told of is not found", unknownEntity},
	}
}

func numbersOf(entries []journal.Entry) []int64 {
	numbers := make([]int64, 0, len(entries))
	for _, e := range entries {
		numbers = append(numbers, e.Number)
	}
	return numbers
}

func unplannedOldestFirst(r *rig) {
	t := r.t
	var want []int64
	for range 5 {
		want = append(want, r.add().Number)
	}
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(want[1])}))
	want = append(want[:1], want[2:]...)
	r.reopen()
	for _, limit := range []int{1, 3, 100} {
		entries, err := r.Unplanned(t.Context(), limit)
		r.must(err)
		same(t, "unplanned", numbersOf(entries), want[:min(limit, len(want))])
		for _, e := range entries {
			if !strings.HasPrefix(string(e.Body), `{"MessageId":"message-`) || e.Planned || e.ID == "" {
				t.Errorf("got %+v, want the whole entry", e)
			}
		}
	}
}

func planIsOneCommit(r *rig) {
	t := r.t
	number := r.add().Number
	state := journal.EntityState{
		Entity: event.Ref{Kind: event.Task, ID: "T-1", Name: "Write"}, Parent: event.Ref{Kind: event.Project, ID: "P-1"},
		Occurred: r.now, Number: number, Attributes: []byte(`{"Name":"Write"}`),
	}
	r.must(r.Plan(t.Context(), []journal.Planned{{
		Number:     number,
		Deliveries: []journal.NewDelivery{{Target: "slack:C1", Route: "team"}, {Target: "file:x", Route: "all"}},
		Verdicts:   []journal.Verdict{{Route: "pmo", Reason: "told by team"}, {Route: "", Reason: "twin of 1"}, {Route: "pmo", Reason: "2"}},
		Entity:     &state,
		Late:       true,
	}}))
	r.reopen()
	story := r.story(number)
	if !story.Entry.Planned || !story.Entry.Late {
		t.Errorf("got %+v, want it planned and late", story.Entry)
	}
	same(t, "verdicts", story.Verdicts, []journal.Verdict{{Route: "pmo", Reason: "told by team"}, {Route: "", Reason: "twin of 1"}, {Route: "pmo", Reason: "2"}})
	if len(story.Deliveries) != 2 {
		t.Fatalf("got %d deliveries, want 2", len(story.Deliveries))
	}
	for i, want := range []journal.DeliveryStory{{Target: "slack:C1", Route: "team"}, {Target: "file:x", Route: "all"}} {
		got := story.Deliveries[i]
		want.Delivery, want.State, want.Changed, want.Generation = got.Delivery, journal.Pending, got.Changed, 1
		same(t, "delivery", got, want)
		if got.Changed.IsZero() || got.Delivery == 0 {
			t.Errorf("got %+v, want an id and a time", got)
		}
	}
	entity, err := r.Entity(t.Context(), "T-1")
	r.must(err)
	same(t, "entity", entity, state)
	if got := r.counts(); got.Unplanned != 0 || got.Deliveries[journal.Pending] != 2 {
		t.Errorf("got %+v, want nothing unplanned and 2 pending", got)
	}
}

func planLeavesNothing(r *rig) {
	t := r.t
	one, two := r.add().Number, r.add().Number
	for name, plans := range map[string][]journal.Planned{
		"an unknown event":                  {planOf(one, "a"), planOf(99, "a")},
		"two deliveries to a target":        {planOf(one, "a"), planOf(two, "b", "b")},
		"an unknown event, nothing to tell": {planOf(one, "a"), planOf(99)},
	} {
		plans[0].Entity = &journal.EntityState{Entity: event.Ref{ID: "E"}, Occurred: r.now, Number: one}
		plans[0].Verdicts = []journal.Verdict{{Route: "r", Reason: "no"}}
		r.unchanged(name, nil, func() error { return r.Plan(t.Context(), plans) })
		if _, err := r.Entity(t.Context(), "E"); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%s: got error %v, want %v", name, err, journal.ErrNotFound)
		}
	}
	r.unchanged("an unknown event alone", journal.ErrNotFound, func() error { return r.Plan(t.Context(), []journal.Planned{planOf(99)}) })
}

func plannedStays(r *rig) {
	t := r.t
	number := r.planned("a").Number
	before := r.everything()
	again := planOf(number, "a", "b")
	again.Late, again.Verdicts = true, []journal.Verdict{{Route: "r", Reason: "no"}}
	next := r.add().Number
	r.must(r.Plan(t.Context(), []journal.Planned{again, planOf(next, "a")}))
	same(t, "story", r.story(number), before.Stories[0])
	if got := len(r.waiting("a")); got != 2 {
		t.Errorf("got %d waiting, want 2: the other plan counts", got)
	}
	r.must(r.Plan(t.Context(), nil))
}

func quarantinedStays(r *rig) {
	t := r.t
	in := r.incoming()
	in.Quarantine = "it is not JSON"
	number := r.append(in).Number
	before := r.everything()
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(number, "a")}))
	same(t, "the journal", r.everything(), before)
}

func newestEntity(r *rig) {
	t := r.t
	const id = "28E92b4c-ÄB"
	at := r.now
	early := r.add().Number
	steps := []struct {
		after time.Duration
		name  string
		want  string
	}{
		{0, "first", "first"},
		{time.Second, "newer", "newer"},
		{-time.Second, "older", "newer"},
		{time.Second, "same time, later number", "same time, later number"},
		{time.Second, "same time, earlier number", "same time, later number"},
		{time.Hour, "last", "last"},
	}
	for i, step := range steps {
		number := early
		if step.name != "same time, earlier number" {
			number = r.add().Number
		}
		plan := planOf(number)
		plan.Entity = &journal.EntityState{
			Entity: event.Ref{Kind: event.Project, ID: id, Name: step.name}, Occurred: at.Add(step.after), Number: number,
			Attributes: []byte("{}"), Deleted: i == len(steps)-1,
		}
		r.must(r.Plan(t.Context(), []journal.Planned{plan}))
		for _, asked := range []string{id, strings.ToLower(id), strings.ToUpper(id)} {
			got, err := r.Entity(t.Context(), asked)
			if err != nil || got.Entity.Name != step.want || got.Entity.ID != id || got.Deleted != (step.name == "last") {
				t.Errorf("%s asked as %q: got %+v (%v), want %q", step.name, asked, got, err, step.want)
			}
		}
	}
}

func unknownEntity(r *rig) {
	t := r.t
	for _, id := range []string{"", "28e92b4c"} {
		if _, err := r.Entity(t.Context(), id); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%q: got error %v, want %v", id, err, journal.ErrNotFound)
		}
	}
}
