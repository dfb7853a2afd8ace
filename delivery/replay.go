package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// Replayed is what a replay made pending once more, or would.
type Replayed struct {
	Targets []TargetReplay `json:"targets"` // in the order of the configuration
	Waiting []int64        `json:"waiting"` // events of which something is not told yet: that stays as it is
	Untaken []int64        `json:"untaken"` // events that no route takes today
}

// TargetReplay is what one target is told once more.
type TargetReplay struct {
	Target     string `json:"target"`
	Deliveries int    `json:"deliveries"`
}

// Replay plans events anew, by today's routes, and makes their deliveries pending once more. What is still pending or
// unsure is left as it is, and rows that a table has already are not written again. A dry run changes nothing. An error
// names the first event that cannot be replayed; then nothing is.
func (d *Delivery) Replay(ctx context.Context, numbers []int64, dry bool) (Replayed, error) {
	numbers = slices.Clone(numbers)
	slices.Sort(numbers)
	var plans []journal.Planned
	result := Replayed{Waiting: []int64{}, Untaken: []int64{}}
	for _, number := range slices.Compact(numbers) {
		deliveries, waiting, err := d.planAgain(ctx, number)
		if err != nil {
			return Replayed{}, err
		}
		switch {
		case waiting:
			result.Waiting = append(result.Waiting, number)
		case len(deliveries) == 0:
			result.Untaken = append(result.Untaken, number)
		}
		if len(deliveries) > 0 {
			plans = append(plans, journal.Planned{Number: number, Deliveries: deliveries})
		}
	}
	made, err := d.replay(ctx, plans, dry)
	if err != nil {
		return Replayed{}, err
	}
	result.Targets = d.byTarget(made)
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
	if made, err = d.journal.Replay(ctx, plans); err != nil {
		return nil, fmt.Errorf("writing the replay to the journal: %w", err)
	}
	d.wakeLanes()
	return made, nil
}

// planAgain returns the deliveries of one event that can be made once more, and whether others still wait.
func (d *Delivery) planAgain(ctx context.Context, number int64) (again []journal.NewDelivery, waiting bool, _ error) {
	story, err := d.journal.Story(ctx, number)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return nil, false, fmt.Errorf("event %d is not in the journal", number)
	case err != nil:
		return nil, false, fmt.Errorf("reading event %d: %w", number, err)
	case story.Entry.Quarantine != "":
		return nil, false, fmt.Errorf("event %d is in quarantine, its body cannot be read: %s", number, story.Entry.Quarantine)
	case !story.Entry.Planned:
		return nil, true, nil
	}
	e, err := d.readAgain(ctx, story.Entry)
	if err != nil {
		return nil, false, fmt.Errorf("event %d: %w", number, err)
	}
	deliveries, _ := d.ask(ctx, e)
	for _, delivery := range deliveries {
		if notTold(story.Deliveries, delivery.Target) {
			waiting = true
		} else {
			again = append(again, delivery)
		}
	}
	return again, waiting, nil
}

// readAgain decodes an event for routes.
func (d *Delivery) readAgain(ctx context.Context, entry journal.Entry) (event.Event, error) {
	e, _, err := decode(entry)
	if err == nil {
		err = d.nameParent(ctx, &e)
	}
	return e, err
}

// notTold reports whether a delivery to the target has not ended.
func notTold(deliveries []journal.DeliveryStory, target string) bool {
	return slices.ContainsFunc(deliveries, func(s journal.DeliveryStory) bool {
		return s.Target == target && (s.State == journal.Pending || s.State == journal.Uncertain)
	})
}

// byTarget counts deliveries, target by target.
func (d *Delivery) byTarget(deliveries []journal.NewDelivery) []TargetReplay {
	counts := map[string]int{}
	for _, delivery := range deliveries {
		counts[delivery.Target]++
	}
	all := []TargetReplay{}
	for _, route := range d.routes {
		if n := counts[route.Target]; n > 0 {
			all = append(all, TargetReplay{Target: route.Target, Deliveries: n})
			delete(counts, route.Target)
		}
	}
	return all
}
