package recovery_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// sweep asks for a sweep and waits until it is over.
func (w *world) sweep(mode journal.Mode) {
	w.Helper()
	if err := w.rec.Ask(w.Context(), mode); err != nil {
		w.Fatal(err)
	}
	w.swept()
}

// An outage, however long, and whenever it ends, leaves nothing out: it is no failure of the one part that met it.
func TestAnOutageLeavesNothingOut(t *testing.T) {
	for _, from := range []string{"/project-1/tasks", "/Ideas"} {
		for seconds := 1; seconds <= 120; seconds += 2 {
			t.Run(fmt.Sprint(from, seconds), func(t *testing.T) {
				var begun time.Time
				outage := func(path string, _ func() string) *answer {
					if begun.IsZero() && strings.HasSuffix(path, from) {
						begun = time.Now()
					}
					if begun.IsZero() || time.Since(begun) >= time.Duration(seconds)*time.Second {
						return nil
					}
					return &answer{http.StatusServiceUnavailable, `{}`}
				}
				playAltered(t, false, outage, func(w *world, _ *atomic.Bool) {
					w.missed(func() {
						w.edit(event.Task, "task-1", map[string]any{"Name": "One"})
						w.edit(event.Idea, "idea-1", map[string]any{"Name": "Chat 2"})
					})
					w.swept()
					w.want("Task:Updated task-1 (found later): Name task-1 → One", "Idea:Updated idea-1 (found later): Name Chat → Chat 2")
					if p := w.newest().Progress; p.Unreadable != 0 || p.IdeasRefused || p.Restless != 0 {
						w.Errorf("got %+v, want nothing left out", p)
					}
				})
			})
		}
	}
}

// Failures before a project was read well do not count against it afterwards: each reading is tried as often.
func TestFailuresOfAProjectEndWhenItIsRead(t *testing.T) {
	tasks := 0
	twice := func(path string, usual func() string) *answer {
		if !strings.HasSuffix(path, "/project-1/tasks") {
			return nil
		}
		if tasks++; tasks%3 != 0 {
			return &answer{http.StatusInternalServerError, `{}`}
		}
		if tasks > 3 {
			return nil
		}
		return &answer{http.StatusOK, strings.ReplaceAll(usual(), "One", "Zero")} // so that the second reading is not the last
	}
	playAltered(t, false, twice, func(w *world, _ *atomic.Bool) {
		w.missed(func() { w.edit(event.Task, "task-1", map[string]any{"Name": "One"}) })
		w.swept()
		w.want("Task:Updated task-1 (found later): Name task-1 → One")
		if p := w.newest().Progress; p.Unreadable != 0 || p.Rounds != 2 || tasks != 9 {
			w.Errorf("got %+v after %d tries, want two rounds and nine tries", p, tasks)
		}
	})
}

// Nor do those of an earlier sweep, though nothing was read well since.
func TestFailuresOfAProjectEndWithTheSweep(t *testing.T) {
	tasks := 0
	failing := func(path string, _ func() string) *answer {
		if !strings.HasSuffix(path, "/project-1/tasks") {
			return nil
		}
		if tasks++; tasks == 6 {
			return nil
		}
		return &answer{http.StatusInternalServerError, `{}`}
	}
	playAltered(t, false, failing, func(w *world, _ *atomic.Bool) {
		if err := w.tenant.Delete(event.Project, "project-2", anna()); err != nil {
			w.Fatal(err)
		}
		w.settle()
		for _, unreadable := range []int{1, 0} {
			w.missed(func() {})
			w.swept()
			if p := w.newest().Progress; p.Unreadable != unreadable {
				w.Errorf("got %+v, want %d projects left out", p, unreadable)
			}
		}
	})
}

