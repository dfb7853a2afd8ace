package main

import (
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
	store  trimmer
	policy journal.Policy // without Now
	log    *slog.Logger

	mu    sync.Mutex
	fault string    // of the last try
	since time.Time // when it first failed
}

// trimmer is the part of the journal that forgetting needs.
type trimmer interface {
	Trim(ctx context.Context, policy journal.Policy) (journal.Trimmed, error)
}

func newTender(store trimmer, cfg config.Journal, log *slog.Logger) *tender {
	return &tender{store: store, log: log, policy: journal.Policy{
		Events: time.Duration(cfg.Keep), Size: int64(cfg.KeepSize), Memory: time.Duration(cfg.Memory), Least: leastKnown,
	}}
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
	policy := t.policy
	policy.Now = time.Now()
	trimmed, err := t.store.Trim(ctx, policy)
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

// problems tells that the journal grows without bound.
func (t *tender) problems(context.Context) []handlers.Problem {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault == "" {
		return nil
	}
	return []handlers.Problem{{Part: "journal", Why: "old events could not be forgotten, so that it grows: " + t.fault, Since: t.since.UTC()}}
}
