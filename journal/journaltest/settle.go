package journaltest

import (
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func settleChecks() []check {
	return []check{
		{"every outcome is legal or a conflict", outcomes},
		{"an effect that has ended stays so", endedStays},
		{"told is delivered, with its receipt", told},
		{"unsure leaves the effect open", becameUnsure},
		{"unsure without an answer has no end", unsureWithoutAnswer},
		{"what did not happen waits again, in its old place", waitsAgain},
		{"a void effect can end some of its deliveries", voidWithEndings},
		{"an abandoned effect ends all of its deliveries", abandoned},
		{"what could still appear is counted when it is told again", possibleDouble},
		{"what may be there already is counted unless nothing happened", begunDouble},
		{"a settlement that fails leaves nothing behind", settlementRefused},
		{"a large effect is settled whole", largeEffect},
	}
}

// buriedAll ends all deliveries of an effect.
func buriedAll(effect journal.Effect) []journal.Ending {
	var all []journal.Ending
	for _, d := range effect.Deliveries {
		all = append(all, journal.Ending{Delivery: d, State: journal.Buried, Reason: "gone"})
	}
	return all
}

func outcomes(r *rig) {
	t := r.t
	for _, c := range []struct {
		unsure  bool
		outcome journal.Outcome
		buried  bool // all deliveries end
		legal   bool
		state   journal.State // of the deliveries afterwards
	}{
		{false, journal.Told, false, true, journal.Delivered},
		{false, journal.Told, true, false, ""},
		{false, journal.BecameUnsure, false, true, journal.Uncertain},
		{false, journal.BecameUnsure, true, false, ""},
		{false, journal.Refused, false, true, journal.Pending},
		{false, journal.Refused, true, true, journal.Buried},
		{false, journal.DidNot, false, false, ""},
		{false, journal.Abandoned, false, false, ""},
		{false, journal.Abandoned, true, true, journal.Buried},
		{true, journal.Told, false, true, journal.Delivered},
		{true, journal.Told, true, false, ""},
		{true, journal.BecameUnsure, false, true, journal.Uncertain},
		{true, journal.Refused, false, false, ""},
		{true, journal.Refused, true, false, ""},
		{true, journal.DidNot, false, true, journal.Pending},
		{true, journal.DidNot, true, true, journal.Buried},
		{true, journal.Abandoned, false, false, ""},
		{true, journal.Abandoned, true, true, journal.Buried},
		{false, "", false, false, ""},
		{true, "nonsense", false, false, ""},
	} {
		effect := r.begun("target "+newID(), 2)
		if c.unsure {
			r.must(r.Settle(t.Context(), r.settlement(effect, journal.BecameUnsure)))
		}
		settlement := r.settlement(effect, c.outcome)
		if c.buried {
			settlement.Endings = buriedAll(effect)
		}
		if !c.legal {
			r.unchanged(fmt.Sprintf("%+v", c), journal.ErrConflict, func() error { return r.Settle(t.Context(), settlement) })
			continue
		}
		r.must(r.Settle(t.Context(), settlement))
		events, err := r.Events(t.Context(), journal.Filter{Limit: 2})
		r.must(err)
		for _, e := range events {
			same(t, fmt.Sprintf("%+v: states", c), e.States, map[journal.State]int{c.state: 1})
		}
		_, open := r.openEffects()[effect.ID]
		if want := c.outcome == journal.BecameUnsure; open != want {
			t.Errorf("%+v: got open %t, want %t", c, open, want)
		}
	}
}

func endedStays(r *rig) {
	t := r.t
	every := []journal.Outcome{journal.Told, journal.BecameUnsure, journal.Refused, journal.DidNot, journal.Abandoned}
	for _, end := range every {
		effect := r.begun("target "+newID(), 1)
		settlement := r.settlement(effect, end)
		switch end {
		case journal.BecameUnsure:
			continue
		case journal.DidNot:
			r.must(r.Settle(t.Context(), r.settlement(effect, journal.BecameUnsure)))
		case journal.Abandoned:
			settlement.Endings = buriedAll(effect)
		default:
		}
		r.must(r.Settle(t.Context(), settlement))
		for _, next := range every {
			r.unchanged(fmt.Sprintf("%s after %s", next, end), journal.ErrConflict, func() error {
				return r.Settle(t.Context(), r.settlement(effect, next))
			})
		}
	}
	unknown := journal.Effect{ID: newID(), Target: "a"}
	r.unchanged("an unknown effect", journal.ErrConflict, func() error {
		return r.Settle(t.Context(), r.settlement(unknown, journal.Told))
	})
}

func told(r *rig) {
	t := r.t
	effect := r.begun("a", 2)
	settlement := r.settlement(effect, journal.Told)
	settlement.Reason, settlement.Receipt = "", "C0123 1700000000.000100"
	settlement.Target = journal.TargetState{Target: "a", Take: 20, Until: r.now}
	r.must(r.Settle(t.Context(), settlement))
	r.reopen()
	want := effect
	want.Content, want.Outcome, want.Receipt, want.Ended = nil, journal.Told, settlement.Receipt, settlement.At
	for _, number := range r.numbers {
		d := r.story(number).Deliveries[0]
		if d.State != journal.Delivered || !d.Changed.Equal(settlement.At) || d.Reason != "" {
			t.Errorf("got %+v, want delivered at %v", d, settlement.At)
		}
		same(t, "effect", *d.Effect, want)
	}
	same(t, "target", r.targets()["a"], settlement.Target)
	same(t, "open effects", r.openEffects(), map[string]journal.Effect{})
	r.begun("a", 1)
}

func becameUnsure(r *rig) {
	t := r.t
	effect := r.begun("a", 2)
	first := r.settlement(effect, journal.BecameUnsure)
	r.must(r.Settle(t.Context(), first))
	want := effect
	want.Unsure, want.Ended, want.Reason = true, first.At, "because"
	same(t, "open effects", r.openEffects(), map[string]journal.Effect{effect.ID: want})
	d := r.story(r.numbers[0]).Deliveries[0]
	if d.State != journal.Uncertain || d.Reason != "because" || !d.Changed.Equal(first.At) || d.Attempts != 1 {
		t.Errorf("got %+v, want unsure because of it, since %v", d, first.At)
	}
	same(t, "target", r.targets()["a"], first.Target)

	again := r.settlement(effect, journal.BecameUnsure)
	again.Reason, again.Target.Hold = "cannot be looked up", journal.Parked
	r.must(r.Settle(t.Context(), again))
	want.Reason = again.Reason // the answer still came when it came
	same(t, "open effects", r.openEffects(), map[string]journal.Effect{effect.ID: want})
	same(t, "target", r.targets()["a"], again.Target)
	if len(r.waiting("a")) != 0 {
		t.Error("got unsure deliveries in the queue, want none")
	}
}

func unsureWithoutAnswer(r *rig) {
	t := r.t
	effect := r.begun("a", 1)
	settlement := r.settlement(effect, journal.BecameUnsure)
	settlement.At = time.Time{}
	r.must(r.Settle(t.Context(), settlement))
	got := r.openEffects()[effect.ID]
	if !got.Unsure || !got.Ended.IsZero() {
		t.Errorf("got %+v, want it unsure and without an end", got)
	}
	if d := r.story(r.numbers[0]).Deliveries[0]; d.State != journal.Uncertain || d.Changed.IsZero() {
		t.Errorf("got %+v, want it unsure, with a time", d)
	}
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.BecameUnsure)))
	if got := r.openEffects()[effect.ID]; !got.Ended.IsZero() {
		t.Errorf("got an end at %v, want none: looking again is no answer", got.Ended)
	}
}

