package sheets

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// view is what a tab looks like at one moment.
type view struct {
	id            int64
	title         string
	rows, columnN int                    // of the grid
	headers       []string               // of all columns of the first row, "" where it is blank
	formats       []*sheets.NumberFormat // of the second row, one for each column of the grid
	columns       map[string]int         // where the columns of ours are, by header
}

const (
	propertyFields = "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"
	viewFields     = propertyFields + ",sheets.data.rowData.values(formattedValue,userEnteredFormat.numberFormat)"
)

// tabID is the id that a tab gets when we make it. By it the tab is found when a person has renamed it.
func tabID(title string) int64 {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(title)) // never fails
	return max(1, int64(hash.Sum32()&math.MaxInt32))
}

// a1 writes a range of a tab: a1("My tab", "1:2").
func a1(title, cells string) string {
	return "'" + strings.ReplaceAll(title, "'", "''") + "'!" + cells
}

// letters returns the name of a column: 0 = A, 26 = AA.
func letters(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// look reads the first rows of the tab. It returns nil when there is no such tab. Upper and lower case make no
// difference: Google takes no second tab whose title differs in nothing else.
func (s *Sink) look(ctx context.Context) (*view, error) {
	seen, err := s.lookAt(ctx, s.config.Tab)
	if err == nil || sinks.Classify(err).Class != sinks.Void {
		return seen, err
	}
	// The range was refused: the tab was renamed, or is not there.
	all, err := s.client.spreadsheet(ctx, s.config.Spreadsheet, propertyFields)
	if err != nil {
		return nil, err
	}
	for _, sheet := range all.Sheets {
		if sheet.Properties.SheetId == tabID(s.config.Tab) || strings.EqualFold(sheet.Properties.Title, s.config.Tab) {
			return s.lookAt(ctx, sheet.Properties.Title)
		}
	}
	return nil, nil //nolint:nilnil // no tab is an answer
}

func (s *Sink) lookAt(ctx context.Context, title string) (*view, error) {
	answer, err := s.client.spreadsheet(ctx, s.config.Spreadsheet, viewFields, a1(title, "1:2"))
	if err != nil {
		return nil, err
	}
	for _, sheet := range answer.Sheets {
		if sheet.Properties == nil || !strings.EqualFold(sheet.Properties.Title, title) || sheet.Properties.GridProperties == nil {
			continue
		}
		p := sheet.Properties
		v := &view{
			id: p.SheetId, title: p.Title,
			rows: int(p.GridProperties.RowCount), columnN: int(p.GridProperties.ColumnCount),
			formats: make([]*sheets.NumberFormat, p.GridProperties.ColumnCount),
		}
		v.read(sheet.Data)
		return v, nil
	}
	return nil, sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "the answer does not show the tab")
}

func (v *view) read(data []*sheets.GridData) {
	var rows []*sheets.RowData
	if len(data) > 0 {
		rows = data[0].RowData
	}
	if len(rows) > 0 {
		for _, cell := range rows[0].Values {
			v.headers = append(v.headers, strings.TrimSpace(cell.FormattedValue))
		}
	}
	for len(v.headers) > 0 && v.headers[len(v.headers)-1] == "" {
		v.headers = v.headers[:len(v.headers)-1]
	}
	if len(rows) > 1 {
		for i, cell := range rows[1].Values {
			if cell.UserEnteredFormat != nil && i < len(v.formats) {
				v.formats[i] = cell.UserEnteredFormat.NumberFormat
			}
		}
	}
}

// find places the headers, and returns those that have no column. A header that stands twice is a refusal: nobody knows
// which column is meant.
func (v *view) find(headers []string) (missing []string, err error) {
	v.columns = make(map[string]int, len(headers))
	for _, header := range headers {
		column := slices.Index(v.headers, header)
		if column < 0 {
			missing = append(missing, header)
			continue
		}
		if again := slices.Index(v.headers[column+1:], header); again >= 0 {
			return nil, sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
				"the header %q stands in column %s and in column %s; rename one of them",
				header, letters(column), letters(column+1+again))
		}
		v.columns[header] = column
	}
	return missing, nil
}

// same reports whether a later view has the columns of this one at the same places.
func (v *view) same(later *view) bool {
	if later.id != v.id {
		return false
	}
	for header, column := range v.columns {
		if column >= len(later.headers) || later.headers[column] != header {
			return false
		}
	}
	return true
}

func (v *view) column(index int) string {
	return a1(v.title, fmt.Sprintf("%[1]s:%[1]s", letters(index)))
}
