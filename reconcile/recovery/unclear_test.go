package recovery_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// nameless makes the ids of what a list has unreadable, from one reading of it on. Readings before have nothing at all.
func nameless(list string, from int) alteration {
	read := 0
	return func(path string, usual func() string) *answer {
		if !strings.HasSuffix(path, list) {
			return nil
		}
		if read++; read < from {
			return &answer{http.StatusOK, `{"data":[]}`}
		}
		return &answer{http.StatusOK, `{"data":[{"id":["x"],"attributes":{"Name":"a"}}]}`}
	}
}

// What is known and has no id that can be read any more is not absent, in the first reading and in the second.
func TestAnElementWithoutAnIDIsNotAbsent(t *testing.T) {
	for name, from := range map[string]int{"from the first reading": 1, "from the second reading": 2} {
		for _, list := range []string{"/Projects", "/Ideas", "/project-1/tasks", "/project-1/keydates"} {
			t.Run(name+list, func(t *testing.T) {
				playAltered(t, false, nameless(list, from), func(w *world, _ *atomic.Bool) {
					w.missed(func() {})
					w.swept()
					if p := w.newest().Progress; p.Hidden != 0 || p.Unreadable != 0 || from == 1 && (p.Odd == 0 || p.Restless != 0) {
						w.Errorf("got %+v, want nothing hidden, and nothing looked for in vain", p)
					}
				})
			})
		}
	}
}

// Where only other lists have such elements, what is in no list is absent.
func TestAnElementWithoutAnIDSparesItsOwnListAlone(t *testing.T) {
	playAltered(t, false, nameless("/project-1/tasks", 1), func(w *world, _ *atomic.Bool) {
		w.missed(func() {
			if err := w.tenant.Delete(event.Task, "task-2", anna()); err != nil {
				w.Fatal(err)
			}
		})
		w.swept()
		if p := w.newest().Progress; p.Hidden != 1 {
			w.Errorf("got %+v, want one task hidden", p)
		}
	})
}

// What had no id in the baseline was there all the time. Such an element that stays hides nothing from then on.
func TestAnElementWithoutAnIDInTheBaselineIsToldToNobody(t *testing.T) {
	for list, created := range map[string]tenant.Entity{
		"/Ideas":           {Kind: event.Idea, ID: "new"},
		"/project-1/tasks": {Kind: event.Task, ID: "new", Parent: event.Ref{Kind: event.Project, ID: "project-1"}},
	} {
		t.Run(list, func(t *testing.T) {
			playAltered(t, true, nameless(list, 1), func(w *world, on *atomic.Bool) {
				on.Store(false)
				w.sweep(journal.Compare)
				w.want()
				w.missed(func() { w.tenant.Create(created, anna()) })
				w.swept()
				w.want(created.Kind + ":Created new (found later)")
			})
		})
	}
}
