package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// How long a stop may take, step by step; together below the 30 s that Kubernetes and Docker grant at the most.
const (
	requestGrace = 5 * time.Second  // requests that are being answered
	attemptGrace = 15 * time.Second // writes to Slack, Google or a file that have begun
)

func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Receive events and tell them, until stopped",
		Long: `Receive events and tell them, until stopped.

SIGTERM or Ctrl-C: nothing new is taken or begun, what runs may end within 20 s, and the journal keeps the rest for the
next start. A second signal ends at once, which loses nothing either.`,
		Example: "  ppmrelay serve --config ppmrelay.yaml\n  PPMRELAY_CONFIG=/etc/ppmrelay.yaml ppmrelay serve --log-format json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.serve(c.Context()) },
	}
}

// serve is the architecture, in order: open, build, start, wait, stop.
func (a *app) serve(ctx context.Context) (err error) {
	log, err := a.logger()
	if err != nil {
		return err
	}
	cfg, err := a.load(a.configPath())
	if err != nil {
		return err
	}
	var steps stops
	defer func() { err = errors.Join(err, steps.run(log)) }()

	store, err := sqlite.Open(ctx, cfg.Resolve(cfg.Journal.URL.Path()), sqlite.Options{Tenant: tenant(cfg), Logger: log})
	if err != nil {
		return err
	}
	steps.add("journal", func(context.Context) error { return store.Close() })

	parts, err := assemble(ctx, cfg, log)
	if err != nil {
		return wrong(err)
	}
	relay, err := delivery.New(delivery.Config{
		Journal: store, Routes: parts.routes, Targets: parts.targets, Logger: log, Grace: attemptGrace,
	})
	if err != nil {
		return err
	}
	receiver, err := handlers.NewReceiver(handlers.Config{
		Secrets: reveal(cfg.Server.Secrets), MaxBody: int64(cfg.Server.MaxBody), Log: log,
	}, store, relay.Wake)
	if err != nil {
		return wrong(err)
	}
	failed := make(chan error, 3)
	deliver(ctx, &steps, relay, failed)
	registrar := newReconciler(cfg, log)
	probes := []handlers.Probe{held(store, parts.targets)}
	if registrar != nil {
		probes = append(probes, registered(registrar))
	}
	console, err := listen(ctx, &steps, "console", string(cfg.Console.Listen), receiver.Console(probes...), log, failed)
	if err != nil {
		return err
	}
	events, err := listen(ctx, &steps, "events", string(cfg.Server.Listen), receiver.Public(), log, failed)
	if err != nil {
		return err
	}
	if registrar != nil {
		keepRegistered(ctx, &steps, registrar) // last, as PPM Express may call as soon as it knows us
	}
	log.InfoContext(ctx, "listening", "events", events, "console", console, "routes", len(parts.routes), "targets", len(parts.targets))
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping")
		return nil
	case err := <-failed:
		return err
	}
}

// deliver plans and delivers until its stop, which lets running attempts finish.
func deliver(ctx context.Context, steps *stops, relay *delivery.Delivery, failed chan<- error) {
	delivering, stop := context.WithCancel(context.WithoutCancel(ctx))
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		if err := relay.Run(delivering); err != nil {
			failed <- err
		}
	}()
	steps.add("deliveries", func(context.Context) error {
		stop()
		<-delivered
		return nil
	})
}

// keepRegistered looks after the webhooks until its stop.
func keepRegistered(ctx context.Context, steps *stops, registrar *reconcile.Reconciler) {
	passing, stop := context.WithCancel(context.WithoutCancel(ctx))
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		registrar.Run(passing)
	}()
	steps.add("webhooks", func(context.Context) error {
		stop()
		<-passed
		return nil
	})
}

// listen binds at once, so that a wrong address is an error here, and serves until its stop.
func listen(ctx context.Context, steps *stops, name, address string, handler http.Handler, log *slog.Logger, failed chan<- error) (bound string, _ error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("listening for %s: %w", name, err)
	}
	server := handlers.Server(handler, log)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serving %s: %w", name, err)
		}
	}()
	steps.add(name, func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) { // whoever is slow does not make a stop a failure
			log.WarnContext(ctx, "connections were cut off", "part", name, "reason", context.Cause(ctx))
			return server.Close()
		}
		return err
	})
	return listener.Addr().String(), nil
}

// stops are what has to be undone, last first.
type stops struct {
	names []string
	steps []func(context.Context) error
}

func (s *stops) add(name string, step func(context.Context) error) {
	s.names, s.steps = append(s.names, name), append(s.steps, step)
}

// run stops everything in turn, and goes on after an error.
func (s *stops) run(log *slog.Logger) error {
	var all []error
	for i, step := range slices.Backward(s.steps) {
		ctx, cancel := context.WithTimeoutCause(context.Background(), requestGrace, errors.New("requests are still being answered"))
		if err := step(ctx); err != nil {
			all = append(all, fmt.Errorf("stopping %s: %w", s.names[i], err))
		}
		cancel()
		log.Debug("stopped", "part", s.names[i])
	}
	return errors.Join(all...)
}

// tenant is what the journal belongs to: one tenant of PPM Express, where it is known.
func tenant(cfg *config.Config) string {
	if cfg.PPMExpress == nil {
		return ""
	}
	return cfg.PPMExpress.Tenant
}

func reveal(secrets []config.Secret) []string {
	plain := make([]string, len(secrets))
	for i, secret := range secrets {
		plain[i] = secret.Reveal()
	}
	return plain
}
