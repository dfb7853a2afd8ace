package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// Perform appends the rows of the effect and makes them durable.
//
//	disk or quota full                               retry, storage          nothing is left of the write
//	folder missing                                   park, target-gone
//	not allowed, read-only, a folder, a pipe         park, target-refuses
//	a column missing, a last line that is torn       park, target-refuses
//	fsync failed, or a failed write cannot be undone unsure, storage
func (s *Sink) Perform(ctx context.Context, effect sinks.Effect) (sinks.Receipt, error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	frozen, err := sinks.ThawBatch(effect)
	if err == nil {
		err = s.perform(ctx, frozen)
	}
	if err != nil {
		return "", s.classify("writing to", err)
	}
	return frozen.Receipt(s.config.Path), nil
}

func (s *Sink) perform(ctx context.Context, frozen sinks.Batch) error {
	if ctx.Err() != nil {
		return sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "stopped before it began")
	}
	t, err := s.open(frozen, os.O_CREATE)
	if err != nil {
		return err
	}
	defer t.close()
	if err := lacking(t.missing()); err != nil {
		return err
	}
	ended, err := t.ended()
	if err != nil {
		return err
	}
	if !ended { // a person's last line: it must be whole before a line break can be added to it
		if _, _, err := t.survey(ctx, nil); err != nil {
			return err
		}
	}
	return t.add(frozen.Rows, ended)
}

// Recall reads the key column of the file. When a part of the effect's rows is there, the others are appended, and it
// happened. A file that is not there holds nothing, but a folder that is not there may be a disk that is not mounted:
// that cannot be told, like a file that cannot be read as rows.
func (s *Sink) Recall(ctx context.Context, effect sinks.Effect) (sinks.Recollection, error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	frozen, err := sinks.ThawBatch(effect)
	happened := sinks.CannotTell
	if err == nil {
		happened, err = s.recall(ctx, frozen)
	}
	if err != nil {
		failure := s.classify("looking into", err)
		if failure.Class == sinks.Retry || failure.Class == sinks.Unsure {
			return sinks.Recollection{}, failure
		}
		return sinks.Recollection{Reason: failure.Reason, Detail: failure.Error()}, nil
	}
	answer := sinks.Recollection{Happened: happened}
	if happened == sinks.Did {
		answer.Receipt = frozen.Receipt(s.config.Path)
	}
	return answer, nil
}

func (s *Sink) recall(ctx context.Context, frozen sinks.Batch) (sinks.Happened, error) {
	t, err := s.open(frozen, 0)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Dir(s.config.Path))
		return sinks.DidNot, err
	}
	if err != nil {
		return sinks.CannotTell, err
	}
	defer t.close()
	if slices.Contains(t.missing(), keyHeader) {
		return sinks.CannotTell, lacking([]string{keyHeader})
	}
	absent, ended, err := t.survey(ctx, frozen.Rows)
	if err != nil {
		return sinks.CannotTell, err
	}
	if len(absent) == len(frozen.Rows) {
		return sinks.DidNot, nil
	}
	return sinks.Did, t.complete(absent, ended)
}

// complete appends what is missing of an effect, and makes all of it durable: what was written before the process died
// may not be.
func (t *table) complete(absent []event.Row, ended bool) error {
	if len(absent) == 0 {
		return t.harden()
	}
	if err := lacking(t.missing()); err != nil {
		return err
	}
	if err := t.add(absent, ended); err != nil {
		return err
	}
	return t.syncFolder()
}
