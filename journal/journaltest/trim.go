package journaltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func trimChecks() []check {
	return []check{
		{"what has ended long ago is forgotten whole", trimOld},
		{"what has not ended is kept, whatever its age and the size", trimKeeps},
		{"an effect lives as long as one of its deliveries", trimEffects},
		{"the oldest go until the size is kept", trimSize},
		{"many go while others are appended", trimMany},
		{"a policy without limits keeps everything", trimNothing},
		{"numbers are not given again when all are forgotten", trimNumbers},
		{"an ended context stops it", trimStops},
	}
}

func (r *rig) trim(policy journal.Policy) journal.Trimmed {
	r.t.Helper()
	if policy.Now.IsZero() {
		policy.Now = r.now
	}
	trimmed, err := r.Trim(r.t.Context(), policy)
	r.must(err)
	return trimmed
}

// pass lets time go by between events.
func (r *rig) pass(d time.Duration) { r.now = r.now.Add(d) }

// listed returns the numbers of all events, oldest first.
func (r *rig) listed() []int64 {
	r.t.Helper()
	events, err := r.Events(r.t.Context(), journal.Filter{Limit: 100000})
	r.must(err)
	numbers := make([]int64, 0, len(events))
	for _, e := range slices.Backward(events) {
		numbers = append(numbers, e.Entry.Number)
	}
	return numbers
}

func trimOld(r *rig) {
	t := r.t
	old := r.begun("told", 2)
	r.must(r.Settle(t.Context(), r.settlement(old, journal.Told)))
	verdict := planOf(r.add().Number)
	verdict.Verdicts = []journal.Verdict{{Reason: "nobody wants it"}}
	verdict.Entity = &journal.EntityState{Entity: event.Ref{ID: "E"}, Occurred: r.now, Number: verdict.Number}
	r.must(r.Plan(t.Context(), []journal.Planned{verdict}))
	r.planned("buried", "skipped")
	r.must(r.End(t.Context(), r.now, []journal.Ending{
		{Delivery: r.waiting("buried")[0], State: journal.Buried}, {Delivery: r.waiting("skipped")[0], State: journal.Skipped},
	}))
	r.pass(time.Hour)
	young := r.planned()
	r.must(r.SetTarget(t.Context(), journal.TargetState{Target: "told", Take: 3}))
	targets := r.targets()

	at := r.story(young.Number).Entry.Received
	same(t, "trimmed", r.trim(journal.Policy{Now: at.Add(time.Minute), Events: time.Minute}), journal.Trimmed{Events: 4})
	for range 2 {
		for _, number := range r.numbers[:4] {
			if _, err := r.Story(t.Context(), number); !errors.Is(err, journal.ErrNotFound) {
				t.Errorf("event %d: got error %v, want %v", number, err, journal.ErrNotFound)
			}
		}
		same(t, "figures", r.counts(), journal.Counts{Events: 1, Deliveries: map[journal.State]int64{}})
		same(t, "targets", r.targets(), targets)
		if state, err := r.Entity(t.Context(), "E"); err != nil || state.Number != verdict.Number {
			t.Errorf("got %+v (%v), want the state of the entity kept", state, err)
		}
		same(t, "trimmed again", r.trim(journal.Policy{Now: at.Add(time.Minute), Events: time.Minute}), journal.Trimmed{})
		r.reopen()
	}
	same(t, "trimmed a moment later", r.trim(journal.Policy{Now: at.Add(time.Minute + time.Microsecond), Events: time.Minute}), journal.Trimmed{Events: 1})
}

func trimKeeps(r *rig) {
	t := r.t
	r.begun("claimed", 2)
	unsure := r.begun("unsure", 1)
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.BecameUnsure)))
	refused := r.begun("refused", 1)
	r.must(r.Settle(t.Context(), r.settlement(refused, journal.Refused)))
	half := r.planned("waiting", "buried") // half of it has ended
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: r.waiting("buried")[0], State: journal.Buried}}))
	told := r.begun("replayed", 1)
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	r.replay(planOf(r.numbers[len(r.numbers)-1], "replayed"))
	r.add()
	in := r.incoming()
	in.Quarantine = "it is not JSON"
	r.append(in)
	before := r.everything()
	r.pass(24 * 365 * time.Hour)
	same(t, "trimmed", r.trim(journal.Policy{Events: time.Second, Size: 1}), journal.Trimmed{})
	r.reopen()
	same(t, "the journal", r.everything(), before)

	// Once it has ended it goes.
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: r.waiting("waiting")[0], State: journal.Skipped}}))
	same(t, "trimmed", r.trim(journal.Policy{Events: time.Second}), journal.Trimmed{Events: 1})
	if slices.Contains(r.listed(), half.Number) {
		t.Errorf("got event %d kept, want it gone: it has ended", half.Number)
	}
}

func trimEffects(r *rig) {
	t := r.t
	first := r.planned("a").Number
	r.pass(time.Hour)
	second := r.planned("a").Number
	void := r.effect("a", r.waiting("a")...)
	r.must(r.Begin(t.Context(), void))
	r.must(r.Settle(t.Context(), r.settlement(void, journal.Refused)))
	told := r.effect("a", r.waiting("a")...)
	r.must(r.Begin(t.Context(), told))
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	before := r.story(second)
	same(t, "trimmed", r.trim(journal.Policy{Events: time.Hour / 2}), journal.Trimmed{Events: 1})
	if _, err := r.Story(t.Context(), first); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("got error %v, want the first event gone", err)
	}
	r.reopen()
	same(t, "the other event of the same effect", r.story(second), before)
	for name, id := range map[string]string{"told": told.ID, "void": void.ID} {
		again := r.effect("b")
		again.ID = id
		r.unchanged(name+" is still known", journal.ErrConflict, func() error { return r.Begin(t.Context(), again) })
	}
	r.pass(time.Hour)
	same(t, "trimmed", r.trim(journal.Policy{Events: time.Hour / 2}), journal.Trimmed{Events: 1})
	for name, id := range map[string]string{"told": told.ID, "void": void.ID} {
		again := r.effect(name)
		again.ID = id
		if err := r.Begin(t.Context(), again); err != nil {
			t.Errorf("%s: got error %v, want the effect forgotten", name, err)
		}
	}
}

