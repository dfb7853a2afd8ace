package sheets

import (
	"slices"
	"testing"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
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
		raced.Calculates(t)
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
