package sqlite

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ppmrelay/ppmrelay/journal"
)

// However many large bodies wait, no list of them fills the memory, and all are reached in the end.
func TestListsOfLargeBodiesAreBounded(t *testing.T) {
	const count, size = 9, 4 << 20
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	for i := range count {
		in := incoming(fmt.Sprint("event ", i))
		in.Body = bytes.Repeat([]byte{byte('a' + i)}, size)
		if _, err := j.Append(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	planned := 0
	for planned < count {
		entries, err := j.Unplanned(t.Context(), 200)
		if err != nil || len(entries) == 0 {
			t.Fatalf("got %d entries, %v, want at least one", len(entries), err)
		}
		if len(entries) > maxBodies/size {
			t.Errorf("got %d bodies of 4 MiB at once, want at most %d", len(entries), maxBodies/size)
		}
		plans := make([]journal.Planned, len(entries))
		for i, e := range entries {
			plans[i] = journal.Planned{Number: e.Number, Deliveries: []journal.NewDelivery{{Target: "t", Route: "r"}}}
		}
		if err := j.Plan(t.Context(), plans); err != nil {
			t.Fatal(err)
		}
		planned += len(entries)
	}
	waiting, err := j.Queue(t.Context(), "t", 500)
	if err != nil || len(waiting) == 0 || len(waiting) > maxBodies/size {
		t.Errorf("got %d waiting, %v, want 1 to %d", len(waiting), err, maxBodies/size)
	}
}
