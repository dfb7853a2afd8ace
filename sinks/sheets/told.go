package sheets

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// Told reads the key column, and returns those of the events of which a row is there: its key begins with the event's
// id and a slash. Since makes no difference, as a row stands there once for good. An event of which any row is there is
// told: none of its rows is written again. Who wants deleted rows back deletes the remaining rows of the event first.
func (s *Sink) Told(ctx context.Context, events []string, _ time.Time) ([]string, error) {
	if len(events) == 0 {
		return nil, nil
	}
	s.busy.Lock()
	defer s.busy.Unlock()
	keys, err := s.keys(ctx)
	if err != nil {
		return nil, s.about("looking into", beforehand(err))
	}
	there := make(map[string]bool, len(keys))
	for _, key := range keys {
		there[sinks.EventOf(key)] = true
	}
	var told []string
	for _, id := range events {
		if there[id] {
			told = append(told, id)
		}
	}
	return told, nil
}

// keys returns what stands in the key column, by row. A tab that is not there, or has nothing of ours, has none.
func (s *Sink) keys(ctx context.Context) ([]string, error) {
	seen, err := s.look(ctx)
	if err != nil || seen == nil {
		return nil, err
	}
	column, err := s.keyColumn(ctx, seen)
	if err != nil || column < 0 {
		return nil, err
	}
	return s.texts(ctx, seen, column)
}
