package journaltest

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/ppmrelay/ppmrelay/journal"
)

func beginChecks() []check {
	return []check{
		{"an effect is open as it was begun", effectIsOpen},
		{"open effects come oldest first", oldestEffectFirst},
		{"a claimed delivery is pending, counted, and waits for nobody", claimedDelivery},
		{"open effects and their claims survive", openEffectSurvives},
		{"a claim that cannot be had leaves nothing behind", claimRefused},
		{"of claims at the same time one succeeds", oneClaim},
		{"targets have open effects of their own", effectsOfTargets},
	}
}

func effectIsOpen(r *rig) {
	t := r.t
	for range 3 {
		r.planned("a")
	}
	waiting := r.waiting("a")
	effect := r.effect("a", waiting[1], waiting[0]) // in an order of its own
	effect.Events = []string{newID(), newID(), newID()}
	r.must(r.Begin(t.Context(), effect))
	for range 2 {
		same(t, "open effects", r.openEffects(), map[string]journal.Effect{effect.ID: effect})
		same(t, "waiting", r.waiting("a"), waiting[2:])
		r.reopen()
	}
}

func oldestEffectFirst(r *rig) {
	t := r.t
	var want []string
	for _, target := range []string{"c", "a", "b"} {
		want = append(want, r.begun(target, 1).ID)
	}
	r.reopen()
	effects, err := r.OpenEffects(t.Context())
	r.must(err)
	var got []string
	for _, e := range effects {
		got = append(got, e.ID)
	}
	same(t, "open effects", got, want)
}

func claimedDelivery(r *rig) {
	t := r.t
	number := r.planned("a", "b").Number
	effect := r.effect("a", r.waiting("a")...)
	r.must(r.Begin(t.Context(), effect))
	claimed, free := r.story(number).Deliveries[0], r.story(number).Deliveries[1]
	if claimed.State != journal.Pending || claimed.Attempts != 1 || !claimed.Changed.Equal(effect.Started) {
		t.Errorf("got %+v, want pending, 1 attempt, changed at %v", claimed, effect.Started)
	}
	want := effect
	want.Content = nil
	if claimed.Effect == nil {
		t.Fatal("got no effect, want the one that claimed it")
	}
	same(t, "effect", *claimed.Effect, want)
	if free.Attempts != 0 || free.Effect != nil {
		t.Errorf("got %+v, want no attempt", free)
	}
	if got := r.counts(); got.Open != 1 || got.Deliveries[journal.Pending] != 2 {
		t.Errorf("got %+v, want 1 open effect and 2 pending", got)
	}
}

func openEffectSurvives(r *rig) {
	t := r.t
	open := r.begun("a", 2)
	unsure := r.begun("b", 2)
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.BecameUnsure)))
	r.planned("a", "b")
	before := r.everything()
	r.reopen()
	same(t, "the journal", r.everything(), before)
	for _, e := range []journal.Effect{open, unsure} {
		r.unchanged("a second effect", journal.ErrConflict, func() error {
			return r.Begin(t.Context(), r.effect(e.Target, r.waiting(e.Target)...))
		})
		r.must(r.Settle(t.Context(), r.settlement(e, journal.Told)))
	}
	if got := r.counts(); got.Open != 0 || got.Deliveries[journal.Delivered] != 4 {
		t.Errorf("got %+v, want none open and 4 delivered", got)
	}
}

func claimRefused(r *rig) {
	t := r.t
	busy := r.begun("busy", 1)
	told := r.begun("told", 1)
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	for range 3 {
		r.planned("busy", "told", "a", "b")
	}
	a, b := r.waiting("a"), r.waiting("b")
	r.must(r.End(t.Context(), r.now, []journal.Ending{{Delivery: a[2], State: journal.Skipped}}))
	usedID := r.effect("a", a[0])
	usedID.ID = told.ID
	for name, effect := range map[string]journal.Effect{
		"the target has an open effect": r.effect("busy", r.waiting("busy")...),
		"delivered":                     r.effect("told", r.waiting("told")[0], told.Deliveries[0]),
		"claimed":                       r.effect("a", a[0], busy.Deliveries[0]),
		"skipped":                       r.effect("a", a[0], a[2]),
		"of another target":             r.effect("a", a[0], b[0]),
		"of another target only":        r.effect("new", b[0]),
		"unknown":                       r.effect("a", a[0], 9999),
		"twice":                         r.effect("a", a[0], a[0]),
		"the id belongs to another one": usedID,
	} {
		r.unchanged(name, journal.ErrConflict, func() error { return r.Begin(t.Context(), effect) })
	}
	r.must(r.Begin(t.Context(), r.effect("a", a[0], a[1])))
}

func oneClaim(r *rig) {
	t := r.t
	for range 4 {
		r.planned("a")
	}
	waiting := r.waiting("a")
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 16 {
		effect := r.effect("a", waiting[i%4:]...)
		all.Go(func() {
			err := r.Begin(t.Context(), effect)
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, journal.ErrConflict):
				t.Errorf("got error %v, want %v", err, journal.ErrConflict)
			}
		})
	}
	all.Wait()
	if got := won.Load(); got != 1 || len(r.openEffects()) != 1 {
		t.Errorf("got %d claims and %d open effects, want 1 and 1", got, len(r.openEffects()))
	}
	for _, effect := range r.openEffects() {
		if got, want := len(r.waiting("a")), 4-len(effect.Deliveries); got != want {
			t.Errorf("got %d waiting, want %d", got, want)
		}
	}
}

func effectsOfTargets(r *rig) {
	t := r.t
	a, b := r.begun("a", 3), r.begun("b", 3)
	r.must(r.Settle(t.Context(), r.settlement(a, journal.Told)))
	same(t, "open effects", r.openEffects(), map[string]journal.Effect{b.ID: b})
	same(t, "other target", r.targets()["b"], journal.TargetState{Target: "b"})
	if got := r.counts().Deliveries; got[journal.Delivered] != 3 || got[journal.Pending] != 3 {
		t.Errorf("got %v, want 3 delivered and 3 pending", got)
	}
}
