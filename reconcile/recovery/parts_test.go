package recovery_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// answer is what the tenant's API says to one request.
type answer struct {
	status int
	body   string
}

// alteration gives another answer to a request than the usual one; nil leaves it as it is.
type alteration func(path string, usual func() string) *answer

// altered is the tenant's API, some of whose answers are others.
type altered struct {
	api
	on    *atomic.Bool
	alter alteration
}

func (a altered) RoundTrip(request *http.Request) (*http.Response, error) {
	usual := func() string {
		response, err := a.api.RoundTrip(request)
		if err != nil {
			a.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			a.Fatal(err)
		}
		return string(body)
	}
	if a.on.Load() {
		if other := a.alter(request.URL.Path, usual); other != nil {
			a.mu.Lock()
			a.asked++
			a.mu.Unlock()
			body := io.NopCloser(strings.NewReader(other.body))
			return &http.Response{StatusCode: other.status, Body: body, Header: http.Header{}, Request: request}, nil
		}
	}
	return a.api.RoundTrip(request)
}

// instead answers so where a path ends so.
func instead(end string, is answer) alteration {
	return func(path string, _ func() string) *answer {
		if !strings.HasSuffix(path, end) {
			return nil
		}
		return &is
	}
}

// playAltered runs a story in a small tenant whose API alters its answers while on is set, from the start or later.
// It is for what the answers are, not for what happens at once.
func playAltered(t *testing.T, from bool, alter alteration, story func(w *world, on *atomic.Bool)) {
	t.Helper()
	raced.Calculates(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		var on atomic.Bool
		on.Store(from)
		w.reader = ppm.NewClient(&http.Client{Transport: altered{api{w}, &on, alter}}, "http://ppm.local", tenant.DefaultTenant, "v1.0", tenant.DefaultToken)
		w.start()
		w.swept()
		on.Store(true)
		story(w, &on)
	})
}

// bad are ways not to answer, each for good.
func bad() map[string]answer {
	return map[string]answer{
		"401": {http.StatusUnauthorized, `{}`}, "500": {http.StatusInternalServerError, `{}`}, "no list": {http.StatusOK, `{"data":null}`},
	}
}

// Programs and portfolios serve names alone: a sweep, and the baseline, does without them.
func TestNamesThatCannotBeReadAreDoneWithout(t *testing.T) {
	for name, is := range bad() {
		t.Run(name, func(t *testing.T) {
			playAltered(t, true, instead("/programs", is), func(w *world, _ *atomic.Bool) {
				value := 0
				w.missed(func() { value = w.budget("project-1") })
				w.swept()
				w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
			})
		})
	}
}

// What is below one project cannot be read: it is neither there nor absent, and everything else is found. The next sweep
// reads it.
func TestAProjectThatCannotBeReadHoldsNothingUp(t *testing.T) {
	for name, is := range bad() {
		t.Run(name, func(t *testing.T) {
			playAltered(t, false, instead("/project-1/tasks", is), func(w *world, on *atomic.Bool) {
				value := 0
				w.missed(func() {
					value = w.budget("project-1")
					w.edit(event.Task, "task-1", map[string]any{"Name": "One"})
					w.edit(event.Task, "task-2", map[string]any{"Name": "Two"})
					w.edit(event.Idea, "idea-1", map[string]any{"Name": "Chat 2"})
				})
				w.swept()
				want := []string{
					fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value), "Task:Updated task-2 (found later): Name task-2 → Two",
					"Idea:Updated idea-1 (found later): Name Chat → Chat 2",
				}
				w.want(want...)
				if p := w.newest().Progress; p.Unreadable != 1 || p.Visited != 2 || p.Hidden != 0 {
					w.Errorf("got %+v, want one project that cannot be read, and nothing hidden", p)
				}
				on.Store(false)
				w.missed(func() {})
				w.swept()
				w.want(append(want, "Task:Updated task-1 (found later): Name task-1 → One")...)
			})
		})
	}
}

