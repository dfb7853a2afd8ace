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
	shared    bool // with the service account
	person    bool // the change is made by a person who owns the spreadsheet: protection does not bind
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
	frozen    sheets.GridProperties // only the counts of frozen rows and columns
	lines     []line                // as many as the grid has rows
	widths    map[int]int64         // by column, in pixels, where one was set
	filter    *sheets.BasicFilter
	rules     []*sheets.ConditionalFormatRule
	protected []*sheets.ProtectedRange
}

// line is one row.
type line struct {
	cells  []*sheets.CellData // from the first column on, nil = blank; may be shorter than the grid is wide
	hidden bool
}

func (l line) cell(column int) *sheets.CellData {
	if column < len(l.cells) {
		return l.cells[column]
	}
	return nil
}

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
		copied.widths = maps.Clone(t.widths)
		copied.rules = slices.Clone(t.rules)
		copied.protected = slices.Clone(t.protected)
		other.tabs[i] = &copied
	}
	other.metadata = slices.Clone(b.metadata)
	return &other
}

func newTab(id int64, title string, rows, columns int) *tab {
	return &tab{id: id, title: title, columns: columns, lines: make([]line, rows), widths: map[int]int64{}}
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
		if t.lines[i-1].hasData() && (!visible || !t.lines[i-1].hidden) {
			return i
		}
	}
	return 0
}
