package sheets

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// hands are what people do to a tab with rows.
func hands() map[string]func(*world) {
	return map[string]func(*world){
		"moves the key column first":   func(w *world) { w.MoveColumns(book, tab, 6, 7, 0) },
		"moves a column to the end":    func(w *world) { w.MoveColumns(book, tab, 0, 1, 7) },
		"inserts a column of its own":  func(w *world) { w.InsertColumn(book, tab, 2); w.TypeInto(book, tab, 0, 2, "Reviewed") },
		"inserts a column without one": func(w *world) { w.InsertColumn(book, tab, 0) },
		"sorts":                        func(w *world) { w.SortBy(book, tab, 2, true) },
		"inserts a row":                func(w *world) { w.InsertRow(book, tab, 1) },
		"types below":                  func(w *world) { w.TypeInto(book, tab, 8, 0, "a note") },
		"renames the tab":              func(w *world) { w.RenameTab(book, tab, "Änderungen 'alt'") },
		"hides rows":                   func(w *world) { w.HideRows(book, tab, 2, 3) },
	}
}

// TestHandsOfAPerson: people do that between two writes, or while one is on its way.
func TestHandsOfAPerson(t *testing.T) {
	t.Parallel()
	for name, hand := range hands() {
		for _, when := range []string{"between", "meanwhile"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				for _, options := range some("as believed", "rows are added before hidden ones", "get lists all tabs") {
					w := newWorld(t, options)
					s := w.sink(t)
					first, second, third := item(2, "first"), item(2, "second"), item(1, "third")
					tell(t, s, first)
					if when == "between" {
						hand(w)
						s.view = nil // long ago
					} else {
						w.proxy.beforeAppend(func() { hand(w) })
					}
					tell(t, s, second)
					tell(t, s, third)
					checkRows(t, w, first, second, third)
				}
			})
		}
	}
}

// TestHandsBeforeRecall: people do that between an attempt that nobody knows the end of and its Recall, which tells the
// truth all the same; in the end each row stands there once, each cell under its header.
func TestHandsBeforeRecall(t *testing.T) {
	t.Parallel()
	for name, hand := range hands() {
		for kind, want := range map[fault.Kind]sinks.Happened{fault.Reset: sinks.DidNot, fault.AfterReset: sinks.Did} {
			t.Run(fmt.Sprint(name, " ", kind), func(t *testing.T) {
				t.Parallel()
				for _, options := range some("as believed", "a second metadata of an id is accepted") {
					w := newWorld(t, options)
					s := w.sink(t)
					first, second, third := item(2, "first"), item(2, "second"), item(1, "third")
					tell(t, s, first)
					w.proxy.strike(kind)
					effect := compose(t, s, second)
					failing(t, s, effect, sinks.Unsure)
					hand(w)
					s = w.sink(t) // the process died, too
					if got := recall(t, s, effect); got != want {
						t.Errorf("recalling: got %d, want %d", got, want)
					}
					if want == sinks.DidNot {
						tell(t, s, second)
					}
					tell(t, s, third)
					checkRows(t, w, first, second, third)
				}
			})
		}
	}
}

// TestHeadersRenamed: a column whose header a person changed is theirs from then on. Ours is made anew at the end, and
// what stands in theirs stays; the key column alone is asked back.
func TestHeadersRenamed(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second, third := item(1, "first"), item(1, "second"), item(1, "third")
	tell(t, s, first)
	w.TypeInto(book, tab, 0, 2, "Projekt")
	s.view = nil
	w.proxy.strike(fault.AfterReset)
	effect := compose(t, s, second)
	failing(t, s, effect, sinks.Unsure)
	w.TypeInto(book, tab, 0, 6, "Number")
	answer, err := w.sink(t).Recall(t.Context(), effect)
	if err != nil || answer.Happened != sinks.Did { // the fence says it
		t.Errorf("recalling without a key column: got %+v and %v, want Did", answer, err)
	}
	failing(t, w.sink(t), compose(t, s, third), sinks.Park)
	w.TypeInto(book, tab, 0, 6, keyHeader)
	tell(t, w.sink(t), third)
	rows := w.Rows(book, tab)
	want := []string{"When", "Event", "Projekt", "Before", "After", "Link", keyHeader, "Name"}
	if !slices.Equal(rows[0], want) {
		t.Errorf("headers: got %q, want %q", rows[0], want)
	}
	if rows[1][2] != "first" || rows[2][2] != "" || rows[2][7] != "second" || rows[3][7] != "third" {
		t.Errorf("got rows %q, want what was written before in Projekt, the rest in Name", rows[1:])
	}
	w.wantKeys(t, first, second, third)
}

