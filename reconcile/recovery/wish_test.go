package recovery_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// modes returns the modes of all sweeps, oldest first.
func (w *world) modes() (all []journal.Mode) {
	w.Helper()
	sweeps, err := w.store.Sweeps(w.Context(), 100)
	if err != nil {
		w.Fatal(err)
	}
	for _, s := range slices.Backward(sweeps) {
		all = append(all, s.Mode)
	}
	return all
}

func (w *world) wantModes(want ...journal.Mode) {
	w.Helper()
	if got := w.modes(); !slices.Equal(got, want) {
		w.Errorf("got sweeps %v, want %v", got, want)
	}
}

// underway waits until a sweep is.
func (w *world) underway() {
	w.Helper()
	for range 100 {
		if time.Sleep(time.Second); w.newest().Ended.IsZero() {
			return
		}
	}
	w.Fatal("no sweep has begun")
}

// What a person asked for while a sweep is under way is done, although the process ends before it begins: before the
// sweep for the time in which nothing ran, which would tell what is to be adopted.
func TestAWishOutlivesTheProcess(t *testing.T) {
	play(t, func(w *world) {
		value := 0
		w.missed(func() { value = w.budget("project-1") })
		w.underway()
		for w.newest().Stage != journal.StageAgain { // it has read project 2, and tells nothing of what becomes of that now
			time.Sleep(time.Second)
		}
		for _, mode := range []journal.Mode{journal.Adopt, journal.Rehearse, journal.Adopt} {
			if err := w.rec.Ask(w.Context(), mode); err != nil {
				w.Fatal(err)
			}
		}
		w.stop()
		w.lose(everything)
		w.budget("project-2")
		w.settle()
		w.lose(nil)
		w.start()
		if n, err := w.rec.Waiting(w.Context()); n != 2 || err != nil {
			w.Errorf("got %d, %v, want two sweeps that wait", n, err)
		}
		w.swept()
		w.wantModes(journal.Baseline, journal.Compare, journal.Adopt, journal.Rehearse)
		w.sweep(journal.Compare)
		w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
		if n, err := w.rec.Waiting(w.Context()); n != 0 || err != nil {
			w.Errorf("got %d, %v, want that nothing waits", n, err)
		}
	})
}

// The very first reading may be asked for as well.
func TestAWishBeforeTheBaseline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		w.start()
		if err := w.rec.Ask(t.Context(), journal.Compare); err != nil {
			t.Fatal(err)
		}
		w.stop()
		w.start()
		w.swept()
		w.wantModes(journal.Baseline, journal.Compare)
		w.want()
	})
}

// unsaid is a journal that does not take back what was asked for: the process ends before, or the disk is full.
type unsaid struct{ *sqlite.Journal }

func (u unsaid) Remember(ctx context.Context, name string, value []byte) error {
	if value == nil {
		return errDied
	}
	return u.Journal.Remember(ctx, name, value)
}

// A wish is granted once, though it could not be noted that it was, whatever was read since.
func TestAWishIsGrantedOnce(t *testing.T) {
	for name, more := range map[string]bool{"it ends at once": false, "it goes on": true} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				w.stop()
				w.keeps = func(store *sqlite.Journal) recovery.Journal { return unsaid{store} }
				w.start()
				w.swept()
				if err := w.rec.Ask(w.Context(), journal.Adopt); err != nil {
					w.Fatal(err)
				}
				want := []journal.Mode{journal.Baseline, journal.Compare, journal.Adopt}
				w.underway()
				value := 0
				if more {
					w.swept()
					w.missed(func() { value = w.budget("project-1") })
					w.swept()
					want = append(want, journal.Compare)
				}
				w.stop()
				w.keeps = nil
				w.start()
				w.swept()
				w.wantModes(append(want, journal.Compare)...) // for the time in which nothing ran
				if more {
					w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
				}
				w.sweep(journal.Adopt)
				w.wantModes(append(want, journal.Compare, journal.Adopt)...)
			})
		})
	}
}
