package sheets

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func requests(r ...*sheets.Request) []*sheets.Request { return r }

// get reads a spreadsheet as the API shows it.
func (w *world) get(t *testing.T, title string) *sheets.Sheet {
	t.Helper()
	all, err := w.client.spreadsheet(t.Context(), book, "sheets")
	if err != nil {
		t.Fatal(err)
	}
	for _, sheet := range all.Sheets {
		if sheet.Properties.Title == title {
			return sheet
		}
	}
	t.Fatalf("there is no tab %q", title)
	return nil
}

func TestTabIsMade(t *testing.T) {
	check := func(t *testing.T, w *world, it sinks.Item) {
		t.Helper()
		sheet := w.get(t, tab)
		grid := sheet.Properties.GridProperties
		if grid.FrozenRowCount != 1 || grid.ColumnCount != 7 {
			t.Errorf("got %d frozen rows and %d columns, want 1 and 7", grid.FrozenRowCount, grid.ColumnCount)
		}
		if sheet.BasicFilter == nil || sheet.BasicFilter.Range.EndColumnIndex != 7 {
			t.Errorf("got filter %+v, want one over 7 columns", sheet.BasicFilter)
		}
		if len(sheet.ConditionalFormats) != 5 || len(sheet.ConditionalFormats[0].Ranges) != 2 {
			t.Errorf("got %d rules, want 5 on the columns Before and After", len(sheet.ConditionalFormats))
		}
		var widths []int64
		for _, column := range sheet.Data[0].ColumnMetadata {
			widths = append(widths, column.PixelSize)
		}
		if want := []int64{140, 80, 180, 160, 220, 60, 80}; !slices.Equal(widths, want) {
			t.Errorf("widths: got %v, want %v", widths, want)
		}
		row := sheet.Data[0].RowData[900].Values[0].UserEnteredFormat
		if row == nil || row.WrapStrategy != "CLIP" || row.NumberFormat.Pattern != dateTimeFormat {
			t.Errorf("format of an empty cell of the column When: got %+v, want clipped and %s", row, dateTimeFormat)
		}
		want := [][]string{
			{"When", "Event", "Name", "Before", "After", "Link", "Event id"},
			{"2026-03-01 14:30", "Updated", "Apollo", "2026-06-30", "1,250.50", "open", it.Rows[0].Key},
		}
		for i, got := range w.Rows(book, tab) {
			if !slices.Equal(got, want[i]) {
				t.Errorf("row %d: got %q, want %q", i+1, got, want[i])
			}
		}
	}
	for name, before := range map[string]func(*world){
		"not there": func(*world) {},
		"empty":     func(w *world) { w.AddTab(book, tab) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, unlimited())
			before(w)
			it := item(1, "Apollo")
			tell(t, w.sink(t), it)
			check(t, w, it)
		})
	}
	t.Run("torn", func(t *testing.T) {
		for _, kind := range []fault.Kind{fault.Before, fault.Reset, fault.After, fault.AfterReset} {
			w := newWorld(t, unlimited())
			w.Board.Script("batchUpdate", kind)
			it := item(1, "Apollo")
			failing(t, w.sink(t), compose(t, w.sink(t), it), sinks.Retry)
			tell(t, w.sink(t), it)
			check(t, w, it)
		}
	})
}