// A project that fails from the second reading on: what differs below it is given up, and found by the next sweep.
func TestAProjectThatCannotBeReadAgainHoldsNothingUp(t *testing.T) {
	tasks := 0
	failing := func(path string, _ func() string) *answer {
		if !strings.HasSuffix(path, "/project-1/tasks") {
			return nil
		}
		if tasks++; tasks == 1 {
			return nil
		}
		return &answer{http.StatusInternalServerError, `{}`}
	}
	playAltered(t, false, failing, func(w *world, on *atomic.Bool) {
		w.missed(func() {
			w.edit(event.Task, "task-1", map[string]any{"Name": "One"})
			w.edit(event.Task, "task-2", map[string]any{"Name": "Two"})
		})
		began := time.Now()
		w.swept()
		w.want("Task:Updated task-2 (found later): Name task-2 → Two")
		if took := time.Since(began); took < 10*time.Minute || tasks > 20 {
			w.Errorf("got %d tries in %v, want one each minute, ten times", tasks, took)
		}
		if p := w.newest().Progress; p.Restless != 1 || p.Hidden != 0 {
			w.Errorf("got %+v, want one entity given up", p)
		}
		on.Store(false)
		w.missed(func() {})
		w.swept()
		w.want("Task:Updated task-2 (found later): Name task-2 → Two", "Task:Updated task-1 (found later): Name task-1 → One")
	})
}

// While no project can be read it is PPM Express that does not answer: that is waited for, and no project is skipped.
func TestNoProjectIsSkippedWhileNoneCanBeRead(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusInternalServerError} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			playAltered(t, false, instead("/tasks", answer{status, `{}`}), func(w *world, on *atomic.Bool) {
				w.missed(func() { w.edit(event.Task, "task-1", map[string]any{"Name": "One"}) })
				before := w.requests()
				time.Sleep(30 * time.Minute)
				if status := w.rec.Status(); status.Trouble == "" || status.Sweep == nil || status.Sweep.Progress.Unreadable != 0 {
					w.Errorf("got %+v, want that it waits, and says so", status)
				}
				if asked := w.requests() - before; asked > 40 {
					w.Errorf("got %d requests in half an hour, want few", asked)
				}
				on.Store(false)
				w.swept()
				w.want("Task:Updated task-1 (found later): Name task-1 → One")
			})
		})
	}
}

// What the baseline could not read was there all the time: its first reading tells nobody. From then on it is watched.
func TestTheFirstReadingOfAProjectTellsNobody(t *testing.T) {
	playAltered(t, true, instead("/project-1/tasks", answer{status: http.StatusForbidden}), func(w *world, on *atomic.Bool) {
		if p := w.newest().Progress; w.newest().Mode != journal.Baseline || p.Unreadable != 1 {
			w.Fatalf("got %+v, want a baseline without one project", w.newest())
		}
		sweep := func(mode journal.Mode) {
			w.Helper()
			if err := w.rec.Ask(w.Context(), mode); err != nil {
				w.Fatal(err)
			}
			w.swept()
		}
		sweep(journal.Compare) // in vain
		on.Store(false)
		sweep(journal.Rehearse) // changes nothing
		if lines := w.rec.Status().Lines; len(lines) != 0 {
			w.Errorf("got %+v, want that nothing differs", lines)
		}
		sweep(journal.Compare)
		w.want()
		if _, err := w.store.Entity(w.Context(), "task-1"); err != nil || w.newest().Progress.Adopted != 2 {
			w.Errorf("got %v and %+v, want its task and its key date known", err, w.newest().Progress)
		}
		w.missed(func() {
			w.tenant.Create(tenant.Entity{Kind: event.Task, ID: "task-9", Parent: event.Ref{Kind: event.Project, ID: "project-1"}}, anna())
		})
		w.swept()
		w.want("Task:Created task-9 (found later)")
	})
}
