package main

import (
	"context"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
)

// waits is what is on its way to Slack and the sheet.
type waits struct {
	unplanned    int64 // not decided yet who is told
	unsettled    int64 // deliveries to any target
	slack, sheet waiting
}

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
	w, err := s.waits(ctx)
	return err == nil && w.unplanned == 0 && w.unsettled == 0
}

// written reports whether everything that was edited is in the sheet.
func (s *stage) written(ctx context.Context) bool {
	if s.PPM.Idle(ctx) != nil {
		return false
	}
	w, err := s.waits(ctx)
	return err == nil && w.unplanned == 0 && w.sheet.changes == 0
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
	counts, err := s.store.Count(ctx)
	if err != nil {
		return w, err
	}
	w.unplanned = counts.Unplanned
	w.unsettled = counts.Deliveries[journal.Pending] + counts.Deliveries[journal.Uncertain]
	w.slack, err = s.waiting(ctx, "slack:"+sandbox.Channel)
	if err != nil {
		return w, err
	}
	w.sheet, err = s.waiting(ctx, "sheet:"+sandbox.Spreadsheet+"/Changes")
	return w, err
}

func (s *stage) waiting(ctx context.Context, target string) (w waiting, err error) {
	queue, err := s.store.Queue(ctx, target, 1000)
	if err != nil {
		return w, err
	}
	w.changes = len(queue)
	open, err := s.store.OpenEffects(ctx)
	if err != nil {
		return w, err
	}
	for _, effect := range open {
		if effect.Target == target {
			w.changes += len(effect.Deliveries)
			w.unsure = w.unsure || effect.Unsure
		}
	}
	states, err := s.store.Targets(ctx)
	for _, state := range states {
		if state.Target == target {
			w.state = state
		}
	}
	return w, err
}
