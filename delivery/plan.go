package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	planBatch = 200             // most events planned in one commit
	planPoll  = 5 * time.Second // how soon an event is planned whose wake-up was missed
	ahead     = 5 * time.Minute // how far a sender's clock may be ahead and still be believed
)

// planAll plans every event that is not planned yet, whenever it is woken, until ctx ends.
func (d *Delivery) planAll(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		planned, err := d.planSome(ctx)
		switch {
		case err != nil:
			failures++
			d.log.ErrorContext(ctx, "planning failed", "failures", failures, "error", err)
			pause(ctx, backoff(failures))
			continue
		case failures > 0:
			failures = 0
			d.wakeLanes() // a commit that answered with an error may have happened, and nobody was woken for it
		}
		if planned > 0 {
			continue // there may be more
		}

		timer := time.NewTimer(planPoll)
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// wakeLanes makes every lane look whether something waits.
func (d *Delivery) wakeLanes() {
	for _, l := range d.lanes {
		nudge(l.wake)
	}
}

// planSome plans the oldest events that are not planned yet, in one commit, and wakes the lanes that got something.
func (d *Delivery) planSome(ctx context.Context) (int, error) {
	entries, err := d.journal.Unplanned(ctx, planBatch)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	plans := make([]journal.Planned, 0, len(entries))
	states := map[string]journal.EntityState{} // what this commit will make of entities, by lower-case id
	for _, entry := range entries {
		planned, err := d.plan(ctx, entry, states)
		if err != nil {
			return 0, err
		}
		plans = append(plans, planned)
	}
	if err := d.journal.Plan(ctx, plans); err != nil {
		return 0, err
	}
	for _, planned := range plans {
		for _, delivery := range planned.Deliveries {
			nudge(d.queues[delivery.Target].lane.wake)
		}
	}
	return len(plans), nil
}

// plan decides where an event is told. It changes nothing but states.
func (d *Delivery) plan(ctx context.Context, entry journal.Entry, states map[string]journal.EntityState) (journal.Planned, error) {
	planned := journal.Planned{Number: entry.Number}
	e, attributes, err := decode(entry)
	if err != nil {
		// The handlers keep what cannot be read apart, so this is a fault of ours: kept, shown, and told to nobody.
		planned.Verdicts = []journal.Verdict{{Reason: err.Error()}}
		d.log.ErrorContext(ctx, "an event cannot be planned", "number", entry.Number, "error", err)
		return planned, nil
	}
	if err := d.nameParent(ctx, &e); err != nil {
		return planned, err
	}
	state, err := d.state(ctx, e, states)
	if err != nil {
		return planned, err
	}
	if newest := newestState(e, attributes); state != nil && older(newest, *state) {
		planned.Late = true
	} else if e.Entity.ID != "" {
		planned.Entity = &newest
		states[strings.ToLower(e.Entity.ID)] = newest
	}
	owner := map[string]string{} // target -> route
	for _, route := range d.routes {
		if why := d.refusal(ctx, route, e, owner); why != "" {
			planned.Verdicts = append(planned.Verdicts, journal.Verdict{Route: route.Name, Reason: why})
			continue
		}
		owner[route.Target] = route.Name
		planned.Deliveries = append(planned.Deliveries, journal.NewDelivery{Target: route.Target, Route: route.Name})
	}
	return planned, nil
}

// refusal says why a route does not take an event, or nothing when it does.
func (d *Delivery) refusal(ctx context.Context, route Route, e event.Event, owner map[string]string) string {
	var why string
	err := guard(func() (err error) {
		why, err = route.Match(e)
		return err
	})
	switch {
	case err != nil:
		d.log.WarnContext(ctx, "a route's condition failed, the event is told", "route", route.Name, "event", e.ID, "error", err)
	case why != "":
		return why
	}
	if first := owner[route.Target]; first != "" {
		return "told by route " + first
	}
	return ""
}

// state returns what is known of an event's entity before it, or nil.
func (d *Delivery) state(ctx context.Context, e event.Event, states map[string]journal.EntityState) (*journal.EntityState, error) {
	if e.Entity.ID == "" {
		return nil, nil //nolint:nilnil // nothing is known, and that is no error
	}
	if state, ok := states[strings.ToLower(e.Entity.ID)]; ok {
		return &state, nil
	}
	state, err := d.journal.Entity(ctx, e.Entity.ID)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil //nolint:nilnil // nothing is known, and that is no error
	}
	return &state, err
}

// newestState is the state that an event leaves its entity in. A time stamp from far ahead counts as just ahead: it
// must not freeze the state for ever.
func newestState(e event.Event, attributes []byte) journal.EntityState {
	occurred := e.When()
	if limit := e.Received.Add(ahead); occurred.After(limit) {
		occurred = limit
	}
	return journal.EntityState{
		Entity: e.Entity, Parent: e.Parent, Occurred: occurred, Number: e.Number,
		Deleted: e.Type.Action() == event.Deleted, Attributes: attributes,
	}
}

// older reports whether a was left behind by b: by time, then by number.
func older(a, b journal.EntityState) bool {
	if !a.Occurred.Equal(b.Occurred) {
		return a.Occurred.Before(b.Occurred)
	}
	return a.Number < b.Number
}
