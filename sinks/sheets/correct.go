package sheets

import (
	"strconv"

	"google.golang.org/api/sheets/v4"
)

func itoa(n int) string { return strconv.Itoa(n) }

// corrections returns what puts one row right: a cell of ours that is not where its column is now is written there, and
// one that stands where its column was before is emptied. Nothing is written but into cells that are empty or hold what the
// columns of before put there: whatever else there is, a person has put there since.
func corrections(before, after *view, row standing) []*sheets.Request {
	was, is := before.rowData(row.want).Values, after.rowData(row.want).Values
	old := func(column int) bool {
		return column < len(was) && was[column].UserEnteredValue != nil && equal(was[column], at(row.values, column))
	}
	mine := map[int]bool{}
	var requests []*sheets.Request
	for _, column := range after.columns {
		mine[column] = true
		if column >= len(is) || equal(is[column], at(row.values, column)) {
			continue
		}
		if old(column) || blank(at(row.values, column)) {
			requests = append(requests, cellAt(after.id, row.row, column, is[column]))
		}
	}
	for _, column := range before.columns {
		if !mine[column] && old(column) {
			requests = append(requests, cellAt(after.id, row.row, column, &sheets.CellData{}))
		}
	}
	return requests
}

func blank(value any) bool { return value == "" || value == nil }

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
		return blank(value)
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
