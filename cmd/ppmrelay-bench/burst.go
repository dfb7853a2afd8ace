package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// The goals of bursts.
const (
	channelGoal = 60.0 // s until every channel is up to date
	sheetGoal   = 1.5  // of the quota's floor
	burstGoal   = 80.0 // MB
)

const (
	manyChannels  = 20
	oneChannel    = 5   // a burst of one channel is so many times smaller
	rowsPerWrite  = 500 // that the sheet's sink puts into one request
	writesAMinute = 60.0
)

// floorOf is the time in which the quota lets so many rows be written, at the rate that it keeps up: what may be sent at
// once in a minute that was quiet before is not counted.
func floorOf(rows int) float64 {
	writes := (rows + rowsPerWrite - 1) / rowsPerWrite
	return float64(writes) / writesAMinute * time.Minute.Seconds()
}

// burstCase measures bursts against stand-ins with the vendors' quotas.
func (b *bench) burstCase(ctx context.Context, result *report) error {
	for _, part := range []func(context.Context, *report) error{b.burstOfMany, b.burstOfOne, b.outageIngest, b.outageDrain} {
		if err := part(ctx, result); err != nil {
			return err
		}
	}
	return nil
}

// outcome is a burst that was posted to a daemon of its own and told.
type outcome struct {
	told

	size         size
	begin        time.Time // of the posting
	posting      time.Duration
	most         float64 // MB
	slackTooMany int64
	sheetTooMany int64
	writes       int // batchUpdate requests
}

// burstOfMany is a burst over all channels and the sheet.
func (b *bench) burstOfMany(ctx context.Context, result *report) error {
	o, err := b.playBurst(ctx, sizeOfBurst(b.burst, manyChannels), true)
	if err != nil {
		return err
	}
	floor := floorOf(o.rows)
	name := fmt.Sprintf("burst of %d events: ", o.size.events)
	one := func(what string, goal float64, unit string, value float64) figure {
		return figure{what: name + what, goal: goal, unit: unit, rounds: []float64{value}}
	}
	none := func(what string, value int) figure {
		return figure{what: name + what, zero: true, rounds: []float64{float64(value)}}
	}
	result.figures = append(result.figures,
		one(fmt.Sprintf("%d channels up to date", o.size.channels), channelGoal, "s", o.channels.Sub(o.begin).Seconds()),
		one("sheet complete", sheetGoal*floor, "s", o.sheet.Sub(o.begin).Seconds()),
		one("the quota's floor for the sheet", 0, "s", floor),
		none("429 of Slack", int(o.slackTooMany)), none("429 of Google", int(o.sheetTooMany)),
		none("lost", len(o.lost)), none("doubled", len(o.doubled)),
		one("memory, most", burstGoal, "MB", o.most))
	result.more = append(result.more, titled{"The burst in numbers.", o.table()})
	return nil
}

func (o outcome) table() table {
	return table{
		{"events", "entities", "acknowledged in s", "messages", "net zero, so not told", "rows", "writes to the sheet"},
		{
			strconv.Itoa(o.size.events), strconv.Itoa(o.size.entities), number(o.posting.Seconds()), strconv.Itoa(o.messages),
			strconv.Itoa(o.skipped), strconv.Itoa(o.rows), strconv.Itoa(o.writes),
		},
	}
}

// burstOfOne is a burst of which one channel is told everything.
func (b *bench) burstOfOne(ctx context.Context, result *report) error {
	o, err := b.playBurst(ctx, sizeOfBurst(max(1, b.burst/oneChannel), 1), false)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d events of one channel: ", o.size.events)
	result.figures = append(result.figures,
		figure{what: name + "each entity's latest told within", goal: channelGoal, unit: "s", rounds: []float64{o.slowest.Seconds()}},
		figure{what: name + "lost or doubled", zero: true, rounds: []float64{float64(len(o.lost) + len(o.doubled))}})
	return nil
}

// playBurst runs a daemon and stand-ins for one burst, and looks at what stands there in the end.
func (b *bench) playBurst(ctx context.Context, s size, withSheet bool) (o outcome, err error) {
	steps, err := b.steps(s)
	if err != nil {
		return o, err
	}
	v, err := newVendors(ctx, s.channels)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, v.down()) }()
	dir, err := b.homeFor(ctx, v, withSheet)
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it goes with the folder above at the latest
	p, err := b.begin(ctx, dir)
	if err != nil {
		return o, err
	}
	o.size = s
	if err := errors.Join(b.playOn(ctx, p, steps, &o, dir), p.stop()); err != nil {
		return o, err
	}
	if o.told, err = audit(ctx, journalOf(dir), v, steps, withSheet); err != nil {
		return o, err
	}
	b.complain(o.told)
	o.slackTooMany, o.sheetTooMany, o.writes = v.atSlack.tooMany.Load(), v.atGoogle.tooMany.Load(), v.google.Calls("batchUpdate")
	return o, nil
}

func (b *bench) playOn(ctx context.Context, p *process, steps []*step, o *outcome, dir string) (err error) {
	b.say("burst: posting %d events of %d entities for %d channels", o.size.events, o.size.entities, o.size.channels)
	o.begin = time.Now()
	if err := deliver(ctx, p.address, steps); err != nil {
		return err
	}
	o.posting = time.Since(o.begin)
	b.say("burst: waiting until they are told")
	if err := drained(ctx, journalOf(dir), len(steps)); err != nil {
		return err
	}
	_, o.most, err = p.memory()
	return err
}

// steps makes the events of a burst from the sample.
func (b *bench) steps(s size) ([]*step, error) {
	body, err := os.ReadFile(b.sample())
	if err != nil {
		return nil, err
	}
	return burst(body, s)
}

// complain tells what is lost or doubled, some of it.
func (b *bench) complain(t told) {
	for _, all := range [][]string{t.lost, t.doubled} {
		for _, one := range all[:min(len(all), 5)] {
			b.say("burst: %s", one)
		}
	}
}
