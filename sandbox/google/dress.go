package google

import (
	"fmt"
	"math"
	"slices"

	"google.golang.org/api/sheets/v4"
)

// This file is how a single cell looks.

func (t *tab) seenCell(row, column int) SheetCell {
	cell := t.lines[row].cell(column)
	seen := SheetCell{Text: shown(cell), Kind: kindOfCell(cell)}
	seen.Align = alignment(cell, seen.Kind)
	if cell != nil {
		seen.Link = full(cell).Hyperlink
		seen.Checked = seen.Kind == Checkbox && cell.UserEnteredValue != nil && *cell.UserEnteredValue.BoolValue
		seen.paint(cell.UserEnteredFormat)
	}
	for _, rule := range slices.Backward(t.rules) { // the first one has the last word
		if t.inRule(rule, row, column) && holds(rule.BooleanRule.Condition, seen.Text) {
			seen.paint(rule.BooleanRule.Format)
		}
	}
	return seen
}

func (t *tab) inRule(rule *sheets.ConditionalFormatRule, row, column int) bool {
	here := area{row: row, rowEnd: row + 1, column: column, columnEnd: column + 1}
	for _, r := range rule.Ranges {
		if t.area(r).overlaps(here) {
			return true
		}
	}
	return false
}

func (c *SheetCell) paint(format *sheets.CellFormat) {
	if format == nil {
		return
	}
	if colour := hex(format.BackgroundColorStyle); colour != "" {
		c.Background = colour
	}
	if text := format.TextFormat; text != nil {
		if colour := hex(text.ForegroundColorStyle); colour != "" {
			c.Ink = colour
		}
		c.Bold = c.Bold || text.Bold
	}
}

// hex writes a colour as "#rrggbb"; "" for none.
func hex(colour *sheets.ColorStyle) string {
	if colour == nil || colour.RgbColor == nil {
		return ""
	}
	part := func(x float64) int { return int(math.Round(255 * min(max(x, 0), 1))) }
	c := colour.RgbColor
	return fmt.Sprintf("#%02x%02x%02x", part(c.Red), part(c.Green), part(c.Blue))
}

func isCheckbox(cell *sheets.CellData) bool {
	return cell != nil && cell.DataValidation != nil && cell.DataValidation.Condition != nil &&
		cell.DataValidation.Condition.Type == "BOOLEAN"
}

func kindOfCell(cell *sheets.CellData) Kind {
	switch {
	case isCheckbox(cell) && (cell.UserEnteredValue == nil || cell.UserEnteredValue.BoolValue != nil):
		return Checkbox
	case cell == nil || cell.UserEnteredValue == nil:
		return Blank
	case cell.UserEnteredValue.BoolValue != nil:
		return Boolean
	case cell.UserEnteredValue.FormulaValue != nil:
		return Formula
	case cell.UserEnteredValue.NumberValue != nil && isTime(cell.UserEnteredFormat):
		return Date
	case cell.UserEnteredValue.NumberValue != nil:
		return Number
	default:
		return Text
	}
}

func isTime(format *sheets.CellFormat) bool {
	return format != nil && format.NumberFormat != nil &&
		(format.NumberFormat.Type == "DATE" || format.NumberFormat.Type == "DATE_TIME" || format.NumberFormat.Type == "TIME")
}

// alignment is what the cell's format says, else numbers and dates are on the right, and yes or no in the middle.
func alignment(cell *sheets.CellData, kind Kind) string {
	if cell != nil && cell.UserEnteredFormat != nil {
		switch cell.UserEnteredFormat.HorizontalAlignment {
		case "LEFT":
			return "left"
		case "CENTER":
			return "center"
		case "RIGHT":
			return "right"
		}
	}
	switch kind {
	case Number, Date:
		return "right"
	case Boolean, Checkbox:
		return "center"
	default:
		return "left"
	}
}
