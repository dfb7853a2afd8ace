package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// edited are the projects of the story. Each is edited several times before, during and after a fault.
func edited() []string { return []string{"Customer Portal", "Payment Gateway", "Data Platform"} }

// play tells the story with a row's faults in it. In the end everything is told.
func (s *rowPlay) play(ctx context.Context, r row) error {
	if err := s.edit(2); err != nil {
		return err
	}
	if err := s.quiet(ctx); err != nil {
		return fmt.Errorf("before the fault: %w", err)
	}
	for i, a := range r.acts {
		if a.shown == nil {
			a.shown = r.shown
		}
		if err := s.act(ctx, a); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	if err := s.edit(2); err != nil {
		return err
	}
	if err := s.quiet(ctx); err != nil {
		return fmt.Errorf("after the last fault: %w", err)
	}
	if r.after != nil {
		return r.after(ctx, s)
	}
	return nil
}

// act plays one fault from its beginning to where everything is told again.
func (s *rowPlay) act(ctx context.Context, a rowAct) error {
	if a.strike != nil {
		if err := a.strike(ctx, s); err != nil {
			return fmt.Errorf("beginning: %w", err)
		}
	}
	if !a.silent {
		if err := s.edit(2); err != nil {
			return err
		}
	}
	if a.wait != nil {
		if err := a.wait(ctx, s); err != nil {
			return fmt.Errorf("while it lasts: %w", err)
		}
	}
	if err := s.see(ctx, a.shown); err != nil {
		return err
	}
	if err := s.neighboursTold(ctx, a.shown); err != nil {
		return err
	}
	if a.mend != nil {
		if err := a.mend(ctx, s); err != nil {
			return fmt.Errorf("mending: %w", err)
		}
	}
	if a.restart {
		if err := s.restart(ctx); err != nil {
			return fmt.Errorf("starting again: %w", err)
		}
	}
	if err := s.edit(1); err != nil {
		return err
	}
	if err := s.quiet(ctx); err != nil {
		return fmt.Errorf("after mending: %w", err)
	}
	return nil
}

// edit lets people edit every project of the story some times, in turn. No edit takes back another.
func (s *rowPlay) edit(times int) error {
	for range times {
		for i, name := range edited() {
			s.budget += 250
			by := s.people[i%len(s.people)]
			if err := s.sandbox.PPM.Edit(event.Project, s.project(name), map[string]any{"Budget": s.budget}, by); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *rowPlay) project(name string) string {
	for _, e := range s.sandbox.PPM.Entities(event.Project) {
		if e.Attributes["Name"] == name {
			return e.ID
		}
	}
	return ""
}

// quiet waits until everything is delivered and told.
func (s *rowPlay) quiet(ctx context.Context) error {
	if err := s.delivered(ctx); err != nil {
		return err
	}
	return s.until(ctx, "everything is told", func() (bool, error) {
		counts, err := s.journal.Count(ctx)
		return err == nil && settled(counts), err
	})
}

// delivered waits until PPM Express has told the daemon everything.
func (s *rowPlay) delivered(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := s.sandbox.PPM.Idle(ctx); err != nil {
		return fmt.Errorf("waiting for the deliveries: %w", err)
	}
	return nil
}

// neighboursTold waits until whoever is not hit by the fault has been told everything, and none of them was held.
func (s *rowPlay) neighboursTold(ctx context.Context, shown []sight) error {
	hit, watched := targetsOf(shown)
	if !watched || s.journal == nil { // it is no target that suffers, and nothing need be told
		return nil
	}
	if err := s.delivered(ctx); err != nil {
		return err
	}
	return s.until(ctx, "the neighbours are told", func() (bool, error) {
		if err := s.undisturbed(ctx, hit); err != nil {
			return false, err
		}
		waits, err := s.waiting(ctx, func(target string) bool { return !slices.Contains(hit, target) })
		return !waits, err
	})
}

// undisturbed fails when a target is held that is not hit.
func (s *rowPlay) undisturbed(ctx context.Context, hit []string) error {
	if s.journal == nil {
		return nil
	}
	states, err := s.journal.Targets(ctx)
	if err != nil {
		return err
	}
	for _, state := range states {
		if state.Hold != "" && !slices.Contains(hit, state.Target) {
			return fmt.Errorf("a neighbour is disturbed: %s is %s: %s", state.Target, state.Hold, state.Reason)
		}
	}
	return nil
}

// waiting reports whether something waits for a target that counts, or is not even planned.
func (s *rowPlay) waiting(ctx context.Context, counts func(target string) bool) (bool, error) {
	all, err := s.journal.Count(ctx)
	if err != nil || all.Unplanned > 0 {
		return true, err
	}
	for _, state := range []journal.State{journal.Pending, journal.Uncertain} {
		found, err := s.journal.Events(ctx, journal.Filter{State: state, Limit: 200})
		if err != nil {
			return false, err
		}
		for _, summary := range found {
			story, err := s.journal.Story(ctx, summary.Entry.Number)
			if err != nil {
				return false, err
			}
			for _, d := range story.Deliveries {
				if d.State == state && counts(d.Target) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// targetsOf returns the targets that are hit, and whether the fault is one of a target at all, or of nothing that shows.
func targetsOf(shown []sight) (hit []string, watched bool) {
	watched = true
	for _, look := range shown {
		hit = append(hit, look.at...)
		watched = watched && look.status == 0
	}
	return hit, watched
}

// audit stops the daemon and compares what was acknowledged with what stands everywhere.
func (s *rowPlay) audit(ctx context.Context) (audit, error) {
	if err := s.stop(); err != nil {
		return audit{}, err
	}
	return s.auditor.all(ctx, s.journal, s.sandbox)
}