// TestTabGoesWithItsFence: a tab that was deleted between an attempt and its Recall took rows and fence along. Told
// anew, they stand in the new tab once; a late copy of the attempt is refused.
func TestTabGoesWithItsFence(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	tell(t, s, item(1, "first"))
	second := item(2, "second")
	deliver := w.proxy.copy()
	effect := compose(t, s, second)
	perform(t, s, effect) // its answer came, but the process died before it was written down
	w.DeleteTab(book, tab)
	s = w.sink(t)
	if got := recall(t, s, effect); got != sinks.DidNot {
		t.Errorf("recalling: got %d, want DidNot", got)
	}
	tell(t, s, second)
	if status := deliver(); status != http.StatusBadRequest {
		t.Errorf("the late copy: got %d, want 400", status)
	}
	w.wantKeys(t, second)
}

// checkRows finds the rows by key in whatever tab is ours, and reads each cell under its header.
func checkRows(t *testing.T, w *world, items ...sinks.Item) {
	t.Helper()
	title := w.Tabs(book)[1]
	rows := w.Rows(book, title)
	got := map[string]map[string]string{}
	for _, row := range rows[1:] {
		named := map[string]string{}
		for i, cell := range row {
			if i < len(rows[0]) && cell != "" {
				named[rows[0][i]] += cell
			}
		}
		if key := named[keyHeader]; key != "" {
			if got[key] != nil {
				t.Errorf("row %s stands there twice", key)
			}
			got[key] = named
		}
	}
	for _, it := range items {
		for _, row := range it.Rows {
			named := got[row.Key]
			if named["When"] != "2026-03-01 14:30" || named["Name"] != row.Cells[2].Text || named["After"] != "1,250.50" || named["Reviewed"] != "" {
				t.Errorf("row %s: got %q", row.Key, named)
			}
		}
	}
	if len(got) != len(keysOf(items...)) {
		t.Errorf("got %d rows, want %d", len(got), len(keysOf(items...)))
	}
}

// TestRepairLeavesAPersonsCells: where our rows were put right, what a person has beside them stays.
func TestRepairLeavesAPersonsCells(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second := item(1, "first"), item(2, "second")
	tell(t, s, first)
	w.proxy.beforeAppend(func() {
		w.InsertColumn(book, tab, 0)
		w.TypeInto(book, tab, 0, 0, "Note")
		w.TypeInto(book, tab, 1, 0, "seen by Anna")
	})
	tell(t, s, second)
	checkRows(t, w, first, second)
	if got := w.Rows(book, tab)[1][0]; got != "seen by Anna" {
		t.Errorf("the person's cell: got %q, want it as it was", got)
	}
	for i, row := range w.Rows(book, tab)[2:] {
		if row[0] != "" {
			t.Errorf("row %d has %q in the person's column, want nothing", i+3, row[0])
		}
	}
}

// TestCorrections: what is put right in one row, by what stands there.
func TestCorrections(t *testing.T) {
	row := event.Row{Key: "k/1", Cells: []event.Cell{{Header: "Name", Type: event.CellText, Text: "Apollo"}}}
	before := &view{columns: map[string]int{"Name": 0, keyHeader: 2}, formats: make([]*sheets.NumberFormat, 4)}
	after := &view{columns: map[string]int{"Name": 1, keyHeader: 2}, formats: make([]*sheets.NumberFormat, 4)}
	for name, tt := range map[string]struct {
		there []any
		want  map[int64]string // by column, what is written
	}{
		"came before the move":         {[]any{"", "Apollo", "k/1"}, map[int64]string{}},
		"came after the move":          {[]any{"Apollo", "", "k/1"}, map[int64]string{0: "", 1: "Apollo"}},
		"a person has typed over it":   {[]any{"seen", "", "k/1"}, map[int64]string{1: "Apollo"}},
		"a person has typed beside it": {[]any{"Apollo", "", "k/1", "a note"}, map[int64]string{0: "", 1: "Apollo"}},
		"nothing of it but the key":    {[]any{nil, nil, "k/1"}, map[int64]string{1: "Apollo"}},
		"a person has corrected it":    {[]any{"Apollo", "Apollo 2", "k/1"}, map[int64]string{0: ""}},
		"a person has put a number":    {[]any{"", 7.0, "k/1"}, map[int64]string{}},
	} {
		got := map[int64]string{}
		for _, r := range corrections(before, after, standing{row: 5, values: tt.there, want: row}) {
			if r.UpdateCells.Start.RowIndex != 5 {
				t.Errorf("%s: got row %d, want 5", name, r.UpdateCells.Start.RowIndex)
			}
			text := ""
			if v := r.UpdateCells.Rows[0].Values[0].UserEnteredValue; v != nil {
				text = *v.StringValue
			}
			got[r.UpdateCells.Start.ColumnIndex] = text
		}
		if !maps.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
