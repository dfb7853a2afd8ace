package sheets

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
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
		return sinks.Receipt("; columns were moved meanwhile, and putting these rows right did not work: " + err.Error())
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

// repairs is how often repair looks. One that changed nothing, as everything stands where it belongs, is the last one.
const repairs = 4

// repair writes the rows again where the columns are now, and looks once more when it has written. A row is written by its
// number, as Google knows no write on condition of what stands there. So what is written relies on one look at the whole
// row, with the key in it, a moment ago. Rows that a person moves just between that look and the write, which is some 100
// ms, get cells in others' places; this is noticed, as the rows then are still wrong, and said when they are right.
func (s *Sink) repair(ctx context.Context, before, after *view, frozen sinks.Batch) error {
	written, strayed := false, false
	for range repairs {
		rows, sure, err := s.standing(ctx, before, after, frozen)
		if err != nil {
			return err
		}
		if !sure {
			continue
		}
		var requests []*sheets.Request
		for _, row := range rows { // none, if a person has deleted them
			requests = append(requests, corrections(before, after, row)...)
		}
		switch strayed = strayed || written && len(requests) > 0; {
		case len(requests) == 0 && strayed:
			return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
				"rows were moved, too, in the moment of the repair: cells of these rows may stand in rows beside them")
		case len(requests) == 0:
			return nil
		}
		if err := s.client.update(ctx, s.config.Spreadsheet, requests); err != nil {
			return err
		}
		written = true
	}
	return sinks.Fail(sinks.Retry, sinks.ReasonTargetRefuses, "rows are moved again and again while they are put right")
}

// standing is a row of a batch as it stands in the tab.
type standing struct {
	row    int
	values []any
	want   event.Row
}

// standing returns the rows of the batch that are there. A row is found by its key, which stands in the key column when the
// columns were moved after the row came, or where that column was when they were moved before. It is not sure when the rows
// that are then read do not have the keys that were found there: they were moved, and the look is worth nothing.
func (s *Sink) standing(ctx context.Context, before, after *view, frozen sinks.Batch) (all []standing, sure bool, err error) {
	places, err := s.keysIn(ctx, after, after.columns[keyHeader], frozen)
	if err != nil {
		return nil, false, err
	}
	elsewhere, err := s.keysIn(ctx, after, before.columns[keyHeader], frozen)
	if err != nil {
		return nil, false, err
	}
	if places == nil {
		places = map[int]int{}
	}
	maps.Copy(places, elsewhere)
	if len(places) == 0 {
		return nil, true, nil
	}
	rows := slices.Sorted(maps.Keys(places))
	first, last := rows[0], rows[len(rows)-1]
	there, err := s.client.values(ctx, s.config.Spreadsheet, a1(after.title, itoa(first+1)+":"+itoa(last+1)), "ROWS")
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		found := standing{row: row, want: frozen.Rows[places[row]]}
		if row-first < len(there) {
			found.values = there[row-first]
		}
		if at(found.values, after.columns[keyHeader]) != found.want.Key && at(found.values, before.columns[keyHeader]) != found.want.Key {
			return nil, false, nil
		}
		all = append(all, found)
	}
	return all, true, nil
}
