package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// registrar keeps the webhooks registered that the configuration asks for, as it is at the moment.
type registrar struct {
	log  *slog.Logger
	wake chan struct{}

	mu    sync.Mutex
	now   *reconcile.Reconciler // nil where the configuration asks for none
	asked [8]string             // all that it depends on; never shown, as the token is part of it
}

// newRegistrar asks for nothing yet: run does.
func newRegistrar(cfg *config.Config, log *slog.Logger) *registrar {
	g := &registrar{log: log, wake: make(chan struct{}, 1)}
	g.follow(cfg)
	return g
}

// follow makes the webhooks those of a configuration. Where it wants the same ones, nothing is asked.
func (g *registrar) follow(cfg *config.Config) {
	var asked [8]string
	if p := cfg.PPMExpress; p != nil {
		asked = [8]string{
			"ppm_express", string(cfg.Server.PublicURL), cfg.Server.Secrets[0].Reveal(),
			string(p.URL), p.Tenant, p.APIVersion, p.Token.Reveal(), p.Reconcile.String(),
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if asked == g.asked {
		return
	}
	g.asked, g.now = asked, newReconciler(cfg, g.log)
	select {
	case g.wake <- struct{}{}:
	default: // it is awake
	}
}

// current is what keeps the webhooks registered now; nil where nothing does.
func (g *registrar) current() *reconcile.Reconciler {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// problems tells what is wrong with the webhooks.
func (g *registrar) problems(ctx context.Context) []handlers.Problem {
	return registered(g.current())(ctx)
}

// run keeps them registered until ctx ends. The one before has ended when the next one begins.
func (g *registrar) run(ctx context.Context) {
	for ctx.Err() == nil {
		select { // what is begun now is the newest
		case <-g.wake:
		default:
		}
		g.runOne(ctx)
	}
}

// runOne keeps them registered as one configuration asks, until it is another one or ctx ends.
func (g *registrar) runOne(ctx context.Context) {
	keeping, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	if now := g.current(); now != nil {
		running.Go(func() { now.Run(keeping) })
	}
	select {
	case <-g.wake:
	case <-ctx.Done():
	}
	stop()
	running.Wait()
}
