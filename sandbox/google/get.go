package google

import (
	"slices"

	"google.golang.org/api/sheets/v4"
)

// getSpreadsheet serves spreadsheets.get. Cells are in the answer when the field mask names them, or includeGridData asks
// for them; with ranges, only the tabs that they are in.
func getSpreadsheet(c call) (any, error) {
	areas := map[*tab][]area{}
	ranged := len(c.query["ranges"]) > 0
	for _, text := range c.query["ranges"] {
		t, where, err := c.book.a1(text)
		if err != nil {
			return nil, err
		}
		areas[t] = append(areas[t], where)
	}
	cells := c.query.Get("includeGridData") == "true"
	if fields := c.query.Get("fields"); fields != "" { // then includeGridData is ignored
		wanted, _, _ := parseMask(fields)
		inner, named := wanted["sheets"]
		_, data := inner["data"]
		cells = fields == "*" || (named && inner == nil) || data
	}
	answer := &sheets.Spreadsheet{
		SpreadsheetId: c.id,
		Properties:    &sheets.SpreadsheetProperties{Title: c.book.title, TimeZone: "Europe/Berlin", Locale: "en_GB"},
	}
	for _, t := range c.book.tabs {
		if ranged && areas[t] == nil && !c.options.AllSheetsInGet {
			continue
		}
		sheet := &sheets.Sheet{
			Properties: c.book.properties(t), BasicFilter: t.filter, ConditionalFormats: t.rules, ProtectedRanges: t.protected,
		}
		if cells {
			if !ranged {
				areas[t] = []area{{rowEnd: len(t.lines), columnEnd: t.columns}}
			}
			for _, where := range areas[t] {
				sheet.Data = append(sheet.Data, t.grid(where))
			}
		}
		answer.Sheets = append(answer.Sheets, sheet)
	}
	return answer, nil
}

func (b *book) properties(t *tab) *sheets.SheetProperties {
	return &sheets.SheetProperties{
		SheetId: t.id, Title: t.title, SheetType: "GRID", Index: int64(slices.Index(b.tabs, t)),
		GridProperties: &sheets.GridProperties{
			RowCount: int64(len(t.lines)), ColumnCount: int64(t.columns),
			FrozenRowCount: t.frozen.FrozenRowCount, FrozenColumnCount: t.frozen.FrozenColumnCount,
		},
	}
}

func (t *tab) grid(where area) *sheets.GridData {
	data := &sheets.GridData{StartRow: int64(where.row), StartColumn: int64(where.column)}
	for i := where.row; i < where.rowEnd; i++ {
		row := &sheets.RowData{}
		for j := where.column; j < min(where.columnEnd, len(t.lines[i].cells)); j++ {
			row.Values = append(row.Values, full(t.lines[i].cell(j)))
		}
		data.RowData = append(data.RowData, row)
		data.RowMetadata = append(data.RowMetadata, &sheets.DimensionProperties{
			PixelSize: 21, HiddenByUser: t.lines[i].hidden, HiddenByFilter: t.lines[i].filtered,
		})
	}
	for j := where.column; j < where.columnEnd; j++ {
		data.ColumnMetadata = append(data.ColumnMetadata, &sheets.DimensionProperties{PixelSize: t.width(j)})
	}
	return data
}

// width is a column's in pixels: 100 where none was set.
func (t *tab) width(column int) int64 {
	if width, ok := t.widths[column]; ok {
		return width
	}
	return 100
}

// full completes a cell by what the API computes.
func full(cell *sheets.CellData) *sheets.CellData {
	if cell == nil {
		return &sheets.CellData{}
	}
	c := *cell
	c.FormattedValue = shown(cell)
	c.EffectiveValue = c.UserEnteredValue
	if f := c.UserEnteredFormat; f != nil && f.TextFormat != nil && f.TextFormat.Link != nil {
		c.Hyperlink = f.TextFormat.Link.Uri
	}
	return &c
}
