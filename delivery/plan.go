package delivery

import (
	"context"
	"errors"
	"fmt"
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
			d.faults.plan(err)
			d.log.ErrorContext(ctx, "planning failed", "failures", failures, "error", err)
			pause(ctx, backoff(failures))
			continue
		case failures > 0:
			failures = 0
			d.faults.plan(nil)
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
	for _, l := range d.scheme.Load().lanes {
		nudge(l.wake)
	}
}

// planSome plans the oldest events that are not planned yet, in one commit, and wakes the lanes that got something.
func (d *Delivery) planSome(ctx context.Context) (int, error) {
	d.planning <- struct{}{}
	defer func() { <-d.planning }()
	by := d.scheme.Load()
	entries, err := d.journal.Unplanned(ctx, planBatch)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	plans := make([]journal.Planned, 0, len(entries))
	b := newBatch()
	for _, entry := range entries {
		planned, err := d.plan(ctx, by, entry, b)
		if err != nil {
			return 0, err
		}
		plans = append(plans, planned)
		b.add(entry)
	}
	if err := d.journal.Plan(ctx, plans); err != nil {
		return 0, err
	}
	for _, planned := range plans {
		for _, delivery := range planned.Deliveries {
			nudge(by.at[delivery.Target].wake)
		}
	}
	return len(plans), nil
}

// Verdicts of everybody about an event that no route is asked about.
const (
	tooOld       = "too old to know whether it was told already; replay it if not"
	twinOfN      = "twin of event %d"
	recoveredAsN = "told as recovered: event %d says it already"

	noOperators = "there is no channel for those who run the relay"
)

// plan decides where an event is told. It changes nothing but the batch's states.
func (d *Delivery) plan(ctx context.Context, by *scheme, entry journal.Entry, b *batch) (journal.Planned, error) {
	planned := journal.Planned{Number: entry.Number}
	e, attributes, err := decode(entry)
	if err != nil {
		// The handlers keep what cannot be read apart, so this is a fault of ours: kept, shown, and told to nobody.
		planned.Verdicts = nobody(err.Error())
		d.log.ErrorContext(ctx, "an event cannot be planned", "number", entry.Number, "error", err)
		return planned, nil
	}
	if entry.TooOld {
		planned.Verdicts = nobody(tooOld)
		return planned, nil
	}
	if err := d.nameParent(ctx, &e); err != nil {
		return planned, err
	}
	state, err := d.state(ctx, e, b.states)
	if err != nil {
		return planned, err
	}
	if newest := newestState(e, attributes); state != nil && older(newest, *state) {
		planned.Late = state.Number > 0 // nobody was told what was only read
	} else if e.Entity.ID != "" {
		planned.Entity = &newest
	}
	defer b.learn(entry, planned.Entity, state)
	original, err := d.twin(ctx, entry, e, b)
	if err != nil {
		return planned, err
	}
	if original != 0 {
		planned.Verdicts = nobody(fmt.Sprintf(twinOfN, original))
		return planned, nil
	}
	original, err = d.toldAsRecovered(ctx, entry, e, state, b)
	if err != nil {
		return planned, err
	}
	if original != 0 {
		planned.Verdicts = nobody(fmt.Sprintf(recoveredAsN, original))
		return planned, nil
	}
	if planned.Entity != nil {
		planned.Gap = brokenChain(entry, e, state)
	}
	planned.Deliveries, planned.Verdicts = d.ask(ctx, by, e)
	return planned, nil
}

// nobody is why an event is told to nobody.
func nobody(why string) []journal.Verdict { return []journal.Verdict{{Reason: why}} }

// ask asks every route, in order, whether it takes an event. The first that does owns its target.
func (d *Delivery) ask(ctx context.Context, by *scheme, e event.Event) (deliveries []journal.NewDelivery, verdicts []journal.Verdict) {
	owner := map[string]string{} // target -> route
	for _, route := range by.routes {
		if route.Own != e.Type.Own() {
			continue // no concern of its
		}
		if why := d.refusal(ctx, route, e, owner); why != "" {
			verdicts = append(verdicts, journal.Verdict{Route: route.Name, Reason: why})
			continue
		}
		owner[route.Target] = route.Name
		deliveries = append(deliveries, journal.NewDelivery{Target: route.Target, Route: route.Name, Urgent: route.Urgent})
	}
	if e.Type.Own() && len(deliveries) == 0 && len(verdicts) == 0 {
		verdicts = nobody(noOperators)
	}
	return deliveries, verdicts
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
