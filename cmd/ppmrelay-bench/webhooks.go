package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	realppm "github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// passGoal is for one pass over a tenant with all the webhooks that it may have, 12 of them of the relay, when nothing is to
// be done: ours, without the time that PPM Express takes.
const passGoal = 10_000.0 // µs

// webhooks measures a pass over 50 registrations, over HTTP on this machine, and how many requests it makes.
func (b *bench) webhooks(ctx context.Context, result *report) error {
	took := figure{what: "a pass over 50 webhooks", goal: passGoal, unit: "µs"}
	requests := figure{what: "a pass over 50 webhooks: requests", goal: 1}
	pass, listed, closing := passOver(ppm.Limit - len(event.Types()))
	defer closing()
	if err := pass(ctx); err != nil { // creates what is missing
		return err
	}
	for round := range b.rounds {
		b.say("webhooks: round %d of %d", round+1, b.rounds)
		before, passes := listed(), 0
		µs, err := repeat(ctx, b.duration(), func() error { passes++; return pass(ctx) })
		if err != nil {
			return err
		}
		took.rounds = append(took.rounds, µs)
		requests.rounds = append(requests.rounds, float64(listed()-before)/float64(passes))
	}
	result.figures = append(result.figures, took, requests)
	return nil
}

// passOver returns what makes a pass over a tenant with so many webhooks of others, and how many requests it got. Each pass
// has to find that all is well, but for the first.
func passOver(others int) (pass func(context.Context) error, requests func() int, closing func()) {
	options := ppm.Options{}
	for i := range others {
		options.Webhooks = append(options.Webhooks, ppm.Webhook{
			URL: fmt.Sprintf("https://flow.example.com/%d?sig=abc", i), HTTPVerb: "POST", EventTypes: []string{"Project:Updated"},
			Headers: []ppm.Header{{Name: "X-Flow", Value: "secret"}},
		})
	}
	tenant := ppm.New(options)
	server := httptest.NewServer(tenant)
	reconciler := reconcile.New(reconcile.Config{
		Registry: realppm.NewClient(server.Client(), server.URL, ppm.DefaultTenant, "v1.0", ppm.DefaultToken),
		Wanted:   reconcile.Wanted("https://relay.example.com", "bench-secret", event.Types()), Secrets: []string{"bench-secret"},
		Memory: &memory{map[string][]byte{}}, Logger: slog.New(slog.DiscardHandler),
	})
	first := true
	pass = func(ctx context.Context) error {
		report := reconciler.Pass(ctx)
		if done := len(report.Done); report.Failed != nil || !first && done > 0 || len(tenant.Webhooks()) != others+len(event.Types()) {
			return fmt.Errorf("a pass that did %d steps, and %d webhooks: %w", done, len(tenant.Webhooks()), report.Failed)
		}
		first = false
		return nil
	}
	requests = func() (all int) {
		for _, endpoint := range tenant.Endpoints() {
			all += tenant.Calls(endpoint)
		}
		return all
	}
	return pass, requests, server.Close
}

// memory remembers until the process ends.
type memory struct{ values map[string][]byte }

func (m *memory) Recollect(_ context.Context, name string) ([]byte, error) {
	value, ok := m.values[name]
	if !ok {
		return nil, journal.ErrNotFound
	}
	return value, nil
}

func (m *memory) Remember(_ context.Context, name string, value []byte) error {
	m.values[name] = value
	return nil
}
