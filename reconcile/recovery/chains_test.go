package recovery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// A change whose event is lost is found when the next one does not begin where the last one ended: without a request.
func TestABrokenChainIsToldAsRecovered(t *testing.T) {
	play(t, func(w *world) {
		before := w.requests()
		first := w.budget("project-1")
		w.settle()
		w.lose(everything)
		lost := w.budget("project-1")
		w.settle()
		w.lose(nil)
		last := w.budget("project-1")
		w.settle()
		time.Sleep(30 * time.Second)
		want := []string{
			fmt.Sprintf("Project:Updated project-1: Budget 1000 → %d", first),
			fmt.Sprintf("Project:Updated project-1: Budget %d → %d", lost, last),
		}
		w.want(want...) // it may be late
		time.Sleep(time.Minute)
		want = append(want, fmt.Sprintf("Project:Updated project-1 (found later): Budget %d → %d", first, lost))
		w.want(want...)
		if w.requests() != before {
			w.Errorf("got %d requests, want none", w.requests()-before)
		}
		gaps, err := w.store.Gaps(w.Context(), false, 10)
		if err != nil || len(gaps) != 1 || gaps[0].Closed.IsZero() || gaps[0].Found != "told as recovered: Budget" || gaps[0].Cause != journal.CauseChain {
			w.Errorf("got %+v, %v, want one that is closed", gaps, err)
		}
		// The state is the newest one: what was recovered is older.
		state, err := w.store.Entity(w.Context(), "project-1")
		if err != nil || !strings.Contains(string(state.Attributes), fmt.Sprintf(`"Budget":%d`, last)) {
			w.Errorf("got %s, %v, want the newest budget", state.Attributes, err)
		}
	})
}

// An event that only comes late leaves no gap, and its change is told once.
func TestALateEventIsNoGap(t *testing.T) {
	play(t, func(w *world) {
		w.mu.Lock()
		w.hold = true
		w.mu.Unlock()
		late := w.budget("project-1")
		if err := w.tenant.Idle(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.mu.Lock()
		held := w.held
		w.held, w.hold = nil, false
		w.mu.Unlock()
		last := w.budget("project-1")
		w.settle()
		w.mu.Lock()
		w.held = held
		w.mu.Unlock()
		w.release()
		time.Sleep(2 * time.Minute)
		w.want(fmt.Sprintf("Project:Updated project-1: Budget 1000 → %d", late), fmt.Sprintf("Project:Updated project-1: Budget %d → %d", late, last))
		if gaps, err := w.store.Gaps(w.Context(), false, 10); err != nil || len(gaps) != 0 {
			w.Errorf("got %+v, %v, want no gap", gaps, err)
		}
	})
}

// Later still, it says only what was recovered.
func TestAVeryLateEventIsToldAsRecovered(t *testing.T) {
	play(t, func(w *world) {
		w.mu.Lock()
		w.hold = true
		w.mu.Unlock()
		late := w.budget("project-1")
		if err := w.tenant.Idle(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.mu.Lock()
		held := w.held
		w.held, w.hold = nil, false
		w.mu.Unlock()
		last := w.budget("project-1")
		w.settle()
		time.Sleep(2 * time.Minute)
		w.mu.Lock()
		w.held = held
		w.mu.Unlock()
		w.release()
		w.want(fmt.Sprintf("Project:Updated project-1 (found later): Budget 1000 → %d", late), fmt.Sprintf("Project:Updated project-1: Budget %d → %d", late, last))
	})
}

// A field that changes without events, again and again, is how that field is: told three times, then no more. What is
// missed in a gap is told all the same.
func TestAFieldThatChangesSilently(t *testing.T) {
	play(t, func(w *world) {
		silently := func(score int) {
			w.lose(everything)
			w.edit(event.Project, "project-1", map[string]any{"Score": score})
			w.settle()
			w.lose(nil)
			w.budget("project-1")
			w.settle()
			time.Sleep(70 * time.Second)
		}
		for score := 1; score <= 5; score++ {
			silently(score)
		}
		found := 0
		for _, e := range w.told() {
			if e.Recovered {
				found++
			}
		}
		if found != 3 {
			w.Errorf("got %d changes of the score told, want 3", found)
		}
		if said := strings.Count(w.log.String(), "a field changes without events"); said != 1 {
			w.Errorf("got that said %d times, want once:\n%s", said, w.log.String())
		}
		w.missed(func() { w.edit(event.Project, "project-2", map[string]any{"Score": 99}) })
		w.swept()
		told := w.told()
		if last := told[len(told)-1]; summary(last) != "Project:Updated project-2 (found later): Score 0 → 99" {
			w.Errorf("got %s, want what was missed in a gap", summary(last))
		}
	})
}
