package delivery

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// thereAlready is why a delivery ends that the target was found to have.
const thereAlready = "it is there already"

// lookError is a look at the target that failed, as opposed to a failure of the journal.
type lookError struct{ error }

func (e lookError) Unwrap() error { return e.error }

// there asks the target which of the waiting deliveries it has already, and ends those. Only those are asked for that
// may have been told before: what a person replays, and what a restored backup does not know of. Blind are the events of
// which nobody can tell, and which shall be told again then: possible doubles.
func (l *lane) there(ctx context.Context, q *queue, waiting []journal.Waiting) (endings []journal.Ending, blind []string, _ error) {
	deliveries := map[string]int64{}
	asked := map[time.Time][]string{}
	for _, w := range waiting {
		if w.Again || !w.Restored.IsZero() {
			deliveries[w.Entry.ID] = w.Delivery
			asked[w.Restored] = append(asked[w.Restored], w.Entry.ID)
		}
	}
	for since, events := range asked {
		told, err := q.Sink.Told(ctx, events, since)
		if err != nil {
			if q.Resend && refused(sinks.Classify(err)) == journal.Parked {
				blind = append(blind, events...)
				continue
			}
			return nil, nil, lookError{err}
		}
		for _, id := range told {
			if delivery, ok := deliveries[id]; ok {
				endings = append(endings, journal.Ending{Delivery: delivery, State: journal.Delivered, Reason: thereAlready})
			}
		}
	}
	return endings, blind, nil
}
