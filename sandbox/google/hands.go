package google

import (
	"fmt"

	"google.golang.org/api/sheets/v4"
)

// AddSpreadsheet makes a spreadsheet with one empty tab "Sheet1", shared with the service account.
func (s *Server) AddSpreadsheet(id, title string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(&book{
		id: id, title: title, shared: true, options: s.options,
		tabs: []*tab{newTab(0, "Sheet1", defaultRows, defaultColumns)}, nextID: 1000,
	})
}

// Share shares a spreadsheet with the service account, or ends that.
func (s *Server) Share(spreadsheet string, shared bool) {
	s.hand(spreadsheet, func(b *book) error {
		b.shared = shared
		return nil
	})
}

// MoveColumns moves columns, from the first up to the end, in front of the column to; all counted from 0 as they stood
// before.
func (s *Server) MoveColumns(spreadsheet, title string, first, end, to int) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{MoveDimension: &sheets.MoveDimensionRequest{
			Source:           &sheets.DimensionRange{SheetId: id, Dimension: "COLUMNS", StartIndex: int64(first), EndIndex: int64(end)},
			DestinationIndex: int64(to),
		}}
	})
}

// InsertColumn inserts an empty column in front of another, counted from 0.
func (s *Server) InsertColumn(spreadsheet, title string, before int) {
	s.insert(spreadsheet, title, "COLUMNS", before)
}

// InsertRow inserts an empty row in front of another, counted from 0.
func (s *Server) InsertRow(spreadsheet, title string, before int) {
	s.insert(spreadsheet, title, rowsDimension, before)
}

func (s *Server) insert(spreadsheet, title, dimension string, before int) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{InsertDimension: &sheets.InsertDimensionRequest{Range: &sheets.DimensionRange{
			SheetId: id, Dimension: dimension, StartIndex: int64(before), EndIndex: int64(before) + 1,
		}}}
	})
}

// DeleteColumn deletes a column, counted from 0.
func (s *Server) DeleteColumn(spreadsheet, title string, column int) {
	s.remove(spreadsheet, title, "COLUMNS", column)
}

// DeleteRow deletes a row, counted from 0.
func (s *Server) DeleteRow(spreadsheet, title string, row int) {
	s.remove(spreadsheet, title, rowsDimension, row)
}

func (s *Server) remove(spreadsheet, title, dimension string, at int) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{DeleteDimension: &sheets.DeleteDimensionRequest{Range: &sheets.DimensionRange{
			SheetId: id, Dimension: dimension, StartIndex: int64(at), EndIndex: int64(at) + 1,
		}}}
	})
}

// HideRows hides rows, from the first up to the end, counted from 0.
func (s *Server) HideRows(spreadsheet, title string, first, end int) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{UpdateDimensionProperties: &sheets.UpdateDimensionPropertiesRequest{
			Range:      &sheets.DimensionRange{SheetId: id, Dimension: rowsDimension, StartIndex: int64(first), EndIndex: int64(end)},
			Properties: &sheets.DimensionProperties{HiddenByUser: true}, Fields: "hiddenByUser",
		}}
	})
}

// SortBy sorts the rows below the first one by a column, counted from 0.
func (s *Server) SortBy(spreadsheet, title string, column int, descending bool) {
	order := "ASCENDING"
	if descending {
		order = "DESCENDING"
	}
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{SortRange: &sheets.SortRangeRequest{
			Range:     &sheets.GridRange{SheetId: id, StartRowIndex: 1},
			SortSpecs: []*sheets.SortSpec{{DimensionIndex: int64(column), SortOrder: order}},
		}}
	})
}

// TypeInto types a text into a cell, counted from 0: a formula, number, day or boolean becomes one, as in the editor.
func (s *Server) TypeInto(spreadsheet, title string, row, column int, text string) {
	cell := typed(text)
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{UpdateCells: &sheets.UpdateCellsRequest{
			Start:  &sheets.GridCoordinate{SheetId: id, RowIndex: int64(row), ColumnIndex: int64(column)},
			Rows:   []*sheets.RowData{{Values: []*sheets.CellData{cell}}},
			Fields: typedFields(cell),
		}}
	})
}

// Checkboxes fills a column, counted from 0, with checkboxes from the second row to the end of the grid. Each is a cell
// with the value FALSE, so that all of those rows have data.
func (s *Server) Checkboxes(spreadsheet, title string, column int) {
	no := false
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
			Range: &sheets.GridRange{
				SheetId: id, StartRowIndex: 1, StartColumnIndex: int64(column), EndColumnIndex: int64(column) + 1,
			},
			Cell: &sheets.CellData{
				UserEnteredValue: &sheets.ExtendedValue{BoolValue: &no},
				DataValidation:   &sheets.DataValidationRule{Condition: &sheets.BooleanCondition{Type: "BOOLEAN"}},
			},
			Fields: "userEnteredValue,dataValidation",
		}}
	})
}

// AddTab adds an empty tab of 1000 rows and 26 columns.
func (s *Server) AddTab(spreadsheet, title string) {
	s.hand(spreadsheet, func(b *book) error {
		_, err := b.addSheet(&sheets.AddSheetRequest{Properties: &sheets.SheetProperties{Title: title}})
		return err
	})
}

// DeleteTab deletes a tab with all that is in it.
func (s *Server) DeleteTab(spreadsheet, title string) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{DeleteSheet: &sheets.DeleteSheetRequest{SheetId: id}}
	})
}

// RenameTab gives a tab another title.
func (s *Server) RenameTab(spreadsheet, title, to string) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		return &sheets.Request{UpdateSheetProperties: &sheets.UpdateSheetPropertiesRequest{
			Properties: &sheets.SheetProperties{SheetId: id, Title: to}, Fields: "title",
		}}
	})
}

// ask makes a change that the API knows, by a person.
func (s *Server) ask(spreadsheet, title string, request func(tab int64) *sheets.Request) {
	s.hand(spreadsheet, func(b *book) error {
		t := b.titled(title)
		if t == nil {
			return invalid("no tab %q", title)
		}
		_, err := b.applyAll([]*sheets.Request{request(t.id)})
		return err
	})
}

// hand lets a person change a spreadsheet. What a person cannot do is a mistake of the test or story that asks for it.
func (s *Server) hand(spreadsheet string, change func(*book) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.handle(spreadsheet, change); err != nil {
		panic(fmt.Sprintf("google: a person cannot do that in %q: %v", spreadsheet, err))
	}
}

// handle is hand for what a person may find to be impossible. The lock is held.
func (s *Server) handle(spreadsheet string, change func(*book) error) error {
	b := s.books[spreadsheet]
	if b == nil {
		return fmt.Errorf("there is no spreadsheet %q", spreadsheet)
	}
	b = b.clone()
	b.person = true
	if err := change(b); err != nil {
		return err
	}
	b.person = false
	s.put(b)
	return nil
}
