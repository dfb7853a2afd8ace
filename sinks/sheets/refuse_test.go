package sheets

import (
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestTabThatRefuses(t *testing.T) {
	tests := map[string]struct {
		hand   func(*world)
		class  sinks.Class
		reason sinks.Reason
		words  string
	}{
		"a header twice": {
			func(w *world) { w.InsertColumn(book, tab, 0); w.TypeInto(book, tab, 0, 0, "After") },
			sinks.Park, sinks.ReasonTargetRefuses, `"After" stands in column A and in column F`,
		},
		"the header row emptied": {
			func(w *world) { w.InsertRow(book, tab, 0) },
			sinks.Park, sinks.ReasonTargetRefuses, "its first row is empty",
		},
		"another table": {
			func(w *world) { w.DeleteTab(book, tab); w.AddTab(book, tab); w.TypeInto(book, tab, 0, 0, "Invoice") },
			sinks.Park, sinks.ReasonTargetRefuses, "it holds another table",
		},
		"protected":  {func(w *world) { w.Protect(book, tab) }, sinks.Park, "", ""},
		"not shared": {func(w *world) { w.Share(book, false) }, sinks.Park, sinks.ReasonPermission, "relay@sandbox"},
		"key revoked": {
			func(w *world) { w.Revoke() }, sinks.Stop, sinks.ReasonCredentials, "is its key still valid",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for world, options := range some("as believed", "protected is 403", "texts are Spanish", "get lists all tabs") {
				w := newWorld(t, options)
				s := w.sink(t)
				tell(t, s, item(1, "first"))
				before := len(w.Rows(book, tab))
				tt.hand(w)
				s.view = nil
				failure := failing(t, s, compose(t, s, item(1, "second")), tt.class)
				if tt.reason != "" && failure.Reason != tt.reason {
					t.Errorf("%s: got reason %s (%v), want %s", world, failure.Reason, failure.Err, tt.reason)
				}
				if !strings.Contains(failure.Error(), tt.words) {
					t.Errorf("%s: got %q, want %q in it", world, failure.Err, tt.words)
				}
				if got := len(w.Rows(book, tab)); got > before+1 {
					t.Errorf("%s: got %d rows, want nothing written", world, got)
				}
			}
		})
	}
}

// TestRefusalEnds: what a person puts right goes on by itself.
func TestRefusalEnds(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second := item(1, "first"), item(1, "second")
	tell(t, s, first)
	w.Protect(book, tab)
	failing(t, s, compose(t, s, second), sinks.Park)
	w.Unprotect(book, tab)
	w.Revoke()
	failing(t, s, compose(t, s, second), sinks.Stop)
	w.Restore()
	tell(t, s, second)
	w.ForgetTokens() // a fresh one is asked for at once
	third := item(1, "third")
	tell(t, s, third)
	w.wantKeys(t, first, second, third)
	w.DeleteTab(book, tab)
	failing(t, s, compose(t, s, third), sinks.Retry) // what was seen a moment ago is not there any more
	tell(t, s, third)
	w.wantKeys(t, third)
}

func TestFull(t *testing.T) {
	t.Run("cells", func(t *testing.T) {
		raced.Calculates(t)
		options := unlimited()
		options.MaxCells = 26*1000 + 7*1000
		w := newWorld(t, options)
		s := w.sink(t)
		tell(t, s, item(499, "many"))
		tell(t, s, item(500, "many"))
		failure := failing(t, s, compose(t, s, item(10, "one too many")), sinks.Park)
		if !strings.Contains(failure.Error(), "full") {
			t.Errorf("got %q, want that the spreadsheet is full", failure.Err)
		}
	})
	t.Run("metadata", func(t *testing.T) {
		options := unlimited()
		options.MaxMetadata = 30
		w := newWorld(t, options)
		s := w.sink(t)
		tell(t, s, item(1, "first"))
		tell(t, s, item(1, "second"))
		effect := compose(t, s, item(1, "third"))
		failure := failing(t, s, effect, sinks.Park)
		if !strings.Contains(failure.Error(), "no room") {
			t.Errorf("got %q, want that there is no room", failure.Err)
		}
		if got := recall(t, s, effect); got != sinks.DidNot {
			t.Errorf("recalling: got %d, want DidNot", got)
		}
	})
}