func waitsAgain(r *rig) {
	t := r.t
	for _, outcome := range []journal.Outcome{journal.Refused, journal.DidNot} {
		target := string(outcome)
		effect := r.begun(target, 2)
		later := r.planned(target)
		if outcome == journal.DidNot {
			r.must(r.Settle(t.Context(), r.settlement(effect, journal.BecameUnsure)))
		}
		settlement := r.settlement(effect, outcome)
		r.must(r.Settle(t.Context(), settlement))
		r.reopen()
		want := append(append([]int64{}, effect.Deliveries...), r.story(later.Number).Deliveries[0].Delivery)
		same(t, "waiting", r.waiting(target), want)
		same(t, "target", r.targets()[target], settlement.Target)

		again := r.effect(target, want...)
		r.must(r.Begin(t.Context(), again))
		d := r.story(r.numbers[len(r.numbers)-2]).Deliveries[0]
		if d.Attempts != 2 || d.Effect.ID != again.ID || d.State != journal.Pending {
			t.Errorf("got %+v, want a second attempt by %s", d, again.ID)
		}
		r.unchanged("the void effect", journal.ErrConflict, func() error {
			return r.Settle(t.Context(), r.settlement(effect, journal.Told))
		})
		r.must(r.Settle(t.Context(), r.settlement(again, journal.Told)))
	}
}

