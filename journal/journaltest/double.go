package journaltest

import (
	"fmt"

	"github.com/ppmrelay/ppmrelay/journal"
)

func possibleDouble(r *rig) {
	t := r.t
	for _, c := range []struct {
		double, buried bool
		want           int64 // more than before
	}{
		{false, false, 0},
		{true, false, 1},
		{true, true, 0}, // nothing is told again
	} {
		before := r.counts().Doubles
		effect := r.begun("target "+newID(), 2)
		r.must(r.Settle(t.Context(), r.settlement(effect, journal.BecameUnsure)))
		settlement := r.settlement(effect, journal.DidNot)
		settlement.Double = c.double
		if c.buried {
			settlement.Endings = buriedAll(effect)
		}
		r.must(r.Settle(t.Context(), settlement))
		r.reopen()
		if got := r.counts().Doubles - before; got != c.want {
			t.Errorf("%+v: got %d possible doubles, want %d", c, got, c.want)
		}
		if waiting := r.waiting(effect.Target); len(waiting) > 0 {
			again := r.effect(effect.Target, waiting...)
			r.must(r.Begin(t.Context(), again))
			r.must(r.Settle(t.Context(), r.settlement(again, journal.Told)))
		}
		if got := r.counts().Doubles - before; got != c.want {
			t.Errorf("%+v, told again: got %d possible doubles, want %d", c, got, c.want)
		}
		for _, number := range r.numbers[len(r.numbers)-2:] {
			if got := r.story(number).Deliveries[0].Double; got != (c.want > 0) {
				t.Errorf("%+v: event %d is shown as a possible double: %v", c, number, got)
			}
		}
	}
}

// begunDouble is an effect that may tell what is there already: it counts unless nothing happened.
func begunDouble(r *rig) {
	t := r.t
	for _, c := range []struct {
		outcomes []journal.Outcome
		late     bool
		want     int64 // more than before
	}{
		{[]journal.Outcome{journal.Told}, false, 1},
		{[]journal.Outcome{journal.BecameUnsure, journal.Told}, false, 1},
		{[]journal.Outcome{journal.BecameUnsure, journal.Abandoned}, false, 1},
		{[]journal.Outcome{journal.Refused}, false, 0},
		{[]journal.Outcome{journal.BecameUnsure, journal.DidNot}, false, 0},
		{[]journal.Outcome{journal.BecameUnsure, journal.DidNot}, true, 1},
	} {
		before := r.counts().Doubles
		r.planned("target " + newID())
		number := r.numbers[len(r.numbers)-1]
		target := r.story(number).Deliveries[0].Target
		effect := r.effect(target, r.waiting(target)...)
		effect.Double = true
		r.must(r.Begin(t.Context(), effect))
		r.reopen()
		open, err := r.OpenEffects(t.Context())
		if err != nil || len(open) != 1 || !open[0].Double {
			t.Errorf("got %+v open (%v), want a possible double", open, err)
		}
		for _, outcome := range c.outcomes {
			settlement := r.settlement(effect, outcome)
			settlement.Double = outcome == journal.DidNot && c.late
			if outcome == journal.Abandoned {
				settlement.Endings = buriedAll(effect)
			}
			r.must(r.Settle(t.Context(), settlement))
		}
		r.reopen()
		d := r.story(number).Deliveries[0]
		got := fmt.Sprint(r.counts().Doubles-before, d.Double, d.Effect.Double)
		if want := fmt.Sprint(c.want, c.want > 0, c.want > 0); got != want {
			t.Errorf("%v, late %v: got %s, want %s", c.outcomes, c.late, got, want)
		}
	}
}
