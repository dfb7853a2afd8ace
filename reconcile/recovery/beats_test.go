package recovery

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

func TestTheHeartBeatsWhenTheClockIsPutBack(t *testing.T) {
	r := New(Config{})
	last := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]bool{
		0: false, 29 * time.Second: false, 30 * time.Second: true, time.Hour: true, -time.Millisecond: true, -time.Hour: true,
	} {
		if got := r.beats(last, last.Add(after)); got != want {
			t.Errorf("%v after the last one: got %v, want %v", after, got, want)
		}
	}
}

// What a clock that was ahead has written ends as soon as the clock is put back, also while the program runs.
func TestAClockThatIsPutBackEndsGaps(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := New(Config{Journal: store, Logger: slog.New(slog.DiscardHandler)})
	began := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	ahead := r.heartbeat(t.Context(), began, began.Add(24*time.Hour)) // a jump is a gap
	gaps := func() []journal.Gap {
		open, err := store.Gaps(t.Context(), true, 10)
		if err != nil {
			t.Fatal(err)
		}
		return open
	}
	if got := gaps(); !ahead.Equal(began.Add(24*time.Hour)) || len(got) != 1 || !got[0].Until.Equal(ahead) {
		t.Fatalf("got a heartbeat at %v and %+v, want a gap of a day", ahead, got)
	}
	now := began.Add(time.Minute)
	if got := r.heartbeat(t.Context(), ahead, now); !got.Equal(now) {
		t.Errorf("got a heartbeat at %v, want one now", got)
	}
	if got := gaps(); len(got) != 1 || !got[0].Until.Equal(now) || !got[0].Since.Equal(began) {
		t.Errorf("got %+v, want one that ends now", got)
	}
	if last, err := store.LastBeat(t.Context()); err != nil || !last.Equal(now) {
		t.Errorf("got %v, %v for the last heartbeat, want now", last, err)
	}
}
