package main

import (
	"context"
	"errors"
	"slices"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// recordedGaps returns the newest gaps, newest first: before those of the journal stand those of the webhooks that go on, or
// that the journal has not taken over yet.
func recordedGaps(ctx context.Context, store *sqlite.Journal, open bool, limit int) ([]journal.Gap, error) {
	known, err := reconcile.Recollect(ctx, store)
	if err != nil {
		return nil, err
	}
	first, err := store.KnownSince(ctx)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	var all []journal.Gap
	for _, g := range slices.Backward(known.Gaps) {
		gap := journal.Gap{Cause: journal.CauseMissing, Types: g.Types, Detail: g.Cause, Since: g.Since, Until: g.Until}
		if gap.Since.IsZero() { // they never had a webhook
			gap.Since = first
		}
		if !gap.Since.IsZero() && (gap.Until.IsZero() || gap.Since.Before(gap.Until)) { // else nothing is known that they could have changed
			all = append(all, gap)
		}
	}
	recorded, err := store.Gaps(ctx, open, limit)
	all = append(all, recorded...)
	return all[:min(limit, len(all))], err
}
