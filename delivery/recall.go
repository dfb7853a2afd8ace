package delivery

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// recall asks the target whether the queue's open effect happened.
func (l *lane) recall(ctx, attempts context.Context, q *queue) {
	if !q.service.enter(time.Now()) {
		return
	}
	effect := q.open
	found, err := q.Sink.Recall(attempts, sinkEffect(effect))
	if err != nil {
		l.unseen(ctx, attempts, q, err)
		return
	}
	switch found.Happened {
	case sinks.Did:
		l.settle(ctx, q, effect, journal.Settlement{Outcome: journal.Told, Receipt: string(found.Receipt)}, succeed(q))
	case sinks.DidNot:
		l.again(ctx, q, effect, "the last attempt did not happen", found.Late, afterLook)
	default:
		l.refused(ctx, q, found)
		return // a refusal is no proof that the service takes anything
	}
	l.resumeService(ctx, q)
}

// refused decides what follows where looking is refused. Credentials can be mended for all, and then a look is possible:
// nothing is told again before, also where it shall be when nobody can tell.
func (l *lane) refused(ctx context.Context, q *queue, found sinks.Recollection) {
	why := "cannot look up the last attempt: " + string(found.Reason) + ": " + found.Detail
	switch {
	case found.Reason == sinks.ReasonCredentials:
		l.hold(ctx, q, stopped(q.state, why, time.Now()))
		l.stopService(q, why, q.state.Until)
	case q.Resend:
		l.again(ctx, q, q.open, "nobody can tell whether the last attempt happened", true, 0)
	default:
		l.hold(ctx, q, parked(q.state, why, time.Now()))
	}
}

// again settles an effect as one that did not happen, so that its deliveries are told by another. Where it could still
// appear that may double it: this is counted, and said. A wait of 0 is the back-off.
func (l *lane) again(ctx context.Context, q *queue, effect *journal.Effect, why string, double bool, wait time.Duration) {
	if double {
		why += ", it is told again and may appear twice"
		l.log.WarnContext(ctx, "a possible double", "target", q.ID, "effect", effect.ID, "deliveries", len(effect.Deliveries), "reason", why)
	}
	next := paused(q.state, journal.Paused, time.Now(), wait, why)
	l.settle(ctx, q, effect, journal.Settlement{Outcome: journal.DidNot, Reason: why, Double: double}, next)
}

// unseen holds a queue after a look at its target failed.
func (l *lane) unseen(ctx, attempts context.Context, q *queue, err error) {
	if attempts.Err() != nil {
		<-ctx.Done() // stopping: the next start looks
		return
	}
	failure := sinks.Classify(err)
	l.hold(ctx, q, unseen(q.state, failure, time.Now()))
	if q.state.Hold == journal.Stopped {
		l.stopService(q, q.state.Reason, q.state.Until)
	}
}
