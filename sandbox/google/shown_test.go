package google

import (
	"testing"

	"google.golang.org/api/sheets/v4"
)

// TestNumbersAsShown follows developers.google.com/workspace/sheets/api/guides/formats: a % multiplies by 100, unless it
// is quoted, and # shows a digit only where there is one.
func TestNumbersAsShown(t *testing.T) {
	for _, tt := range []struct {
		number  float64
		pattern string
		want    string
	}{
		{0.4, "0%", "40%"},
		{0.4, "0 %", "40 %"},
		{40, `0" %"`, "40 %"},
		{12.5, `0.##" %"`, "12.5 %"},
		{40, `0.##" %"`, "40. %"},
		{1234567, "#,##0", "1,234,567"},
		{1234567, "#,##0.##", "1,234,567."},
		{-1234.5, "#,##0.00", "-1,234.50"},
	} {
		format := &sheets.CellFormat{NumberFormat: &sheets.NumberFormat{Type: "NUMBER", Pattern: tt.pattern}}
		if got := shownNumber(tt.number, format); got != tt.want {
			t.Errorf("%v as %s: got %q, want %q", tt.number, tt.pattern, got, tt.want)
		}
	}
}
