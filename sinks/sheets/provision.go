package sheets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// firstRows is how many rows a new tab has; it grows by what is appended.
const firstRows = 1000

// prepare returns a view of the tab in which every header has its column. What is missing is made in one batchUpdate;
// whether that was applied is then seen, so it may be sent again.
func (s *Sink) prepare(ctx context.Context, headers []string) (*view, error) {
	var refused error
	for range 3 {
		seen, err := s.recent(ctx)
		if err != nil {
			return nil, err
		}
		wanted := s.wanted(headers)
		var missing []Column
		if seen != nil {
			names, err := seen.find(names(wanted))
			if err != nil {
				return nil, err
			}
			missing = slices.DeleteFunc(slices.Clone(wanted), func(c Column) bool { return !slices.Contains(names, c.Header) })
		}
		if seen != nil && len(missing) == 0 {
			return seen, nil
		}
		if refused != nil {
			return nil, refused
		}
		requests, err := s.making(ctx, seen, wanted, missing)
		if err != nil {
			return nil, err
		}
		if err = s.client.update(ctx, s.config.Spreadsheet, requests); err != nil {
			if sinks.Classify(err).Class != sinks.Void {
				return nil, err
			}
			refused = err // perhaps because a late copy of it has been applied meanwhile: look again
		}
	}
	return nil, sinks.Fail(sinks.Retry, sinks.ReasonBadAnswer, "columns that were added are not there")
}

// recent returns what was seen right after the last write, if that is not long ago, else it looks. A column that is moved
// in between is noticed after the write.
func (s *Sink) recent(ctx context.Context) (*view, error) {
	seen := s.view
	s.view = nil
	if seen != nil && time.Since(s.viewed) < freshness {
		return seen, nil
	}
	return s.look(ctx)
}

// wanted returns the configured columns, and behind them one for each header that a frozen row has besides.
func (s *Sink) wanted(headers []string) []Column {
	all := slices.Clone(s.columns)
	for _, header := range headers {
		if !slices.ContainsFunc(all, func(c Column) bool { return c.Header == header }) {
			all = append(all, Column{Header: header, Type: Auto})
		}
	}
	return all
}

func names(columns []Column) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Header
	}
	return all
}

// making returns what makes the tab, dresses an empty one, or adds the columns that it lacks.
func (s *Sink) making(ctx context.Context, seen *view, wanted, missing []Column) ([]*sheets.Request, error) {
	switch {
	case seen == nil:
		id := tabID(s.config.Tab)
		add := &sheets.Request{AddSheet: &sheets.AddSheetRequest{Properties: &sheets.SheetProperties{
			SheetId: id, Title: s.config.Tab, GridProperties: &sheets.GridProperties{
				RowCount: firstRows, ColumnCount: int64(len(wanted)), FrozenRowCount: 1,
			},
		}}}
		return append([]*sheets.Request{add}, dressed(id, wanted)...), nil
	case len(seen.headers) == 0:
		return s.furnish(ctx, seen, wanted)
	case len(missing) == len(wanted):
		return nil, sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
			"it holds another table: none of the columns %s stands in its first row; choose another tab, or rename this one",
			strings.Join(names(wanted), ", "))
	case slices.ContainsFunc(missing, func(c Column) bool { return c.Header == keyHeader }):
		if err := s.bare(ctx, seen); err != nil {
			return nil, err
		}
	}
	return s.widen(ctx, seen, missing)
}

// bare refuses a tab whose rows have no key column: perhaps a row was inserted above its headers, or the column was
// deleted. A second set of columns beside the first one would hide that. Headers without rows are no table yet.
func (s *Sink) bare(ctx context.Context, seen *view) error {
	if seen.rows < 2 {
		return nil
	}
	below := a1(seen.title, fmt.Sprintf("2:%d", min(seen.rows, firstRows)))
	content, err := s.client.values(ctx, s.config.Spreadsheet, below, "ROWS")
	if err == nil && len(content) > 0 {
		err = sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
			"there is no %[1]q in its first row, but there are rows below; the headers must stand in row 1: "+
				"delete what was inserted above them, or write %[1]q above the ids of the rows, or above an empty column",
			keyHeader)
	}
	return err
}

