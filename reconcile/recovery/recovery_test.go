package recovery_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// play runs a story in a small tenant, after the baseline of the first start.
func play(t *testing.T, story func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		w.start()
		w.swept()
		story(w)
	})
}

func TestTheFirstSweepTellsNobody(t *testing.T) {
	play(t, func(w *world) {
		w.want()
		sweep := w.newest()
		// programs, portfolios, projects, ideas, and two for each project
		if sweep.Mode != journal.Baseline || sweep.Progress.Requests != 8 || sweep.Progress.Adopted != 7 {
			w.Errorf("got %+v, want a baseline of 7 entities by 8 requests", sweep)
		}
		for _, id := range []string{"project-1", "project-2", "idea-1", "task-1", "task-2", "date-1", "date-spo", "folio-1"} {
			if _, err := w.store.Entity(w.Context(), id); err != nil {
				w.Errorf("%s: got %v, want that it is known", id, err)
			}
		}
		for _, id := range []string{"task-jira", "date-folio"} {
			if state, err := w.store.Entity(w.Context(), id); err == nil {
				w.Errorf("%s: got %+v, want that nothing is known", id, state)
			}
		}
		before := w.requests()
		time.Sleep(5 * time.Minute)
		if w.requests() != before {
			w.Errorf("got %d requests without a gap, want none", w.requests()-before)
		}
	})
}

// The first reading waits until events come, so that nothing changes between the two; not longer than a minute.
func TestTheFirstSweepWaitsForEvents(t *testing.T) {
	for name, test := range map[string]struct {
		come time.Duration // after the start; 0 = never
		want time.Duration
	}{
		"soon": {20 * time.Second, 20 * time.Second}, "late": {time.Hour, time.Minute}, "never": {0, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, small(), tenant.Switches{})
				start := time.Now()
				w.covered = func() bool { return test.come > 0 && time.Since(start) >= test.come }
				w.start()
				if since, err := w.rec.KnownSince(w.Context()); err != nil || !since.IsZero() {
					w.Errorf("got that something is known since %v, %v", since, err)
				}
				w.swept()
				since, err := w.rec.KnownSince(w.Context())
				if after := since.Sub(start); err != nil || after < test.want || after > test.want+10*time.Second {
					w.Errorf("got the first reading after %v, %v, want it after %v", after, err, test.want)
				}
			})
		})
	}
}

// What an event has made known before the first reading can be missed, too: the first reading leaves it as it is, and the gap
// of the type that had no webhook yet is looked into afterwards.
func TestWhatAnEventMadeKnownCanBeMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		start := time.Now()
		w.covered = func() bool { return time.Since(start) >= 50*time.Second }
		w.lose(func(kind event.Type) bool { return kind == "Idea:Updated" })
		w.start()
		w.tenant.Create(tenant.Entity{Kind: event.Idea, ID: "idea-9", Attributes: map[string]any{"Name": "A"}}, anna())
		w.settle()
		w.edit(event.Idea, "idea-9", map[string]any{"Name": "B"})
		w.settle()
		w.lose(nil)
		since, err := w.rec.KnownSince(w.Context())
		if err != nil || since.Before(start) || since.After(start.Add(10*time.Second)) {
			t.Fatalf("got that something is known since %v, %v, want since the first event", since, err)
		}
		gap := journal.Gap{Cause: journal.CauseMissing, Types: []event.Type{"Idea:Updated"}, Since: since, Until: time.Now()}
		if err := w.rec.Record(w.Context(), gap); err != nil {
			t.Fatal(err)
		}
		w.swept()
		w.want("Idea:Created idea-9", "Idea:Updated idea-9 (found later): Name A → B")
	})
}

// An event after the baseline is told as ever: neither late, nor as one that does not follow.
func TestAnEventAfterTheBaselineIsTold(t *testing.T) {
	play(t, func(w *world) {
		value := w.budget("project-1")
		w.edit(event.Idea, "idea-1", map[string]any{"Name": "Chat for all"})
		w.settle()
		time.Sleep(2 * time.Minute)
		w.want(fmt.Sprintf("Project:Updated project-1: Budget 1000 → %d", value), "Idea:Updated idea-1: Name Chat → Chat for all")
		for _, e := range w.told() {
			if e.Late {
				w.Errorf("got %s as late", summary(e))
			}
		}
		if gaps, err := w.store.Gaps(w.Context(), false, 10); err != nil || len(gaps) != 0 {
			w.Errorf("got gaps %+v, %v, want none", gaps, err)
		}
	})
}

