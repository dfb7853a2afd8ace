package sheets

import (
	"slices"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func wantTold(t *testing.T, s *Sink, asked []sinks.Item, want ...sinks.Item) {
	t.Helper()
	events := func(items []sinks.Item) []string {
		var all []string
		for _, item := range items {
			all = append(all, item.Events...)
		}
		return all
	}
	for _, since := range []time.Time{{}, time.Now()} { // makes no difference
		got, err := s.Told(t.Context(), events(asked), since)
		if err != nil {
			t.Fatalf("asking what was told: %v", err)
		}
		if !slices.Equal(got, events(want)) {
			t.Errorf("got %q told, want %q", got, events(want))
		}
	}
}

// TestTold: the key column says what was told, wherever people put it and its rows.
func TestTold(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second, third, never := item(1, "first"), item(12, "second"), item(1, "third"), item(1, "never")
	all := []sinks.Item{first, never, second, third}
	wantTold(t, s, all) // no tab yet
	tell(t, s, first)
	wantTold(t, s, all, first)
	tell(t, s, second, third)
	wantTold(t, s, all, first, second, third)
	wantTold(t, s, nil)
	w.MoveColumns(book, tab, 6, 7, 0)
	w.SortBy(book, tab, 3, true)
	w.InsertRow(book, tab, 1)
	w.HideRows(book, tab, 2, 5)
	wantTold(t, w.sink(t), all, first, second, third)
	for range 4 { // the inserted row, and three that were sorted to the top
		w.DeleteRow(book, tab, 1)
	}
	wantTold(t, s, all, first, second) // of which rows are left; third was deleted
	w.RenameTab(book, tab, "Änderungen")
	wantTold(t, s, all, first, second)
	w.DeleteTab(book, "Änderungen")
	wantTold(t, s, all)
}

// TestToldOthersTab: a tab that is a person's has nothing of ours, unless nobody can say so.
func TestToldOthersTab(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first := item(1, "first")
	w.AddTab(book, tab)
	wantTold(t, s, []sinks.Item{first})
	w.TypeInto(book, tab, 0, 0, "Name")
	wantTold(t, s, []sinks.Item{first})
	w.TypeInto(book, tab, 1, 0, "Apollo")
	_, err := s.Told(t.Context(), first.Events, time.Time{})
	if failure := sinks.Classify(err); err == nil || failure.Class != sinks.Park {
		t.Errorf("rows without a key column: got %v, want an error of class park", err)
	}
}

// TestToldFails: a look that fails says nothing, and says what would help.
func TestToldFails(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first := item(1, "first")
	tell(t, s, first)
	for _, tt := range []struct {
		meet  func()
		class sinks.Class
	}{
		{func() { w.Board.Script("values.get", fault.Before) }, sinks.Retry},
		{func() { w.Board.Script("spreadsheets.get", fault.Before) }, sinks.Retry},
		{func() { w.Board.Script("values.get", fault.TooMany) }, sinks.Wait},
		{func() { w.Share(book, false) }, sinks.Park},
		{func() { w.Share(book, true); w.Revoke() }, sinks.Stop},
	} {
		tt.meet()
		_, err := s.Told(t.Context(), first.Events, time.Time{})
		if failure := sinks.Classify(err); err == nil || failure.Class != tt.class {
			t.Errorf("got %v, want an error of class %v", err, tt.class)
		}
	}
	w.Restore()
	wantTold(t, s, []sinks.Item{first}, first)
}
