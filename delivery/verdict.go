package delivery

import (
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// probe is how often a target is tried that waits for a person.
const probe = 5 * time.Minute

// longest is how long any target may ask us to wait.
const longest = time.Hour

// backoff returns the pause after that many failures in a row: 1, 2, 4 … 60 s.
func backoff(failures int) time.Duration {
	return min(time.Second<<min(max(failures, 1)-1, 6), time.Minute)
}

// succeed returns a queue's state after something was told: no hold, and twice as many at once as before.
func succeed(q *queue) journal.TargetState {
	take := q.state.Take * 2
	if take >= q.Most {
		take = 0
	}
	return journal.TargetState{Target: q.ID, Take: take}
}

// fail decides what follows from a failed attempt with n deliveries: the effect's outcome, the queue's next state, and
// whether the deliveries are buried. This is the whole table of failures.
func fail(state journal.TargetState, n int, failure *sinks.Error, now time.Time) (_ journal.Outcome, next journal.TargetState, bury bool) {
	why := reason(failure)
	switch failure.Class {
	case sinks.Retry:
		return journal.Refused, paused(state, journal.Paused, now, 0, why), false
	case sinks.Wait:
		return journal.Refused, paused(state, journal.Paused, now, failure.After, why), false
	case sinks.Park:
		return journal.Refused, parked(state, why, now), false
	case sinks.Stop:
		next = parked(state, why, now)
		next.Hold = journal.Stopped
		return journal.Refused, next, false
	case sinks.Void, sinks.Bury:
		next = state
		switch {
		case n > 1:
			next.Take = n / 2
		case failure.Class == sinks.Void && !state.Plain:
			next.Plain = true
		default:
			next.Plain, bury = false, true
		}
		return journal.Refused, next, bury
	case sinks.Unsure:
	}
	next = state
	next.Until, next.Reason = time.Time{}, why
	return journal.BecameUnsure, next, false
}

// unseen returns a queue's state after a look failed.
func unseen(state journal.TargetState, failure *sinks.Error, now time.Time) journal.TargetState {
	return paused(state, journal.Paused, now, failure.After, "cannot look up the last attempt: "+reason(failure))
}

// paused returns a state that goes on after the wait, or after the back-off where the wait is not known.
func paused(state journal.TargetState, hold journal.Hold, now time.Time, wait time.Duration, why string) journal.TargetState {
	state.Failures++
	if wait <= 0 {
		wait = backoff(state.Failures)
	}
	state.Hold, state.Until, state.Reason = hold, now.Add(min(wait, longest)), why
	return state
}

// parked returns a state that waits for a person and is tried now and then.
func parked(state journal.TargetState, why string, now time.Time) journal.TargetState {
	return paused(state, journal.Parked, now, probe, why)
}

func reason(failure *sinks.Error) string { return string(failure.Reason) + ": " + failure.Error() }

func buried(effect *journal.Effect, why string) []journal.Ending {
	endings := make([]journal.Ending, len(effect.Deliveries))
	for i, delivery := range effect.Deliveries {
		endings[i] = journal.Ending{Delivery: delivery, State: journal.Buried, Reason: why}
	}
	return endings
}
