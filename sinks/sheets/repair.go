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

// placed is rows that were sent, and the view that they were placed by.
type placed struct {
	effect string
	before *view
	frozen sinks.Batch
}

// verify reads the header row once the rows are written. When a column of ours was moved since the view that the rows
// were placed by, those that stand wrong are put right. It returns what the receipt has to say about that. What could not
// be seen, or not be written just now, is kept for settle.
func (s *Sink) verify(ctx context.Context, rows placed) sinks.Receipt {
	after, err := s.look(ctx)
	if err != nil {
		s.unseen = append(s.unseen, rows)
		return "; whether columns were moved meanwhile could not be seen, and is looked at with the next rows"
	}
	if after == nil {
		return "" // a person has deleted the tab
	}
	s.view, s.viewed = after, time.Now()
	if err := s.compare(ctx, rows, after); err != nil {
		if unanswered(err) {
			s.unseen = append(s.unseen, rows)
			return "; columns were moved meanwhile, and putting these rows right is tried again with the next rows"
		}
		return "; columns were moved meanwhile, and putting these rows right did not work"
	}
	return ""
}

// settle compares what verify, or an answer that never came, has left open. What fails in passing stays open.
func (s *Sink) settle(ctx context.Context, after *view) {
	open := s.unseen
	s.unseen = nil
	for _, rows := range open {
		if err := s.compare(ctx, rows, after); err != nil && unanswered(err) {
			s.unseen = append(s.unseen, rows)
		}
	}
}

// settled is settle for one effect that Recall found to have happened, or not.
func (s *Sink) settled(ctx context.Context, effect string, happened sinks.Happened) sinks.Receipt {
	i := slices.IndexFunc(s.unseen, func(rows placed) bool { return rows.effect == effect })
	if i < 0 || happened == sinks.CannotTell {
		return ""
	}
	rows := s.unseen[i]
	s.unseen = slices.Delete(s.unseen, i, i+1)
	if happened == sinks.DidNot {
		return ""
	}
	return s.verify(ctx, rows)
}

// compare puts rows right whose columns are elsewhere now.
func (s *Sink) compare(ctx context.Context, rows placed, now *view) error {
	if rows.before.same(now) || now.id != rows.before.id {
		return nil
	}
	after := *now // the columns of now are those of other rows
	missing, err := after.find(slices.Collect(maps.Keys(rows.before.columns)))
	if err == nil && len(missing) > 0 {
		err = sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses, "a column is gone")
	}
	if err != nil {
		return err
	}
	return s.repair(ctx, rows.before, &after, rows.frozen)
}

// repair writes the rows again where the columns are now. A row is found by its key, which stands in the key column when
// the columns were moved after the row came, or where that column was when they were moved before.
func (s *Sink) repair(ctx context.Context, before, after *view, frozen sinks.Batch) error {
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
