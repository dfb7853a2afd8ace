package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// One element that cannot be understood is counted, and the others of its list are read.
func TestAnOddElementIsPassedOver(t *testing.T) {
	for name, odd := range map[string]string{
		"no attributes": `{"id":"x"}`, "a number as id": `{"id":7,"attributes":{"Name":"a"}}`, "null": `null`,
	} {
		t.Run(name, func(t *testing.T) {
			add := func(path string, usual func() string) *answer {
				if !strings.HasSuffix(path, "/Projects") && !strings.HasSuffix(path, "/project-2/tasks") {
					return nil
				}
				return &answer{http.StatusOK, strings.Replace(usual(), `"data":[`, `"data":[`+odd+`,`, 1)}
			}
			playAltered(t, false, add, func(w *world, _ *atomic.Bool) {
				w.missed(func() { w.edit(event.Task, "task-2", map[string]any{"Name": "Two"}) })
				w.swept()
				w.want("Task:Updated task-2 (found later): Name task-2 → Two")
				if p := w.newest().Progress; p.Odd != 2 || p.Hidden != 0 {
					w.Errorf("got %+v, want two odd elements, and nothing hidden", p)
				}
			})
		})
	}
}

// What is known and cannot be understood is there, in the first reading and in the second.
func TestAnOddElementIsNotAbsent(t *testing.T) {
	for name, from := range map[string]int{"from the first reading": 1, "from the second reading": 2} {
		t.Run(name, func(t *testing.T) {
			read := 0
			empty := func(path string, _ func() string) *answer {
				if !strings.HasSuffix(path, "/Ideas") {
					return nil
				}
				if read++; read < from {
					return &answer{http.StatusOK, `{"data":[]}`}
				}
				return &answer{http.StatusOK, `{"data":[{"id":"IDEA-1","attributes":null}]}`}
			}
			playAltered(t, false, empty, func(w *world, _ *atomic.Bool) {
				w.missed(func() {})
				w.swept()
				if p := w.newest().Progress; p.Hidden != 0 || read != from {
					w.Errorf("got %+v after %d readings, want nothing hidden after %d", p, read, from)
				}
			})
		})
	}
}

// What is new, and odd in the second reading, is told when it can be understood.
func TestAnOddElementIsNotTold(t *testing.T) {
	read := 0
	odd := func(path string, _ func() string) *answer {
		if !strings.HasSuffix(path, "/Ideas") {
			return nil
		}
		if read++; read == 1 {
			return nil
		}
		return &answer{http.StatusOK, `{"data":[{"id":"idea-1"},{"id":"idea-2"}]}`}
	}
	playAltered(t, false, odd, func(w *world, on *atomic.Bool) {
		w.missed(func() { w.tenant.Create(tenant.Entity{Kind: event.Idea, ID: "idea-2"}, anna()) })
		w.swept()
		w.want()
		on.Store(false)
		w.missed(func() {})
		w.swept()
		w.want("Idea:Created idea-2 (found later)")
	})
}

// arrives lets an event come as its body says, authenticated, and whatever it says.
func (w *world) arrives(kind event.Type, body string) {
	w.Helper()
	body = strings.Replace(body, "NOW", time.Now().UTC().Format(time.RFC3339Nano), 1)
	e, err := ppm.Peek([]byte(body), kind)
	if err != nil {
		w.Fatal(err)
	}
	in := journal.Incoming{
		Body: []byte(body), Received: time.Now(), Type: kind, Entity: e.Entity, Parent: e.Parent, Occurred: e.Occurred, Fingerprint: e.Fingerprint,
	}
	if _, err := w.store.Append(w.Context(), in); err != nil {
		w.Fatal(err)
	}
	w.wakes()
	w.settle()
}

