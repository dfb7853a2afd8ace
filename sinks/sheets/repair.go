package sheets

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// namesFirst reports whether a refusal names the first request of a batch, the fence. It is asked only where nothing
// better is known.
func namesFirst(refusal *sinks.Error) bool { return strings.Contains(refusal.Error(), "requests[0]") }

// verify reads the header row once the rows are written. When a column of ours was moved since the view that the rows
// were placed by, those that stand wrong are put right. A look that fails is no reason to say anything: it is a moment
// that hardly ever counts.
func (s *Sink) verify(ctx context.Context, before *view, frozen batch) error {
	after, err := s.look(ctx)
	if err != nil || after == nil {
		return nil //nolint:nilerr // see above
	}
	s.view, s.viewed = after, time.Now()
	if before.same(after) || after.id != before.id {
		return nil
	}
	missing, err := after.find(slices.Collect(maps.Keys(before.columns)))
	if err != nil || len(missing) > 0 {
		s.view = nil
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses, "a column is gone")
	}
	return s.repair(ctx, before, after, frozen)
}

// repair writes the rows again where the columns are now. A row is found by its key, which stands in the key column when
// the columns were moved after the row came, or where that column was when they were moved before.
func (s *Sink) repair(ctx context.Context, before, after *view, frozen batch) error {
	places, err := s.keysIn(ctx, after, after.columns[keyHeader], frozen)
	if err != nil {
		return err
	}
	elsewhere, err := s.keysIn(ctx, after, before.columns[keyHeader], frozen)
	if err != nil {
		return err
	}
	if places == nil {
		places = map[int]int{}
	}
	maps.Copy(places, elsewhere)
	if len(places) == 0 {
		return nil // a person has deleted them
	}
	rows := slices.Sorted(maps.Keys(places))
	first, last := rows[0], rows[len(rows)-1]
	there, err := s.client.values(ctx, s.config.Spreadsheet, a1(after.title, itoa(first+1)+":"+itoa(last+1)), "ROWS")
	if err != nil {
		return err
	}
	var requests []*sheets.Request
	for _, row := range rows {
		var values []any
		if row-first < len(there) {
			values = there[row-first]
		}
		requests = append(requests, corrections(before, after, row, values, frozen.Rows[places[row]])...)
	}
	if len(requests) == 0 {
		return nil
	}
	return s.client.update(ctx, s.config.Spreadsheet, requests)
}
