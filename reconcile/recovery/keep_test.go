package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// A clock that was put back while the program did not run hides no gap.
func TestAClockThatWasPutBackHidesNoGap(t *testing.T) {
	play(t, func(w *world) {
		w.stop()
		store, err := sqlite.Open(w.Context(), w.path, sqlite.Options{})
		if err != nil {
			w.Fatal(err)
		}
		if err := errors.Join(store.Beat(w.Context(), time.Now().Add(time.Hour)), store.Close()); err != nil {
			w.Fatal(err)
		}
		value := w.budget("project-1")
		time.Sleep(10 * time.Minute)
		w.start()
		w.swept()
		w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
		gaps, err := w.store.Gaps(w.Context(), false, 10)
		if err != nil || len(gaps) != 1 || gaps[0].Cause != journal.CauseDown || !strings.Contains(gaps[0].Detail, "clock") {
			w.Errorf("got %+v, %v, want a gap that names the clock", gaps, err)
		}
		if last, err := w.store.LastBeat(w.Context()); err != nil || last.After(time.Now()) {
			w.Errorf("got a last heartbeat at %v, %v, want one that was", last, err)
		}
	})
}

// A clock that was a day ahead at a start, and is right again, keeps nothing from being found.
func TestAClockThatWasAheadHidesNoGap(t *testing.T) {
	play(t, func(w *world) {
		w.stop()
		store, err := sqlite.Open(w.Context(), w.path, sqlite.Options{})
		if err != nil {
			w.Fatal(err)
		}
		now := time.Now()
		gap := journal.Gap{Cause: journal.CauseDown, Since: now, Until: now.Add(24 * time.Hour), Detail: "ppmrelay did not run"}
		if err := errors.Join(store.RecordGap(w.Context(), gap), store.Beat(w.Context(), now.Add(24*time.Hour)), store.Close()); err != nil {
			w.Fatal(err)
		}
		value := w.budget("project-1")
		time.Sleep(10 * time.Minute)
		w.start()
		time.Sleep(time.Hour)
		w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
		if open, err := w.store.Gaps(w.Context(), true, 10); err != nil || len(open) != 0 {
			w.Errorf("got open %+v, %v, want none", open, err)
		}
	})
}

// stubborn is a journal that does not close the chain it is asked about first.
type stubborn struct {
	*sqlite.Journal
	stays bool // nor does it postpone it

	mu     sync.Mutex
	number int64
	asked  []time.Time
}

func (s *stubborn) CloseChain(ctx context.Context, number int64, at time.Time, found string, told []journal.Recovery, silent []journal.SilentField) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.number == 0 {
		s.number = number
	}
	if number == s.number {
		s.asked = append(s.asked, time.Now())
		return errors.New("no")
	}
	return s.Journal.CloseChain(ctx, number, at, found, told, silent)
}

func (s *stubborn) PostponeChain(ctx context.Context, number int64, due time.Time) error {
	if s.stays {
		return errors.New("no")
	}
	return s.Journal.PostponeChain(ctx, number, due)
}

// A broken chain that cannot be closed waits, and does not hold up the others.
func TestAChainThatCannotBeClosedHoldsNothingUp(t *testing.T) {
	t.Run("it waits", func(t *testing.T) { playStubborn(t, false, 2, 2) })
	t.Run("it cannot be postponed either", func(t *testing.T) { playStubborn(t, true, 100, 1000) })
}

func playStubborn(t *testing.T, stays bool, least, most int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		kept := &stubborn{stays: stays}
		w.keeps = func(store *sqlite.Journal) recovery.Journal {
			kept.Journal = store
			return kept
		}
		w.start()
		w.swept()
		w.lose(everything)
		w.budget("project-1")
		second := w.budget("project-2")
		w.settle()
		w.lose(nil)
		last := []int{w.budget("project-1"), w.budget("project-2")}
		w.settle()
		time.Sleep(15 * time.Minute)
		w.want(fmt.Sprintf("Project:Updated project-1: Budget %d → %d", last[0]-2, last[0]),
			fmt.Sprintf("Project:Updated project-2: Budget %d → %d", second, last[1]),
			fmt.Sprintf("Project:Updated project-2 (found later): Budget 1000 → %d", second))
		kept.mu.Lock()
		defer kept.mu.Unlock()
		if asked := len(kept.asked); asked < least || asked > most {
			t.Errorf("got %d tries in a quarter of an hour, want %d to %d", asked, least, most)
		}
	})
}

// sealed is a journal that cannot write what becomes of chains.
type sealed struct{ *sqlite.Journal }

func (s sealed) CloseChain(context.Context, int64, time.Time, string, []journal.Recovery, []journal.SilentField) error {
	return errors.New("no")
}

func (s sealed) PostponeChain(context.Context, int64, time.Time) error { return errors.New("no") }

// While nothing can be written that is said once each time, however many chains are due.
func TestChainsThatCannotBeWrittenAreOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		w.keeps = func(store *sqlite.Journal) recovery.Journal { return sealed{store} }
		w.start()
		w.swept()
		w.lose(everything)
		w.budget("project-1")
		w.budget("project-2")
		w.settle()
		w.lose(nil)
		w.budget("project-1")
		w.budget("project-2")
		w.settle()
		time.Sleep(10 * time.Minute)
		w.stop()
		if said, most := strings.Count(w.log.String(), "level=ERROR"), 10*60/5; said < most/2 || said > most {
			t.Errorf("got %d errors in ten minutes, want one each 5 seconds", said)
		}
	})
}
