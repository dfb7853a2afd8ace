package sheets

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
)

const (
	dateFormat     = "yyyy-mm-dd"
	dateTimeFormat = "yyyy-mm-dd hh:mm"
	wholeFormat    = "#,##0"
	decimalFormat  = "#,##0.00"

	// writtenFields are the fields of a cell that a row of ours sets: no colours, notes or wrapping, which are people's.
	writtenFields = "userEnteredValue,userEnteredFormat.numberFormat,userEnteredFormat.textFormat.link"
)

// cellData returns a cell as it is sent: typed, never parsed by Google, and so never a formula.
func cellData(cell event.Cell) *sheets.CellData {
	switch cell.Type {
	case event.CellDate:
		return dated(cell, "DATE", dateFormat)
	case event.CellDateTime:
		return dated(cell, "DATE_TIME", dateTimeFormat)
	case event.CellNumber:
		return numbered(cell)
	case event.CellBoolean:
		return &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{BoolValue: &cell.Bool}}
	case event.CellLink:
		return linked(cell)
	default:
		return text(cell.Text)
	}
}

func text(s string) *sheets.CellData {
	if s == "" {
		return &sheets.CellData{}
	}
	return &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{StringValue: &s}}
}

func dated(cell event.Cell, kind, pattern string) *sheets.CellData {
	if cell.Time.IsZero() {
		return &sheets.CellData{}
	}
	days := serial(cell.Time)
	if days < 0 { // before the first day that every spreadsheet program agrees on
		return text(words(cell))
	}
	return number(days, kind, orElse(cell.Format, pattern))
}

// serial returns the wall time as days since 1899-12-30, as Sheets counts them. Zones mean nothing to a sheet.
func serial(at time.Time) float64 {
	wall := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	const day = 24 * 60 * 60
	return float64(wall.Unix()-first.Unix()) / day
}

// numbered keeps digits that a double cannot hold as text, rather than round them.
func numbered(cell event.Cell) *sheets.CellData {
	value, err := strconv.ParseFloat(cell.Text, 64)
	if err != nil || significant(cell.Text) > 15 || math.IsNaN(value) || math.IsInf(value, 0) {
		return text(cell.Text)
	}
	pattern := wholeFormat
	if strings.Contains(cell.Text, ".") {
		pattern = decimalFormat
	}
	return number(value, "NUMBER", orElse(cell.Format, pattern))
}

// significant counts the digits of a number without zeros in front.
func significant(digits string) int {
	digits, _, _ = strings.Cut(strings.ToLower(digits), "e")
	digits = strings.TrimLeft(strings.ReplaceAll(strings.TrimLeft(digits, "+-"), ".", ""), "0")
	return len(digits)
}

func number(value float64, kind, pattern string) *sheets.CellData {
	return &sheets.CellData{
		UserEnteredValue:  &sheets.ExtendedValue{NumberValue: &value},
		UserEnteredFormat: &sheets.CellFormat{NumberFormat: &sheets.NumberFormat{Type: kind, Pattern: pattern}},
	}
}

// linked makes the whole cell a link, without a formula. What is no web address stays text.
func linked(cell event.Cell) *sheets.CellData {
	data := text(orElse(cell.Text, cell.Link))
	address, err := url.Parse(cell.Link)
	if err != nil || (address.Scheme != "https" && address.Scheme != "http") || address.Host == "" {
		return data
	}
	data.UserEnteredFormat = &sheets.CellFormat{TextFormat: &sheets.TextFormat{Link: &sheets.Link{Uri: cell.Link}}}
	return data
}

// words returns what a cell says as text.
func words(cell event.Cell) string {
	switch {
	case cell.Type == event.CellDate && !cell.Time.IsZero():
		return cell.Time.Format(time.DateOnly)
	case cell.Type == event.CellDateTime && !cell.Time.IsZero():
		return cell.Time.Format("2006-01-02 15:04")
	case cell.Type == event.CellBoolean:
		return strings.ToUpper(strconv.FormatBool(cell.Bool))
	default:
		return orElse(cell.Text, cell.Link)
	}
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// rowData places the cells of a row where the view has their columns. Columns of other people get no value, and the
// number format that they have in the first row below the header.
func (v *view) rowData(row event.Row) *sheets.RowData {
	at := map[int]*sheets.CellData{v.columns[keyHeader]: text(row.Key)}
	width := v.columns[keyHeader] + 1
	for _, cell := range row.Cells {
		column := v.columns[cell.Header]
		if cell.Header != keyHeader {
			at[column] = cellData(cell)
			width = max(width, column+1)
		}
	}
	data := &sheets.RowData{Values: make([]*sheets.CellData, width)}
	for i := range data.Values {
		switch {
		case at[i] != nil:
			data.Values[i] = at[i]
		case v.formats[i] != nil:
			data.Values[i] = &sheets.CellData{UserEnteredFormat: &sheets.CellFormat{NumberFormat: v.formats[i]}}
		default:
			data.Values[i] = &sheets.CellData{}
		}
	}
	return data
}
