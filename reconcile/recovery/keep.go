package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	tick        = 5 * time.Second // how soon what is held, or due, is looked at
	missedBeats = 4               // so many in a row are a gap
)

// keep writes down gaps and heartbeats, and looks at broken chains that are due, until ctx ends.
func (r *Recovery) keep(ctx context.Context) {
	start := time.Now().Round(0) // the clock of the wall: it goes on while the machine sleeps
	for !r.wakeUp(ctx, start) {
		if !rest(ctx, r.tick()) {
			return // the heartbeat is still the one of the last life
		}
	}
	ticker := time.NewTicker(r.tick())
	defer ticker.Stop()
	beaten := start
	for {
		select {
		case <-ctx.Done():
			r.beat(context.WithoutCancel(ctx), time.Now())
			return
		case <-ticker.C:
		}
		r.flush(ctx)
		beaten = r.heartbeat(ctx, beaten, time.Now().Round(0))
		r.chains(ctx)
	}
}

// heartbeat beats when it is time for it, and returns when the heart last did.
func (r *Recovery) heartbeat(ctx context.Context, last, now time.Time) time.Time {
	if now.Before(last) && r.setBack(ctx, now) != nil {
		return last // which is what shows that the clock was put back
	}
	if r.beats(last, now) && r.beatAfter(ctx, last, now) {
		return now
	}
	return last
}

// beats reports whether it is time for a heartbeat. After the clock was put back it is at once: the last one would else be
// in the future, and hide the gap before the next start.
func (r *Recovery) beats(last, now time.Time) bool {
	return now.Before(last) || now.Sub(last) >= r.timing.Beat
}

// tick is shorter than usual where the heart beats faster.
func (r *Recovery) tick() time.Duration { return min(tick, r.timing.Beat) }

// setBack ends what an earlier clock has put into the future: until then nothing would be looked for.
func (r *Recovery) setBack(ctx context.Context, now time.Time) error {
	return r.journal.SetBack(ctx, now, now.Add(r.timing.Again))
}

// wakeUp records the time since the last heartbeat as a gap, before it is overwritten. It reports whether it could. Where
// the clock was put back meanwhile nobody knows how long that was.
func (r *Recovery) wakeUp(ctx context.Context, start time.Time) bool {
	if r.setBack(ctx, start) != nil {
		return false
	}
	last, err := r.journal.LastBeat(ctx)
	switch {
	case errors.Is(err, journal.ErrNotFound):
	case err != nil:
		return false
	default:
		gap := journal.Gap{Cause: journal.CauseDown, Since: last, Until: start, Detail: "ppmrelay did not run, or could not write"}
		if start.Before(last) {
			gap.Since, gap.Detail = start, gap.Detail+"; the clock was put back"
		}
		if r.Record(ctx, gap) != nil {
			return false
		}
	}
	return r.beat(ctx, start)
}

// beatAfter beats. A heart that stopped for long beats after a gap: the machine slept, or the journal could not be written.
func (r *Recovery) beatAfter(ctx context.Context, last, now time.Time) bool {
	if now.Sub(last) > missedBeats*r.timing.Beat {
		gap := journal.Gap{Cause: journal.CauseDown, Since: last, Until: now, Detail: "ppmrelay stood still, or could not write"}
		if r.Record(ctx, gap) != nil {
			return false
		}
	}
	return r.beat(ctx, now)
}

// beat reports whether the heartbeat was written. While it cannot be, the last one that was stays: what is missed now
// is missed since then.
func (r *Recovery) beat(ctx context.Context, at time.Time) bool {
	return r.journal.Beat(ctx, at) == nil
}

// flush writes down what is held.
func (r *Recovery) flush(ctx context.Context) {
	r.mu.Lock()
	held := r.held
	r.held = nil
	r.mu.Unlock()
	for _, gap := range held {
		if r.Record(ctx, gap) != nil {
			r.Missed(gap)
			continue
		}
		r.log.WarnContext(ctx, "events were missed", "cause", gap.Cause, "since", gap.Since.UTC(), "until", gap.Until.UTC(), "reason", gap.Detail)
	}
}
