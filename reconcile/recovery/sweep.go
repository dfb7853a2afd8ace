package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const (
	idle        = 5 * time.Second // how soon a gap is noticed whose wake-up was missed
	lastPause   = 60              // times the first one
	gapsAtOnce  = 1000
	retryPlan   = time.Second // how soon an entity is looked at again whose events wait to be planned
	recoverMost = 200         // events in one commit
)

// sweeps makes the sweeps that are needed, one at a time, until ctx ends.
func (r *Recovery) sweeps(ctx context.Context) {
	for ctx.Err() == nil {
		sweep, err := r.next(ctx)
		if ctx.Err() == nil {
			r.note(ctx, err)
		}
		if sweep != nil {
			r.run(ctx, sweep)
			continue
		}
		timer := time.NewTimer(min(idle, r.timing.Settle))
		select {
		case <-ctx.Done():
		case <-r.started:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// next returns the sweep that is under way, or begins the one that is needed; nil when none is.
func (r *Recovery) next(ctx context.Context) (*journal.Sweep, error) {
	newest, err := r.journal.Sweeps(ctx, 1)
	if err != nil {
		return nil, err
	}
	if len(newest) > 0 && newest[0].Ended.IsZero() {
		return &newest[0], nil
	}
	sweep := journal.Sweep{Stage: journal.StageLists, Began: time.Now()}
	gap, err := r.ended(ctx, sweep.Began)
	if err != nil {
		return nil, err
	}
	r.wishing.Lock() // what is asked for now is for the sweep after this one
	defer r.wishing.Unlock()
	asked, err := r.wish(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case asked == journal.Adopt:
		sweep.Mode, sweep.Gap = asked, gap
	case len(newest) == 0 && r.early():
		return nil, nil //nolint:nilnil // as below
	case len(newest) == 0:
		sweep.Mode = journal.Baseline
	case asked != "":
		sweep.Mode, sweep.Gap = asked, gap
	case !gap.Until.IsZero():
		sweep.Mode, sweep.Gap = journal.Compare, gap
	default:
		return nil, nil //nolint:nilnil // nothing is needed, and that is no error
	}
	if sweep, err = r.journal.BeginSweep(ctx, sweep); err != nil {
		return nil, err
	}
	if asked != "" && asked == sweep.Mode {
		r.granted(ctx)
	}
	return &sweep, nil
}

// early reports whether the first reading would better wait: what changes between it and the moment when events begin to
// come would have to be found by a second one.
func (r *Recovery) early() bool {
	return r.covered != nil && time.Since(r.began) < r.timing.First && !r.covered()
}

// ended returns the time of all open gaps about the tenant that have ended for a while; nothing when there is none.
func (r *Recovery) ended(ctx context.Context, now time.Time) (all journal.Span, _ error) {
	gaps, err := r.journal.Gaps(ctx, true, gapsAtOnce)
	for i := range gaps {
		g := &gaps[i]
		if g.Cause == journal.CauseChain || g.Until.IsZero() || g.Until.Add(r.timing.Settle).After(now) {
			continue
		}
		if all.Since.IsZero() || g.Since.Before(all.Since) {
			all.Since = g.Since
		}
		if g.Until.After(all.Until) {
			all.Until = g.Until
		}
	}
	return all, err
}

// run makes a sweep to its end, however long PPM Express or the journal refuses; it returns early when ctx ends.
func (r *Recovery) run(ctx context.Context, sweep *journal.Sweep) {
	r.take(sweep)
	r.log.InfoContext(ctx, "reading what PPM Express has", "sweep", sweep.Number, "mode", sweep.Mode, "stage", sweep.Stage)
	for failures := 0; ctx.Err() == nil; {
		before := r.steps
		done, err := r.stage(ctx, sweep)
		r.show(sweep)
		if ctx.Err() != nil {
			return
		}
		r.note(ctx, err)
		switch {
		case err == nil && done:
			r.finish(ctx, sweep)
			return
		case err == nil:
			failures = 0
			continue
		case r.steps > before:
			failures = 0 // something was done in between, and is not asked for again
		}
		failures++
		if !rest(ctx, r.pauseAfter(err, failures)) {
			return
		}
	}
}

// pauseAfter is how long nothing is asked after a failure: as long as PPM Express wants, longest where a person has to act.
func (r *Recovery) pauseAfter(err error, failures int) time.Duration {
	longest := lastPause * r.timing.Retry
	pause := min(r.timing.Retry<<min(failures-1, 6), longest)
	failed, ok := errors.AsType[*ppm.CallError](err)
	if !ok {
		return pause
	}
	if !failed.Temporary() {
		pause = longest
	}
	return max(pause, failed.RetryAfter)
}

// stage does what the sweep's stage asks for, and reports whether it was the last one.
func (r *Recovery) stage(ctx context.Context, sweep *journal.Sweep) (last bool, err error) {
	silent := sweep.Mode == journal.Baseline || sweep.Mode == journal.Adopt
	switch sweep.Stage {
	case journal.StageLists:
		return false, r.lists(ctx, sweep)
	case journal.StageVisits:
		if err := r.visits(ctx, sweep); err != nil {
			return false, err
		}
		return silent, r.enter(ctx, sweep, journal.StageUnseen)
	case journal.StageUnseen:
		if silent { // it was broken off at its very end
			return true, nil
		}
		if err := r.unseen(ctx, sweep); err != nil {
			return false, err
		}
		return sweep.Mode == journal.Rehearse, r.enter(ctx, sweep, journal.StageAgain)
	case journal.StageAgain:
		if sweep.Mode == journal.Rehearse {
			return true, nil
		}
		return true, r.again(ctx, sweep)
	default:
		return false, fmt.Errorf("a sweep in stage %q, which this version does not know", sweep.Stage)
	}
}

// enter keeps that a sweep has reached a stage.
func (r *Recovery) enter(ctx context.Context, sweep *journal.Sweep, stage journal.Stage) error {
	next := *sweep
	next.Stage = stage
	err := r.journal.KeepReading(ctx, &next, journal.Reading{})
	if err == nil {
		*sweep = next
		r.steps++
	}
	return err
}

// finish ends a sweep, as soon as the journal takes it.
func (r *Recovery) finish(ctx context.Context, sweep *journal.Sweep) {
	if sweep.Mode == journal.Rehearse {
		r.keepLines(ctx)
	}
	for failures := 1; ; failures++ {
		err := r.journal.EndSweep(ctx, *sweep, time.Now())
		r.note(ctx, err)
		if err == nil {
			break
		}
		if !rest(ctx, r.pauseAfter(err, failures)) {
			return
		}
	}
	r.mu.Lock()
	r.sweep = nil
	r.mu.Unlock()
	p := sweep.Progress
	r.log.InfoContext(ctx, "PPM Express was read", "sweep", sweep.Number, "mode", sweep.Mode, "requests", p.Requests, "entities", p.Entities,
		"adopted", p.Adopted, "updated", p.Updated, "created", p.Created, "hidden", p.Hidden, "visible", p.Visible, "unreadable", p.Unreadable,
		"odd", p.Odd, "restless", p.Restless)
}

// take notes that a sweep is under way, show how far it is.
func (r *Recovery) take(sweep *journal.Sweep) {
	r.failing = failing{}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := *sweep
	r.sweep, r.begun, r.before = &now, time.Now(), now.Progress.Requests
}

func (r *Recovery) show(sweep *journal.Sweep) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := *sweep
	r.sweep = &now
}

// pace waits until the next request may begin, and counts it.
func (r *Recovery) pace(ctx context.Context, sweep *journal.Sweep) error {
	if wait := time.Until(r.last.Add(r.timing.Pace)); wait > 0 && !rest(ctx, wait) {
		return ctx.Err()
	}
	r.last = time.Now()
	sweep.Progress.Requests++
	r.show(sweep)
	return nil
}
