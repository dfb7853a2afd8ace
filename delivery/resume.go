package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// resume takes over what an earlier process left: the state of every queue, and every effect that had not ended. Such
// an effect may have happened; it becomes unsure, and its lane looks it up before it does anything else.
func (d *Delivery) resume(ctx context.Context) error {
	states, err := d.journal.Targets(ctx)
	if err != nil {
		return err
	}
	open, err := d.journal.OpenEffects(ctx)
	if err != nil {
		return err
	}
	for _, effect := range open {
		if err := d.resumeEffect(ctx, effect); err != nil {
			return err
		}
	}
	for _, state := range states {
		if q := d.queues[state.Target]; q != nil {
			q.state = started(state, time.Now())
			if strings.HasPrefix(state.Reason, string(sinks.ReasonUnknown)) {
				q.unknown = state.Failures
			}
			if state.Hold == journal.Stopped {
				q.service.stop(state.Reason, time.Time{}) // one of its queues tries at once
			}
		} else if err := d.skipGone(ctx, state.Target); err != nil {
			return err
		}
	}
	return nil
}

// started returns a queue's state at a start. What waited for a person is tried at once, since a start is what a person
// does after mending something. A pause is obeyed, but not one that only a clock that was set back can have made so long.
func started(state journal.TargetState, now time.Time) journal.TargetState {
	if state.Hold != journal.Paused || state.Until.After(now.Add(longest)) {
		state.Until = time.Time{}
	}
	return state
}

func (d *Delivery) resumeEffect(ctx context.Context, effect journal.Effect) error {
	q := d.queues[effect.Target]
	settlement := journal.Settlement{
		Effect: effect.ID, At: time.Now(), Outcome: journal.BecameUnsure, Reason: string(sinks.ReasonInterrupted),
		Target: journal.TargetState{Target: effect.Target},
	}
	switch {
	case q == nil:
		settlement.Outcome, settlement.Reason = journal.Abandoned, "unsure, target removed from the configuration"
		for _, delivery := range effect.Deliveries {
			settlement.Endings = append(settlement.Endings,
				journal.Ending{Delivery: delivery, State: journal.Buried, Reason: settlement.Reason})
		}
	case effect.Unsure:
		q.open = &effect
		return nil
	default:
		q.open = &effect
		effect.Unsure = true
	}
	d.log.WarnContext(ctx, "an effect was open", "effect", effect.ID, "target", effect.Target,
		"deliveries", len(effect.Deliveries), "outcome", settlement.Outcome)
	return d.journal.Settle(ctx, settlement)
}

// skipGone ends what waits for a target that the configuration no longer has.
func (d *Delivery) skipGone(ctx context.Context, target string) error {
	for {
		waiting, err := d.journal.Queue(ctx, target, 500)
		if err != nil || len(waiting) == 0 {
			return err
		}
		endings := make([]journal.Ending, len(waiting))
		for i, w := range waiting {
			endings[i] = journal.Ending{
				Delivery: w.Delivery, State: journal.Skipped, Reason: "target removed from the configuration",
			}
		}
		d.log.WarnContext(ctx, "deliveries skipped, their target is gone", "target", target, "deliveries", len(waiting))
		if err := d.journal.End(ctx, time.Now(), endings); err != nil && !errors.Is(err, journal.ErrConflict) {
			return err
		}
	}
}
