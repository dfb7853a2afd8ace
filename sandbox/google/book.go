package google

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/api/sheets/v4"
)

// book is a spreadsheet. A change is made to a clone of it, which shares lines and cells: those are never changed, but
// replaced.
type book struct {
	id, title string
	version   int64 // grows with every change: see Server.put
	shared    bool  // with the service account
	person    bool  // the change is made by a person who owns the spreadsheet: protection does not bind
	options   Options
	tabs      []*tab
	metadata  []*sheets.DeveloperMetadata
	nextID    int64
}

// tab is one sheet of a spreadsheet.
type tab struct {
	id        int64
	title     string
	columns   int
	ids       []int64               // of the columns; they stay with them wherever they are moved
	made      int64                 // the last id that a row or a column got
	service   map[int64]bool        // the columns, by id, that the service account has written a value into
	sorted    order                 // how the rows were sorted last
	frozen    sheets.GridProperties // only the counts of frozen rows and columns
	lines     []line                // as many as the grid has rows
	widths    map[int]int64         // by column, in pixels, where one was set
	filter    *sheets.BasicFilter
	rules     []*sheets.ConditionalFormatRule
	protected []*sheets.ProtectedRange
}

// line is one row.
type line struct {
	id       int64              // stays with what is in the row wherever that is moved or sorted to
	cells    []*sheets.CellData // from the first column on, nil = blank; may be shorter than the grid is wide
	hidden   bool               // by a person
	filtered bool               // hidden by the filter, when that was applied last
}

func (l line) cell(column int) *sheets.CellData {
	if column < len(l.cells) {
		return l.cells[column]
	}
	return nil
}

func (l line) visible() bool { return !l.hidden && !l.filtered }

// hasData reports whether any cell of the line has a value.
func (l line) hasData() bool {
	return slices.ContainsFunc(l.cells, func(c *sheets.CellData) bool { return c != nil && c.UserEnteredValue != nil })
}

func (b *book) clone() *book {
	other := *b
	other.tabs = make([]*tab, len(b.tabs))
	for i, t := range b.tabs {
		copied := *t
		copied.lines = slices.Clone(t.lines)
		copied.ids = slices.Clone(t.ids)
		copied.widths = maps.Clone(t.widths)
		copied.service = maps.Clone(t.service)
		copied.rules = slices.Clone(t.rules)
		copied.protected = slices.Clone(t.protected)
		other.tabs[i] = &copied
	}
	other.metadata = slices.Clone(b.metadata)
	return &other
}

func newTab(id int64, title string, rows, columns int) *tab {
	t := &tab{id: id, title: title, columns: columns, widths: map[int]int64{}, service: map[int64]bool{}}
	t.lines = t.blank(rows)
	for range columns {
		t.ids = append(t.ids, t.next())
	}
	return t
}

// next returns an id that no row or column of the tab has had.
func (t *tab) next() int64 {
	t.made++
	return t.made
}

// blank returns new rows, which are yet to be put into the tab.
func (t *tab) blank(rows int) []line {
	lines := make([]line, rows)
	for i := range lines {
		lines[i].id = t.next()
	}
	return lines
}

func (b *book) tab(id int64) (*tab, error) {
	for _, t := range b.tabs {
		if t.id == id {
			return t, nil
		}
	}
	return nil, invalid("No grid with id: %d", id)
}

// titled finds a tab. Upper and lower case make no difference to Google's titles.
func (b *book) titled(title string) *tab {
	for _, t := range b.tabs {
		if strings.EqualFold(t.title, title) {
			return t
		}
	}
	return nil
}

// grow checks that the cells of the spreadsheet stay below the limit.
func (b *book) grow() error {
	cells := 0
	for _, t := range b.tabs {
		cells += len(t.lines) * t.columns
	}
	if cells > b.options.MaxCells {
		return invalid("This action would increase the number of cells in the workbook above the limit of %d cells.",
			b.options.MaxCells)
	}
	return nil
}

// area is a part of a grid: rows and columns from the first up to, not including, the end.
type area struct{ row, rowEnd, column, columnEnd int }

func (a area) overlaps(other area) bool {
	return a.row < other.rowEnd && other.row < a.rowEnd && a.column < other.columnEnd && other.column < a.columnEnd
}

// area resolves a range: an end that is missing, or outside of the grid, is that of the grid.
func (t *tab) area(r *sheets.GridRange) area {
	a := area{
		row: int(r.StartRowIndex), rowEnd: int(r.EndRowIndex),
		column: int(r.StartColumnIndex), columnEnd: int(r.EndColumnIndex),
	}
	if a.rowEnd == 0 || a.rowEnd > len(t.lines) {
		a.rowEnd = len(t.lines)
	}
	if a.columnEnd == 0 || a.columnEnd > t.columns {
		a.columnEnd = t.columns
	}
	return a
}

// lastData returns the number of the first row behind all data. Only what is visible counts when visible is set.
func (t *tab) lastData(visible bool) int {
	for i := len(t.lines); i > 0; i-- {
		if t.lines[i-1].hasData() && (!visible || t.lines[i-1].visible()) {
			return i
		}
	}
	return 0
}
