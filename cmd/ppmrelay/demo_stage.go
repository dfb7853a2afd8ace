package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

const (
	drainTime = 60 * time.Second      // how long what was taken may take to be told, once nothing is edited any more
	drainPage = 2 * time.Minute       // the same where a person may have made an outage as long as they liked
	startTime = 30 * time.Second      // how long the relay may take to register its webhooks
	glance    = 50 * time.Millisecond // between two looks at what has changed
	demoCron  = "@every 2s"           // so that a webhook that is missing comes back while one watches
)

// stage is the stand-ins and, between them, the real daemon with a configuration and a journal of its own in a folder
// under the system's temporary one.
type stage struct {
	cast

	folder string
	store  *sqlite.Journal // only read
	live   *liveAudit      // of the store
	events string          // address at which the daemon takes events
	log    *os.File        // of the daemon
	stop   context.CancelFunc
	ended  chan error // receives once, when the daemon has ended
}

// openStage starts everything, with a tenant of these entities, and returns when the daemon has registered its webhooks.
// Ctx ends only the start.
func openStage(ctx context.Context, entities []ppm.Entity) (_ *stage, err error) {
	s := &stage{ended: make(chan error, 1), stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
		if err != nil && ctx.Err() != nil { // nobody has seen anything of it, so there is nothing to look at
			err = errors.Join(errors.New("it was stopped before it began"), os.RemoveAll(s.folder))
		}
	}()
	if s.folder, err = os.MkdirTemp("", "ppmrelay-demo-"); err != nil {
		return nil, err
	}
	if s.Sandbox, err = sandbox.Start(ctx, sandbox.Options{PPM: ppm.Options{Entities: entities}}); err != nil {
		return nil, err
	}
	if err := s.serve(ctx); err != nil {
		return nil, err
	}
	if err := s.await(ctx, startTime, s.registered); err != nil {
		return nil, fmt.Errorf("waiting for the relay to register its webhooks: %w", err)
	}
	if s.store, err = s.readJournal(ctx); err != nil {
		return nil, err
	}
	s.live = newLiveAudit(s.Sandbox, s.store, "http://"+s.events+"/")
	return s, nil
}

// serve writes the configuration and runs the daemon with it, as `ppmrelay serve` does. Its log goes to a file.
func (s *stage) serve(ctx context.Context) (err error) {
	if s.events, err = freeAddress(ctx); err != nil {
		return err
	}
	config := sandboxConfigEvery(s.Sandbox, demoCron, s.events, "127.0.0.1:0")
	if err := os.WriteFile(s.path("ppmrelay.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	if s.log, err = os.Create(s.path("relay.log")); err != nil {
		return err
	}
	daemon := &app{out: s.log, err: s.log, env: os.LookupEnv, configFile: s.path("ppmrelay.yaml"), logFormat: "text", logLevel: "info"}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go func() { s.ended <- daemon.serve(running) }()
	return nil
}

func (s *stage) path(name string) string { return filepath.Join(s.folder, name) }

func (s *stage) readJournal(ctx context.Context) (*sqlite.Journal, error) {
	return sqlite.Open(ctx, s.path("ppmrelay.db"), sqlite.Options{ReadOnly: true})
}

// await looks now and then until what it waits for is there. It returns an error when ctx ends, the time is over (0 = it
// takes as long as it takes), or the daemon ends, which it should not.
func (s *stage) await(ctx context.Context, most time.Duration, there func() bool) error {
	if most > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("%w: %v", errTooLong, most))
		defer cancel()
		ctx = limited
	}
	look := time.NewTicker(glance)
	defer look.Stop()
	for !there() {
		select {
		case err := <-s.ended:
			s.ended <- err
			return errors.Join(errors.New("the relay ended, its log is "+s.log.Name()), err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-look.C:
		}
	}
	return nil
}

// pass lets time go by. It ends early with ctx, which is no error; that the daemon ends is one.
func (s *stage) pass(ctx context.Context, while time.Duration) error {
	over := time.Now().Add(while)
	err := s.await(ctx, while+time.Second, func() bool { return !time.Now().Before(over) })
	if ctx.Err() != nil {
		err = nil
	}
	return err
}

// drain makes everything work and waits until all that was taken is told, but not longer than most: what is left
// then counts as lost. It goes on when ctx ends.
func (s *stage) drain(ctx context.Context, most time.Duration, look func()) error {
	if err := s.Repair(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), most, errTooLong)
	defer cancel()
	err := s.await(ctx, most, func() bool {
		look()
		return s.told(ctx)
	})
	if errors.Is(err, errTooLong) {
		err = nil
	}
	return err
}

// finish stops the daemon and compares its journal, as it is on disk then, with what the stand-ins have.
func (s *stage) finish(ctx context.Context) (audit, error) {
	ctx = context.WithoutCancel(ctx)
	sorted := s.live.sortedNow()
	if err := errors.Join(s.store.Close(), s.halt()); err != nil {
		return audit{}, err
	}
	s.store = nil
	store, err := s.readJournal(ctx)
	if err != nil {
		return audit{}, err
	}
	auditor := newAuditor(s.Sandbox)
	auditor.own, auditor.sorted = s.live.own, sorted
	found, err := auditor.all(ctx, store, s.Sandbox)
	return found, errors.Join(err, store.Close())
}

// halt stops the daemon, if it runs.
func (s *stage) halt() error {
	if s.log == nil {
		return nil
	}
	s.stop()
	err := <-s.ended
	s.ended <- nil // for whoever asks again
	return err
}

// close stops what still runs. The folder stays.
func (s *stage) close() error {
	err := s.halt()
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	if s.Sandbox != nil {
		err = errors.Join(err, s.Close())
	}
	if s.log != nil {
		err = errors.Join(err, s.log.Close())
	}
	return err
}

// freeAddress returns an address of this machine that nobody listens on. It has to be known before the daemon listens:
// PPM Express is told to call it.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// errTooLong is why waiting ends without what was waited for.
var errTooLong = errors.New("it takes too long")
