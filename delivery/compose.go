package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// compose makes the next effect of a queue, or returns nil when nothing is to be told. Deliveries that have nothing to
// tell, cannot be told in any form, or are there already, end here.
func (l *lane) compose(ctx, attempts context.Context, q *queue) (*journal.Effect, error) {
	for {
		limit := q.Most
		if q.state.Take > 0 {
			limit = min(limit, q.state.Take)
		}
		waiting, err := l.journal.Queue(ctx, q.ID, limit)
		if err != nil || len(waiting) == 0 {
			return nil, err
		}
		if l.adopt(ctx); q.leaving { // whoever planned what was read, it is told in the words of today
			return nil, nil //nolint:nilnil // nothing is told there any more
		}
		waiting = together(waiting)
		endings, blind, err := l.there(attempts, q, waiting)
		if err != nil {
			return nil, err
		}
		var effect *journal.Effect
		if len(endings) == 0 { // otherwise the queue is read again without them
			if effect, endings, err = l.composeOne(ctx, q, waiting); err != nil {
				return nil, err
			}
		}
		if len(endings) > 0 {
			if err := l.end(ctx, endings); err != nil {
				return nil, err
			}
		}
		if effect != nil {
			effect.Double = slices.ContainsFunc(effect.Events, func(id string) bool { return slices.Contains(blind, id) })
			return effect, nil
		}
	}
}

// end writes down what ends without a write to the target.
func (l *lane) end(ctx context.Context, endings []journal.Ending) error {
	if err := l.journal.End(ctx, time.Now(), endings); err != nil {
		return err
	}
	l.faults.bury(endings)
	return nil
}

// composeOne puts deliveries of one route into one effect. It takes as many as the sink can write at once; the others
// stay as they are.
func (l *lane) composeOne(ctx context.Context, q *queue, waiting []journal.Waiting) (*journal.Effect, []journal.Ending, error) {
	var events []event.Event
	var items []sinks.Item
	var endings []journal.Ending
	deliveries := make(map[string]int64, len(waiting)) // by event id
	for _, w := range waiting {
		deliveries[w.Entry.ID] = w.Delivery
		e, _, err := decode(w.Entry)
		if err != nil {
			endings = appendEndings(endings, journal.Buried, err.Error(), []string{w.Entry.ID}, deliveries)
			continue
		}
		if err := l.nameParent(ctx, &e); err != nil {
			return nil, nil, err
		}
		events = append(events, e)
	}
	said, err := q.say(waiting[0].Route, events)
	if err != nil {
		return l.alone(ctx, q, waiting, err)
	}
	for _, said := range said {
		if said.Skip == "" {
			items = append(items, said.Item)
			continue
		}
		endings = appendEndings(endings, journal.Skipped, said.Skip, said.Events, deliveries)
	}
	if len(items) == 0 {
		return nil, endings, nil
	}
	content, taken, err := q.Sink.Compose(items, q.state.Plain)
	if err != nil {
		return l.alone(ctx, q, waiting, err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, nil, fmt.Errorf("naming an effect: %w", err)
	}
	effect := &journal.Effect{ID: id.String(), Target: q.ID, Content: content, Started: time.Now()}
	for _, item := range items[:taken] {
		for _, told := range item.Events {
			effect.Events = append(effect.Events, told)
			effect.Deliveries = append(effect.Deliveries, deliveries[told])
		}
	}
	return effect, endings, nil
}

// alone composes the first delivery by itself after several could not be composed together: the fault may be another's.
// One that cannot even be told alone is buried.
func (l *lane) alone(ctx context.Context, q *queue, waiting []journal.Waiting, cause error) (*journal.Effect, []journal.Ending, error) {
	if len(waiting) > 1 {
		return l.composeOne(ctx, q, waiting[:1])
	}
	details := []any{"target", q.ID, "event", waiting[0].Entry.ID, "error", cause}
	if fault, ok := errors.AsType[*panicError](cause); ok {
		details = append(details, "stack", string(fault.stack))
	}
	l.log.ErrorContext(ctx, "what cannot be told is buried", details...)
	return nil, []journal.Ending{{Delivery: waiting[0].Delivery, State: journal.Buried, Reason: cause.Error()}}, nil
}

// say lets the route's words speak, or those of last resort where the configuration no longer has the route.
func (q *queue) say(route string, events []event.Event) (said []Said, err error) {
	words := q.words[route]
	if words == nil {
		words = q.Fallback
	}
	err = guard(func() error {
		said = words.Say(events)
		return nil
	})
	return said, err
}

// together returns the deliveries that can be told in one effect: those of the first one's route, but none that would
// overtake an earlier delivery of its own entity by another route. An urgent one stands alone.
func together(waiting []journal.Waiting) []journal.Waiting {
	if waiting[0].Urgent {
		return waiting[:1]
	}
	overtaken := map[string]bool{}
	return slices.DeleteFunc(waiting, func(w journal.Waiting) bool {
		entity := strings.ToLower(w.Entry.Entity.ID)
		if w.Route == waiting[0].Route && !w.Urgent && !overtaken[entity] {
			return false
		}
		overtaken[entity] = true
		return true
	})
}

// decode reads an entry's body again, and returns the entity's state as it was sent beside the event.
func decode(entry journal.Entry) (_ event.Event, state []byte, _ error) {
	message, err := ppm.Parse(entry.Body)
	if err != nil {
		return event.Event{}, nil, fmt.Errorf("cannot be read: %w", err)
	}
	e := message.Event(entry.Type)
	e.Number, e.ID, e.Received, e.Late = entry.Number, entry.ID, entry.Received, entry.Late
	e.Recovered, e.Missing = entry.Recovered, entry.Missing
	return e, message.State(), nil
}

// nameParent adds the parent's name, which is not sent but remembered from the parent's own events.
func (d *Delivery) nameParent(ctx context.Context, e *event.Event) error {
	if e.Parent.ID == "" {
		return nil
	}
	parent, err := d.journal.Entity(ctx, e.Parent.ID)
	if err == nil {
		e.Parent.Name = parent.Entity.Name
	} else if !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	return nil
}

func appendEndings(endings []journal.Ending, state journal.State, why string, events []string, deliveries map[string]int64) []journal.Ending {
	for _, id := range events {
		endings = append(endings, journal.Ending{Delivery: deliveries[id], State: state, Reason: why})
	}
	return endings
}
