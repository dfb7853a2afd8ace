package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// registrar keeps the webhooks registered that the configuration in use asks for. A reload gives it another one.
type registrar struct {
	memory reconcile.Memory
	missed gaps // nil = nobody takes them
	log    *slog.Logger

	silence *reconcile.Silence // nil where there is nothing to listen to

	turn sync.Mutex // held during a pass, whoever makes it

	mu      sync.Mutex
	uses    registration
	former  []string              // each address that was given up since the start
	running *reconcile.Reconciler // nil when the configuration has no section ppm_express
	changed chan struct{}         // closed when another one is in use
}

// gaps is who takes what was missed because a webhook was, and finds it.
type gaps interface {
	unregistered(ctx context.Context, gap reconcile.Gap) error
	KnownSince(ctx context.Context) (time.Time, error)
}

// registration is what a reconciler depends on in a configuration.
type registration struct {
	publicURL string
	secrets   []string
	tenant    *config.PPMExpress
}

func newRegistrar(store any, cfg *config.Config, missed gaps, log *slog.Logger) *registrar {
	r := &registrar{memory: memoryOf(store), missed: missed, log: log, changed: make(chan struct{})}
	if arrivals, ok := store.(reconcile.Arrivals); ok {
		r.silence = reconcile.NewSilence(arrivals, r.memory, log)
	}
	r.follow(cfg)
	return r
}

// follow takes a configuration. Where it says nothing new about webhooks, nothing happens; else the pass of the one before
// ends, and the next one begins; nobody waits for that here. What was registered under an address that it gives up is
// deleted once its successor is there.
func (r *registrar) follow(cfg *config.Config) {
	r.mu.Lock()
	defer r.mu.Unlock()
	uses := registration{publicURL: string(cfg.Server.PublicURL), secrets: reveal(cfg.Server.Secrets), tenant: cfg.PPMExpress}
	if reflect.DeepEqual(uses, r.uses) {
		return
	}
	if before := r.uses.publicURL; before != "" && before != uses.publicURL {
		r.former = append(slices.DeleteFunc(r.former, func(address string) bool { return address == before }), before)
	}
	r.uses, r.running = uses, nil
	if uses.tenant != nil {
		r.running = r.reconciler(cfg)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// run makes passes, and listens for silences, until ctx ends.
func (r *registrar) run(ctx context.Context) {
	var listening sync.WaitGroup
	defer listening.Wait()
	if r.silence != nil {
		listening.Go(func() { r.silence.Run(ctx) })
	}
	for ctx.Err() == nil {
		current, changed := r.now()
		if current == nil {
			select {
			case <-ctx.Done():
			case <-changed:
			}
			continue
		}
		running, stop := context.WithCancel(ctx)
		go func() {
			defer stop()
			select {
			case <-running.Done():
			case <-changed:
			}
		}()
		current.Run(running)
		stop()
	}
}

func (r *registrar) now() (*reconcile.Reconciler, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running, r.changed
}

// current is what keeps the webhooks registered now; nil where nothing does.
func (r *registrar) current() *reconcile.Reconciler {
	current, _ := r.now()
	return current
}

// covered reports whether events come, or nobody here sees to it.
func (r *registrar) covered() bool {
	current := r.current()
	return current == nil || current.Tally().Good > 0
}

// problems tells what is wrong with the webhooks.
func (r *registrar) problems(context.Context) []handlers.Problem {
	var found []reconcile.Problem
	if current := r.current(); current != nil {
		found = current.Problems()
	}
	if r.silence != nil {
		found = append(found, r.silence.Problems()...)
	}
	var problems []handlers.Problem
	for _, p := range found {
		problems = append(problems, handlers.Problem{Key: keyWebhooks + p.Key(), Part: "webhooks", Why: p.Why, Since: p.Since})
	}
	return problems
}

// apply makes a person's pass.
func (r *registrar) apply(ctx context.Context, types []event.Type) (reconcile.Report, error) {
	current := r.current()
	if current == nil {
		return reconcile.Report{}, control.Usage(errors.New("the configuration in use has no section ppm_express"))
	}
	return current.Apply(ctx, types...), nil
}

// Webhooks makes a pass over the webhooks. Once begun, it goes on whatever becomes of the command.
func (o *operator) Webhooks(ctx context.Context, ask control.Webhooks) (control.WebhooksDone, error) {
	types, err := parseTypes(ask.Types)
	if err != nil {
		return control.WebhooksDone{}, control.Usage(err)
	}
	report, err := o.registrar.apply(context.WithoutCancel(ctx), types)
	return webhooksDone(report), err
}

// reconciler keeps the webhooks registered that a configuration asks for, and has its turn with those before it.
func (r *registrar) reconciler(cfg *config.Config) *reconcile.Reconciler {
	with := reconcile.Config{Memory: r.memory, Former: slices.Clone(r.former), Turn: &r.turn, Logger: r.log}
	if r.missed != nil {
		with.Gap, with.Known = r.missed.unregistered, r.missed.KnownSince
	}
	return newReconciler(cfg, with)
}

// newReconciler keeps the webhooks registered that a configuration with a section ppm_express asks for.
func newReconciler(cfg *config.Config, with reconcile.Config) *reconcile.Reconciler {
	with.Registry, with.Wanted, with.Secrets = newClient(cfg), wantedWebhooks(cfg), reveal(cfg.Server.Secrets)
	with.Schedule = cfg.PPMExpress.Reconcile.Cron()
	return reconcile.New(with)
}

func wantedWebhooks(cfg *config.Config) []ppm.Webhook {
	return reconcile.Wanted(string(cfg.Server.PublicURL), cfg.Server.Secrets[0].Reveal(), event.Types())
}

// memoryOf returns the memory of a store; where it has none, one that ends with the process.
func memoryOf(store any) reconcile.Memory {
	if memory, ok := store.(reconcile.Memory); ok {
		return memory
	}
	return &shortMemory{}
}

// shortMemory remembers until the process ends.
type shortMemory struct {
	mu     sync.Mutex
	values map[string][]byte
}

// Recollect returns what was remembered under a name.
func (m *shortMemory) Recollect(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[name]
	if !ok {
		return nil, fmt.Errorf("%q: %w", name, journal.ErrNotFound)
	}
	return value, nil
}

// Remember keeps a value under a name.
func (m *shortMemory) Remember(_ context.Context, name string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[name] = value
	return nil
}