// TestRecallCannotTell: only what a person must put right is no answer; the rest is worth another look.
func TestRecallCannotTell(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	effect := compose(t, s, item(1, "first"))
	w.proxy.strike(fault.AfterReset)
	failing(t, s, effect, sinks.Unsure)
	for _, hand := range []func(bool){
		func(refuse bool) { w.Share(book, !refuse) },
		func(refuse bool) {
			if refuse {
				w.Revoke()
				return
			}
			w.Restore()
		},
	} {
		hand(true)
		answer, err := s.Recall(t.Context(), effect)
		if err != nil || answer.Happened != sinks.CannotTell || answer.Reason == "" || answer.Detail == "" {
			t.Errorf("refused: got %+v and %v, want CannotTell with a reason", answer, err)
		}
		hand(false)
	}
	w.Board.Script("batchUpdate", fault.TooMany)
	if _, err := s.Recall(t.Context(), effect); sinks.Classify(err).Class != sinks.Wait {
		t.Errorf("429: got %v, want an error of class wait", err)
	}
	if got := recall(t, s, effect); got != sinks.Did {
		t.Errorf("in the end: got %d, want Did", got)
	}
}

// TestKeyHeaderMissing: a tab with rows whose first row has no "Event id" is refused in words, and left as it is.
func TestKeyHeaderMissing(t *testing.T) {
	hands := map[string]struct {
		hand, undo func(*world)
	}{
		"a title above": {
			func(w *world) { w.InsertRow(book, tab, 0); w.TypeInto(book, tab, 0, 0, "Name") },
			func(w *world) { w.DeleteRow(book, tab, 0) },
		},
		"a title and a blank row above": {
			func(w *world) {
				w.InsertRow(book, tab, 0)
				w.InsertRow(book, tab, 0)
				w.TypeInto(book, tab, 0, 0, "Name")
			},
			func(w *world) { w.DeleteRow(book, tab, 0); w.DeleteRow(book, tab, 0) },
		},
		"its header deleted": {
			func(w *world) { w.TypeInto(book, tab, 0, 6, "") },
			func(w *world) { w.TypeInto(book, tab, 0, 6, keyHeader) },
		},
	}
	for name, tt := range hands {
		w := newWorld(t, unlimited())
		s := w.sink(t)
		first, second := item(1, "first"), item(1, "second")
		tell(t, s, first)
		tt.hand(w)
		s.view = nil
		before := w.Rows(book, tab)
		failure := failing(t, s, compose(t, s, second), sinks.Park)
		if failure.Reason != sinks.ReasonTargetRefuses || !strings.Contains(failure.Error(), `there is no "Event id" in its first row`) {
			t.Errorf("%s: got %s (%v), want target-refuses and what is missing", name, failure.Reason, failure.Err)
		}
		if after := w.Rows(book, tab); !slices.EqualFunc(before, after, slices.Equal) {
			t.Errorf("%s: got %q, want the tab as it was", name, after)
		}
		tt.undo(w)
		tell(t, s, second)
		w.wantKeys(t, first, second)
	}
	t.Run("the column deleted", func(t *testing.T) {
		w := newWorld(t, unlimited())
		s := w.sink(t)
		tell(t, s, item(1, "first"))
		w.DeleteColumn(book, tab, 6)
		s.view = nil
		failing(t, s, compose(t, s, item(1, "second")), sinks.Park)
		w.InsertColumn(book, tab, 0)
		w.TypeInto(book, tab, 0, 0, keyHeader) // above an empty column, as the words say
		second := item(1, "second")
		tell(t, s, second)
		w.wantKeys(t, second)
	})
	t.Run("headers without rows", func(t *testing.T) {
		w := newWorld(t, unlimited())
		w.AddTab(book, tab)
		w.TypeInto(book, tab, 0, 3, "Name") // a person began the tab
		first := item(1, "first")
		tell(t, w.sink(t), first)
		w.wantKeys(t, first)
	})
}
