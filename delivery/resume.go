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
	queues := map[string]*queue{}
	for _, l := range d.scheme.Load().lanes {
		l.adopt(ctx)
		for _, q := range l.queues {
			queues[q.ID], q.unread = q, false
		}
	}
	buried := map[string]int{} // by target that is gone
	for _, effect := range open {
		q := queues[effect.Target]
		if err := d.resumeEffect(ctx, q, effect); err != nil {
			return err
		}
		if q == nil {
			buried[effect.Target] += len(effect.Deliveries)
		}
	}
	for _, state := range states {
		if q := queues[state.Target]; q != nil {
			q.remember(state, time.Now())
			if state.Hold == journal.Stopped {
				q.service.stop(state.Reason, time.Time{}) // one of its queues tries at once
			}
		} else if err := d.skipGone(ctx, state.Target, buried[state.Target]); err != nil {
			return err
		}
	}
	return nil
}

// remember takes over a queue's state from the journal.
func (q *queue) remember(state journal.TargetState, now time.Time) {
	q.state = started(state, now)
	if strings.HasPrefix(state.Reason, string(sinks.ReasonUnknown)) {
		q.unknown = state.Failures
	}
}

// started returns a queue's state at a start. What waited for a person is tried at once, since a start is what a person
// does after mending something. A pause is obeyed, but not one that only a clock that was set back can have made so long.
func started(state journal.TargetState, now time.Time) journal.TargetState {
	if state.Hold != journal.Paused || state.Until.After(now.Add(longest)) {
		state.Until = time.Time{}
	}
	return state
}

// resumeEffect takes over an effect that nobody settled. The queue is nil where its target is gone.
func (d *Delivery) resumeEffect(ctx context.Context, q *queue, effect journal.Effect) error {
	settlement := journal.Settlement{
		Effect: effect.ID, At: time.Now(), Outcome: journal.BecameUnsure, Reason: string(sinks.ReasonInterrupted),
		Target: journal.TargetState{Target: effect.Target},
	}
	switch {
	case q == nil:
		settlement = abandoned(&effect)
		settlement.At = time.Now()
	case effect.Unsure:
		q.open = &effect
		return nil
	default:
		q.open = &effect
		effect.Unsure = true
	}
	d.log.WarnContext(ctx, "an effect was open", "effect", effect.ID, "target", effect.Target,
		"deliveries", len(effect.Deliveries), "outcome", settlement.Outcome)
	if err := d.journal.Settle(ctx, settlement); err != nil {
		return err
	}
	d.faults.bury(settlement.Endings)
	return nil
}

// abandoned ends an open effect of a target that is gone.
func abandoned(effect *journal.Effect) journal.Settlement {
	const why = "unsure, target removed from the configuration"
	return journal.Settlement{
		Effect: effect.ID, Outcome: journal.Abandoned, Reason: why, Endings: buried(effect, why),
		Target: journal.TargetState{Target: effect.Target},
	}
}

// skipAtOnce is how many deliveries one commit skips whose target is gone.
const skipAtOnce = 500

// skipGone ends what waits for a target that the configuration no longer has, and tells that and what was buried.
func (d *Delivery) skipGone(ctx context.Context, target string, buried int) error {
	for skipped := 0; ; {
		waiting, err := d.journal.Queue(ctx, target, skipAtOnce)
		if err != nil {
			return err
		}
		if len(waiting) == 0 {
			if skipped+buried > 0 {
				d.sayGone(ctx, target, skipped, buried)
			}
			return nil
		}
		if err := d.skip(ctx, waiting); err != nil {
			return err
		}
		skipped += len(waiting)
	}
}

// skip ends deliveries whose target is gone. One that has ended meanwhile is no error: they are read again.
func (d *Delivery) skip(ctx context.Context, waiting []journal.Waiting) error {
	endings := make([]journal.Ending, len(waiting))
	for i, w := range waiting {
		endings[i] = journal.Ending{Delivery: w.Delivery, State: journal.Skipped, Reason: "target removed from the configuration"}
	}
	err := d.journal.End(ctx, time.Now(), endings)
	if errors.Is(err, journal.ErrConflict) {
		return nil
	}
	return err
}
