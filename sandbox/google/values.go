package google

import (
	"google.golang.org/api/sheets/v4"
)

// getValues serves values.get. Empty cells at the end of a row and empty rows at the end are not in the answer.
func getValues(c call) (any, error) {
	t, where, err := c.book.a1(c.name)
	if err != nil {
		return nil, err
	}
	var render func(*sheets.CellData) any
	switch c.query.Get("valueRenderOption") {
	case "", "FORMATTED_VALUE":
		render = func(cell *sheets.CellData) any { return shown(cell) }
	case "UNFORMATTED_VALUE":
		render = plain
	default:
		return nil, notBuilt("this valueRenderOption")
	}
	answer := &sheets.ValueRange{Range: format(t.title, where), MajorDimension: "ROWS"}
	switch c.query.Get("majorDimension") {
	case "", "ROWS":
		answer.Values = trimmed(where.rowEnd-where.row, where.columnEnd-where.column, func(i, j int) any {
			return render(t.lines[where.row+i].cell(where.column + j))
		})
	case "COLUMNS":
		answer.MajorDimension = "COLUMNS"
		answer.Values = trimmed(where.columnEnd-where.column, where.rowEnd-where.row, func(i, j int) any {
			return render(t.lines[where.row+j].cell(where.column + i))
		})
	default:
		return nil, invalid("Invalid value at 'major_dimension'")
	}
	return answer, nil
}

// trimmed collects values without what is empty at the end.
func trimmed(rows, columns int, value func(i, j int) any) [][]any {
	var all [][]any
	last := 0
	for i := range rows {
		row := []any{}
		filled := 0
		for j := range columns {
			v := value(i, j)
			row = append(row, v)
			if v != "" {
				filled = j + 1
			}
		}
		all = append(all, row[:filled])
		if filled > 0 {
			last = i + 1
		}
	}
	return all[:last]
}

// appendValues serves values.append for literal values: it looks for a table around the range, and writes behind it.
func appendValues(c call) (any, error) {
	var values sheets.ValueRange
	if err := decode(c.body, &values); err != nil {
		return nil, err
	}
	switch c.query.Get("valueInputOption") {
	case "":
		return nil, invalid("'valueInputOption' is required but not specified")
	case "RAW":
	default:
		return nil, notBuilt("this valueInputOption")
	}
	t, where, err := c.book.a1(c.name)
	if err != nil {
		return nil, err
	}
	row, column, table := t.behindTable(where)
	var rows []*sheets.RowData
	for _, values := range values.Values {
		data := &sheets.RowData{}
		for _, v := range values {
			data.Values = append(data.Values, &sheets.CellData{UserEnteredValue: literal(v)})
		}
		rows = append(rows, data)
	}
	for row+len(rows) > len(t.lines) {
		t.lines = append(t.lines, c.book.newLine(t))
	}
	if err := c.book.grow(); err != nil {
		return nil, err
	}
	if err := c.book.write(t, row, column, rows, "userEnteredValue"); err != nil {
		return nil, err
	}
	answer := &sheets.AppendValuesResponse{SpreadsheetId: c.id, Updates: &sheets.UpdateValuesResponse{
		SpreadsheetId: c.id, UpdatedRows: int64(len(rows)),
	}}
	if len(rows) > 0 {
		written := area{row: row, rowEnd: row + len(rows), column: column, columnEnd: column + max(len(rows[0].Values), 1)}
		answer.Updates.UpdatedRange = format(t.title, written)
	}
	if table != (area{}) {
		answer.TableRange = format(t.title, table)
	}
	return answer, nil
}

func literal(v any) *sheets.ExtendedValue {
	switch v := v.(type) {
	case string:
		return &sheets.ExtendedValue{StringValue: &v}
	case float64:
		return &sheets.ExtendedValue{NumberValue: &v}
	case bool:
		return &sheets.ExtendedValue{BoolValue: &v}
	default:
		return nil
	}
}

// behindTable returns where values.append writes: below the last table that touches the range, in its first column, or
// at the range itself when none does. See developers.google.com/workspace/sheets/api/guides/values, "Append values".
func (t *tab) behindTable(where area) (row, column int, table area) {
	for i := where.row; i < where.rowEnd; i++ {
		for j := where.column; j < where.columnEnd; j++ {
			if shown(t.lines[i].cell(j)) != "" && i >= table.rowEnd {
				table = t.tableAround(i, j)
			}
		}
	}
	if table == (area{}) {
		return where.row, where.column, table
	}
	return table.rowEnd, table.column, table
}

// tableAround grows an area from one cell until nothing but blank cells surrounds it.
func (t *tab) tableAround(row, column int) area {
	table := area{row: row, rowEnd: row + 1, column: column, columnEnd: column + 1}
	for {
		wider := area{
			row: max(table.row-1, 0), rowEnd: min(table.rowEnd+1, len(t.lines)),
			column: max(table.column-1, 0), columnEnd: min(table.columnEnd+1, t.columns),
		}
		grown := table
		for i := wider.row; i < wider.rowEnd; i++ {
			for j := wider.column; j < wider.columnEnd; j++ {
				if shown(t.lines[i].cell(j)) != "" {
					grown.row, grown.rowEnd = min(grown.row, i), max(grown.rowEnd, i+1)
					grown.column, grown.columnEnd = min(grown.column, j), max(grown.columnEnd, j+1)
				}
			}
		}
		if grown == table {
			return table
		}
		table = grown
	}
}
