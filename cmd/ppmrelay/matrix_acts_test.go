package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// vendor returns the faults and the conditions of one stand-in.
type vendor func(*rowPlay) (*fault.Board, []fault.Condition)

func onSlack(s *rowPlay) (*fault.Board, []fault.Condition) {
	return s.slack, s.sandbox.Slack.Conditions()
}

func onGoogle(s *rowPlay) (*fault.Board, []fault.Condition) {
	return s.google, s.sandbox.Google.Conditions()
}

func onPPM(s *rowPlay) (*fault.Board, []fault.Condition) { return s.ppm, s.sandbox.PPM.Conditions() }

// deed is something that is done to a play.
type deed func(context.Context, *rowPlay) error

// inTurn does one thing after the other. A nil deed is none.
func inTurn(deeds ...deed) deed {
	return func(ctx context.Context, s *rowPlay) error {
		for _, do := range deeds {
			if do == nil {
				continue
			}
			if err := do(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// script lets the next requests to an endpoint meet faults.
func script(of vendor, endpoint string, kinds ...fault.Kind) deed {
	return func(_ context.Context, s *rowPlay) error {
		board, _ := of(s)
		board.Script(endpoint, kinds...)
		return nil
	}
}

// always lets every request to the endpoint meet a fault, or none any more.
func always(of vendor, endpoint string, kind fault.Kind) deed {
	return func(_ context.Context, s *rowPlay) error {
		board, _ := of(s)
		board.Always(endpoint, kind)
		return nil
	}
}

// set brings a condition about, or takes it back.
func set(of vendor, name, where string, on bool) deed {
	return func(_ context.Context, s *rowPlay) error {
		_, conditions := of(s)
		for _, c := range conditions {
			if c.Name == name {
				return c.Set(on, where)
			}
		}
		return fmt.Errorf("there is no condition %q", name)
	}
}

// land lets everything land that was kept to land late; at least one request must have been.
func land(of vendor) deed {
	return func(_ context.Context, s *rowPlay) error {
		board, _ := of(s)
		if board.Land() == 0 {
			return errors.New("nothing was left to land late: the row proves nothing")
		}
		return nil
	}
}

// met waits until a fault has been met.
func met(of vendor, kind fault.Kind) deed {
	return func(ctx context.Context, s *rowPlay) error {
		board, _ := of(s)
		return s.until(ctx, "the fault is met", func() (bool, error) { return board.Met(kind) > 0, nil })
	}
}

func stop(_ context.Context, s *rowPlay) error    { return s.stop() }
func kill(_ context.Context, s *rowPlay) error    { return s.kill() }
func start(ctx context.Context, s *rowPlay) error { return s.start(ctx) }

// othersTold waits until everything is told everywhere else.
func othersTold(but ...string) deed {
	return func(ctx context.Context, s *rowPlay) error { return s.neighboursTold(ctx, []sight{{at: but}}) }
}

// pausesOver waits until no target is paused any more: a start obeys pauses.
func pausesOver(ctx context.Context, s *rowPlay) error {
	return s.until(ctx, "pauses are over", func() (bool, error) {
		states, err := s.journal.Targets(ctx)
		return !slices.ContainsFunc(states, func(t journal.TargetState) bool {
			return t.Hold == journal.Paused && t.Until.After(time.Now())
		}), err
	})
}

// letPass lets time pass.
func letPass(some time.Duration) deed {
	return func(ctx context.Context, _ *rowPlay) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(some):
			return nil
		}
	}
}

// quiet waits until everything is told.
func quiet(ctx context.Context, s *rowPlay) error { return s.quiet(ctx) }

// once makes an act of each kind, which hits a single request.
func once(of vendor, endpoint string, look func(sinks.Reason) sight, kinds map[fault.Kind]sinks.Reason) (acts []rowAct) {
	for _, kind := range sorted(kinds) {
		acts = append(acts, rowAct{strike: script(of, endpoint, kind), shown: []sight{look(kinds[kind])}})
	}
	return acts
}

// lasting makes an act of each kind, which hits every request until it is mended.
func lasting(of vendor, endpoint string, look func(sinks.Reason) sight, kinds map[fault.Kind]sinks.Reason) (acts []rowAct) {
	for _, kind := range sorted(kinds) {
		acts = append(acts, rowAct{
			strike: always(of, endpoint, kind), mend: always(of, endpoint, fault.None), shown: []sight{look(kinds[kind])},
		})
	}
	return acts
}

// sorted returns the kinds in the order in which the package names them.
func sorted(kinds map[fault.Kind]sinks.Reason) (all []fault.Kind) {
	for _, kind := range fault.All() {
		if _, ok := kinds[kind]; ok {
			all = append(all, kind)
		}
	}
	return all
}

// after adds a deed to the beginning of each act.
func after(first deed, acts []rowAct) []rowAct {
	for i := range acts {
		acts[i].strike = inTurn(first, acts[i].strike)
	}
	return acts
}

// condition is an act that lasts until a person mends it, and starts the daemon again.
func condition(of vendor, name, where string) rowAct {
	return rowAct{strike: set(of, name, where, true), mend: set(of, name, where, false), restart: true}
}

// passing is a condition that needs no new start.
func passing(of vendor, name, where string) rowAct {
	a := condition(of, name, where)
	a.restart = false
	return a
}

// onHold is the sight of targets that a class of failure holds.
func onHold(hold journal.Hold, class sinks.Class, reason sinks.Reason, at ...string) sight {
	return sight{at: at, hold: hold, class: class, reason: reason, state: journal.Pending}
}

// unsure is the sight of a message of which nobody knows whether it is there, in one channel or the other.
func unsure(reason sinks.Reason) sight {
	return sight{at: bothChannels(), any: true, class: sinks.Unsure, reason: reason, state: journal.Uncertain}
}

// unseen is the sight of targets whose last attempt cannot be looked up.
func unseen(hold journal.Hold, reason sinks.Reason, one bool, at ...string) sight {
	return sight{at: at, any: one, hold: hold, reason: reason, state: journal.Uncertain, lookup: true}
}
