package main

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
)

// Where the configuration of the stand-ins tells everything.
const (
	channelTarget = "slack:" + sandbox.Channel
	tabTarget     = "sheet:" + sandbox.Spreadsheet + "/" + sheetTab
)

// waits is what is on its way to Slack and the sheet.
type waits struct{ slack, sheet waiting }

// waiting is what one target still has to be told.
type waiting struct {
	changes int
	unsure  bool // nobody knows yet whether the last attempt happened
	state   journal.TargetState
}

// told reports whether everything that was edited is told.
func (s *stage) told(ctx context.Context) bool {
	if s.PPM.Idle(ctx) != nil {
		return false
	}
	counts, err := s.store.Count(ctx)
	return err == nil && counts.Unplanned == 0 && counts.Deliveries[journal.Pending]+counts.Deliveries[journal.Uncertain] == 0
}

// written reports whether everything that was edited is in the sheet.
func (s *stage) written(ctx context.Context) bool {
	if s.PPM.Idle(ctx) != nil {
		return false
	}
	counts, err := s.store.Count(ctx)
	if err != nil || counts.Unplanned > 0 {
		return false
	}
	w, err := s.waits(ctx)
	return err == nil && w.sheet.changes == 0
}

// words says what is waited for, and why: one entry for each target.
func (w waits) words() []string {
	var all []string
	if w.slack.changes > 0 {
		all = append(all, w.slack.words("Slack", "it takes one message a second in a channel"))
	}
	if w.sheet.changes > 0 {
		all = append(all, w.sheet.words("the sheet", "Google allows 60 writes a minute"))
	}
	return all
}

// words says what one target waits for. Pace is the reason where nothing is wrong.
func (w waiting) words(target, pace string) string {
	what := count1(w.changes, "change") + " wait"
	if w.changes == 1 {
		what += "s"
	}
	switch {
	case w.unsure:
		pace = "nobody knows yet whether the last attempt arrived, so it is looked up first"
	case w.state.Hold != "":
		pace = w.state.Reason
	}
	return what + " for " + target + ": " + pace + "."
}

// waits asks the journal what is not told yet.
func (s *stage) waits(ctx context.Context) (w waits, err error) {
	if err := s.live.record.read(ctx); err != nil {
		return w, err
	}
	targets := map[string]*waiting{channelTarget: &w.slack, tabTarget: &w.sheet}
	s.live.record.open(func(story journal.Story) {
		for _, d := range story.Deliveries {
			waits := targets[d.Target]
			if waits != nil && (d.State == journal.Pending || d.State == journal.Uncertain) {
				waits.changes++
			}
		}
	})
	open, err := s.store.OpenEffects(ctx)
	if err != nil {
		return w, err
	}
	for _, effect := range open {
		if waits := targets[effect.Target]; waits != nil {
			waits.unsure = waits.unsure || effect.Unsure
		}
	}
	states, err := s.store.Targets(ctx)
	for _, state := range states {
		if waits := targets[state.Target]; waits != nil {
			waits.state = state
		}
	}
	return w, err
}

// again returns when the target is tried next, zero when that is not known.
func (w waiting) again(now time.Time) time.Time {
	if w.state.Hold == "" || !w.state.Until.After(now) {
		return time.Time{}
	}
	return w.state.Until
}
