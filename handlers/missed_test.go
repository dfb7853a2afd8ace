package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// What is refused here and may be lost is handed on: with its type, and why. What is refused because of who sends it, or
// was taken, is not.
func TestRefusedEventsAreHandedOn(t *testing.T) {
	t.Parallel()
	broken := false
	s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
		if broken {
			return journal.Appended{}, errors.New("the disk is full")
		}
		return accept(ctx, in)
	}))
	var mu sync.Mutex
	var missed []string
	s.missed = func(kind event.Type, at time.Time, why string) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(at) > time.Minute {
			t.Errorf("got %v, want now", at)
		}
		missed = append(missed, string(kind)+": "+why)
	}
	post := func(path, body string, want int) {
		t.Helper()
		if w := serve(s.Public(), request(t, path, body)); w.Code != want {
			t.Errorf("got %d, want %d", w.Code, want)
		}
	}
	post("/events/Project/Updated", "{}", http.StatusAccepted)
	post("/events/Task/Created", strings.Repeat(" ", smallLimit+1), http.StatusRequestEntityTooLarge)
	broken = true
	post("/events/Idea/Deleted", "{}", http.StatusServiceUnavailable)
	post("/events", "{}", http.StatusServiceUnavailable)
	stranger := request(t, "/events/Idea/Deleted", "{}")
	stranger.Header.Set("Authorization", "Bearer wrong")
	serve(s.Public(), stranger)
	want := []string{
		"Task:Created: an event was larger than this relay takes (413)", "Idea:Deleted: events could not be written down (503)",
		": events could not be written down (503)",
	}
	if strings.Join(missed, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", missed, want)
	}
}
