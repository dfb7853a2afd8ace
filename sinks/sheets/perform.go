package sheets

import (
	"context"
	"strings"
	"time"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// freshness is how old a view may be that a write relies on.
const freshness = 2 * time.Second

// Perform appends the rows of the effect, all or none, and first makes the tab or the columns that it lacks. It takes a
// read, a write and a read; under load, where the last read serves the next effect, one less. See Client.classify for
// what errors mean; before the rows are sent, nothing is Unsure. A 400 to the rows is taken apart:
//
//	the fence is ours                    done
//	the fence's id is taken              retry, target-refuses: the next effect has another
//	no room for the fence                park, target-refuses
//	the tab is gone                      retry: it is made anew
//	protected where rows are added       park, target-refuses
//	ten million cells                    park, target-refuses
//	else                                 void, content-refused
//
// When nobody could see whether columns were moved in the moment of the write, the next Perform or Recall looks again.
func (s *Sink) Perform(ctx context.Context, effect sinks.Effect) (sinks.Receipt, error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	frozen, err := sinks.ThawBatch(effect)
	if err != nil {
		return "", err
	}
	seen, err := s.prepare(ctx, headersOf(frozen))
	if err != nil {
		return "", s.about("preparing", beforehand(err))
	}
	s.settle(ctx, seen)
	mark := fenceOf(effect.ID)
	rows := placed{effect: effect.ID, before: seen, frozen: frozen}
	if err := s.append(ctx, mark, seen, frozen); err != nil {
		switch failure := sinks.Classify(err); failure.Class {
		case sinks.Unsure:
			s.unseen = append(s.unseen, rows)
		case sinks.Park:
			s.fences.swept = time.Time{} // our own old fences may be what leaves no room
			s.sweep(ctx, seen.id)
		default:
		}
		return "", s.about("writing to", err)
	}
	s.fences.end(mark.id)
	receipt := frozen.Receipt(s.place()) + s.verify(ctx, rows)
	s.sweep(ctx, seen.id)
	return receipt, nil
}

func (s *Sink) append(ctx context.Context, mark fence, seen *view, frozen sinks.Batch) error {
	rows := make([]*sheets.RowData, len(frozen.Rows))
	for i, row := range frozen.Rows {
		rows[i] = seen.rowData(row)
	}
	requests := []*sheets.Request{
		mark.create(seen.id),
		{AppendCells: &sheets.AppendCellsRequest{
			SheetId: seen.id, Rows: rows, Fields: writtenFields, ForceSendFields: []string{"SheetId"},
		}},
	}
	err := s.client.update(ctx, s.config.Spreadsheet, requests)
	s.sent = time.Now()
	if err == nil {
		return nil
	}
	failure := sinks.Classify(err)
	switch {
	case failure.Class == sinks.Void:
		return s.apart(ctx, mark, seen, len(rows), failure)
	case failure.Class == sinks.Park && failure.Reason == sinks.ReasonPermission:
		return s.shut(ctx, seen, failure)
	default:
		return failure
	}
}

// apart finds out what a refusal of the rows was about. The tab is asked, as texts are in any language.
func (s *Sink) apart(ctx context.Context, mark fence, seen *view, rows int, refusal *sinks.Error) error {
	who, err := s.holder(ctx, mark)
	if err != nil {
		return sinks.Fail(sinks.Unsure, refusal.Reason, "%w (and whether it was for good cannot be seen: %w)", refusal.Err, err)
	}
	switch who {
	case ours:
		return nil
	case burnt, foreign:
		return sinks.Fail(sinks.Retry, sinks.ReasonTargetRefuses, "the number %d of its fence is taken: %w", mark.id, refusal.Err)
	case nobody:
	}
	all, err := s.client.spreadsheet(ctx, s.config.Spreadsheet, protectedFields)
	if err != nil {
		return refusal // definite all the same
	}
	if part := seen.guarded(all, s.filled(ctx, seen)); part != "" {
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses, "%s: %w", part, refusal.Err)
	}
	return about(all, seen, rows, refusal)
}

// about says what in a spreadsheet a refusal was about.
func about(all *sheets.Spreadsheet, seen *view, rows int, refusal *sinks.Error) error {
	cells, there := 0, false
	for _, sheet := range all.Sheets {
		if grid := sheet.Properties.GridProperties; grid != nil {
			cells += int(grid.RowCount * grid.ColumnCount)
		}
		there = there || sheet.Properties.SheetId == seen.id
	}
	const most = 10_000_000
	switch {
	case !there:
		return sinks.Fail(sinks.Retry, sinks.ReasonTargetGone, "it was deleted and is made anew: %w", refusal.Err)
	case cells+rows*seen.columnN > most, strings.Contains(refusal.Error(), "number of cells in the workbook"):
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
			"the spreadsheet is full with its %d cells; choose another one: %w", cells, refusal.Err)
	case namesFirst(refusal):
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
			"there is no room for developer metadata in it; an add-on may have used it up: %w", refusal.Err)
	default:
		return refusal
	}
}