// furnish dresses a tab that a person made and left empty. Columns that it has too many cost cells, of which a
// spreadsheet has ten million.
func (s *Sink) furnish(ctx context.Context, seen *view, wanted []Column) ([]*sheets.Request, error) {
	content, err := s.client.values(ctx, s.config.Spreadsheet, a1(seen.title, fmt.Sprintf("1:%d", min(seen.rows, firstRows))), "ROWS")
	if err != nil {
		return nil, err
	}
	if len(content) > 0 {
		return nil, sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
			"it has content, but its first row is empty; columns are found by the headers there: write them, or choose another tab")
	}
	width := int64(len(wanted))
	if seen.rows > firstRows { // not all of it was looked at
		width = max(width, int64(seen.columnN))
	}
	grid := &sheets.Request{UpdateSheetProperties: &sheets.UpdateSheetPropertiesRequest{
		Properties: &sheets.SheetProperties{
			SheetId:         seen.id,
			GridProperties:  &sheets.GridProperties{ColumnCount: width, FrozenRowCount: 1},
			ForceSendFields: []string{"SheetId"},
		},
		Fields: "gridProperties.columnCount,gridProperties.frozenRowCount",
	}}
	return append([]*sheets.Request{grid}, dressed(seen.id, wanted)...), nil
}

// widen adds columns behind everything that stands in the tab, also behind columns that have content but no header.
func (s *Sink) widen(ctx context.Context, seen *view, missing []Column) ([]*sheets.Request, error) {
	at := len(seen.headers)
	if at < seen.columnN {
		rest := a1(seen.title, letters(at)+":"+letters(seen.columnN-1))
		content, err := s.client.values(ctx, s.config.Spreadsheet, rest, "COLUMNS")
		if err != nil {
			return nil, err
		}
		at += len(content)
	}
	var requests []*sheets.Request
	if lacking := at + len(missing) - seen.columnN; lacking > 0 {
		requests = append(requests, &sheets.Request{AppendDimension: &sheets.AppendDimensionRequest{
			SheetId: seen.id, Dimension: "COLUMNS", Length: int64(lacking),
		}})
	}
	return append(requests, columnsAt(seen.id, at, missing)...), nil
}

// columnsAt writes headers, widths and formats.
func columnsAt(tab int64, at int, columns []Column) []*sheets.Request {
	head := &sheets.RowData{}
	for _, c := range columns {
		cell := text(c.Header)
		cell.UserEnteredFormat = &sheets.CellFormat{
			BackgroundColorStyle: colour(headerColour), TextFormat: &sheets.TextFormat{Bold: true}, WrapStrategy: "CLIP",
		}
		head.Values = append(head.Values, cell)
	}
	requests := []*sheets.Request{{UpdateCells: &sheets.UpdateCellsRequest{
		Start:  &sheets.GridCoordinate{SheetId: tab, ColumnIndex: int64(at)},
		Rows:   []*sheets.RowData{head},
		Fields: "userEnteredValue,userEnteredFormat(backgroundColorStyle,textFormat.bold,wrapStrategy)",
	}}}
	for i, c := range columns {
		first, end := int64(at+i), int64(at+i+1)
		width, format := c.shape()
		requests = append(requests,
			&sheets.Request{UpdateDimensionProperties: &sheets.UpdateDimensionPropertiesRequest{
				Range:      &sheets.DimensionRange{SheetId: tab, Dimension: "COLUMNS", StartIndex: first, EndIndex: end},
				Properties: &sheets.DimensionProperties{PixelSize: int64(width)},
				Fields:     "pixelSize",
			}},
			&sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
				Range:  &sheets.GridRange{SheetId: tab, StartRowIndex: 1, StartColumnIndex: first, EndColumnIndex: end},
				Cell:   &sheets.CellData{UserEnteredFormat: &sheets.CellFormat{WrapStrategy: "CLIP", NumberFormat: format}},
				Fields: "userEnteredFormat(wrapStrategy,numberFormat)",
			}})
	}
	return requests
}

// shape returns a column's width in pixels and its number format, nil for text.
func (c Column) shape() (int, *sheets.NumberFormat) {
	format := func(kind, pattern string) *sheets.NumberFormat {
		return &sheets.NumberFormat{Type: kind, Pattern: orElse(c.Format, pattern)}
	}
	switch c.Type {
	case event.CellDate:
		return orElse(c.Width, 100), format("DATE", dateFormat)
	case event.CellDateTime:
		return orElse(c.Width, 140), format("DATE_TIME", dateTimeFormat)
	case event.CellNumber:
		return orElse(c.Width, 100), format("NUMBER", wholeFormat)
	case event.CellBoolean:
		return orElse(c.Width, 80), nil
	case event.CellLink:
		return orElse(c.Width, 120), nil
	default:
		return orElse(c.Width, 160), nil
	}
}
