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

// What is refused for a cause in no list is tried three times within ten minutes: at once, after 3 minutes, after 6 more.
const (
	tries        = 3
	unknownPause = 3 * time.Minute
)

// afterLook is the pause after a look that was answered: the target works again, or the next attempt shows that it does
// not, and is followed by the next pause of the back-off.
const afterLook = time.Second

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
// whether the deliveries are buried. Unknown is the queue's. Classes says the same in words.
func fail(state journal.TargetState, unknown, n int, failure *sinks.Error, now time.Time) (_ journal.Outcome, next journal.TargetState, bury bool) {
	why := reason(failure)
	switch failure.Class {
	case sinks.Retry:
		next = paused(state, journal.Paused, now, 0, why)
	case sinks.Wait:
		next = paused(state, journal.Paused, now, failure.After, why)
	case sinks.Park:
		next = parked(state, why, now)
	case sinks.Stop:
		next = stopped(state, why, now)
	case sinks.Void, sinks.Bury:
		next, bury = narrowed(state, n, failure.Class == sinks.Void, why)
	case sinks.Unknown:
		next, bury = puzzled(state, unknown, n, why, now)
	case sinks.Unsure:
		next = state
		next.Until, next.Reason = time.Time{}, why
		return journal.BecameUnsure, next, false
	}
	return journal.Refused, next, bury
}

// narrowed returns the state after the content was refused: with less, then plain where that may help, then buried. The
// target itself is well: whatever it was held for is over.
func narrowed(state journal.TargetState, n int, plain bool, why string) (next journal.TargetState, bury bool) {
	next = journal.TargetState{Target: state.Target, Take: state.Take, Plain: state.Plain, Reason: why}
	switch {
	case n > 1:
		next.Take = n / 2
	case plain && !state.Plain:
		next.Plain = true
	default:
		next.Plain, bury = false, true
	}
	return next, bury
}

// puzzled returns the state after a refusal for a cause in no list. It may be the target's fault or the content's, so it
// is tried some times before the content is narrowed. Where others were told since the last narrowing it is the content.
// Where one was buried for it and the next is refused as well, it is the target.
//
// Unknown counts such refusals since something was told, whatever else was in between; the state's Failures become the
// next count: up to tries, and above it once one was buried.
func puzzled(state journal.TargetState, unknown, n int, why string, now time.Time) (next journal.TargetState, bury bool) {
	count := unknown + 1
	others := state.Take > 0 && state.Reason == ""
	switch {
	case count < tries && !others:
		next = paused(state, journal.Paused, now, time.Duration(count)*unknownPause, why)
	case n == 1 && unknown > tries:
		next = parked(state, why+"; the one before it was buried for such a cause, this one waits", now)
	default:
		next, bury = narrowed(state, n, false, why)
		count = max(tries, unknown)
		if bury {
			count = tries + 1
		}
	}
	next.Failures = count
	return next, bury
}

// accepts reports whether a refusal shows that the credentials were accepted.
func accepts(class sinks.Class) bool {
	switch class {
	case sinks.Void, sinks.Bury, sinks.Park, sinks.Unknown:
		return true
	default:
		return false
	}
}

// unseen returns a queue's state after a look failed: its target refuses, or the look is worth repeating soon.
func unseen(state journal.TargetState, failure *sinks.Error, now time.Time) journal.TargetState {
	why := "cannot look up what is there: " + reason(failure)
	switch refused(failure) {
	case journal.Parked:
		return parked(state, why, now)
	case journal.Stopped:
		return stopped(state, why, now)
	default:
		return paused(state, journal.Paused, now, failure.After, why)
	}
}

// refused returns what holds a target that refuses a look until a person acts; nothing where the look is worth repeating.
// Only refused credentials concern its neighbours: what looking needs beside them (a scope), telling does not.
func refused(failure *sinks.Error) journal.Hold {
	switch {
	case failure.Class == sinks.Stop && failure.Reason == sinks.ReasonCredentials:
		return journal.Stopped
	case failure.Class == sinks.Stop || failure.Class == sinks.Park:
		return journal.Parked
	default:
		return ""
	}
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

// stopped returns a state that waits for a person, as does every queue of its service.
func stopped(state journal.TargetState, why string, now time.Time) journal.TargetState {
	return paused(state, journal.Stopped, now, probe, why)
}

func reason(failure *sinks.Error) string { return string(failure.Reason) + ": " + failure.Error() }

func buried(effect *journal.Effect, why string) []journal.Ending {
	endings := make([]journal.Ending, len(effect.Deliveries))
	for i, delivery := range effect.Deliveries {
		endings[i] = journal.Ending{Delivery: delivery, State: journal.Buried, Reason: why}
	}
	return endings
}
