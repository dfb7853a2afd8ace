package delivery

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// lane takes one request at a time. It serves its targets' queues in turn.
type lane struct {
	*Delivery

	name   string
	orders atomic.Pointer[[]order] // what its targets are from now on; nil = nothing new
	queues []*queue                // the one served last stands last
	wake   chan struct{}
}

// queue is what waits for one target.
type queue struct {
	Target

	lane    *lane
	service *service
	state   journal.TargetState
	words   map[string]Words // by route
	open    *journal.Effect  // unsure: looked up before anything else
	unknown int              // refusals for a cause in no list since something was told, see puzzled
	empty   bool             // nothing waited at the last look

	unread          bool // what the journal knows of it is to be read first
	leaving         bool // its target is gone
	skipped, buried int  // since it is leaving
}

// run serves the queues until ctx ends. Attempts run in a context of their own, which outlives ctx by the grace period.
func (l *lane) run(ctx, attempts context.Context) {
	for ctx.Err() == nil {
		select {
		case <-l.wake: // also while others are busy: no queue's backlog may keep another from its turn
			l.look()
		default:
		}
		l.adopt(ctx)
		now := time.Now()
		l.follow(ctx, now)
		q, wait := l.next(now)
		switch {
		case q == nil:
			l.rest(ctx, wait)
		case q.leaving:
			l.leave(ctx, attempts, q)
		case q.unread:
			l.read(ctx, q)
		case q.open != nil:
			l.recall(ctx, attempts, q)
		default:
			l.tell(ctx, attempts, q)
		}
	}
}

// idle reports whether a queue has nothing to do.
func (q *queue) idle() bool { return q.empty && q.open == nil && !q.leaving && !q.unread }

// waits returns until when a queue waits, for its own reasons and with its service.
func (q *queue) waits() (own, service time.Time) {
	if q.leaving || q.unread { // nothing is told
		return q.state.Until, time.Time{}
	}
	_, _, until := q.service.held()
	return q.state.Until, until
}

// next returns the queue whose turn it is. When there is none it returns for how long that is sure unless the lane is
// woken, or 0 when only waking can change it.
func (l *lane) next(now time.Time) (*queue, time.Duration) {
	var wait time.Duration
	for i, q := range l.queues {
		if q.idle() {
			continue
		}
		own, service := q.waits()
		ready := true
		for _, left := range [...]time.Duration{own.Sub(now), service.Sub(now)} {
			if left <= 0 {
				continue
			}
			ready = false
			if wait == 0 || left < wait {
				wait = left // also where only one of the two is over: what is shown changes then
			}
		}
		if !ready {
			continue
		}
		l.queues = append(append(l.queues[:i:i], l.queues[i+1:]...), q)
		return q, 0
	}
	return nil, wait
}

// rest waits until the lane is woken, a queue's pause is over, or ctx ends.
func (l *lane) rest(ctx context.Context, wait time.Duration) {
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-timer:
	case <-l.wake:
		l.look()
	}
}

// look makes every queue look whether something waits for it.
func (l *lane) look() {
	for _, q := range l.queues {
		q.empty = false
	}
}

// tell composes one effect of the queue's oldest deliveries, performs it once and settles it.
func (l *lane) tell(ctx, attempts context.Context, q *queue) {
	if waiting, err := l.journal.Queue(ctx, q.ID, 1); err != nil {
		l.hesitate(ctx, q, "queue", err)
		return
	} else if len(waiting) == 0 {
		q.empty = true
		l.release(ctx, q)
		return
	}
	if !q.service.enter(time.Now()) {
		return
	}
	// Waiting for leave to write comes first, so that everything that arrives meanwhile goes along.
	if q.Pace != nil && q.Pace(ctx) != nil {
		return // stopping
	}
	effect, err := l.compose(ctx, attempts, q)
	if failed, ok := errors.AsType[lookError](err); ok {
		l.unseen(ctx, attempts, q, failed.error)
		return
	}
	if err != nil {
		l.hesitate(ctx, q, "compose", err)
		return
	}
	if effect == nil {
		q.empty = true
		return
	}
	if err := l.journal.Begin(ctx, *effect); err != nil {
		// Whether the commit happened is not known. If it did, nothing has been sent: the next start looks it up.
		l.hesitate(ctx, q, "begin", err)
		l.reopen(ctx, q)
		return
	}
	receipt, err := q.Sink.Perform(attempts, sinkEffect(effect))
	if err != nil {
		l.failed(ctx, q, effect, sinks.Classify(err))
		return
	}
	l.settle(ctx, q, effect, journal.Settlement{Outcome: journal.Told, Receipt: string(receipt)}, succeed(q))
	l.resumeService(ctx, q)
}

