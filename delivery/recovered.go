package delivery

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const (
	// readWithin is how much later than the time stamp of a recovered event a change can have happened that it tells: the
	// sender's clock is read in whole seconds, and not at the moment of the reading.
	readWithin    = 5 * time.Second
	recoveredMost = 20              // recovered events of an entity that are compared
	clocksApart   = 5 * time.Minute // how much earlier than its time stamp an event can arrive
)

// brokenChain returns the gap that an update shows which does not begin as the state before it has ended; nil when it
// does. What is missing may only be late.
func brokenChain(entry journal.Entry, e event.Event, state *journal.EntityState) *journal.Gap {
	if state == nil || state.Deleted || e.Before == nil || entry.Recovered || e.Type.Action() != event.Updated ||
		bytes.Contains(entry.Body, slices.Concat([]byte(`"BeforeAttributes":`), state.Attributes)) { // mostly it is sent as it was then
		return nil
	}
	known, err := ppm.DecodeState(e.Entity.Kind, state.Attributes)
	if err != nil {
		return nil // a state without attributes
	}
	fields := ppm.Differing(known, e.Before)
	if len(fields) == 0 {
		return nil
	}
	values, err := ppm.Picked(state.Attributes, fields)
	if err != nil {
		return nil
	}
	return &journal.Gap{
		Cause: journal.CauseChain, Entity: e.Entity, Detail: "it does not begin as the one before it ended: " + strings.Join(fields, ", "),
		Since: state.Occurred, Until: e.When(), Due: entry.Received.Add(journal.ChainPatience),
		Event: entry.Number, Base: state.Number, Known: values,
	}
}

// learn keeps what an event makes of its entity for the others of the batch.
func (b *batch) learn(entry journal.Entry, made, before *journal.EntityState) {
	if entry.Entity.ID == "" {
		return
	}
	state := made
	if state == nil {
		state = before
	}
	if state == nil {
		return
	}
	next := *state
	if before != nil {
		next.Recovered = before.Recovered
	}
	if entry.Recovered && entry.Occurred.After(next.Recovered) {
		next.Recovered = entry.Occurred
	}
	b.states[strings.ToLower(entry.Entity.ID)] = next
}

// toldAsRecovered returns the number of the recovered event that says what an event says, or 0. The change was found by
// comparing before its event came.
func (d *Delivery) toldAsRecovered(ctx context.Context, entry journal.Entry, e event.Event, state *journal.EntityState, b *batch) (int64, error) {
	if entry.Recovered || state == nil || state.Recovered.IsZero() || e.When().After(state.Recovered.Add(readWithin)) {
		return 0, nil
	}
	recovered, err := d.journal.Recovered(ctx, e.Entity.ID, recoveredMost)
	if err != nil {
		return 0, err
	}
	var told []event.Event
	for _, one := range recovered {
		if e.When().After(one.Occurred.Add(readWithin)) {
			continue
		}
		if before, _, err := decode(one); err == nil {
			told = append(told, before)
		}
	}
	if len(told) == 0 {
		return 0, nil
	}
	since, err := d.between(ctx, entry, e, told[len(told)-1], b)
	if err != nil || !saidBy(e, told, since) {
		return 0, err
	}
	return told[0].Number, nil
}

// between returns the events that may have happened after a recovered one, and did before an event, newest first. A
// smaller number alone does not say that it happened before: what is recovered from a chain has a higher one than the event
// that showed it was missing.
func (d *Delivery) between(ctx context.Context, entry journal.Entry, e, recovered event.Event, b *batch) (all []event.Event, _ error) {
	if !e.When().After(recovered.When()) {
		return nil, nil
	}
	for other, err := range d.earlier(ctx, entry, b) {
		before := other.Number < recovered.Number && other.Received.Before(recovered.When().Add(-clocksApart))
		if err != nil || before {
			return all, err
		}
		if one, _, err := decode(other); err == nil && !one.When().After(e.When()) {
			all = append(all, one)
		}
	}
	return all, nil
}

// saidBy reports whether recovered events, newest first, say everything that an event says. What was changed away since
// then, and is changed back, they do not say.
func saidBy(e event.Event, told, since []event.Event) bool {
	if e.Type.Action() == event.Created {
		return slices.ContainsFunc(told, func(r event.Event) bool { return r.Type == e.Type })
	}
	changes := event.Changes(e, nil)
	for _, c := range changes {
		i := slices.IndexFunc(told, func(r event.Event) bool { return says(r, c) })
		if i < 0 || e.When().After(told[i].When()) && slices.ContainsFunc(since, func(s event.Event) bool { return !s.When().Before(told[i].When()) && leaves(s, c) }) {
			return false
		}
	}
	return len(changes) > 0
}

// leaves reports whether an event changes what a change comes to into something else.
func leaves(e event.Event, c event.Change) bool {
	return slices.ContainsFunc(event.Changes(e, nil), func(away event.Change) bool {
		return away.Field == c.Field && away.Before.Equal(c.After)
	})
}

// says reports whether a recovered event tells what a change came to.
func says(r event.Event, c event.Change) bool {
	if r.Type.Action() == event.Created {
		a, ok := r.Attributes.Get(c.Field)
		return ok && a.Value.Equal(c.After)
	}
	return slices.ContainsFunc(event.Changes(r, nil), func(found event.Change) bool {
		return found.Field == c.Field && found.After.Equal(c.After)
	})
}
