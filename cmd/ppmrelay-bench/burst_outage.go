package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// The goals of an outage.
const (
	outageRate = 0.9  // of the rate with both services up, at least
	outageTail = 2.0  // of the p99 with both services up, at most
	longest    = 60.0 // s between two tries of a target that fails
)

const outageClients = 16

// outageIngest measures how events are acknowledged while Slack and Google are down, against the same while they are up.
func (b *bench) outageIngest(ctx context.Context, result *report) error {
	var up, down []load
	for round := range b.rounds {
		b.say("outage: round %d of %d", round+1, b.rounds)
		for _, i := range rand.Perm(2) { //nolint:gosec // an order, no secret
			l, err := b.ingest(ctx, i == 1)
			if err != nil {
				return fmt.Errorf("outage: %w", err)
			}
			if i == 1 {
				down = append(down, l)
			} else {
				up = append(up, l)
			}
		}
	}
	result.figures = append(result.figures,
		figure{
			what: "Slack and Google down: rate of ingest / up", goal: outageRate, atLeast: true, unit: "x", compared: true,
			rounds: ratios(down, up, func(l load) float64 { return l.rate }),
		},
		figure{
			what: "Slack and Google down: p99 of ingest / up", goal: outageTail, unit: "x", compared: true,
			rounds: ratios(down, up, func(l load) float64 { return l.p99 }),
		})
	return nil
}

// ingest loads a new daemon whose targets are up or down.
func (b *bench) ingest(ctx context.Context, isDown bool) (l load, err error) {
	v, err := newVendors(ctx, 1)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, v.down()) }()
	dir, err := b.homeFor(ctx, v, true)
	if err != nil {
		return l, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it goes with the folder above at the latest
	if isDown {
		if err := v.down(); err != nil {
			return l, err
		}
	}
	p, err := b.begin(ctx, dir)
	if err != nil {
		return l, err
	}
	l, err = b.loadServer(ctx, p, outageClients)
	return l, errors.Join(err, p.stop())
}

// outageDrain measures how long it takes to tell what came in during an outage, once it is over.
func (b *bench) outageDrain(ctx context.Context, result *report) (err error) {
	steps, err := b.steps(sizeOfBurst(max(1, b.burst/oneChannel), 1))
	if err != nil {
		return err
	}
	v, err := newVendors(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.down()) }()
	dir, err := b.homeFor(ctx, v, true)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it goes with the folder above at the latest
	p, err := b.begin(ctx, dir)
	if err != nil {
		return err
	}
	over, err := b.sitOut(ctx, p, v, steps, dir)
	if err := errors.Join(err, p.stop()); err != nil {
		return err
	}
	found, err := audit(ctx, journalOf(dir), v, steps, true)
	if err != nil {
		return err
	}
	b.complain(found)
	floor := floorOf(found.rows)
	name := fmt.Sprintf("%d events during an outage of %s: ", len(steps), b.outage)
	took := max(found.channels.Sub(over), found.sheet.Sub(over))
	result.figures = append(result.figures,
		figure{what: name + "told after its end", goal: longest + max(channelGoal, sheetGoal*floor), unit: "s", rounds: []float64{took.Seconds()}},
		figure{what: name + "lost or doubled", zero: true, rounds: []float64{float64(len(found.lost) + len(found.doubled))}})
	return nil
}

// sitOut posts while nothing can be told, ends the outage, and waits until everything is told. It returns when the
// outage was over.
func (b *bench) sitOut(ctx context.Context, p *process, v *vendors, steps []*step, dir string) (over time.Time, err error) {
	b.say("outage: posting %d events, waiting %s, and until they are told", len(steps), b.outage)
	if err := v.down(); err != nil {
		return over, err
	}
	if err := deliver(ctx, p.address, steps); err != nil {
		return over, err
	}
	if err := pause(ctx, b.outage); err != nil {
		return over, err
	}
	over = time.Now()
	if err := v.up(ctx); err != nil {
		return over, err
	}
	return over, drained(ctx, journalOf(dir), len(steps))
}
