package reconcile

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// TestFirstsSinceTheLastLook: what came since is known at once, and that nothing ever came is known as well.
func TestFirstsSinceTheLastLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrivals, memory := &shelf{}, recorded(t, "a", "b")
		want := func(n int, allKnown bool) map[string]time.Time {
			t.Helper()
			firsts, all, err := Firsts(t.Context(), memory, arrivals)
			if err != nil || len(firsts) != n || all != allKnown {
				t.Errorf("got %d, all %v, %v, want %d, %v", len(firsts), all, err, n, allKnown)
			}
			return firsts
		}
		want(0, true) // nobody has looked, and there is nothing to look at
		s := NewSilence(arrivals, memory, slog.New(slog.DiscardHandler))
		look := func() {
			t.Helper()
			if err := s.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		look()
		want(0, true) // as after a restart: it is read again

		time.Sleep(time.Minute)
		first := time.Now()
		arrivals.put("Idea:Created", "A")
		time.Sleep(time.Second)
		arrivals.put("Idea:Created", "A")
		arrivals.put("Idea:Updated", "") // found later
		if firsts := want(1, true); !firsts["a"].Equal(first) {
			t.Errorf("got %v, want the first event", firsts)
		}
		time.Sleep(time.Minute)
		look()
		arrivals.put("Idea:Created", "A")
		if firsts := want(1, true); !firsts["a"].Equal(first) {
			t.Errorf("got %v, want the first event still", firsts)
		}
		if _, all, err := Firsts(t.Context(), memory, nil); all || err != nil {
			t.Errorf("got all %v, %v, want that without a journal nobody knows", all, err)
		}

		arrivals.put("Idea:Created", "b")
		for range firstsPage*firstsPages - 4 { // beside three since the last look, and one before it
			arrivals.put("Idea:Created", "a")
		}
		want(2, true)
		for range 4 {
			arrivals.put("Idea:Created", "a")
		}
		want(1, false) // b may have brought something, or not
	})
}
