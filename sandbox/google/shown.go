package google

import (
	"math"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"
)

// plain returns a cell's value as UNFORMATTED_VALUE does; "" for a blank one.
func plain(cell *sheets.CellData) any {
	if cell == nil || cell.UserEnteredValue == nil {
		return ""
	}
	switch v := cell.UserEnteredValue; {
	case v.BoolValue != nil:
		return *v.BoolValue
	case v.NumberValue != nil:
		return *v.NumberValue
	case v.StringValue != nil:
		return *v.StringValue
	default:
		return shown(cell)
	}
}

// shown returns what a person sees in a cell. A formula is not computed, but shown in a way that cannot be overlooked.
func shown(cell *sheets.CellData) string {
	if cell == nil || cell.UserEnteredValue == nil {
		return ""
	}
	switch v := cell.UserEnteredValue; {
	case v.BoolValue != nil:
		return strings.ToUpper(strconv.FormatBool(*v.BoolValue))
	case v.NumberValue != nil:
		return shownNumber(*v.NumberValue, cell.UserEnteredFormat)
	case v.StringValue != nil:
		return *v.StringValue
	case v.FormulaValue != nil:
		return "[computed: " + *v.FormulaValue + "]"
	default:
		return ""
	}
}

func shownNumber(n float64, format *sheets.CellFormat) string {
	if format == nil || format.NumberFormat == nil || format.NumberFormat.Pattern == "" {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	pattern := format.NumberFormat.Pattern
	if format.NumberFormat.Type == "DATE" || format.NumberFormat.Type == "DATE_TIME" {
		day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		at := day.Add(time.Duration(math.Round(n*86400)) * time.Second)
		return at.Format(strings.NewReplacer("yyyy", "2006", "mm-dd", "01-02", "hh:mm", "15:04", "ss", "05").Replace(pattern))
	}
	pattern, unit := unquoted(pattern)
	percent := strings.Contains(pattern, "%")
	if percent {
		n *= 100
	}
	least, most := 0, 0 // decimals
	if _, after, ok := strings.Cut(pattern, "."); ok {
		least = strings.Count(after, "0")
		most = least + strings.Count(after, "#")
	}
	text := strconv.FormatFloat(math.Abs(n), 'f', most, 64)
	for ; most > least && strings.HasSuffix(text, "0"); most-- {
		text = text[:len(text)-1] // the point stays, even when nothing follows it
	}
	if strings.Contains(pattern, ",") {
		text = grouped(text)
	}
	if n < 0 {
		text = "-" + text
	}
	if percent {
		text += strings.Repeat(" ", strings.Count(pattern, " ")) + "%"
	}
	return text + unit
}

// unquoted takes the text between quotes off the end of a pattern: there, a % is no more than a sign.
func unquoted(pattern string) (rest, text string) {
	rest, text, quoted := strings.Cut(pattern, `"`)
	if !quoted {
		return pattern, ""
	}
	return rest, strings.TrimSuffix(text, `"`)
}

// grouped puts a comma between thousands.
func grouped(text string) string {
	whole, rest, point := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		return whole + "." + rest
	}
	return whole
}