func voidWithEndings(r *rig) {
	t := r.t
	effect := r.begun("a", 3)
	settlement := r.settlement(effect, journal.Refused,
		journal.Ending{Delivery: effect.Deliveries[1], State: journal.Buried, Reason: "too long"})
	r.must(r.Settle(t.Context(), settlement))
	same(t, "waiting", r.waiting("a"), []int64{effect.Deliveries[0], effect.Deliveries[2]})
	d := r.story(r.numbers[1]).Deliveries[0]
	if d.State != journal.Buried || d.Reason != "too long" || !d.Changed.Equal(settlement.At) {
		t.Errorf("got %+v, want buried, too long, at %v", d, settlement.At)
	}
	if d.Effect.Outcome != journal.Refused || d.Effect.Reason != "because" || !d.Effect.Ended.Equal(settlement.At) {
		t.Errorf("got %+v, want refused because of it", d.Effect)
	}
}

func abandoned(r *rig) {
	t := r.t
	effect := r.begun("a", 2)
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.BecameUnsure)))
	r.unchanged("some deliveries only", journal.ErrConflict, func() error {
		return r.Settle(t.Context(), r.settlement(effect, journal.Abandoned, buriedAll(effect)[:1]...))
	})
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.Abandoned, buriedAll(effect)...)))
	for _, number := range r.numbers {
		d := r.story(number).Deliveries[0]
		if d.State != journal.Buried || d.Reason != "gone" || d.Effect.Outcome != journal.Abandoned || !d.Effect.Unsure {
			t.Errorf("got %+v of %+v, want buried by an abandoned effect", d, d.Effect)
		}
	}
	r.begun("a", 1)
}

func settlementRefused(r *rig) {
	t := r.t
	effect, other := r.begun("a", 2), r.begun("b", 1)
	r.planned("a")
	free := r.waiting("a")[0]
	bury := func(deliveries ...int64) []journal.Ending { return buriedAll(journal.Effect{Deliveries: deliveries}) }
	for name, endings := range map[string][]journal.Ending{
		"a delivery of another effect": bury(effect.Deliveries[0], other.Deliveries[0]),
		"a delivery of nobody":         bury(effect.Deliveries[0], free),
		"an unknown delivery":          bury(effect.Deliveries[0], 9999),
		"a delivery twice":             bury(effect.Deliveries[0], effect.Deliveries[0]),
	} {
		r.unchanged(name, journal.ErrConflict, func() error {
			return r.Settle(t.Context(), r.settlement(effect, journal.Refused, endings...))
		})
	}
	r.unchanged("an ending that is none", nil, func() error {
		return r.Settle(t.Context(), r.settlement(effect, journal.Refused,
			journal.Ending{Delivery: effect.Deliveries[0], State: journal.Delivered}))
	})
	for _, outcome := range []journal.Outcome{journal.Told, journal.BecameUnsure, journal.Refused} {
		double := r.settlement(effect, outcome)
		double.Double = true
		r.unchanged("a possible double that was "+string(outcome), nil, func() error { return r.Settle(t.Context(), double) })
	}
	wrong := r.settlement(effect, journal.Told)
	wrong.Target.Target = "b"
	r.unchanged("the state of another target", nil, func() error { return r.Settle(t.Context(), wrong) })
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.Told)))
}

func largeEffect(r *rig) {
	t := r.t
	const events = 500
	var plans []journal.Planned
	for range events {
		plans = append(plans, planOf(r.add().Number, "a"))
	}
	r.must(r.Plan(t.Context(), plans))
	effect := r.effect("a", r.waiting("a")...)
	effect.Content = make([]byte, 1<<20)
	for range events {
		effect.Events = append(effect.Events, newID())
	}
	r.must(r.Begin(t.Context(), effect))
	same(t, "open effects", r.openEffects(), map[string]journal.Effect{effect.ID: effect})
	r.must(r.Settle(t.Context(), r.settlement(effect, journal.Told)))
	if got := r.counts().Deliveries[journal.Delivered]; got != events {
		t.Errorf("got %d delivered, want %d", got, events)
	}
}
