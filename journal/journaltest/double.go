package journaltest

import "github.com/ppmrelay/ppmrelay/journal"

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