// Everything that changed in a gap is told once, with what it was and what it is.
func TestWhatWasMissedIsFound(t *testing.T) {
	play(t, func(w *world) {
		var last int
		w.missed(func() {
			w.budget("project-1")
			last = w.budget("project-1")
			w.edit(event.Task, "task-1", map[string]any{"Name": "Write more"})
			w.edit(event.KeyDate, "date-spo", map[string]any{"IsComplete": true})
			w.edit(event.Idea, "idea-1", map[string]any{"Stage": 2})
			w.edit(event.Task, "task-jira", map[string]any{"Name": "Not ours"})
			w.edit(event.KeyDate, "date-folio", map[string]any{"Name": "Nobody can read it"})
			w.edit(event.Project, "project-2", map[string]any{"Budget": 5})
			w.edit(event.Project, "project-2", map[string]any{"Budget": 1000}) // and back
			w.tenant.Create(tenant.Entity{Kind: event.Task, ID: "task-3", Parent: event.Ref{Kind: event.Project, ID: "project-2"}}, anna())
		})
		w.swept()
		w.want("KeyDate:Updated date-spo (found later): IsComplete  → ", "Idea:Updated idea-1 (found later): Stage 0 → 2",
			fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", last),
			"Task:Updated task-1 (found later): Name task-1 → Write more", "Task:Created task-3 (found later)")
		told := w.told()
		for _, e := range told {
			if e.Missing.Since.IsZero() || !e.Missing.Until.After(e.Missing.Since) || e.Late || e.Initiator != (event.Person{}) {
				w.Errorf("got %s missing %v, late %v, by %v, want the time of the gap, and nobody", summary(e), e.Missing, e.Late, e.Initiator)
			}
		}
		p := w.newest().Progress
		if p.Updated != 4 || p.Created != 1 || p.Hidden != 0 || p.Differ != 5 {
			w.Errorf("got %+v, want 4 updated and 1 created", p)
		}
		// What comes after follows what was recovered.
		value := w.budget("project-1")
		w.settle()
		time.Sleep(5 * time.Minute)
		if got := w.told()[len(told):]; len(got) != 1 || summary(got[0]) != fmt.Sprintf("Project:Updated project-1: Budget %d → %d", last, value) {
			w.Errorf("got %v, want the next change alone", got)
		}
	})
}

// What is absent is not called deleted, and may come back.
func TestAbsentIsNotDeleted(t *testing.T) {
	play(t, func(w *world) {
		w.missed(func() {
			if err := w.tenant.Delete(event.Project, "project-2", anna()); err != nil {
				w.Fatal(err)
			}
			if err := w.tenant.Delete(event.Idea, "idea-1", anna()); err != nil {
				w.Fatal(err)
			}
		})
		w.swept()
		w.want()
		hidden, err := w.store.HiddenEntities(w.Context(), 10)
		if err != nil || len(hidden) != 4 || w.newest().Progress.Hidden != 4 {
			w.Fatalf("got %+v, %v, want the idea, and the project with its task and key date", hidden, err)
		}
		w.missed(func() {
			w.tenant.Create(tenant.Entity{Kind: event.Idea, ID: "idea-1", Attributes: map[string]any{"Name": "Chat", "Submitter": tenant.People(anna())[0]}}, anna())
		})
		w.swept()
		w.want()
		if p := w.newest().Progress; p.Visible != 1 || p.Hidden != 0 {
			w.Errorf("got %+v, want one visible again, and none hidden anew", p)
		}
		if state, err := w.store.Entity(w.Context(), "idea-1"); err != nil || !state.Hidden.IsZero() {
			w.Errorf("got %+v, %v, want it visible", state, err)
		}
	})
}

// A change that is found, and whose event comes as well, is told once: whatever comes first.
func TestAnEventThatComesAfterAllIsToldOnce(t *testing.T) {
	play(t, func(w *world) {
		since := time.Now()
		w.mu.Lock()
		w.hold = true
		w.mu.Unlock()
		value := w.budget("project-1")
		made := w.tenant.Create(tenant.Entity{Kind: event.Task, ID: "task-9", Parent: event.Ref{Kind: event.Project, ID: "project-1"}}, anna())
		w.settle()
		if err := w.rec.Record(w.Context(), journal.Gap{Cause: journal.CauseMissing, Since: since, Until: time.Now()}); err != nil {
			w.Fatal(err)
		}
		w.swept()
		want := []string{fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value), "Task:Created task-9 (found later)"}
		w.want(want...)
		w.release()
		time.Sleep(5 * time.Minute)
		w.want(want...)
		skipped := 0
		for _, why := range w.verdicts() {
			if strings.HasPrefix(why, "told as recovered") {
				skipped++
			}
		}
		if skipped != 2 {
			w.Errorf("got verdicts %q, want both events told as recovered", w.verdicts())
		}
		w.edit(event.Task, made.ID, map[string]any{"Name": "x"})
		w.settle()
		w.want(append(want, "Task:Updated task-9: Name  → x")...)
	})
}

// The event comes between the two readings: it is told, and nothing is found.
func TestAnEventBetweenTheReadingsIsToldOnce(t *testing.T) {
	play(t, func(w *world) {
		since := time.Now()
		w.mu.Lock()
		w.hold = true
		w.mu.Unlock()
		value := w.budget("project-1")
		w.settle()
		if err := w.rec.Record(w.Context(), journal.Gap{Cause: journal.CauseMissing, Since: since, Until: time.Now()}); err != nil {
			w.Fatal(err)
		}
		for w.rec.Status().Sweep == nil || w.newest().Stage != journal.StageAgain {
			time.Sleep(time.Second)
		}
		w.release()
		w.swept()
		w.want(fmt.Sprintf("Project:Updated project-1: Budget 1000 → %d", value))
	})
}
