package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// The goals of the daemon as it is released.
const (
	idleGoal  = 40.0  // MB
	fullGoal  = 80.0  // MB
	startGoal = 100.0 // ms
)

const (
	fillClients = 16
	settleTime  = time.Second // before memory is looked at
	drainTime   = 10 * time.Minute
)

// configuration is one route to a file, with the defaults of everything else.
const configuration = `server: { listen: "127.0.0.1:0", secrets: [%s] }
console: { listen: "127.0.0.1:0" }
journal: { url: "file:journal.db" }
routes:
  - { name: log, events: ["*"], file: { path: changes.csv } }
`

// home makes the folder of a daemon that has not run yet.
func (b *bench) home(ctx context.Context) (string, error) {
	if err := b.build(ctx); err != nil {
		return "", err
	}
	dir, err := b.folder()
	if err != nil {
		return "", err
	}
	return dir, os.WriteFile(configOf(dir), fmt.Appendf(nil, configuration, secret), 0o600)
}

func configOf(dir string) string { return filepath.Join(dir, "ppmrelay.yaml") }

// begin starts the daemon in its folder and returns when it listens.
func (b *bench) begin(ctx context.Context, dir string) (*process, error) {
	return launch(ctx, b.daemon, "serve", "--config", configOf(dir), "--log-format", "json")
}

// filled is a folder with a long journal, all of it told, and how much memory the daemon took.
type filled struct {
	dir              string
	idle, full, most float64 // MB
}

// fill lets a daemon take and tell many events, once for all cases that need it.
func (b *bench) fill(ctx context.Context) (*filled, error) {
	if b.full != nil {
		return b.full, nil
	}
	dir, err := b.home(ctx)
	if err != nil {
		return nil, err
	}
	p, err := b.begin(ctx, dir)
	if err != nil {
		return nil, err
	}
	f := &filled{dir: dir}
	if err := errors.Join(b.fillDaemon(ctx, p, f), p.stop()); err != nil {
		return nil, err
	}
	b.full = f
	return f, nil
}

func (b *bench) fillDaemon(ctx context.Context, p *process, f *filled) (err error) {
	if err := pause(ctx, settleTime); err != nil {
		return err
	}
	if f.idle, _, err = p.memory(); err != nil {
		return err
	}
	b.say("posting %d events", b.events)
	all, err := gather(ctx, p.address, fillClients, b.draft)
	if err != nil {
		return err
	}
	_, err = all.post(times(b.events))
	all.leave()
	if err != nil {
		return err
	}
	b.say("waiting until they are told")
	if err := drained(ctx, filepath.Join(f.dir, "journal.db"), b.events); err != nil {
		return err
	}
	if err := pause(ctx, settleTime); err != nil {
		return err
	}
	f.full, f.most, err = p.memory()
	return err
}

// drained waits until a journal with so many events has nothing more to tell.
func drained(ctx context.Context, path string, events int) error {
	late := fmt.Errorf("not all events were told within %s", drainTime)
	ctx, cancel := context.WithTimeoutCause(ctx, drainTime, late)
	defer cancel()
	store, err := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // it only read
	for {
		counts, err := store.Count(ctx)
		if err != nil {
			return err
		}
		if counts.Unplanned+counts.Open+counts.Deliveries[journal.Pending]+counts.Deliveries[journal.Uncertain] == 0 {
			if counts.Events < int64(events) || counts.Quarantined > 0 {
				return fmt.Errorf("of %d events that were acknowledged %d are there and %d unreadable", events, counts.Events, counts.Quarantined)
			}
			return nil
		}
		if err := pause(ctx, settleTime/4); err != nil {
			return err
		}
	}
}

// rss measures the memory of the daemon.
func (b *bench) rss(ctx context.Context, result *report) error {
	f, err := b.fill(ctx)
	if err != nil {
		return err
	}
	events := fmt.Sprintf("after %d events", b.events)
	result.figures = append(result.figures,
		figure{what: "memory, idle", goal: idleGoal, unit: "MB", rounds: []float64{f.idle}},
		figure{what: "memory, " + events, goal: fullGoal, unit: "MB", rounds: []float64{f.full}},
		figure{what: "memory, most until then", unit: "MB", rounds: []float64{f.most}})
	return nil
}

// start measures how long it takes from starting the daemon until it has acknowledged an event.
func (b *bench) start(ctx context.Context, result *report) error {
	f, err := b.fill(ctx)
	if err != nil {
		return err
	}
	fresh := figure{what: "start to first event, new folder", goal: startGoal, unit: "ms"}
	full := figure{what: fmt.Sprintf("start to first event, %d in the journal", b.events), goal: startGoal, unit: "ms"}
	for round := range b.rounds {
		b.say("start: round %d of %d", round+1, b.rounds)
		dir, err := b.home(ctx)
		if err != nil {
			return err
		}
		homes := []string{dir, f.dir}
		into := []*figure{&fresh, &full}
		for _, i := range rand.Perm(len(homes)) { //nolint:gosec // an order, no secret
			took, err := b.firstEvent(ctx, homes[i])
			if err != nil {
				return err
			}
			into[i].rounds = append(into[i].rounds, ms(took))
		}
	}
	result.figures = append(result.figures, fresh, full)
	return nil
}

func (b *bench) firstEvent(ctx context.Context, dir string) (time.Duration, error) {
	start := time.Now()
	p, err := b.begin(ctx, dir)
	if err != nil {
		return 0, err
	}
	all, err := gather(ctx, p.address, 1, b.draft)
	if err == nil {
		_, err = all.post(times(1))
	}
	took := time.Since(start)
	all.leave()
	return took, errors.Join(err, p.stop())
}

// pause waits, unless the run is broken off.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
