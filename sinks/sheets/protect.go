package sheets

import (
	"context"
	"fmt"
	"math"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// protectedFields are what is asked for to see why a write was refused.
const protectedFields = propertyFields + ",sheets.protectedRanges(range,warningOnly,requestingUserCanEdit)"

// guarded says which part of the tab is protected where rows are added: from a row on, counted from 0, in the columns up
// to the last one of ours. It returns "" when there is none. What is protected elsewhere, as a header row, is in nobody's
// way.
func (v *view) guarded(all *sheets.Spreadsheet, from int) string {
	width := 0
	for _, column := range v.columns {
		width = max(width, column+1)
	}
	for _, sheet := range all.Sheets {
		if sheet.Properties.SheetId != v.id {
			continue
		}
		for _, p := range sheet.ProtectedRanges {
			if p.WarningOnly || p.RequestingUserCanEdit {
				continue
			}
			if p.Range == nil {
				return v.named(0, width, width)
			}
			first, end := int(p.Range.StartColumnIndex), min(endOf(p.Range.EndColumnIndex), width)
			if endOf(p.Range.EndRowIndex) > from && first < end {
				return v.named(first, end, width)
			}
		}
	}
	return ""
}

// endOf is where a range ends; zero stands for no end.
func endOf(index int64) int {
	if index == 0 {
		return math.MaxInt
	}
	return int(index)
}

// named says in words that columns are protected. Rows are added from the first column on, and what is between our
// columns is written with them, though without a value: a person's column that is protected is in the way, too.
func (v *view) named(first, end, width int) string {
	if first == 0 && end == width {
		return "a part of it is protected; let the service account edit it"
	}
	header := func(column int) string {
		if column < len(v.headers) {
			return v.headers[column]
		}
		return ""
	}
	for column := first; column < end; column++ {
		if _, ours := v.columns[header(column)]; ours {
			return fmt.Sprintf("its column %s, %q, is protected; let the service account edit it", letters(column), header(column))
		}
	}
	return fmt.Sprintf("its column %s, %q, is protected, and stands in front of columns that are written; "+
		"move it behind column %s, or let the service account edit it", letters(first), header(first), letters(width-1))
}

// shut says whether a 403 was about a protected part, and not about the spreadsheet.
func (s *Sink) shut(ctx context.Context, seen *view, refusal *sinks.Error) error {
	all, err := s.client.spreadsheet(ctx, s.config.Spreadsheet, protectedFields)
	if err != nil {
		return refusal
	}
	if part := seen.guarded(all, s.filled(ctx, seen)); part != "" {
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses, "%s: %w", part, refusal.Err)
	}
	return refusal
}

// filled returns how many rows have a key, with the header and what is between. Rows are added behind them.
func (s *Sink) filled(ctx context.Context, seen *view) int {
	values, err := s.client.values(ctx, s.config.Spreadsheet, seen.column(seen.columns[keyHeader]), "COLUMNS")
	if err != nil || len(values) == 0 {
		return 1
	}
	return max(1, len(values[0]))
}
