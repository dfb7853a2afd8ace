package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// mortal is a journal whose process dies at one of its writes: before it, or after it was done and before anybody knows.
type mortal struct {
	*sqlite.Journal

	mu    sync.Mutex
	left  int // writes until it dies
	after bool
	die   func()
}

var errDied = errors.New("the process died")

// write does a write, unless this is the one at which the process dies.
func (m *mortal) write(do func() error) error {
	m.mu.Lock()
	m.left--
	dies, dead := m.left == 0, m.left < 0
	m.mu.Unlock()
	switch {
	case dead:
		return errDied
	case dies && m.after:
		_ = do()
		m.die()
		return errDied
	case dies:
		m.die()
		return errDied
	default:
		return do()
	}
}

func (m *mortal) BeginSweep(ctx context.Context, sweep journal.Sweep) (begun journal.Sweep, err error) {
	err = m.write(func() (err error) {
		begun, err = m.Journal.BeginSweep(ctx, sweep)
		return err
	})
	return begun, err
}

func (m *mortal) KeepReading(ctx context.Context, sweep *journal.Sweep, reading journal.Reading) error {
	return m.write(func() error { return m.Journal.KeepReading(ctx, sweep, reading) })
}

func (m *mortal) VisitDoubtful(ctx context.Context) error {
	return m.write(func() error { return m.Journal.VisitDoubtful(ctx) })
}

func (m *mortal) ListedAgain(ctx context.Context, sweep journal.Sweep, kind, parent string, before time.Time) error {
	return m.write(func() error { return m.Journal.ListedAgain(ctx, sweep, kind, parent, before) })
}

func (m *mortal) Recover(ctx context.Context, sweep *journal.Sweep, told []journal.Recovery) (settled []journal.Settled, err error) {
	err = m.write(func() (err error) {
		settled, err = m.Journal.Recover(ctx, sweep, told)
		return err
	})
	return settled, err
}

func (m *mortal) Hide(ctx context.Context, sweep *journal.Sweep, at time.Time) error {
	return m.write(func() error { return m.Journal.Hide(ctx, sweep, at) })
}

func (m *mortal) EndSweep(ctx context.Context, sweep journal.Sweep, at time.Time) error {
	return m.write(func() error { return m.Journal.EndSweep(ctx, sweep, at) })
}

// A sweep goes on wherever it was broken off: at each of its writes, before it and after it, nothing is doubled and
// nothing is lost.
func TestASweepGoesOnWhereItDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		w.start()
		w.swept()
		value := 0
		w.lose(everything)
		value = w.budget("project-1")
		w.edit(event.Task, "task-1", map[string]any{"Name": "Write more"})
		w.tenant.Create(tenant.Entity{Kind: event.Task, ID: "task-3", Parent: event.Ref{Kind: event.Project, ID: "project-2"}}, anna())
		if err := w.tenant.Delete(event.Idea, "idea-1", anna()); err != nil {
			t.Fatal(err)
		}
		w.settle()
		w.stop()
		whole, err := os.ReadFile(w.path)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value),
			"Task:Updated task-1 (found later): Name task-1 → Write more", "Task:Created task-3 (found later)",
		}
		step := 1
		if raced.On {
			step = 9
		}
		died := true
		for n := 1; died; n += step {
			died = w.dieAt(whole, n, n%2 == 0 || raced.On, want)
			if !died && n < 20 {
				t.Errorf("it ended after %d writes, want more of them", n)
			}
		}
	})
}

// dieAt begins anew from a journal, lets the process die at a write, and starts it again. It reports whether it died.
func (w *world) dieAt(whole []byte, n int, after bool, want []string) (died bool) {
	w.Helper()
	w.path = filepath.Join(w.TempDir(), "journal.db")
	if err := os.WriteFile(w.path, whole, 0o600); err != nil {
		w.Fatal(err)
	}
	w.paper.lines = nil
	time.Sleep(time.Second) // it did not run for that long
	dead := make(chan struct{})
	w.mortal = &mortal{left: n, after: after, die: func() { close(dead) }}
	w.start()
	store, ended := w.store, make(chan struct{})
	go func() {
		defer close(ended)
		for {
			sweeps, err := store.Sweeps(context.WithoutCancel(w.Context()), 1)
			if err != nil || sweeps[0].Number > 1 && !sweeps[0].Ended.IsZero() {
				return
			}
			time.Sleep(10 * time.Second)
		}
	}()
	select {
	case <-dead:
		died = true
	case <-ended:
	}
	w.stop()
	<-ended
	w.mortal = nil
	w.start()
	w.swept()
	w.want(want...)
	hidden, err := w.store.HiddenEntities(w.Context(), 10)
	if err != nil || len(hidden) != 1 || hidden[0].Entity.ID != "idea-1" {
		w.Errorf("died at write %d: got %+v, %v, want the idea no longer visible", n, hidden, err)
	}
	if w.Failed() {
		w.Fatalf("it died at write %d, after it: %v", n, after)
	}
	w.stop()
	return died
}
