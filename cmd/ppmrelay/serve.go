package main

import (
	"cmp"
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
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
)

// How long a stop may take, step by step; together below the 30 s that Kubernetes grants unless it is told otherwise.
const (
	requestGrace = 5 * time.Second  // requests that are being answered
	attemptGrace = 15 * time.Second // writes to Slack, Google or a file that have begun
)

func (a *app) serveCommand() *cobra.Command {
	serve := &cobra.Command{
		Use:   "serve",
		Short: "Receive events and tell them, until stopped",
		Long: `Receive events and tell them, until stopped.

A configuration that is saved counts within a second, without a restart; one that has faults changes nothing, and the log
and /readyz say why. SIGHUP reads it at once.

SIGTERM or Ctrl-C: nothing new is taken or begun; requests have 5 s to end and writes as long as --grace says, and the
journal keeps the rest for the next start. A second signal ends at once, with exit code 1, which loses nothing either.`,
		Example: "  ppmrelay serve --config ppmrelay.yaml\n  PPMRELAY_CONFIG=/etc/ppmrelay.yaml ppmrelay serve --log-format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.grace <= 0 {
				return wrong(fmt.Errorf("--grace %v: write a time above zero, as 15s", a.grace))
			}
			return a.serve(c.Context())
		},
	}
	serve.Flags().DurationVar(&a.grace, "grace", attemptGrace, "how long writes that have begun may go on after a stop")
	return serve
}

// serve is the architecture, in order: open, build, start, wait, stop.
func (a *app) serve(ctx context.Context) (err error) {
	log, err := a.logger()
	if err != nil {
		return err
	}
	cfg, seen, err := a.loadSeen()
	if err != nil {
		return err
	}
	var steps stops
	defer func() { err = errors.Join(err, steps.run(log)) }()
	hangup := hangups(&steps)

	c, err := a.build(ctx, &steps, cfg, log)
	if err != nil {
		return err
	}
	failed := make(chan error, 4)
	background(ctx, &steps, "deliveries", func(ctx context.Context) {
		if err := c.relay.Run(ctx); err != nil {
			failed <- err
		}
	})
	configuration := a.newReloader(ctx, cfg, seen, c.parts, log)
	configuration.hands = c.hands
	probes := []handlers.Probe{
		configuration.held(c.store), troubled(c.relay), unfound(c.people), c.keeper.problems, c.webhooks.problems,
		c.rescuer.problems, configuration.problems,
	}
	watched := &lookout{
		store: c.store, file: journalFile(cfg), now: configuration.current,
		probes: slices.Concat(probes, []handlers.Probe{c.receiver.Problems}), registrar: c.webhooks.current,
		wake: c.relay.Wake, lasting: a.lasting, log: log,
	}
	probes = append(probes, watched.failing)
	background(ctx, &steps, "incidents", watched.start().Run)
	desk := &operator{store: c.store, relay: c.relay, reread: c.receiver.Reread, wake: c.relay.Wake, log: log, registrar: c.webhooks, rescuer: c.rescuer}
	obey(ctx, &steps, socketOf(cfg), desk, log, failed)
	console, err := listen(ctx, &steps, "console", string(cfg.Console.Listen), c.receiver.Console(probes...), log, failed)
	if err != nil {
		return err
	}
	events, err := listen(ctx, &steps, "events", string(cfg.Server.Listen), c.receiver.Public(), log, failed)
	if err != nil {
		return err
	}
	background(ctx, &steps, "forgetting", c.keeper.run)
	background(ctx, &steps, "fields", c.labels.run)
	background(ctx, &steps, "members", c.people.Run)
	background(ctx, &steps, "configuration", func(ctx context.Context) { configuration.run(ctx, hangup) })
	background(ctx, &steps, "missed changes", c.rescuer.Run) // from now on events are taken
	background(ctx, &steps, "webhooks", c.webhooks.run)      // last, as PPM Express may call as soon as it knows us
	log.InfoContext(ctx, "listening", "events", events, "console", console, "routes", len(c.parts.routes), "targets", len(c.parts.targets))
	return wait(ctx, log, failed)
}

// core is what takes events and tells them, by the configuration of the start. Nothing of it runs yet.
type core struct {
	hands

	store metered
	parts *parts
}

