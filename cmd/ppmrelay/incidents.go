package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/incident"
	"github.com/ppmrelay/ppmrelay/reconcile"
	"github.com/ppmrelay/ppmrelay/templates"
)

// inForce is a configuration and what was made of it.
type inForce struct {
	cfg   *config.Config
	parts *parts
}

// lookout is what looks after everything: for incidents and, when somebody asks, for figures.
type lookout struct {
	store     metered
	file      string         // of the journal
	now       func() inForce // what counts now
	probes    []handlers.Probe
	registrar func() *reconcile.Reconciler // nil where no webhooks are kept registered
	wake      func()
	lasting   time.Duration
	log       *slog.Logger
}

// start makes what watches all that /readyz asks, and has told what lasts. The figures are there from then on.
func (w *lookout) start() *incident.Watcher {
	tongue := opsTongue{cfg: func() *config.Config { return w.now().cfg }}
	probes := append(slices.Clone(w.probes), w.failing)
	watcher := incident.New(incident.Config{
		Journal: w.store, Begins: tongue.begins, Ends: tongue.ends, Wake: w.wake, Logger: w.log,
		Look:    func(ctx context.Context) incident.Sight { return seenBy(ctx, probes, unlisted(w.registrar())) },
		Listens: func() string { return operators(w.now().cfg) },
		Lasting: w.lasting, Every: w.lasting / 6, Late: w.lasting * 2 / 3,
	})
	w.store.metrics.registry.MustRegister(gauges{
		store: w.store, file: w.file, probes: probes, watcher: watcher, registrar: w.registrar,
		targets: func() []string {
			var all []string
			for _, target := range w.now().parts.targets {
				all = append(all, target.ID)
			}
			return all
		},
		failures: func() []templates.Failure { return w.now().parts.book.words.Failures() },
	})
	return watcher
}

// operators is the target by which those are told who run the relay; empty where the configuration has none.
func operators(cfg *config.Config) string {
	if cfg.Ops == nil {
		return ""
	}
	return "slack:" + cfg.Ops.Channel
}

// failing is the probe of templates.
func (w *lookout) failing(context.Context) []handlers.Problem {
	now := w.now()
	return failing(now.cfg, now.parts.book.words)
}

// seenBy is what the probes see. Where the journal cannot be read, nobody knows how the targets are, nor what was left out.
func seenBy(ctx context.Context, probes []handlers.Probe, unseen []string) incident.Sight {
	seen := incident.Sight{Blind: unseen}
	for _, probe := range probes {
		for _, p := range probe(ctx) {
			if p.Key == keyJournal {
				seen.Blind = append(seen.Blind, keyHeld, keyParked, keyLeftOut)
			}
			seen.Problems = append(seen.Problems, incident.Problem{
				Key: cmp.Or(p.Key, p.Part), Part: p.Part, Why: p.Why, Since: p.Since, Next: p.Next, Once: p.Once, Count: p.Count,
			})
		}
	}
	return seen
}

// unlisted returns what cannot be seen of the webhooks before their first pass has ended.
func unlisted(registrar *reconcile.Reconciler) []string {
	if registrar == nil || !registrar.Last().Ended.IsZero() {
		return nil
	}
	return []string{keyWebhooks}
}

// failing tells which templates have failed on events since the configuration counts.
func failing(cfg *config.Config, words interface{ Failures() []templates.Failure }) []handlers.Problem {
	var problems []handlers.Problem
	for _, f := range words.Failures() {
		at := placeOf(cfg, f.Fault)
		problems = append(problems, handlers.Problem{
			Key: keyTemplate + f.Fault.Template + " " + at, Part: "template " + f.Fault.Template, Once: true,
			Why: "`" + at + "` " + f.Fault.Text + "; it failed on " + count1(f.Times, "event"),
		})
	}
	return problems
}

// placeOf says where a template failed, as an editor finds it: file, line and column. A column of a table is known by its
// header alone: it is the first one that has it.
func placeOf(cfg *config.Config, fault *templates.Error) string {
	text, found := cfg.Templates[fault.Template]
	for _, route := range cfg.Routes {
		for _, table := range tablesOf(route) {
			for _, column := range table.Columns {
				if !found && column.Header == fault.Template {
					text, found = column.Value, true
				}
			}
		}
	}
	if !found || text.Line == 0 {
		return strings.TrimSuffix(fmt.Sprintf("%s:%d:%d", fault.Template, fault.Line, fault.Column), ":0")
	}
	at := cfg.FaultAt(text, fault.Line, fault.Column, "", "")
	return fmt.Sprintf("%s:%d:%d", filepath.Base(at.File), at.Line, at.Column)
}
