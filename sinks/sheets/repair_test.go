package sheets

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestMovedAndCorrected: what a person corrected before the rows were put right stays, the rest is put right.
func TestMovedAndCorrected(t *testing.T) {
	hoursAt(t, unlimited(), 1_000_000, func(t *testing.T, w *world) {
		t.Helper()
		s := w.sink(t)
		tell(t, s, item(1, "first"))
		w.MoveColumns(book, tab, 2, 3, 0) // what was seen a moment ago is still relied on
		w.Board.Script("spreadsheets.get", fault.TooMany)
		tell(t, s, item(1, "second"))
		w.TypeInto(book, tab, 2, 0, "Apollo, renamed") // the name, where now is its column
		w.TypeInto(book, tab, 2, 4, "never mind")      // what it is after
		tell(t, s, item(1, "third"))
		want := []string{"Apollo, renamed", "2026-03-01 14:30", "Updated", "2026-06-30", "never mind", "open"}
		if got := w.Rows(book, tab)[2][:6]; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestRowsMovedInRepair: a person deletes, inserts or sorts rows while rows are put right, at any call of it:
//
//	keys, keys of the old column, rows, update, and the same once more
//
// Whatever the moment, each row has its key and its name in the end. Only an update that rows were moved just before reaches
// others, too, and the receipt says so.
func TestRowsMovedInRepair(t *testing.T) {
	t.Parallel()
	for name, hand := range map[string]func(*world){
		"deletes a row":  func(w *world) { w.DeleteRow(book, tab, 1) },
		"inserts a row":  func(w *world) { w.InsertRow(book, tab, 1) },
		"sorts the rows": func(w *world) { w.SortBy(book, tab, 0, false) },
	} {
		for moment := 1; moment <= 7; moment++ {
			t.Run(fmt.Sprint(name, " ", moment), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, unlimited())
				s := w.sink(t)
				first, second, third := item(1, "first"), item(2, "second"), item(1, "third")
				tell(t, s, first)
				w.proxy.beforeAppend(func() {
					w.MoveColumns(book, tab, 2, 3, 0)
					w.proxy.to = meanwhile(w.Server, moment, func() { hand(w) })
				})
				receipt, err := s.Perform(t.Context(), compose(t, s, second))
				if err != nil {
					t.Fatal(err)
				}
				tell(t, s, third)
				if got := strings.Contains(string(receipt), "rows beside them"); got != (moment == 4) {
					t.Errorf("got the receipt %q", receipt)
				}
				checkNames(t, w, second, third)
			})
		}
	}
}

// meanwhile lets something happen just before the nth call that a repair makes.
func meanwhile(to http.Handler, n int, happen func()) http.Handler {
	var calls atomic.Int32
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if strings.Contains(r.URL.Path, "/values/") || bytes.Contains(body, []byte("updateCells")) {
			if int(calls.Add(1)) == n {
				happen()
			}
		}
		to.ServeHTTP(rw, r)
	})
}

// checkNames finds the rows by key, each once, and their names under the header.
func checkNames(t *testing.T, w *world, items ...sinks.Item) {
	t.Helper()
	rows := w.Rows(book, tab)
	for _, it := range items {
		for _, want := range it.Rows {
			found := 0
			for _, row := range rows {
				if slices.Contains(row, want.Key) {
					found++
					if row[0] != want.Cells[2].Text || row[1] != "2026-03-01 14:30" {
						t.Errorf("row %s: got %q", want.Key, row)
					}
				}
			}
			if found != 1 {
				t.Errorf("row %s stands there %d times, want once", want.Key, found)
			}
		}
	}
}

// TestRowsMovedAgainAndAgain: rows that are moved at each look are left for the next effect.
func TestRowsMovedAgainAndAgain(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second, third := item(1, "first"), item(2, "second"), item(1, "third")
	tell(t, s, first)
	w.proxy.beforeAppend(func() {
		w.MoveColumns(book, tab, 2, 3, 0)
		w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/values/") {
				w.InsertRow(book, tab, 1)
			}
			w.ServeHTTP(rw, r)
		})
	})
	receipt, err := s.Perform(t.Context(), compose(t, s, second))
	if err != nil || !strings.Contains(string(receipt), "with the next rows") || len(s.unseen) != 1 {
		t.Errorf("got the receipt %q, error %v and %d effects kept, want one for the next rows", receipt, err, len(s.unseen))
	}
	w.proxy.over(w.Server)
	tell(t, s, third)
	checkRows(t, w, first, second, third)
}
