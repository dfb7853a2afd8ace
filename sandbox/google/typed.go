package google

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"
)

// typed returns what becomes of a text that is typed into a cell: a formula, number, day or boolean, as in the editor. A
// quote in front keeps it a text.
func typed(text string) *sheets.CellData {
	if text == "" {
		return &sheets.CellData{}
	}
	if literal, quoted := strings.CutPrefix(text, "'"); quoted {
		return &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{StringValue: &literal}}
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil && day.Year() >= 1900 {
		days := day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
		return &sheets.CellData{
			UserEnteredValue:  &sheets.ExtendedValue{NumberValue: &days},
			UserEnteredFormat: &sheets.CellFormat{NumberFormat: &sheets.NumberFormat{Type: "DATE", Pattern: "yyyy-mm-dd"}},
		}
	}
	return &sheets.CellData{UserEnteredValue: typedValue(text)}
}

func typedValue(text string) *sheets.ExtendedValue {
	if strings.HasPrefix(text, "=") {
		return &sheets.ExtendedValue{FormulaValue: &text}
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil && decimal(text) {
		return &sheets.ExtendedValue{NumberValue: &number}
	}
	if yes := strings.EqualFold(text, "TRUE"); yes || strings.EqualFold(text, "FALSE") {
		return &sheets.ExtendedValue{BoolValue: &yes}
	}
	return &sheets.ExtendedValue{StringValue: &text}
}

// decimal keeps out what only a programmer takes for a number: 0x1F, NaN, 1_000.
func decimal(text string) bool {
	return regexp.MustCompile(`^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$`).MatchString(text)
}

// typedFields are the fields of a cell that typing changes. Its number format stays, unless what is typed brings one.
func typedFields(cell *sheets.CellData) string {
	if cell.UserEnteredFormat != nil {
		return "userEnteredValue,userEnteredFormat.numberFormat"
	}
	return "userEnteredValue"
}
