package sheets

import (
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestMovedUnsure: columns were moved in the moment of a write whose answer never came; Recall puts the rows right.
func TestMovedUnsure(t *testing.T) {
	for _, when := range []string{"before it", "after it", "before it, and the look fails", "before it, and the repair fails"} {
		w := newWorld(t, unlimited())
		s := w.sink(t)
		first, second, third := item(2, "first"), item(2, "second"), item(1, "third")
		tell(t, s, first)
		effect := compose(t, s, second)
		if strings.HasPrefix(when, "before it") {
			w.MoveColumns(book, tab, 2, 3, 0)
		}
		w.proxy.strike(fault.AfterReset)
		failing(t, s, effect, sinks.Unsure)
		switch when {
		case "after it":
			w.MoveColumns(book, tab, 2, 3, 0)
		case "before it, and the look fails":
			w.Board.Script("spreadsheets.get", fault.Before)
		case "before it, and the repair fails":
			w.Board.Script("batchUpdate", fault.None, fault.TooMany) // the burn, the repair
		}
		answer, err := s.Recall(t.Context(), effect)
		if err != nil || answer.Happened != sinks.Did {
			t.Fatalf("%s: got %+v and %v, want Did", when, answer, err)
		}
		if strings.Contains(when, "fails") {
			if !strings.Contains(string(answer.Receipt), "with the next rows") {
				t.Errorf("%s: got the receipt %q, want that it is looked at again", when, answer.Receipt)
			}
			tell(t, s, third)
			checkRows(t, w, first, second, third)
			continue
		}
		checkRows(t, w, first, second)
	}
}

// TestMovedAndDidNot: what was not written is not looked for.
func TestMovedAndDidNot(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second := item(2, "first"), item(2, "second")
	tell(t, s, first)
	effect := compose(t, s, second)
	w.MoveColumns(book, tab, 2, 3, 0)
	w.proxy.strike(fault.Reset)
	failing(t, s, effect, sinks.Unsure)
	if got := recall(t, s, effect); got != sinks.DidNot || len(s.unseen) != 0 {
		t.Errorf("got %d and %d effects kept, want DidNot and none", got, len(s.unseen))
	}
	tell(t, s, second)
	checkRows(t, w, first, second)
}

// TestMovedLookFails: the look behind a write fails; the receipt says so, and the next effect puts the rows right.
func TestMovedLookFails(t *testing.T) {
	for _, kind := range []fault.Kind{fault.TooMany, fault.Before, fault.None} {
		hoursAt(t, unlimited(), 1_000_000, func(t *testing.T, w *world) {
			t.Helper()
			s := w.sink(t)
			first, second, third := item(1, "first"), item(2, "second"), item(1, "third")
			tell(t, s, first)
			w.MoveColumns(book, tab, 2, 3, 0) // what was seen a moment ago is still relied on
			w.Board.Script("spreadsheets.get", kind)
			receipt, err := s.Perform(t.Context(), compose(t, s, second))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(receipt), "could not be seen"); got != (kind != fault.None) {
				t.Errorf("%q: got the receipt %q", kind, receipt)
			}
			tell(t, s, third)
			checkRows(t, w, first, second, third)
			if len(s.unseen) != 0 {
				t.Errorf("%q: got %d effects kept, want none", kind, len(s.unseen))
			}
		})
	}
}

// TestNotMovedLookFails: where nothing was moved, a person's changes of our cells stay.
func TestNotMovedLookFails(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	tell(t, s, item(1, "first"))
	w.Board.Script("spreadsheets.get", fault.TooMany)
	tell(t, s, item(1, "second"))
	w.TypeInto(book, tab, 2, 2, "Apollo, renamed")
	tell(t, s, item(1, "third"))
	if got := w.Rows(book, tab)[2][2]; got != "Apollo, renamed" {
		t.Errorf("got %q, want what the person typed", got)
	}
}