// What an event calls a parent may be none, or none that can be asked for. The entity is no longer visible, or cannot be
// looked for, and the sweep ends after the usual requests.
func TestAParentThatIsNoneHoldsNothingUp(t *testing.T) {
	for name, test := range map[string]struct {
		kind     event.Type
		parent   string
		hidden   int
		requests int // beside the 8 of each sweep
	}{
		"an idea of a challenge":  {"Idea:Created", `"ParentEntityId":"c","ParentEntityType":"Challenge",`, 1, 2},
		"a project of a program":  {"Project:Created", `"ParentEntityId":"p","ParentEntityType":"Program",`, 1, 1},
		"no id that can be asked": {"Task:Created", `"ParentEntityId":"a b/../x","ParentEntityType":"Project",`, 1, 3},
		"an empty id":             {"Task:Created", `"ParentEntityId":"","ParentEntityType":"Project",`, 0, 1},
		"a project that is none":  {"Task:Created", `"ParentEntityId":"nowhere","ParentEntityType":"Project",`, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				w.arrives(test.kind, `{"Data":{`+test.parent+`"Id":"strange","Attributes":{"Name":"x"},"TimeStamp":"NOW"}}`)
				before, value := w.requests(), 0
				w.missed(func() { value = w.budget("project-1") })
				w.swept()
				w.want(string(test.kind)+" strange", fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
				if p := w.newest().Progress; p.Hidden != test.hidden || p.Restless != 0 {
					w.Errorf("got %+v, want %d hidden", p, test.hidden)
				}
				if asked := w.requests() - before; asked > 8+test.requests {
					w.Errorf("got %d requests, want %d at most", asked, 8+test.requests)
				}
			})
		})
	}
}

// An entity of which no two readings agree is given up after ten rounds, a minute each, and the gap is closed.
func TestARestlessEntityIsGivenUp(t *testing.T) {
	votes := 0
	restless := func(path string, usual func() string) *answer {
		if !strings.HasSuffix(path, "/Ideas") {
			return nil
		}
		votes++
		return &answer{http.StatusOK, strings.Replace(usual(), `"attributes":{`, fmt.Sprintf(`"attributes":{"Votes":%d,`, votes), 1)}
	}
	playAltered(t, true, restless, func(w *world, _ *atomic.Bool) {
		before, value := w.requests(), 0
		w.missed(func() { value = w.budget("project-2") })
		began := time.Now()
		w.swept()
		w.want(fmt.Sprintf("Project:Updated project-2 (found later): Budget 1000 → %d", value))
		if p := w.newest().Progress; p.Restless != 1 || p.Rounds != 10 {
			w.Errorf("got %+v, want one entity given up after 10 rounds", p)
		}
		if took, asked := time.Since(began), w.requests()-before; took < 10*time.Minute || took > 15*time.Minute || asked > 2*20 {
			w.Errorf("got %d requests in %v, want a round each minute", asked, took)
		}
	})
}

// A list that fails is asked ever more rarely.
func TestAFailingListIsAskedRarely(t *testing.T) {
	playAltered(t, false, instead("/Projects", answer{http.StatusInternalServerError, `{}`}), func(w *world, _ *atomic.Bool) {
		w.missed(func() {})
		time.Sleep(10 * time.Minute)
		before := w.requests()
		time.Sleep(30 * time.Minute)
		if asked := w.requests() - before; asked < 5 || asked > 12 {
			w.Errorf("got %d requests in half an hour, want a try each 5 minutes", asked)
		}
	})
}

// forgetful is a journal that cannot be read for a while.
type forgetful struct {
	*sqlite.Journal
	broken *atomic.Bool
}

func (f forgetful) Sweeps(ctx context.Context, limit int) ([]journal.Sweep, error) {
	if f.broken.Load() {
		return nil, errors.New("input/output error")
	}
	return f.Journal.Sweeps(ctx, limit)
}

// Trouble that is over is not told any more, though nothing is to be read.
func TestTroubleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		var broken atomic.Bool
		w.keeps = func(store *sqlite.Journal) recovery.Journal { return forgetful{store, &broken} }
		w.start()
		w.swept()
		is := func(want string) {
			t.Helper()
			time.Sleep(30 * time.Second)
			if got := w.rec.Status().Trouble; !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("got trouble %q, want %q", got, want)
			}
		}
		is("")
		broken.Store(true)
		is("input/output error")
		broken.Store(false)
		is("")
		w.tenant.Revoke(true)
		if err := w.rec.Ask(w.Context(), journal.Compare); err != nil {
			t.Fatal(err)
		}
		is("401")
		w.rec.Read(nil)
		is("")
	})
}
