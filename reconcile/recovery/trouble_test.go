package recovery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// While PPM Express refuses, nothing is asked but now and then, and it is said why. Then it goes on where it was.
func TestARefusingAPIIsWaitedFor(t *testing.T) {
	play(t, func(w *world) {
		value := 0
		w.missed(func() { value = w.budget("project-1") })
		w.tenant.Revoke(true)
		time.Sleep(time.Minute)
		before := w.requests()
		time.Sleep(15 * time.Minute)
		if asked := w.requests() - before; asked < 2 || asked > 4 {
			w.Errorf("got %d requests in a quarter of an hour, want one each 5 minutes", asked)
		}
		status := w.rec.Status()
		if !strings.Contains(status.Trouble, "401") || status.Since.IsZero() {
			w.Errorf("got %+v, want what is refused, and since when", status)
		}
		w.tenant.Revoke(false)
		w.swept()
		w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
		if status := w.rec.Status(); status.Trouble != "" {
			w.Errorf("got trouble %q, want that it is over", status.Trouble)
		}
	})
}

// Every endpoint fails in every way at first; nothing is called absent, or differing, because of an answer that broke off.
func TestFailingAnswersAreReadAgain(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Before, fault.Reset, fault.TooMany.With("20"), fault.AfterCut, fault.AfterEmpty, fault.AfterHTML} {
		t.Run(string(kind), func(t *testing.T) {
			play(t, func(w *world) {
				value := 0
				w.missed(func() { value = w.budget("project-1") })
				for _, endpoint := range []string{"programs", "portfolios", "projects", "ideas", "tasks", "keydates"} {
					w.tenant.Board.Script(endpoint, kind, kind)
				}
				w.swept()
				w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
				if p := w.newest().Progress; p.Hidden != 0 || p.Unreadable != 0 || p.Entities != 7 {
					w.Errorf("got %+v, want 7 entities, and nothing hidden", p)
				}
			})
		})
	}
}

// A time without the program is a gap, however it ended.
func TestATimeWithoutTheProgramIsAGap(t *testing.T) {
	play(t, func(w *world) {
		w.stop()
		time.Sleep(time.Second)
		value := w.budget("project-1")
		time.Sleep(time.Hour)
		w.start()
		w.swept()
		w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value))
		gaps, err := w.store.Gaps(w.Context(), false, 10)
		if err != nil || len(gaps) != 1 || gaps[0].Cause != journal.CauseDown || gaps[0].Until.Sub(gaps[0].Since) < time.Hour || gaps[0].Sweep != w.newest().Number {
			w.Errorf("got %+v, %v, want one of an hour", gaps, err)
		}
	})
}

// Refused events are one gap, as long as they come close together, and a gap that goes on is not swept for.
func TestGapsGrowTogether(t *testing.T) {
	play(t, func(w *world) {
		begin := time.Now()
		for range 100 {
			w.rec.Missed(journal.Gap{Cause: journal.CauseRefused, Types: []event.Type{"Project:Updated"}, Since: time.Now(), Until: time.Now(), Detail: "503"})
			time.Sleep(time.Second)
		}
		if err := w.rec.Record(w.Context(), journal.Gap{Cause: journal.CauseMissing, Since: begin}); err != nil {
			w.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		open, err := w.store.Gaps(w.Context(), true, 10)
		if err != nil || len(open) != 1 || open[0].Cause != journal.CauseMissing {
			w.Errorf("got open %+v, %v, want the one that goes on", open, err)
		}
		all, err := w.store.Gaps(w.Context(), false, 200)
		refused := 0
		for _, g := range all {
			if g.Cause == journal.CauseRefused {
				refused++
			}
		}
		if err != nil || refused > 3 {
			w.Errorf("got %d gaps of refused events, want that they grow together", refused)
		}
	})
}

// A sweep that a person asks for: the rehearsal changes nothing, the adoption tells nobody, the usual one tells.
func TestAsked(t *testing.T) {
	play(t, func(w *world) {
		value := 0
		w.lose(everything)
		value = w.budget("project-1")
		w.tenant.Create(tenant.Entity{Kind: event.Idea, ID: "idea-2", Attributes: map[string]any{"Name": "New"}}, anna())
		w.settle()
		w.lose(nil)
		ask := func(mode journal.Mode) recovery.Status {
			if err := w.rec.Ask(w.Context(), mode); err != nil {
				w.Fatal(err)
			}
			w.swept()
			if got := w.newest(); got.Mode != mode {
				w.Fatalf("got %+v, want it in mode %s", got, mode)
			}
			return w.rec.Status()
		}
		lines := ask(journal.Rehearse).Lines
		if len(lines) != 2 || lines[0].ID != "idea-2" || lines[0].Sort != journal.SortNew || lines[1].ID != "project-1" || lines[1].Fields[0] != "Budget" {
			w.Errorf("got %+v, want the new idea and the budget", lines)
		}
		w.want()
		ask(journal.Compare)
		want := []string{fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", value), "Idea:Created idea-2 (found later)"}
		w.want(want...)
		w.lose(everything)
		w.budget("project-1")
		w.settle()
		w.lose(nil)
		ask(journal.Adopt)
		ask(journal.Compare)
		w.want(want...)
	})
}

// An API whose lists come in pages is not read: what it does not show would be called absent.
func TestPagesAreRefused(t *testing.T) {
	play(t, func(w *world) {
		w.mu.Lock()
		w.pages = true
		w.mu.Unlock()
		w.missed(func() {})
		time.Sleep(2 * time.Minute)
		if status := w.rec.Status(); !strings.Contains(status.Trouble, "pages") {
			w.Errorf("got %+v, want that pages are not read", status)
		}
		w.mu.Lock()
		w.pages = false
		w.mu.Unlock()
		w.swept()
		if hidden, err := w.store.HiddenEntities(w.Context(), 10); err != nil || len(hidden) != 0 {
			w.Errorf("got %+v, %v, want nothing hidden", hidden, err)
		}
	})
}

// Without an API gaps are recorded and stay open.
func TestWithoutAnAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, small(), tenant.Switches{})
		w.reader = nil
		w.start()
		if err := w.rec.Record(t.Context(), journal.Gap{Cause: journal.CauseMissing, Since: time.Now(), Until: time.Now()}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		if open, err := w.store.Gaps(t.Context(), true, 10); err != nil || len(open) != 1 {
			t.Errorf("got %+v, %v, want the gap open", open, err)
		}
		if err := w.rec.Ask(w.Context(), journal.Compare); !errors.Is(err, recovery.ErrNoAPI) {
			t.Errorf("got %v, want %v", err, recovery.ErrNoAPI)
		}
	})
}
