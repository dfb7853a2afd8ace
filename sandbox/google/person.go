package google

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/api/sheets/v4"
)

// Person works in one tab, as somebody does who owns the spreadsheet: what is protected from the service account is open.
// Rows and columns are named by their ids in a Sheet, so that a hand finds what it saw although others have moved it
// meanwhile, as in the editor. An error says in plain words why something is not possible.
type Person struct {
	server             *Server
	spreadsheet, title string
}

// Person returns the hands of somebody who works in a tab, which need not be there yet.
func (s *Server) Person(spreadsheet, title string) Person {
	return Person{server: s, spreadsheet: spreadsheet, title: title}
}

// do makes a change of the tab, or none.
func (p Person) do(change func(b *book, t *tab) error) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	return p.server.handle(p.spreadsheet, func(b *book) error {
		t := b.titled(p.title)
		if t == nil {
			return fmt.Errorf("there is no tab %q, but %s", p.title, strings.Join(b.titles(), ", "))
		}
		return change(b, t)
	})
}

// Type types a text into a cell: a formula, number, day or boolean becomes one. An empty text clears the cell.
func (p Person) Type(row, column int64, text string) error {
	return p.do(func(b *book, t *tab) error {
		at, err := t.find(row, column)
		if err != nil {
			return err
		}
		cell := typed(text)
		if isCheckbox(t.lines[at.RowIndex].cell(int(at.ColumnIndex))) && kindOfCell(cell) != Boolean {
			return fmt.Errorf("this cell is a checkbox: it takes TRUE or FALSE, not %q", text)
		}
		return b.enter(at, cell, typedFields(cell))
	})
}

// Tick ticks a checkbox, or takes the tick away. A cell that is empty becomes a checkbox first.
func (p Person) Tick(row, column int64, on bool) error {
	return p.do(func(b *book, t *tab) error {
		at, err := t.find(row, column)
		if err != nil {
			return err
		}
		if kind := kindOfCell(t.lines[at.RowIndex].cell(int(at.ColumnIndex))); kind != Checkbox && kind != Boolean && kind != Blank {
			return fmt.Errorf("this cell is no checkbox, but says %q", shown(t.lines[at.RowIndex].cell(int(at.ColumnIndex))))
		}
		return b.enter(at, checkbox(on), "userEnteredValue,dataValidation")
	})
}

// Sort sorts all rows below the frozen ones, by all of their columns, as "Sort sheet" does.
func (p Person) Sort(column int64, descending bool) error {
	return p.do(func(b *book, t *tab) error {
		at, err := t.columnAt(column)
		if err != nil {
			return err
		}
		direction := "ASCENDING"
		if descending {
			direction = "DESCENDING"
		}
		return b.sortRange(&sheets.SortRangeRequest{
			Range:     &sheets.GridRange{SheetId: t.id, StartRowIndex: int64(t.body())},
			SortSpecs: []*sheets.SortSpec{{DimensionIndex: int64(at), SortOrder: direction}},
		})
	})
}

// AddColumn writes a header behind the last column with content, and inserts a column there if the grid ends. With
// checkboxes, each row with data gets one. It returns the new column's id.
func (p Person) AddColumn(header string, checkboxes bool) (id int64, _ error) {
	err := p.do(func(b *book, t *tab) error {
		if strings.TrimSpace(header) == "" {
			return errors.New("a column needs a header")
		}
		at := len(t.seenColumns())
		if at == t.columns {
			if err := t.resize(at + 1); err != nil {
				return err
			}
			if err := b.grow(); err != nil {
				return err
			}
		}
		id = t.ids[at]
		for i := 1; i < t.lastData(false) && checkboxes; i++ {
			place := &sheets.GridCoordinate{SheetId: t.id, RowIndex: int64(i), ColumnIndex: int64(at)}
			if err := b.enter(place, checkbox(false), "userEnteredValue,dataValidation"); err != nil {
				return err
			}
		}
		return b.enter(&sheets.GridCoordinate{SheetId: t.id, ColumnIndex: int64(at)}, headerCell(t, at, header), "userEnteredValue,userEnteredFormat")
	})
	return id, err
}

// headerCell looks like the header at its left, as a column that is inserted there does.
func headerCell(t *tab, at int, header string) *sheets.CellData {
	cell := &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{StringValue: &header}}
	if at > 0 && t.lines[0].cell(at-1) != nil {
		cell.UserEnteredFormat = t.lines[0].cell(at - 1).UserEnteredFormat
	}
	return cell
}

func checkbox(on bool) *sheets.CellData {
	return &sheets.CellData{
		UserEnteredValue: &sheets.ExtendedValue{BoolValue: &on},
		DataValidation:   &sheets.DataValidationRule{Condition: &sheets.BooleanCondition{Type: "BOOLEAN"}},
	}
}

func (b *book) enter(at *sheets.GridCoordinate, cell *sheets.CellData, fields string) error {
	return b.updateCells(&sheets.UpdateCellsRequest{
		Start: at, Rows: []*sheets.RowData{{Values: []*sheets.CellData{cell}}}, Fields: fields,
	})
}

// find returns where a cell is now.
func (t *tab) find(row, column int64) (*sheets.GridCoordinate, error) {
	at, err := t.columnAt(column)
	if err != nil {
		return nil, err
	}
	index := slices.IndexFunc(t.lines, func(l line) bool { return l.id == row })
	if index < 0 {
		return nil, errors.New("that row was deleted meanwhile")
	}
	return &sheets.GridCoordinate{SheetId: t.id, RowIndex: int64(index), ColumnIndex: int64(at)}, nil
}

func (t *tab) columnAt(id int64) (int, error) {
	if at := slices.Index(t.ids, id); at >= 0 {
		return at, nil
	}
	return 0, errors.New("that column was deleted meanwhile")
}