// build opens the journal and makes everything that a configuration is handed over to.
func (a *app) build(ctx context.Context, steps *stops, cfg *config.Config, log *slog.Logger) (*core, error) {
	store, err := openJournal(ctx, steps, cfg, log)
	if err != nil {
		return nil, err
	}
	people := slack.NewPeople(log)
	parts, err := assembleAfter(ctx, &kit{people: people}, cfg, log)
	if err != nil {
		return nil, wrong(err)
	}
	relay, err := delivery.New(delivery.Config{
		Journal: store, Routes: parts.routes, Targets: parts.targets, Logger: log, Grace: cmp.Or(a.grace, attemptGrace),
	})
	if err != nil {
		return nil, err
	}
	var registrar *registrar
	rescuer := newRescuer(store, cfg, relay.Wake, func() bool { return registrar.covered() }, a.timing, log)
	registrar = newRegistrar(store, cfg, rescuer, log)
	receiver, err := handlers.NewReceiver(handlers.Config{
		Secrets: reveal(cfg.Server.Secrets), MaxBody: int64(cfg.Server.MaxBody), Log: log, Metrics: store.metrics.handler(),
		Missed: rescuer.refused,
	}, store, relay.Wake)
	if err != nil {
		return nil, wrong(err)
	}
	labels := newFieldKeeper(log)
	labels.follow(cfg, parts.book)
	people.Follow(parts.chat)
	return &core{store: store, parts: parts, hands: hands{
		relay, receiver, newTender(store, cfg.Journal, log), labels, registrar, rescuer,
		people, store.metrics.reload,
	}}, nil
}

// wait returns when a stop is asked for, or a part has failed.
func wait(ctx context.Context, log *slog.Logger, failed <-chan error) error {
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping")
		return nil
	case err := <-failed:
		return err
	}
}

// openJournal opens the journal, which is closed after everything else has stopped, and counts what goes by.
func openJournal(ctx context.Context, steps *stops, cfg *config.Config, log *slog.Logger) (metered, error) {
	store, err := sqlite.Open(ctx, journalFile(cfg), sqlite.Options{Tenant: tenant(cfg), Logger: log})
	if err != nil {
		return metered{}, err
	}
	steps.add("journal", func(context.Context) error { return store.Close() })
	return metered{store, newMetrics()}, restoration(ctx, store, log)
}

// background runs a part in the background until its stop, which waits for its end.
func background(ctx context.Context, steps *stops, name string, run func(context.Context)) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(running)
	}()
	steps.add(name, func(context.Context) error {
		stop()
		<-ended
		return nil
	})
}

// obey does what commands ask for. Without a socket the main job goes on: it is the log that says why commands fail.
func obey(ctx context.Context, steps *stops, socket string, desk control.Daemon, log *slog.Logger, failed chan<- error) {
	listener, err := control.Listen(ctx, socket)
	if err != nil {
		log.WarnContext(ctx, "commands cannot reach this process", "socket", socket, "error", err)
		return
	}
	serve(steps, "commands", listener, control.Server(desk, log), log, failed)
}

// listen binds at once, so that a wrong address is an error here, and serves until its stop.
func listen(ctx context.Context, steps *stops, name, address string, handler http.Handler, log *slog.Logger, failed chan<- error) (bound string, _ error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("listening for %s: %w", name, err)
	}
	serve(steps, name, listener, handlers.Server(handler, log), log, failed)
	return listener.Addr().String(), nil
}

// serve answers what comes in until its stop.
func serve(steps *stops, name string, listener net.Listener, server *http.Server, log *slog.Logger, failed chan<- error) {
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
}

// stops are what has to be undone, last first.
type stops struct {
	names []string
	steps []func(context.Context) error
}

func (s *stops) add(name string, step func(context.Context) error) {
	s.names, s.steps = append(s.names, name), append(s.steps, step)
}

// run stops everything in turn, and goes on after an error. The listeners have one bound together.
func (s *stops) run(log *slog.Logger) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), requestGrace, errors.New("requests are still being answered"))
	defer cancel()
	var all []error
	for i, step := range slices.Backward(s.steps) {
		if err := step(ctx); err != nil {
			all = append(all, fmt.Errorf("stopping %s: %w", s.names[i], err))
		}
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