// Ideas that alone cannot be read hold nothing up, and none is called absent. The next sweep reads them.
func TestIdeasThatCannotBeReadAreDoneWithout(t *testing.T) {
	all := bad()
	all["403"] = answer{status: http.StatusForbidden}
	for name, is := range all {
		t.Run(name, func(t *testing.T) {
			playAltered(t, false, instead("/Ideas", is), func(w *world, on *atomic.Bool) {
				w.missed(func() {
					w.edit(event.Task, "task-1", map[string]any{"Name": "One"})
					w.edit(event.Idea, "idea-1", map[string]any{"Name": "Chat 2"})
				})
				w.swept()
				w.want("Task:Updated task-1 (found later): Name task-1 → One")
				if p := w.newest().Progress; !p.IdeasRefused || p.Hidden != 0 || p.Restless != 0 {
					w.Errorf("got %+v, want that ideas are left out, and none is looked for", p)
				}
				on.Store(false)
				w.missed(func() {})
				w.swept()
				w.want("Task:Updated task-1 (found later): Name task-1 → One", "Idea:Updated idea-1 (found later): Name Chat → Chat 2")
			})
		})
	}
}

// Ideas that cannot be read a second time hold nothing up either.
func TestIdeasThatCannotBeReadAgainHoldNothingUp(t *testing.T) {
	for name, is := range bad() {
		t.Run(name, func(t *testing.T) {
			read := 0
			once := func(path string, _ func() string) *answer {
				if !strings.HasSuffix(path, "/Ideas") {
					return nil
				}
				if read++; read == 1 {
					return nil
				}
				return &is
			}
			playAltered(t, false, once, func(w *world, on *atomic.Bool) {
				w.missed(func() {
					w.edit(event.Task, "task-1", map[string]any{"Name": "One"})
					w.edit(event.Idea, "idea-1", map[string]any{"Name": "Chat 2"})
				})
				w.swept()
				w.want("Task:Updated task-1 (found later): Name task-1 → One")
				if p := w.newest().Progress; p.Restless != 1 || p.Hidden != 0 {
					w.Errorf("got %+v, want one entity given up", p)
				}
			})
		})
	}
}

// While projects cannot be read either, ideas are waited for.
func TestIdeasAreWaitedForWhileNothingCanBeRead(t *testing.T) {
	met := false
	all := func(path string, _ func() string) *answer {
		if met = met || strings.HasSuffix(path, "/Ideas"); met {
			return &answer{http.StatusInternalServerError, `{}`}
		}
		return nil
	}
	playAltered(t, false, all, func(w *world, on *atomic.Bool) {
		w.missed(func() { w.edit(event.Idea, "idea-1", map[string]any{"Name": "Chat 2"}) })
		time.Sleep(30 * time.Minute)
		if status := w.rec.Status(); status.Trouble == "" || status.Sweep == nil || status.Sweep.Progress.IdeasRefused {
			w.Errorf("got %+v, want that it waits, and says so", status)
		}
		on.Store(false)
		w.swept()
		w.want("Idea:Updated idea-1 (found later): Name Chat → Chat 2")
	})
}

// Ideas that the baseline could not read were there all the time: their first reading tells nobody. Then they are watched.
func TestTheFirstReadingOfIdeasTellsNobody(t *testing.T) {
	for name, is := range map[string]answer{"403": {status: http.StatusForbidden}, "500": bad()["500"]} {
		t.Run(name, func(t *testing.T) {
			playAltered(t, true, instead("/Ideas", is), func(w *world, on *atomic.Bool) {
				w.sweep(journal.Compare) // in vain
				on.Store(false)
				w.sweep(journal.Rehearse) // changes nothing
				w.sweep(journal.Compare)
				w.want()
				if _, err := w.store.Entity(w.Context(), "idea-1"); err != nil {
					w.Errorf("got %v, want the idea known", err)
				}
				w.missed(func() { w.tenant.Create(tenant.Entity{Kind: event.Idea, ID: "idea-2"}, anna()) })
				w.swept()
				w.want("Idea:Created idea-2 (found later)")
			})
		})
	}
}
