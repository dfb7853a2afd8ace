package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// Told reads the key column of the file, and returns those of the events of which a row is there: its key begins with
// the event's id and a slash. Since makes no difference, as a row stands there once for good. An event of which any row is
// there is told: none of its rows is written again. Who wants deleted rows back deletes the remaining rows of the event
// first. A file that is not there has none, but a folder that is not there may be a disk that is not mounted.
func (s *Sink) Told(ctx context.Context, events []string, _ time.Time) ([]string, error) {
	if len(events) == 0 {
		return nil, nil
	}
	s.busy.Lock()
	defer s.busy.Unlock()
	told, err := s.told(ctx, events)
	if err != nil {
		return nil, s.classify("looking into", err)
	}
	return told, nil
}

func (s *Sink) told(ctx context.Context, events []string) ([]string, error) {
	t, err := s.open(sinks.Batch{Headers: s.headers}, 0)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Dir(s.config.Path))
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	defer t.close()
	if slices.Contains(t.missing(), keyHeader) {
		return nil, lacking([]string{keyHeader})
	}
	there, err := t.among(ctx, events)
	if err != nil {
		return nil, err
	}
	told := slices.DeleteFunc(slices.Clone(events), func(id string) bool { return !there[id] })
	if len(told) == 0 {
		return nil, nil
	}
	return told, t.harden() // nobody writes them again, so they must be there for good
}

// among returns which of the events have a row, be it one of many.
func (t *table) among(ctx context.Context, events []string) (map[string]bool, error) {
	there := make(map[string]bool, len(events)) // those of others are not kept, the file may be large
	for _, id := range events {
		there[id] = false
	}
	read := t.records(t.reader())
	for {
		key, _, err := read()
		switch {
		case errors.Is(err, io.EOF):
			return there, nil
		case err != nil:
			return nil, unreadable(err)
		case ctx.Err() != nil:
			return nil, sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "the look was stopped")
		}
		if _, asked := there[sinks.EventOf(key)]; asked {
			there[sinks.EventOf(key)] = true
		}
	}
}
