package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/selftest"
)

const (
	standstill = 5 * time.Minute // without any progress in the end; a target that failed six times pauses for one
	sayEvery   = 5 * time.Second
)

// run kills the daemon in each round, lets it tell everything in the end, and compares.
func (t *torture) run(ctx context.Context, rounds, events int) (found selftestResult, err error) {
	began, said := time.Now(), time.Now()
	chance := rand.New(rand.NewPCG(t.seed, 1<<32)) //nolint:gosec // nothing is secret about it
	t.trouble()
	for round := range rounds {
		life := time.Duration(5+chance.IntN(496)) * time.Millisecond
		early := chance.IntN(10) == 0 && round > 0 // while it starts; the first one makes the journal
		if err := t.round(ctx, life, early, events*(round+1)/rounds); err != nil {
			return found, fmt.Errorf("round %d of %d: %w", round+1, rounds, err)
		}
		counts, err := t.look(ctx)
		if err != nil {
			return found, err
		}
		if time.Since(said) >= sayEvery {
			said = time.Now()
			t.say(fmt.Sprintf("round %d of %d: %s acknowledged, %s tellings, %s wait", round+1, rounds,
				thousands(t.load.Sums().Acknowledged), thousands(int(counts.Deliveries[journal.Delivered])), thousands(unended(counts))))
		}
	}
	t.repair()
	if err := t.recover(ctx, events); err != nil {
		return found, fmt.Errorf("after the last round: %w", err)
	}
	if found, err = t.compare(ctx); err != nil {
		return found, err
	}
	found.Rounds, found.Seconds = rounds, time.Since(began).Seconds()
	return found, nil
}

// round is one life of the daemon. It ends by kill -9, while clients post:
//
//	start   clients post …            kill -9
//	        plan, begin, perform …    ^  the next life recalls what is open
//
// An early one ends before it listens: then what it does to take over what the last life left is cut off.
func (t *torture) round(ctx context.Context, life time.Duration, early bool, upTo int) error {
	daemon, err := selftest.Start(ctx, t.program, t.path("ppmrelay.yaml"), t.log)
	if err != nil {
		return err
	}
	if early {
		if err := pass(ctx, life/5); err != nil {
			return err
		}
		return daemon.Kill()
	}
	if err := daemon.Listening(ctx); err != nil {
		return err
	}
	posting, stop := context.WithCancel(ctx)
	defer stop()
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		t.load.Run(posting, daemon.Events, upTo)
	}()
	err = pass(ctx, life)
	err = errors.Join(err, daemon.Kill())
	stop()
	<-posted
	return err
}

// pass lets time go by.
func pass(ctx context.Context, while time.Duration) error {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// look notes what a life left open, and returns the journal in figures.
func (t *torture) look(ctx context.Context) (journal.Counts, error) {
	store, err := t.journal(ctx)
	if err != nil {
		return journal.Counts{}, err
	}
	defer func() { _ = store.Close() }() // it was only read
	open, err := store.OpenEffects(ctx)
	if err != nil {
		return journal.Counts{}, err
	}
	kinds := map[string]bool{}
	for _, effect := range open {
		kind, _, _ := strings.Cut(effect.Target, ":")
		kinds[kind] = true
	}
	if len(kinds) > 0 {
		t.cut++
	}
	for kind := range kinds {
		t.opened[kind]++
	}
	return store.Count(ctx)
}

// recover starts the daemon once more, posts what is left to be posted, waits until everything has ended, and stops it.
func (t *torture) recover(ctx context.Context, events int) error {
	daemon, err := selftest.Start(ctx, t.program, t.path("ppmrelay.yaml"), t.log)
	if err != nil {
		return err
	}
	if err := daemon.Listening(ctx); err != nil {
		return err
	}
	posting, stop := context.WithCancel(ctx)
	defer stop()
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		t.load.Run(posting, daemon.Events, events)
	}()
	err = t.await(ctx, daemon, func(journal.Counts) string {
		if sums := t.load.Sums(); sums.Posted < events {
			return fmt.Sprintf("%s of %s changes are posted", thousands(sums.Posted), thousands(events))
		}
		return ""
	})
	stop()
	<-posted
	if err == nil {
		err = t.await(ctx, daemon, func(c journal.Counts) string {
			if unended(c) == 0 && c.Open == 0 && t.late() == 0 {
				return ""
			}
			return fmt.Sprintf("everything works again: %s acknowledged, %s tellings, %s wait", thousands(t.load.Sums().Acknowledged),
				thousands(int(c.Deliveries[journal.Delivered])), thousands(unended(c)))
		})
	}
	if err != nil {
		return errors.Join(err, daemon.Kill())
	}
	return daemon.Stop()
}

// await looks until nothing is missing, or nothing has changed for too long. What is missing then is no error: it is found
// by comparing.
func (t *torture) await(ctx context.Context, daemon *selftest.Daemon, missing func(journal.Counts) string) error {
	store, err := t.journal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // it was only read
	last, since, said := "", time.Now(), time.Now()
	for {
		counts, err := store.Count(ctx)
		if err != nil {
			return err
		}
		text := missing(counts)
		if text != last {
			last, since = text, time.Now()
		}
		if text == "" || time.Since(since) > standstill {
			return nil
		}
		if time.Since(said) >= sayEvery {
			said = time.Now()
			t.say(text)
		}
		select {
		case <-daemon.Ended():
			return nil // Kill and Stop tell
		default:
		}
		if err := pass(ctx, 5*glance); err != nil {
			return err
		}
	}
}

// unended is how many events are to be planned, and deliveries to be told.
func unended(c journal.Counts) int {
	return int(c.Unplanned + c.Deliveries[journal.Pending] + c.Deliveries[journal.Uncertain])
}
