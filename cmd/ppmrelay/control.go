package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// operator does, inside the daemon, what the person at a command asks for.
type operator struct {
	store  ledger
	relay  replayer
	reread func(context.Context, journal.Entry) (journal.Incoming, error)
	wake   func() // there are events to plan
	log    *slog.Logger

	registrar *registrar
	rescuer   *rescuer
}

var _ control.Daemon = (*operator)(nil)

// ledger is the part of the journal that an operator needs.
type ledger interface {
	journal.Reader
	copier
	Release(ctx context.Context, number int64, in journal.Incoming) (journal.Appended, error)
}

// replayer is the part of delivery that an operator needs.
type replayer interface {
	Replay(ctx context.Context, ask delivery.ReplayRequest) (delivery.Replayed, error)
}

// replayBatch is how many events one commit makes pending.
const replayBatch = 500

// Replay tells events again, the oldest first. Once begun, it goes on whatever becomes of the command: half of it done
// would be hard to finish by hand.
func (o *operator) Replay(ctx context.Context, ask control.Replay) (control.Replayed, error) {
	if !ask.Dry {
		ctx = context.WithoutCancel(ctx)
	}
	numbers, err := o.chosen(ctx, ask)
	if err != nil {
		return control.Replayed{}, err
	}
	done := control.Replayed{Events: len(numbers), Targets: []control.Target{}, Waiting: []int64{}, Untaken: []int64{}}
	only := delivery.ReplayRequest{Target: ask.Target, Dry: ask.Dry}
	if ask.Filter != nil {
		only.State = journal.State(ask.Filter.State)
	}
	told := 0
	for part := range slices.Chunk(numbers, replayBatch) {
		only.Numbers = part
		some, err := o.relay.Replay(ctx, only)
		if err != nil && told > 0 && !ask.Dry {
			return done, fmt.Errorf("%w; %s before it wait to be sent already", err, count1(told, "event"))
		}
		if errors.Is(err, delivery.ErrNoTarget) {
			err = control.Usage(err)
		}
		if err != nil {
			return done, err
		}
		told += len(part)
		addReplayed(&done, some)
	}
	if !ask.Dry && len(done.Targets) > 0 {
		o.log.InfoContext(ctx, "events are told again", "events", done.Events, "targets", len(done.Targets))
	}
	return done, nil
}

func addReplayed(done *control.Replayed, some delivery.Replayed) {
	done.Waiting, done.Untaken = append(done.Waiting, some.Waiting...), append(done.Untaken, some.Untaken...)
	for _, target := range some.Targets {
		i := slices.IndexFunc(done.Targets, func(t control.Target) bool { return t.Target == target.Target })
		if i < 0 {
			i = len(done.Targets)
			done.Targets = append(done.Targets, control.Target{Target: target.Target})
		}
		done.Targets[i].Deliveries += target.Deliveries
	}
}

// chosen returns the numbers of the events that are asked for, in their order.
func (o *operator) chosen(ctx context.Context, ask control.Replay) ([]int64, error) {
	switch {
	case len(ask.Numbers) > 0 && ask.Filter == nil:
		return slices.Compact(slices.Sorted(slices.Values(ask.Numbers))), nil
	case len(ask.Numbers) == 0 && ask.Filter != nil && !ask.Filter.Empty():
		f := ask.Filter
		return o.matching(ctx, journal.Filter{
			Type: event.Type(f.Type), Entity: f.Entity, State: journal.State(f.State), Since: f.Since, Until: f.Until,
		})
	default:
		return nil, errors.New("it is not said which events, or in two ways")
	}
}

// matching returns the numbers of all events that match, in their order. Bodies that cannot be read are no events,
// unless the filter asks for them.
func (o *operator) matching(ctx context.Context, filter journal.Filter) ([]int64, error) {
	var numbers []int64
	filter.Limit = 1000
	for {
		page, err := o.store.Events(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, s := range page {
			if (s.Entry.Quarantine != "") == filter.Quarantine {
				numbers = append(numbers, s.Entry.Number)
			}
			filter.Before = s.Entry.Number
		}
		if len(page) < filter.Limit {
			slices.Sort(numbers)
			return numbers, nil
		}
	}
}

// Release takes bodies out of quarantine that can be read by now.
func (o *operator) Release(ctx context.Context, ask control.Release) (control.Released, error) {
	numbers := slices.Compact(slices.Sorted(slices.Values(ask.Numbers)))
	if ask.All == (len(numbers) > 0) {
		return control.Released{}, errors.New("it is not said which bodies, or in two ways")
	}
	if ask.All {
		var err error
		if numbers, err = o.matching(ctx, journal.Filter{Quarantine: true}); err != nil {
			return control.Released{}, err
		}
	}
	done := control.Released{Released: []int64{}, Duplicates: []control.Left{}, Left: []control.Left{}}
	for _, number := range numbers {
		if err := o.releaseOne(ctx, number, ask.Dry, &done); err != nil {
			return done, fmt.Errorf("releasing %d: %w", number, err)
		}
	}
	if !ask.Dry && len(done.Released) > 0 {
		o.log.InfoContext(ctx, "bodies were taken out of quarantine", "bodies", len(done.Released))
		o.wake()
	}
	return done, nil
}

func (o *operator) releaseOne(ctx context.Context, number int64, dry bool, done *control.Released) error {
	story, err := o.store.Story(ctx, number)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		done.Left = append(done.Left, control.Left{Number: number, Why: "it is not in the journal"})
		return nil
	case err != nil:
		return err
	case story.Entry.Quarantine == "":
		done.Left = append(done.Left, control.Left{Number: number, Why: "it is not in quarantine"})
		return nil
	}
	in, err := o.reread(ctx, story.Entry)
	if err != nil {
		done.Left = append(done.Left, control.Left{Number: number, Why: err.Error()})
		return nil //nolint:nilerr // that it still cannot be read is the answer
	}
	if dry {
		done.Released = append(done.Released, number)
		return nil
	}
	appended, err := o.store.Release(ctx, number, in)
	switch {
	case err != nil:
		return err
	case appended.Duplicate:
		done.Duplicates = append(done.Duplicates, control.Left{Number: number, Why: fmt.Sprintf("event %d is the same", appended.Number)})
	default:
		done.Released = append(done.Released, number)
	}
	return nil
}

// Backup copies the journal.
func (o *operator) Backup(ctx context.Context, ask control.Backup) (control.BackedUp, error) {
	if !filepath.IsAbs(ask.File) {
		return control.BackedUp{}, errors.New("the path of a backup must be absolute")
	}
	done, err := backUp(ctx, o.store, ask.File)
	if err != nil {
		return done, err
	}
	o.log.InfoContext(ctx, "the journal was copied", "file", done.File, "bytes", done.Bytes)
	return done, nil
}
