package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// Replayed is what a replay made pending once more, or would.
type Replayed struct {
	Targets []TargetReplay `json:"targets"` // in the order of the configuration
	Waiting []int64        `json:"waiting"` // events of which something is not told yet: that stays as it is
	Untaken []int64        `json:"untaken"` // events that no route takes today, for the one target where one was asked for
}

// TargetReplay is what one target is told once more.
type TargetReplay struct {
	Target     string `json:"target"`
	Deliveries int    `json:"deliveries"`
}

// ReplayRequest says which events are told once more, and to whom. Zero fields but Numbers do not narrow.
type ReplayRequest struct {
	Numbers []int64
	State   journal.State // only to targets whose last delivery of the event ended so
	Target  string        // only to this one
	Dry     bool          // nothing is changed, only said
}

// ErrNoTarget is about a target that is not in the configuration.
var ErrNoTarget = errors.New("the configuration has no target")

// Replay plans events anew, by today's routes, and makes their deliveries pending once more. What is still pending or
// unsure is left as it is, and rows that a table has already are not written again. An error names the first event that
// cannot be replayed; then nothing is.
func (d *Delivery) Replay(ctx context.Context, ask ReplayRequest) (Replayed, error) {
	d.planning <- struct{}{}
	defer func() { <-d.planning }()
	by := d.scheme.Load()
	if ask.Target != "" && by.at[ask.Target] == nil {
		return Replayed{}, fmt.Errorf("%w %q: it has %s", ErrNoTarget, ask.Target, strings.Join(slices.Sorted(maps.Keys(by.at)), ", "))
	}
	numbers := slices.Clone(ask.Numbers)
	slices.Sort(numbers)
	var plans []journal.Planned
	result := Replayed{Waiting: []int64{}, Untaken: []int64{}}
	for _, number := range slices.Compact(numbers) {
		plan, err := d.planAgain(ctx, by, number, ask)
		if err != nil {
			return Replayed{}, err
		}
		if plan.waiting {
			result.Waiting = append(result.Waiting, number)
		}
		if plan.untaken {
			result.Untaken = append(result.Untaken, number)
		}
		if len(plan.deliveries) > 0 {
			plans = append(plans, journal.Planned{Number: number, Deliveries: plan.deliveries})
		}
	}
	made, err := d.replay(ctx, plans, ask.Dry)
	if err != nil {
		return Replayed{}, err
	}
	result.Targets = byTarget(by, made)
	return result, nil
}

// replay makes plans pending once more and returns what that made, or in a dry run would make.
func (d *Delivery) replay(ctx context.Context, plans []journal.Planned, dry bool) (made []journal.NewDelivery, err error) {
	if dry || len(plans) == 0 {
		for _, plan := range plans {
			made = append(made, plan.Deliveries...)
		}
		return made, nil
	}
	made, err = d.journal.Replay(ctx, plans)
	d.wakeLanes() // also after an error: the commit may have happened
	if err != nil {
		return nil, fmt.Errorf("writing the replay to the journal: %w", err)
	}
	return made, nil
}

// retold is what one event is told once more.
type retold struct {
	deliveries []journal.NewDelivery
	waiting    bool // others are not told yet
	untaken    bool // no route takes it today, for the target that was asked for
}

func (d *Delivery) planAgain(ctx context.Context, by *scheme, number int64, ask ReplayRequest) (plan retold, _ error) {
	story, err := d.journal.Story(ctx, number)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return plan, fmt.Errorf("event %d is not in the journal", number)
	case err != nil:
		return plan, fmt.Errorf("reading event %d: %w", number, err)
	case story.Entry.Quarantine != "":
		return plan, fmt.Errorf("event %d is in quarantine, its body cannot be read: %s", number, story.Entry.Quarantine)
	case !story.Entry.Planned:
		return retold{waiting: true}, nil
	}
	e, err := d.readAgain(ctx, story.Entry)
	if err != nil {
		return plan, fmt.Errorf("event %d: %w", number, err)
	}
	taken, _ := d.ask(ctx, by, e)
	if ask.Target != "" {
		taken = slices.DeleteFunc(taken, func(d journal.NewDelivery) bool { return d.Target != ask.Target })
	}
	plan.untaken = len(taken) == 0
	for _, delivery := range taken {
		switch last := lastState(story.Deliveries, delivery.Target); {
		case last == journal.Pending || last == journal.Uncertain:
			plan.waiting = true
		case ask.State == "" || ask.State == last:
			delivery.Urgent = false // what is old would keep the new from its turn
			plan.deliveries = append(plan.deliveries, delivery)
		}
	}
	return plan, nil
}

// readAgain decodes an event for routes.
func (d *Delivery) readAgain(ctx context.Context, entry journal.Entry) (event.Event, error) {
	e, _, err := decode(entry)
	if err == nil {
		err = d.nameParent(ctx, &e)
	}
	return e, err
}

// lastState returns how the newest delivery to a target stands; nothing where there never was one.
func lastState(deliveries []journal.DeliveryStory, target string) (state journal.State) {
	generation := 0
	for _, d := range deliveries {
		if d.Target == target && d.Generation > generation {
			state, generation = d.State, d.Generation
		}
	}
	return state
}

// byTarget counts deliveries, target by target.
func byTarget(by *scheme, deliveries []journal.NewDelivery) []TargetReplay {
	counts := map[string]int{}
	for _, delivery := range deliveries {
		counts[delivery.Target]++
	}
	all := []TargetReplay{}
	for _, route := range by.routes {
		if n := counts[route.Target]; n > 0 {
			all = append(all, TargetReplay{Target: route.Target, Deliveries: n})
			delete(counts, route.Target)
		}
	}
	return all
}
