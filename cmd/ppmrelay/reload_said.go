package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	maxSaid    = 10 // faults of one configuration that the log hears of
	keyRestart = "restart"
)

// taken says what a configuration changed that counts now.
func (r *reloader) taken(ctx context.Context, changes, later []string, asked bool, took time.Duration) {
	r.mu.Lock()
	wasBad := r.fault != ""
	waits := len(later) > 0 && !slices.Equal(later, r.later)
	r.fault = ""
	switch {
	case len(later) == 0:
		r.saved = time.Time{}
	case len(r.later) == 0:
		r.saved = time.Now()
	}
	r.later = later
	r.mu.Unlock()

	if len(changes) > 0 || wasBad {
		r.hands.counted(nil)
	}
	now := r.current()
	switch details := []any{"version", now.cfg.Version(), "routes", len(now.cfg.Routes), "targets", len(now.parts.targets)}; {
	case len(changes) > 0:
		r.log.InfoContext(ctx, "another configuration counts", append([]any{
			"changes", strings.Join(changes, "; "), "took_ms", took.Milliseconds(),
		}, details...)...)
	case wasBad:
		r.log.InfoContext(ctx, "the configuration is as it was before the faults", details...)
	case asked && !waits:
		r.log.InfoContext(ctx, "the configuration was read, and nothing changed", details...)
	case !waits:
		r.log.DebugContext(ctx, "the configuration was read, and nothing changed", details...)
	}
	if waits {
		r.log.WarnContext(ctx, "changed settings take effect at the next start", "settings", strings.Join(later, ", "))
	}
}

// refused says why a configuration does not count. The same faults once more are no news.
func (r *reloader) refused(ctx context.Context, err error) {
	faults, known := errors.AsType[config.Errors](err)
	if !known || len(faults) == 0 {
		faults = config.Errors{{File: r.file, Message: err.Error()}}
	}
	text := faults.Error()
	r.mu.Lock()
	again := r.fault == text
	if r.fault == "" {
		r.since = time.Now()
	}
	r.fault = text
	r.mu.Unlock()
	if again {
		r.log.DebugContext(ctx, "the configuration was read, and has the same faults")
		return
	}
	r.hands.counted(err)
	r.log.ErrorContext(ctx, "what was saved has faults and does not count, the configuration before it does", "faults", len(faults))
	for _, fault := range faults[:min(len(faults), maxSaid)] {
		r.log.ErrorContext(ctx, "a fault in the configuration", "fault", fault.String())
	}
}

// warn says what counts in a configuration, and is hardly meant.
func (r *reloader) warn(ctx context.Context, cfg *config.Config) {
	for _, warning := range cfg.Warnings() {
		r.log.WarnContext(ctx, "something in the configuration is hardly meant", "warning", strings.Replace(warning.String(), "warning: ", "", 1))
	}
}

// problems tells that what was saved does not count, or not before the next start.
func (r *reloader) problems(context.Context) []handlers.Problem {
	r.mu.Lock()
	defer r.mu.Unlock()
	var problems []handlers.Problem
	if r.fault != "" {
		first, rest, _ := strings.Cut(r.fault, "\n")
		if rest != "" {
			first += fmt.Sprintf(" (and %d more)", strings.Count(rest, "\n")+1)
		}
		problems = append(problems, handlers.Problem{
			Key: keyConfig, Part: "configuration", Since: r.since.UTC(), Why: "what was saved has faults and does not count, the one before it does: " + first,
		})
	}
	if len(r.later) > 0 {
		problems = append(problems, handlers.Problem{
			Key: keyRestart, Part: "configuration", Since: r.saved.UTC(), Why: strings.Join(r.later, ", ") + ": takes effect at the next start",
		})
	}
	return problems
}

// held tells which targets of the configuration that counts wait, and for what.
func (r *reloader) held(store journal.Journal) handlers.Probe {
	return func(ctx context.Context) []handlers.Problem { return held(store, r.current().parts.targets)(ctx) }
}