// failed settles an attempt by the table of failures.
func (l *lane) failed(ctx context.Context, q *queue, effect *journal.Effect, failure *sinks.Error) {
	outcome, next, bury := fail(q.state, q.unknown, len(effect.Deliveries), failure, time.Now())
	if failure.Class == sinks.Unknown {
		q.unknown = next.Failures
	}
	if bury || next.Reason != q.state.Reason { // said already, otherwise
		l.log.WarnContext(ctx, "an effect failed", "target", q.ID, "effect", effect.ID, "deliveries", len(effect.Deliveries),
			"outcome", outcome, "buried", bury, "class", failure.Class.String(), "reason", failure.Reason, "error", failure.Err)
	}
	settlement := journal.Settlement{Outcome: outcome, Reason: reason(failure)}
	if bury {
		settlement.Endings = buried(effect, settlement.Reason)
	}
	l.settle(ctx, q, effect, settlement, next)
	switch {
	case failure.Class == sinks.Stop:
		l.stopService(q, next.Reason, next.Until)
	case accepts(failure.Class):
		l.resumeService(ctx, q)
	}
}

// settle writes down what became of an effect. Where even that is not possible the effect stays open.
func (l *lane) settle(ctx context.Context, q *queue, effect *journal.Effect, s journal.Settlement, next journal.TargetState) {
	s.Effect, s.At, s.Target = effect.ID, time.Now(), next
	err := l.persist(ctx, "settle "+effect.ID, func(ctx context.Context) error { return l.journal.Settle(ctx, s) })
	before := q.state
	q.state = next
	if err != nil {
		l.reopen(ctx, q)
		return
	}
	if s.Outcome == journal.Told && before.Hold != "" {
		l.log.InfoContext(ctx, "a target is told again", "target", q.ID, "hold", before.Hold, "reason", before.Reason)
	}
	if s.Outcome == journal.Told {
		q.unknown = 0
		if effect.Double {
			l.log.WarnContext(ctx, "a possible double", "target", q.ID, "effect", effect.ID, "deliveries", len(effect.Deliveries),
				"reason", "it was told again, and nobody can tell whether it was there already")
		}
	}
	l.faults.bury(s.Endings)
	q.open = nil
	if s.Outcome == journal.BecameUnsure {
		effect.Unsure, effect.Ended = true, s.At
		q.open = effect
	}
}

// hold stores that a queue waits, so that people see why.
func (l *lane) hold(ctx context.Context, q *queue, next journal.TargetState) {
	if q.state.Reason != next.Reason {
		l.log.WarnContext(ctx, "a target is held", "target", q.ID, "hold", next.Hold, "reason", next.Reason)
	}
	l.store(ctx, q, next)
}

// release ends what a queue is held for when nothing waits in it any more: what waited was skipped while its target was
// gone. A service that is stopped is none of its business, see follow.
func (l *lane) release(ctx context.Context, q *queue) {
	if q.state.Hold == journal.Paused || q.state.Hold == journal.Parked {
		l.store(ctx, q, journal.TargetState{Target: q.ID})
	}
}

// store keeps a queue's state, also where the journal refuses it: it is for people, and for the next start.
func (l *lane) store(ctx context.Context, q *queue, next journal.TargetState) {
	q.state = next
	if err := l.journal.SetTarget(context.WithoutCancel(ctx), next); err != nil {
		l.log.ErrorContext(ctx, "the journal refuses a write", "write", "state of "+q.ID, "error", err)
	}
}

// hesitate pauses a queue in memory only, as the journal itself failed.
func (l *lane) hesitate(ctx context.Context, q *queue, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	q.state.Failures++
	q.state.Until = time.Now().Add(backoff(q.state.Failures))
	l.log.ErrorContext(ctx, "the journal failed", "write", what, "target", q.ID, "error", err)
}

// reopen finds out from the journal whether the queue has an open effect, after a write whose end is not known.
func (l *lane) reopen(ctx context.Context, q *queue) {
	err := l.persist(ctx, "look for open effects of "+q.ID, func(ctx context.Context) error {
		open, err := l.journal.OpenEffects(ctx)
		if err != nil {
			return err
		}
		q.open = nil
		for _, effect := range open {
			if effect.Target == q.ID {
				return l.resumeEffect(ctx, q, effect)
			}
		}
		return nil
	})
	if err != nil {
		l.faults.contradict(q.ID, err)
		<-ctx.Done() // the journal is closed or contradicts itself: nothing of this lane is begun any more
	}
}

func sinkEffect(e *journal.Effect) sinks.Effect {
	return sinks.Effect{ID: e.ID, Events: e.Events, Content: e.Content, Started: e.Started, Ended: e.Ended}
}
