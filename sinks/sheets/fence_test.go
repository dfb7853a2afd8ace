package sheets

import (
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// characters is how much of the developer metadata is used.
func (w *world) characters() int {
	n := 0
	for _, m := range w.Metadata(book) {
		n += len(m.MetadataKey) + len(m.MetadataValue)
	}
	return n
}

// TestFencesAtFullPace: 25 minutes of writing as fast as is allowed leave room for fences: old ones go as new ones come.
func TestFencesAtFullPace(t *testing.T) {
	raced.Calculates(t)
	t.Parallel()
	// A fifth of everything, as it takes a while: 10 requests a minute, and a fifth of Google's 30,000 characters.
	hoursAt(t, google.Options{}, 10, func(t *testing.T, w *world) {
		t.Helper()
		s := w.sink(t)
		effects, most := 0, 0
		for begin := time.Now(); time.Since(begin) < 25*time.Minute; effects++ {
			if err := w.client.Pace(t.Context()); err != nil {
				t.Fatal(err)
			}
			tell(t, s, item(1, "x"))
			most = max(most, w.characters())
			w.DeleteRow(book, tab, 1) // rows are not what this is about
		}
		if effects < 240 {
			t.Errorf("got %d effects in 25 minutes, want about 10 in a minute", effects)
		}
		if most > 25_000/5 || most < 10*14*15 {
			t.Errorf("got up to %d characters of metadata, want those of 15 to 25 minutes, below 6,000", most)
		}
	})
}

// TestNoRoomEnds: the refusal itself makes room, where fences are old enough, and the next probe is taken.
func TestNoRoomEnds(t *testing.T) {
	hours(t, google.Options{MaxMetadata: 10 * 14}, func(t *testing.T, w *world) {
		t.Helper()
		s := w.sink(t)
		for range 10 {
			tell(t, s, item(1, "x"))
		}
		failing(t, s, compose(t, s, item(1, "too early")), sinks.Park)
		if got := w.characters(); got != 10*14 {
			t.Errorf("got %d characters, want all fences kept", got)
		}
		time.Sleep(fenceAge + time.Minute)
		s.fences.swept = time.Now() // however lately that was
		failing(t, s, compose(t, s, item(1, "no room")), sinks.Park)
		tell(t, s, item(1, "the next probe"))
		if got := len(w.Metadata(book)); got != 1 {
			t.Errorf("got %d fences, want that of the probe", got)
		}
	})
}

// TestFencesOfAnEarlierProcess: what a process left behind goes 15 minutes after another one has found it.
func TestFencesOfAnEarlierProcess(t *testing.T) {
	hours(t, google.Options{}, func(t *testing.T, w *world) {
		t.Helper()
		for range 8 {
			tell(t, w.sink(t), item(1, "of an earlier process"))
		}
		time.Sleep(time.Hour)
		s := w.sink(t)
		left := func() int {
			tell(t, s, item(1, "x"))
			return len(w.Metadata(book))
		}
		if got := left(); got != 9 {
			t.Errorf("at the start: got %d fences, want all 8 and a new one", got)
		}
		time.Sleep(fenceAge - time.Minute)
		if got := left(); got != 10 {
			t.Errorf("14 minutes later: got %d fences, want all", got)
		}
		time.Sleep(sweepEvery)
		if got := left(); got != 2 {
			t.Errorf("19 minutes later: got %d fences, want those of the last two writes", got)
		}
	})
}