func TestHandsOfAPerson(t *testing.T) {
	t.Parallel()
	hands := map[string]func(*world){
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
	for name, hand := range hands {
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

// TestFormatOfAPersonsColumn: a column of the person's between ours keeps its number format in rows that we add.
func TestFormatOfAPersonsColumn(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	tell(t, s, item(1, "first"))
	w.InsertColumn(book, tab, 1)
	w.TypeInto(book, tab, 0, 1, "Cost")
	euro := &sheets.NumberFormat{Type: "CURRENCY", Pattern: "#,##0 €"}
	err := w.client.update(t.Context(), book, requests(&sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
		Range:  &sheets.GridRange{SheetId: tabID(tab), StartRowIndex: 1, StartColumnIndex: 1, EndColumnIndex: 2},
		Cell:   &sheets.CellData{UserEnteredFormat: &sheets.CellFormat{NumberFormat: euro}},
		Fields: "userEnteredFormat.numberFormat",
	}}))
	if err != nil {
		t.Fatal(err)
	}
	s.view = nil
	tell(t, s, item(1, "second"))
	cell := w.Cells(book, tab)[2][1]
	if cell == nil || cell.UserEnteredFormat == nil || cell.UserEnteredFormat.NumberFormat.Pattern != euro.Pattern {
		t.Errorf("got %+v, want the format %s", cell, euro.Pattern)
	}
}

func TestColumnsAreAdded(t *testing.T) {
	w := newWorld(t, unlimited())
	tell(t, w.sink(t), item(1, "first"))
	w.InsertColumn(book, tab, 6)
	w.MoveColumns(book, tab, 6, 7, 8) // behind the key column, without a header
	w.TypeInto(book, tab, 1, 7, "a remark")
	more := append(columns(), Column{Header: "Cost", Type: event.CellNumber, Width: 90}, Column{Header: "By", Type: event.CellText})
	s, err := New(Config{Spreadsheet: book, Tab: tab}, more, w.client)
	if err != nil {
		t.Fatal(err)
	}
	second := item(1, "second")
	second.Rows[0].Cells = append(second.Rows[0].Cells, event.Cell{Header: "Cost", Type: event.CellNumber, Text: "7"},
		event.Cell{Header: "Not configured", Type: event.CellBoolean, Bool: true})
	tell(t, s, second)
	rows := w.Rows(book, tab)
	want := []string{"When", "Event", "Name", "Before", "After", "Link", "Event id", "", "Cost", "By", "Not configured"}
	if !slices.Equal(rows[0], want) {
		t.Errorf("headers: got %q, want %q", rows[0], want)
	}
	if got := rows[2]; got[7] != "" || got[8] != "7" || got[10] != "TRUE" {
		t.Errorf("the new row: got %q", got)
	}
	if rows[1][7] != "a remark" {
		t.Errorf("the remark: got %q, want it as it was", rows[1][7])
	}
	if width := w.get(t, tab).Data[0].ColumnMetadata[8].PixelSize; width != 90 {
		t.Errorf("width of the new column: got %d, want 90", width)
	}
}

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
			for world, options := range worlds() {
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
		options := unlimited()
		options.MaxCells = 26*1000 + 7*1000
		w := newWorld(t, options)
		s := w.sink(t)
		for range 9 {
			tell(t, s, item(111, "many"))
		}
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

// TestFirstTab: the tab that every new spreadsheet has, whose id is 0, which JSON leaves out.
func TestFirstTab(t *testing.T) {
	w := newWorld(t, unlimited())
	s, err := New(Config{Spreadsheet: book, Tab: "Sheet1"}, columns(), w.client)
	if err != nil {
		t.Fatal(err)
	}
	first, second := item(1, "first"), item(1, "second")
	tell(t, s, first)
	w.proxy.beforeAppend(func() { w.MoveColumns(book, "Sheet1", 0, 1, 7) })
	tell(t, s, second)
	if got, want := w.keys("Sheet1"), keysOf(first, second); !slices.Equal(got, want) {
		t.Errorf("keys: got %v, want %v", got, want)
	}
	if got := w.Rows(book, "Sheet1")[2][6]; got != "2026-03-01 14:30" {
		t.Errorf("the moved column: got %q, want the time", got)
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
		"came before the move":          {[]any{"", "Apollo", "k/1"}, map[int64]string{}},
		"came after the move":           {[]any{"Apollo", "", "k/1"}, map[int64]string{0: "", 1: "Apollo"}},
		"a person has typed over it":    {[]any{"seen", "", "k/1"}, map[int64]string{1: "Apollo"}},
		"a person has typed beside it":  {[]any{"Apollo", "", "k/1", "a note"}, map[int64]string{0: "", 1: "Apollo"}},
		"nothing of it but the key":     {[]any{nil, nil, "k/1"}, map[int64]string{1: "Apollo"}},
		"a number where text should be": {[]any{"", 7.0, "k/1"}, map[int64]string{1: "Apollo"}},
	} {
		got := map[int64]string{}
		for _, r := range corrections(before, after, 5, tt.there, row) {
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

// TestTitleInOtherCase: Google takes no second tab "Changes" beside "changes", so that is the one.
func TestTitleInOtherCase(t *testing.T) {
	for name, options := range worlds() {
		w := newWorld(t, options)
		w.AddTab(book, "changes")
		first, second := item(1, "first"), item(1, "second")
		s := w.sink(t)
		tell(t, s, first)
		tell(t, w.sink(t), second)
		if got := w.Tabs(book); !slices.Equal(got, []string{"Sheet1", "changes"}) {
			t.Errorf("%s: got tabs %q, want none added", name, got)
		}
		w.wantKeys(t, first, second)
	}
}

// TestCheckboxes: a column of checkboxes has a value in each row, so that rows come below the last one. They are whole,
// and found there.
func TestCheckboxes(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first, second, third := item(2, "first"), item(2, "second"), item(1, "third")
	tell(t, s, first)
	w.InsertColumn(book, tab, 6)
	w.TypeInto(book, tab, 0, 6, "Seen")
	w.Checkboxes(book, tab, 6)
	s.view = nil
	w.proxy.strike(fault.AfterReset)
	effect := compose(t, s, second)
	failing(t, s, effect, sinks.Unsure)
	if got := recall(t, s, effect); got != sinks.Did {
		t.Errorf("recalling: got %d, want Did", got)
	}
	tell(t, s, third)
	checkRows(t, w, first, second, third)
	if rows := w.Rows(book, tab); rows[1000][2] != "second" || rows[1000][6] != "" || rows[999][6] != "FALSE" {
		t.Errorf("row 1001: got %q, want the first of the new rows behind the checkboxes", rows[1000])
	}
}
