package reconcile

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Gap is a time in which events of some types did not come, because no webhook brought them.
type Gap struct {
	Types []event.Type `json:"types"`
	Since time.Time    `json:"since"` // when they last did, as far as that is known: it may begin later; zero = they never did
	Until time.Time    `json:"until"`
	Cause string       `json:"cause"` // plain words
}

const (
	causeMissing = "no webhook brought them"
	causeNotYet  = "no webhook brought them yet"
	causeSwap    = "their webhook was replaced while the tenant had no place left for two"
)

// open notes that events of a type do not come. Since is zero where they never did.
func (r *Reconciler) open(t event.Type, since time.Time, cause string) {
	if _, known := r.state.Open[t]; known {
		return
	}
	if since.IsZero() {
		cause = causeNotYet
	}
	r.state.Open[t] = opened{Since: since, Cause: cause}
}

// shut notes that events of types come again. Those that stopped together are one gap.
func (r *Reconciler) shut(now time.Time, types ...event.Type) {
	for _, t := range types {
		gone, known := r.state.Open[t]
		if !known {
			continue
		}
		delete(r.state.Open, t)
		i := slices.IndexFunc(r.state.Gaps, func(g Gap) bool {
			return g.Since.Equal(gone.Since) && g.Cause == gone.Cause && now.Sub(g.Until) < time.Minute
		})
		if i < 0 {
			r.state.Gaps = append(r.state.Gaps, Gap{Since: gone.Since, Cause: gone.Cause})
			i = len(r.state.Gaps) - 1
		}
		r.state.Gaps[i].Types, r.state.Gaps[i].Until = append(r.state.Gaps[i].Types, t), now
	}
}

// begin says when a gap began of types of which events never came: when it became possible to miss anything. Where that was
// not before it ended there is none, and it stays zero.
func (r *Reconciler) begin(ctx context.Context, gap *Gap) error {
	if !gap.Since.IsZero() || r.config.Known == nil {
		return nil
	}
	since, err := r.config.Known(ctx)
	if err == nil && since.Before(gap.Until) {
		gap.Since = since
	}
	return err
}

// handOn gives away the gaps that are over. One that is not taken is offered again by the next pass, whoever makes it.
func (r *Reconciler) handOn(ctx context.Context) {
	for r.config.Gap != nil && len(r.state.Gaps) > 0 && ctx.Err() == nil {
		gap := r.state.Gaps[0]
		err := r.begin(ctx, &gap)
		if err == nil && gap.Since.IsZero() {
			r.state.Gaps = slices.Delete(r.state.Gaps, 0, 1)
			continue
		}
		if err == nil {
			err = r.config.Gap(ctx, gap)
		}
		if err != nil {
			r.config.Logger.ErrorContext(ctx, "a gap could not be written down", "types", join(gap.Types), "error", err)
			return
		}
		r.config.Logger.WarnContext(ctx, "events were missed", "types", join(gap.Types), "since", stamp(gap.Since), "until", stamp(gap.Until), "cause", gap.Cause)
		r.state.Gaps = slices.Delete(r.state.Gaps, 0, 1)
	}
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// lasting returns the gaps that go on, the oldest first. Types that stopped together are one.
func lasting(open map[event.Type]opened) (all []Gap) {
	for _, t := range slices.Sorted(maps.Keys(open)) {
		gone := open[t]
		i := slices.IndexFunc(all, func(g Gap) bool { return g.Since.Equal(gone.Since) && g.Cause == gone.Cause })
		if i < 0 {
			all = append(all, Gap{Since: gone.Since, Cause: gone.Cause})
			i = len(all) - 1
		}
		all[i].Types = append(all[i].Types, t)
	}
	slices.SortStableFunc(all, func(a, b Gap) int { return a.Since.Compare(b.Since) })
	return all
}
