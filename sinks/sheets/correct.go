package sheets

import (
	"strconv"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
)

func itoa(n int) string { return strconv.Itoa(n) }

// corrections returns what puts one row right: a cell of ours that is not where its column is now is written there, and
// one that stands where its column was before is emptied, unless a person has put something else there.
func corrections(before, after *view, row int, values []any, want event.Row) []*sheets.Request {
	was, is := before.rowData(want).Values, after.rowData(want).Values
	mine := map[int]bool{}
	var requests []*sheets.Request
	for _, column := range after.columns {
		mine[column] = true
		if column < len(is) && !equal(is[column], at(values, column)) {
			requests = append(requests, cellAt(after.id, row, column, is[column]))
		}
	}
	for _, column := range before.columns {
		if mine[column] || column >= len(was) || was[column].UserEnteredValue == nil {
			continue
		}
		if equal(was[column], at(values, column)) {
			requests = append(requests, cellAt(after.id, row, column, &sheets.CellData{}))
		}
	}
	return requests
}

func at(values []any, column int) any {
	if column < len(values) {
		return values[column]
	}
	return ""
}

// equal reports whether a cell has the value that was read.
func equal(cell *sheets.CellData, value any) bool {
	v := cell.UserEnteredValue
	switch {
	case v == nil:
		return value == "" || value == nil
	case v.BoolValue != nil:
		return value == *v.BoolValue
	case v.NumberValue != nil:
		return value == *v.NumberValue
	case v.StringValue != nil:
		return value == *v.StringValue
	default:
		return false
	}
}

func cellAt(tab int64, row, column int, cell *sheets.CellData) *sheets.Request {
	return &sheets.Request{UpdateCells: &sheets.UpdateCellsRequest{
		Start: &sheets.GridCoordinate{
			SheetId: tab, RowIndex: int64(row), ColumnIndex: int64(column), ForceSendFields: []string{"SheetId"},
		},
		Rows:   []*sheets.RowData{{Values: []*sheets.CellData{cell}}},
		Fields: writtenFields,
	}}
}
