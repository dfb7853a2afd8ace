package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
)

// reloader puts another configuration in the place of the one that counts, while everything goes on: when its files were
// saved, and when it is asked to by SIGHUP.
//
//	read       the file, its templates, its secrets; with all that check says. A fault: nothing changes, and is said
//	assemble   words, routes, targets; with the clients and sinks of before where their settings are the same
//	hand over  receiving, deliveries, forgetting, labels, webhooks: each at its next step, without waiting for the others
//
// Only what a start alone can change waits for one, see atStart.
type reloader struct {
	file string
	read func(file string) (*config.Config, error) // a fault is a config.Errors
	log  *slog.Logger

	started *config.Config // what the process was started with
	hands   hands
	now     atomic.Pointer[inForce]
	every   time.Duration // how often files are looked at
	files   []string      // what the last configuration that was read consists of
	eyes    *watcher

	mu    sync.Mutex
	fault string    // why what was saved does not count; empty when it does
	since time.Time // when that began
	later []string  // settings that wait for the next start
	saved time.Time // when the first of these was seen
}

// hands are what a configuration is handed over to.
type hands struct {
	relay    *delivery.Delivery
	receiver *handlers.Receiver
	keeper   *tender
	labels   *fieldKeeper
	webhooks *registrar
	rescuer  *rescuer
	people   *slack.People
	counted  func(error) // hears of each configuration that was read
}

// loadSeen reads the configuration, and returns what its files looked like then.
func (a *app) loadSeen() (*config.Config, looks, error) {
	before := lookAt([]string{a.configPath()})
	cfg, err := a.load(a.configPath())
	if err != nil {
		return nil, nil, err
	}
	seen := lookAt(cfg.Files())
	maps.Copy(seen, before)
	return cfg, seen, nil
}

// newReloader begins with the configuration that the process was started with, from files that looked so.
func (a *app) newReloader(ctx context.Context, cfg *config.Config, seen looks, parts *parts, log *slog.Logger) *reloader {
	r := &reloader{
		file: a.configPath(), read: a.load, started: cfg, log: log, every: cmp.Or(a.watchEvery, watchEvery), files: cfg.Files(),
	}
	r.eyes = &watcher{look: func() looks { return lookAt(r.files) }, shown: seen, before: seen}
	r.now.Store(&inForce{cfg, parts})
	r.warn(ctx, cfg)
	return r
}

// current is what counts now.
func (r *reloader) current() inForce { return *r.now.Load() }

// hangups are the times when a person asks for a reload: kill -HUP. From now on that ends no process.
func hangups(steps *stops) <-chan os.Signal {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	steps.add("signals", func(context.Context) error {
		signal.Stop(hangup)
		return nil
	})
	return hangup
}

// run reads the configuration whenever it was saved or is asked for, until ctx ends.
func (r *reloader) run(ctx context.Context, asked <-chan os.Signal) {
	ticker := time.NewTicker(r.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			r.eyes.seen() // before it is read: what is saved from now on is seen
			r.reload(ctx, true)
		case <-ticker.C:
			if r.eyes.saved() != nil {
				r.reload(ctx, false)
			}
		}
	}
}

// reload reads the configuration, and hands it over where it is good. Asked is a person who waits for an answer, also
// where there is nothing to do.
func (r *reloader) reload(ctx context.Context, asked bool) {
	began := time.Now()
	cfg, err := r.read(r.file)
	if cfg != nil {
		r.files = cfg.Files() // also of one with faults: a secret that is missing may come
	}
	var changes, later []string
	if err == nil {
		changes, later, err = r.take(ctx, cfg)
	}
	switch {
	case ctx.Err() != nil || errors.Is(err, delivery.ErrStopped):
	case err != nil:
		r.refused(ctx, err)
	default:
		r.taken(ctx, changes, later, asked, time.Since(began))
	}
}

// take makes a configuration count, and says what it changes. An error changes nothing.
func (r *reloader) take(ctx context.Context, cfg *config.Config) (changes, later []string, _ error) {
	before := r.current()
	cfg, later = asStarted(cfg, r.started, before.cfg)
	if same(before.cfg, cfg) {
		r.now.Store(&inForce{cfg, before.parts}) // what it says may stand in other lines
		return nil, later, nil
	}
	parts, err := assembleAfter(context.WithoutCancel(ctx), before.parts.kit, cfg, r.log)
	if err != nil {
		return nil, nil, err
	}
	if err := r.hands.receiver.Admit(reveal(cfg.Server.Secrets), int64(cfg.Server.MaxBody)); err != nil {
		return nil, nil, err
	}
	r.hands.labels.follow(cfg, parts.book) // before anything is said in these words
	if err := r.hands.relay.Reload(ctx, parts.routes, parts.targets); err != nil {
		return nil, nil, err
	}
	r.now.Store(&inForce{cfg, parts})
	r.hands.keeper.follow(cfg.Journal)
	r.hands.webhooks.follow(cfg)
	r.hands.rescuer.follow(cfg)
	r.hands.people.Follow(parts.chat)
	r.warn(ctx, cfg)
	return changesOf(before.cfg, cfg), later, nil
}

// The processors belong to those who send events: work at a configuration goes on for so long, and then leaves them alone
// for so long. What waits for the network is looked for when a processor has nothing to do.
const (
	workFor = time.Millisecond / 2
	restFor = 4 * time.Millisecond
)

// restWhere returns what lets others work, where there are any.
func restWhere(others bool) func() {
	if !others {
		return nil
	}
	rested := time.Now()
	return func() {
		if time.Since(rested) >= workFor {
			<-time.After(restFor)
			rested = time.Now()
		}
	}
}
