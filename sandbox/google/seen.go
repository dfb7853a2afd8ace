package google

import "slices"

// Sheet is a tab as a person sees it, at one moment.
type Sheet struct {
	Spreadsheet string   // its title
	Title       string   // of the tab
	Tabs        []string // titles, from left to right
	Version     int64    // of the spreadsheet: what Server.Version said when it was changed last

	Columns []SheetColumn // up to the last one with a value
	Rows    []SheetRow    // those that were asked for, without the header row
	First   int           // place of the first of Rows among all that are shown, from 1; 0 = Rows is empty
	Shown   int           // how many rows are shown below the header row, up to the last one with a value
	Hidden  int           // how many of them are not, for a filter or a person hides them

	FrozenRows, FrozenColumns int

	Sorted     int64 // id of the column that the rows are sorted by, and still are; 0 = none
	Descending bool

	Protected []string // what the service account may not write, as ranges: "A1:A1000"
}

// SheetColumn is a column. Its id stays with it when it is moved.
type SheetColumn struct {
	ID         int64
	Header     string   // what stands in the first row, may be empty
	Width      int      // in pixels
	Service    bool     // the service account has written values into it; others are people's own
	Checkboxes bool     // it has cells that are checkboxes
	Protected  bool     // from the service account, in any of its rows
	Filter     bool     // the filter covers it
	Contains   string   // criterion: what the cells of the rows that are shown contain, in any case; empty = none
	Without    []string // criterion: rows with these values are hidden
}

// SheetRow is a row. Its id stays with it when it is moved or sorted.
type SheetRow struct {
	ID     int64
	Number int         // as shown at the left: the header row is 1
	Cells  []SheetCell // one for each of the columns
}

// SheetCell is a cell.
type SheetCell struct {
	Text       string // as it is shown
	Kind       Kind
	Align      string // "left", "right", "center"
	Link       string // the address that a click opens; not checked
	Checked    bool   // of a checkbox
	Background string // "#e0f3eb" by the cell's own format or a conditional one; empty = none
	Ink        string // the text's colour, in the same way
	Bold       bool
}

// Kind is what a cell holds.
type Kind string

// The kinds of cells. A formula is not computed.
const (
	Blank    Kind = ""
	Text     Kind = "text"
	Number   Kind = "number"
	Date     Kind = "date" // also with a time of day
	Boolean  Kind = "boolean"
	Checkbox Kind = "checkbox"
	Formula  Kind = "formula"
)

// Version returns a number that grows with each change of any spreadsheet, whoever makes it. It costs nothing to ask.
func (s *Server) Version() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// View returns a tab with some of its rows: at most so many as are asked for, from a place among those that are shown
// below the header row, counted from 1. From 0 on are the last ones. It returns false when there is no such tab.
func (s *Server) View(spreadsheet, title string, from, most int) (Sheet, bool) {
	s.mu.Lock()
	b := s.books[spreadsheet]
	s.mu.Unlock()
	if b == nil || b.titled(title) == nil {
		return Sheet{}, false
	}
	t := b.titled(title) // nobody changes it any more: a change is made to a copy
	view := Sheet{
		Spreadsheet: b.title, Title: t.title, Tabs: b.titles(), Version: b.version, Columns: t.seenColumns(),
		FrozenRows: int(t.frozen.FrozenRowCount), FrozenColumns: int(t.frozen.FrozenColumnCount),
		Protected: t.closed(),
	}
	if by, ok := t.inOrder(); ok {
		view.Sorted, view.Descending = by.column, by.descending
	}
	var shown []int
	for i := 1; i < t.lastData(false); i++ {
		if t.lines[i].visible() {
			shown = append(shown, i)
		} else {
			view.Hidden++
		}
	}
	view.Shown = len(shown)
	if from <= 0 {
		from = len(shown) - most + 1
	}
	from = max(1, from)
	shown = shown[min(from-1, len(shown)):]
	shown = shown[:min(max(0, most), len(shown))]
	if len(shown) > 0 {
		view.First = from
	}
	for _, i := range shown {
		view.Rows = append(view.Rows, t.seenRow(i, len(view.Columns)))
	}
	return view, true
}

// closed lists what is protected from the service account.
func (t *tab) closed() []string {
	var all []string
	for _, p := range t.protected {
		if p.WarningOnly || p.RequestingUserCanEdit {
			continue
		}
		where := t.area(p.Range)
		all = append(all, cells(where))
	}
	return all
}

func (t *tab) seenColumns() []SheetColumn {
	width := 0
	for _, l := range t.lines {
		for j := len(l.cells) - 1; j >= width; j-- {
			if c := l.cells[j]; c != nil && c.UserEnteredValue != nil {
				width = j + 1
			}
		}
	}
	columns := make([]SheetColumn, width)
	for j := range columns {
		columns[j] = SheetColumn{
			ID: t.ids[j], Header: t.header(j), Width: int(t.width(j)), Service: t.service[t.ids[j]],
			Checkboxes: t.hasCheckbox(j), Protected: t.closedColumn(j),
		}
		t.seeFilter(&columns[j], j)
	}
	return columns
}

func (t *tab) seeFilter(column *SheetColumn, at int) {
	if t.filter == nil {
		return
	}
	where := t.area(t.filter.Range)
	column.Filter = at >= where.column && at < where.columnEnd
	for _, spec := range t.filter.FilterSpecs {
		if int(spec.ColumnIndex) != at {
			continue
		}
		column.Without = slices.Clone(spec.FilterCriteria.HiddenValues)
		if c := spec.FilterCriteria.Condition; c != nil && c.Type == contains {
			column.Contains = c.Values[0].UserEnteredValue
		}
	}
}

func (t *tab) hasCheckbox(column int) bool {
	return slices.ContainsFunc(t.lines[1:], func(l line) bool { return isCheckbox(l.cell(column)) })
}

func (t *tab) closedColumn(column int) bool {
	all := area{rowEnd: len(t.lines), column: column, columnEnd: column + 1}
	for _, p := range t.protected {
		if !p.WarningOnly && !p.RequestingUserCanEdit && t.area(p.Range).overlaps(all) {
			return true
		}
	}
	return false
}

func (t *tab) seenRow(index, columns int) SheetRow {
	row := SheetRow{ID: t.lines[index].id, Number: index + 1, Cells: make([]SheetCell, columns)}
	for j := range row.Cells {
		row.Cells[j] = t.seenCell(index, j)
	}
	return row
}
