package main

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	tendEvery  = time.Hour
	leastKnown = 100_000 // events that are recognised whatever their age
)

// tender forgets, by the clock, what the configuration does not keep.
type tender struct {
	store trimmer
	log   *slog.Logger

	mu     sync.Mutex
	policy journal.Policy // without Now
	fault  string         // of the last try
	since  time.Time      // when it first failed
}

// trimmer is the part of the journal that forgetting needs.
type trimmer interface {
	Events(ctx context.Context, filter journal.Filter) ([]journal.Summary, error)
	Trim(ctx context.Context, policy journal.Policy) (journal.Trimmed, error)
}

func newTender(store trimmer, cfg config.Journal, log *slog.Logger) *tender {
	t := &tender{store: store, log: log}
	t.follow(cfg)
	return t
}

// follow makes the next time of forgetting, within the hour, one by these settings.
func (t *tender) follow(cfg config.Journal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.policy = journal.Policy{
		Events: time.Duration(cfg.Keep), Size: int64(cfg.KeepSize), Memory: time.Duration(cfg.Memory), Least: leastKnown,
	}
}

// run forgets at once and then every hour, until ctx ends.
func (t *tender) run(ctx context.Context) {
	ticker := time.NewTicker(tendEvery)
	defer ticker.Stop()
	for {
		t.once(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// once forgets what is old by now. A failure is logged when it begins, and shown as long as it lasts.
func (t *tender) once(ctx context.Context) {
	t.mu.Lock()
	policy := t.policy
	t.mu.Unlock()
	var trimmed journal.Trimmed
	var err error
	if policy.Now, err = t.now(ctx); err == nil {
		trimmed, err = t.store.Trim(ctx, policy)
	}
	if trimmed != (journal.Trimmed{}) {
		t.log.InfoContext(ctx, "old events were forgotten", "events", trimmed.Events, "fingerprints", trimmed.Fingerprints)
	}
	if ctx.Err() != nil {
		return // stopping: the next start goes on
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		t.fault = ""
	case t.fault == "":
		t.since = time.Now()
		t.log.ErrorContext(ctx, "old events could not be forgotten", "error", err)
		fallthrough
	default:
		t.fault = err.Error()
	}
}

// now is the time that ages count from: the clock's, but at most a day after the newest events. A clock that is far ahead
// would have everything forgotten at once. PPM Express stamps events by a clock of its own, so that what comes while ours
// is wrong does not move the bound.
func (t *tender) now(ctx context.Context) (time.Time, error) {
	const some, most = 100, 24 * time.Hour
	events, err := t.store.Events(ctx, journal.Filter{Limit: some})
	if err != nil {
		return time.Time{}, err
	}
	var stamped, received time.Time
	for _, e := range events {
		received = later(received, e.Entry.Received)
		if !e.Entry.Occurred.IsZero() {
			stamped = later(stamped, earlier(e.Entry.Occurred, e.Entry.Received))
		}
	}
	now, newest := time.Now(), cmp.Or(stamped, received)
	if newest.IsZero() {
		return now, nil
	}
	return earlier(now, newest.Add(most)), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// problems tells that the journal grows without bound.
func (t *tender) problems(context.Context) []handlers.Problem {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault == "" {
		return nil
	}
	return []handlers.Problem{{Key: keyForgets, Part: "journal", Why: "old events could not be forgotten, so that it grows: " + t.fault, Since: t.since.UTC()}}
}