func trimSize(r *rig) {
	t := r.t
	const events, size = 160, 64 << 10
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // any bytes will do
	var pinned int64
	void := r.begun("b", 1) // whose place another one takes
	r.must(r.Settle(t.Context(), r.settlement(void, journal.Refused)))
	told := r.effect("b", void.Deliveries...)
	r.must(r.Begin(t.Context(), told))
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	plans := make([]journal.Planned, events)
	for i := range plans {
		in := r.incoming()
		in.Body = make([]byte, size)
		for b := range in.Body {
			in.Body[b] = byte(random.Uint32() & 0xff)
		}
		number := r.append(in).Number
		plans[i] = planOf(number)
		if i == 3 {
			plans[i], pinned = planOf(number, "a"), number
		}
	}
	r.must(r.Plan(t.Context(), plans))
	same(t, "trimmed", r.trim(journal.Policy{Size: 1 << 30}), journal.Trimmed{})
	trimmed := r.trim(journal.Policy{Size: events / 2 * size}).Events
	if trimmed < events/3 || trimmed > events*2/3 {
		t.Errorf("got %d of %d events trimmed, want about half", trimmed, events)
	}
	want := append([]int64{pinned}, r.numbers[trimmed+1:]...)
	same(t, "left", r.listed(), want)
	same(t, "trimmed again", r.trim(journal.Policy{Size: events / 2 * size}), journal.Trimmed{})
	r.reopen()
	for _, id := range []string{void.ID, told.ID} {
		again := r.effect("b")
		again.ID = id
		r.must(r.Begin(t.Context(), again)) // it was forgotten with the first event
		r.must(r.Settle(t.Context(), r.settlement(again, journal.Told)))
	}
	for _, number := range want {
		if got := len(r.story(number).Entry.Body); got != size {
			t.Errorf("event %d: got a body of %d bytes, want %d", number, got, size)
		}
	}
}

// addAtOnce appends new events at the same time, so that they share commits, and returns their numbers, in order.
func (r *rig) addAtOnce(count int) []int64 {
	r.t.Helper()
	numbers := make([]int64, count)
	var all sync.WaitGroup
	for i := range numbers {
		in := r.incoming()
		all.Go(func() {
			appended, err := r.Append(r.t.Context(), in)
			if err != nil {
				r.t.Error(err)
			}
			numbers[i] = appended.Number
		})
	}
	all.Wait()
	slices.Sort(numbers)
	return numbers
}

func trimMany(r *rig) {
	t := r.t
	const events = 1200
	var plans []journal.Planned
	var kept []int64
	for i, number := range r.addAtOnce(events) {
		if i%100 == 0 {
			plans, kept = append(plans, planOf(number, "a")), append(kept, number)
			continue
		}
		plans = append(plans, planOf(number))
	}
	r.must(r.Plan(t.Context(), plans))
	later := make([]journal.Incoming, 50)
	r.pass(time.Hour)
	policy := journal.Policy{Now: r.now, Events: time.Minute, Memory: time.Minute}
	for i := range later {
		later[i] = r.incoming()
	}
	done := make(chan error)
	go func() {
		trimmed, err := r.Trim(t.Context(), policy)
		if want := (journal.Trimmed{Events: events - events/100, Fingerprints: events}); err == nil && trimmed != want {
			err = fmt.Errorf("got %+v trimmed, want %+v", trimmed, want)
		}
		done <- err
	}()
	for _, in := range later {
		kept = append(kept, r.append(in).Number)
	}
	r.must(<-done)
	r.reopen()
	same(t, "left", r.listed(), kept)
	if waiting := r.waiting("a"); len(waiting) != events/100 {
		t.Errorf("got %d waiting, want %d", len(waiting), events/100)
	}
}

func trimNothing(r *rig) {
	t := r.t
	effect := r.begun("a", 3)
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.Told)))
	before := r.everything()
	r.pass(24 * 365 * time.Hour)
	for _, policy := range []journal.Policy{{Now: r.now}, {Now: r.now, Least: 1}, {Now: r.now, Size: 1 << 40}, {}} {
		trimmed, err := r.Trim(t.Context(), policy)
		r.must(err)
		same(t, "trimmed", trimmed, journal.Trimmed{})
	}
	same(t, "the journal", r.everything(), before)
	r.unchanged("an age without a time", nil, func() error { _, err := r.Trim(t.Context(), journal.Policy{Events: 1}); return err })
}

func trimNumbers(r *rig) {
	t := r.t
	r.planned()
	last := r.planned()
	r.pass(time.Hour)
	same(t, "trimmed", r.trim(journal.Policy{Events: 1, Memory: 1}), journal.Trimmed{Events: 2, Fingerprints: 2})
	r.reopen()
	if next := r.add(); next.Number <= last.Number || next.ID == last.ID {
		t.Errorf("got %+v after %+v was forgotten, want a greater number", next, last)
	}
}

func trimStops(r *rig) {
	r.planned()
	r.pass(time.Hour)
	ctx, cancel := context.WithCancel(r.t.Context())
	cancel()
	r.unchanged("an ended context", context.Canceled, func() error {
		_, err := r.Trim(ctx, journal.Policy{Now: r.now, Events: 1})
		return err
	})
}
