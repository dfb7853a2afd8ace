package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// What settles very many suspects is many commits, so that an event that arrives meanwhile does not wait for all of them:
// others see it half done.
func TestManySuspectsAreSettledInPortions(t *testing.T) {
	const many = 4000
	j, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	now := time.Now()
	sweep, err := j.BeginSweep(t.Context(), journal.Sweep{Mode: journal.Compare, Stage: journal.StageAgain, Began: now})
	if err != nil {
		t.Fatal(err)
	}
	var reading journal.Reading
	for i := range many {
		entity := event.Ref{Kind: event.Idea, ID: fmt.Sprintf("i%05d", i)}
		reading.Known = append(reading.Known, journal.EntityState{Entity: entity, Occurred: now, Attributes: []byte(`{}`)})
		reading.Suspects = append(reading.Suspects, journal.Suspect{Sort: journal.SortAbsent, Entity: entity, Read: now, Seen: now, Occurred: now})
	}
	if err := j.KeepReading(t.Context(), &sweep, reading); err != nil {
		t.Fatal(err)
	}
	agreed := func() bool {
		all, err := j.Suspects(t.Context(), true, "", 1)
		return err == nil && len(all) > 0
	}
	hidden := func() bool {
		all, err := j.HiddenEntities(t.Context(), 1)
		return err == nil && len(all) > 0
	}
	for _, test := range []struct {
		name string
		do   func() error
		half func() bool
	}{
		{"listed again", func() error { return j.ListedAgain(t.Context(), sweep, event.Idea, "", now.Add(time.Second)) }, func() bool {
			begun := agreed()
			counts, _, err := j.Doubtful(t.Context())
			return err == nil && begun && counts[event.Idea] > 0
		}},
		{"hidden", func() error { return j.Hide(t.Context(), &sweep, now) }, func() bool { return hidden() && agreed() }},
	} {
		done := make(chan error, 1)
		go func() { done <- test.do() }()
		half := false
		for ended := false; !ended; {
			half = half || test.half()
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				ended = true
			default:
			}
		}
		if !half {
			t.Errorf("%s: got it all at once, want portions", test.name)
		}
	}
	if sweep.Progress.Hidden != many {
		t.Errorf("got %d hidden, want %d", sweep.Progress.Hidden, many)
	}
}
