package sheets

import (
	"context"
	"time"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// Recall burns the fence of the effect, see the package comment, and reads the key column as a second belt: a key that is
// there was written, whatever became of the fence. It cannot tell while the spreadsheet is not shared or the credentials
// are refused.
func (s *Sink) Recall(ctx context.Context, effect sinks.Effect) (sinks.Recollection, error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	mark, happened := fenceOf(effect.ID), sinks.CannotTell
	frozen, err := sinks.ThawBatch(effect)
	if err == nil {
		happened, err = s.recall(ctx, mark, frozen)
	}
	if err != nil {
		failure := s.about("looking into", beforehand(err))
		if failure.Class == sinks.Retry || failure.Class == sinks.Wait {
			return sinks.Recollection{}, failure
		}
		return sinks.Recollection{Reason: failure.Reason, Detail: failure.Error()}, nil
	}
	s.fences.end(mark.id)
	answer := sinks.Recollection{Happened: happened}
	said := s.settled(ctx, effect.ID, happened)
	if happened == sinks.Did {
		answer.Receipt = frozen.Receipt(s.place()) + said
	}
	return answer, nil
}

func (s *Sink) recall(ctx context.Context, mark fence, frozen sinks.Batch) (sinks.Happened, error) {
	who, err := s.burn(ctx, mark)
	if err != nil {
		return sinks.CannotTell, err
	}
	if who == ours {
		return sinks.Did, nil
	}
	late := s.landing - time.Since(s.sent) // read before the look: what lands after it must be impossible, not unlikely
	written, err := s.written(ctx, frozen)
	switch {
	case err != nil && who != burnt:
		return sinks.CannotTell, err
	case err == nil && written:
		return sinks.Did, nil
	case err != nil && unanswered(err):
		return sinks.CannotTell, err
	case who == burnt || late <= 0:
		return sinks.DidNot, nil
	default:
		failure := sinks.Fail(sinks.Wait, sinks.ReasonNoAnswer, "the rows are not there, but could still come")
		failure.After = late + time.Second
		return sinks.CannotTell, failure
	}
}

// unanswered reports whether a look is worth repeating.
func unanswered(err error) bool {
	class := beforehand(err).Class
	return class == sinks.Retry || class == sinks.Wait
}

// burn makes sure that the effect's batch is refused from now on, and returns burnt when that is sure, ours when the
// batch was applied before, and another holder when neither can be known from the fence.
func (s *Sink) burn(ctx context.Context, mark fence) (holder, error) {
	for range 2 { // if Google took the second one too, an id would not be unique, and the first one would prove nothing
		err := s.client.update(ctx, s.config.Spreadsheet, []*sheets.Request{mark.burn()})
		if sinks.Classify(err).Class == sinks.Void && err != nil {
			return s.holder(ctx, mark)
		}
		if err != nil {
			return nobody, err
		}
	}
	who, err := s.holder(ctx, mark)
	if err == nil && who == burnt {
		who = nobody
	}
	return who, err
}

// written reads the key column. A batch is applied wholly or not at all: one key says that all were there.
func (s *Sink) written(ctx context.Context, frozen sinks.Batch) (bool, error) {
	seen, err := s.look(ctx)
	if err != nil || seen == nil {
		return false, err
	}
	column, err := s.keyColumn(ctx, seen)
	if err != nil || column < 0 {
		return false, err
	}
	found, err := s.keysIn(ctx, seen, column, frozen)
	return len(found) > 0, err
}

// keyColumn returns where the key column is, -1 in a tab where nothing of ours was ever written.
func (s *Sink) keyColumn(ctx context.Context, seen *view) (int, error) {
	missing, err := seen.find([]string{keyHeader})
	switch {
	case err != nil:
		return -1, err
	case len(missing) == 0:
		return seen.columns[keyHeader], nil
	case len(seen.headers) == 0:
		return -1, nil
	default:
		return -1, s.bare(ctx, seen)
	}
}

// texts returns what stands in a column, by row; what is no text is "".
func (s *Sink) texts(ctx context.Context, seen *view, column int) ([]string, error) {
	values, err := s.client.values(ctx, s.config.Spreadsheet, seen.column(column), "COLUMNS")
	if err != nil || len(values) == 0 {
		return nil, err
	}
	texts := make([]string, len(values[0]))
	for row, value := range values[0] {
		texts[row], _ = value.(string)
	}
	return texts, nil
}

// keysIn returns in which rows of a column the keys of the batch stand, by their index in the batch.
func (s *Sink) keysIn(ctx context.Context, seen *view, column int, frozen sinks.Batch) (map[int]int, error) {
	keys, err := s.texts(ctx, seen, column)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	wanted := map[string]int{}
	for i, row := range frozen.Rows {
		wanted[row.Key] = i
	}
	found := map[int]int{}
	for row, key := range keys {
		if i, ok := wanted[key]; ok {
			found[row] = i
		}
	}
	return found, nil
}
