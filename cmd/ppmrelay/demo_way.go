package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/page"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// way is what the page shows of the daemon between the stand-ins. It only looks: at the journal, and at the stand-ins.
type way struct {
	*stage

	mu     sync.Mutex // the journal is open while it is held, unless over
	over   bool
	last   page.Way
	slack  telling
	sheet  telling
	newest int64         // number
	seen   time.Duration // how long after it was received the newest was first seen in the journal
}

var _ page.Relay = (*way)(nil)

// telling is the newest thing that was told to a target.
type telling struct{ edited, at time.Time }

// Way returns how far everything is. After end it is what it was then.
func (w *way) Way(ctx context.Context) (page.Way, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return w.last, nil
	}
	now, err := w.look(ctx)
	if err != nil {
		return page.Way{}, fmt.Errorf("looking at the way of the events: %w", err)
	}
	w.last = now
	return now, nil
}

// end makes Way ask the journal no more: it is closed soon.
func (w *way) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
}

func (w *way) look(ctx context.Context) (now page.Way, err error) {
	deliveries := w.PPM.Deliveries()
	found, err := w.live.look(ctx)
	if err != nil {
		return now, err
	}
	waits, err := w.waits(ctx) // which reads the record
	if err != nil {
		return now, err
	}
	now.Lost, now.Twice = found.Lost, found.Doubled
	now.Received, now.Answered, now.Refused = w.acknowledged(deliveries)
	w.live.record.each(func(s journal.Story) {
		now.Journalled++
		w.slack.note(s, channelTarget)
		w.sheet.note(s, tabTarget)
	})
	now.Received = max(now.Received, now.Journalled) // some are journalled, and their answer is on its way
	now.Messages, now.Rows = w.standing()
	now.Slack, now.Sheet = waits.slack.stop("Slack", w.slack), waits.sheet.stop("Google", w.sheet)
	if newest, there := w.live.record.last(); there {
		if w.newest != newest.Entry.Number {
			w.newest, w.seen = newest.Entry.Number, time.Since(newest.Entry.Received)
		}
		now.Last = track(newest, deliveries, w.seen)
		now.Last.Slack = unsaid(newest, channelTarget, now.Slack)
		now.Last.Sheet = unsaid(newest, tabTarget, now.Sheet)
	}
	return now, nil
}

// acknowledged counts what the daemon took, and says how long the newest answer was waited for, or why the newest
// delivery was not taken.
func (w *way) acknowledged(deliveries []ppm.Delivery) (taken int, newest time.Duration, refused string) {
	for _, d := range deliveries {
		switch {
		case !strings.HasPrefix(d.URL, w.live.own):
		case d.Acknowledged():
			taken++
			newest, refused = d.Took, ""
		case d.Status == 0:
			refused = "no answer"
		default:
			refused = fmt.Sprintf("answered %d", d.Status)
		}
	}
	return taken, newest, refused
}

// standing counts the messages and rows that carry a mark of ours.
func (w *way) standing() (messages, rows int) {
	for _, m := range w.Slack.Messages(sandbox.Channel) {
		if effectOf(m) != "" {
			messages++
		}
	}
	for n, key := range keyCells(w.Sandbox, sandbox.Spreadsheet, sheetTab) {
		if n > 0 && key[0] != "" {
			rows++
		}
	}
	return messages, rows
}

// note keeps a story when the target was told of it after all others.
func (t *telling) note(s journal.Story, target string) {
	for _, d := range s.Deliveries {
		if d.Target == target && d.State == journal.Delivered && d.Generation <= 1 && d.Changed.After(t.at) {
			*t = telling{edited: editedAt(s.Entry), at: d.Changed}
		}
	}
}

// editedAt returns when a person made a change. The vendor's clock is not believed when it is far off.
func editedAt(e journal.Entry) time.Time {
	const most = time.Minute
	if before := e.Received.Sub(e.Occurred); before >= 0 && before < most {
		return e.Occurred
	}
	return e.Received
}

// stop says how a target fares.
func (w waiting) stop(vendor string, newest telling) page.Stop {
	return page.Stop{
		After: max(0, newest.at.Sub(newest.edited)), Waiting: w.changes,
		Trouble: w.trouble(vendor), Why: w.state.Reason, Again: w.again(time.Now()),
	}
}

// track is how far an event is. When it was journalled is not written down: it was before its answer, and before it was
// seen in the journal.
func track(s journal.Story, deliveries []ppm.Delivery, seen time.Duration) page.Track {
	e := s.Entry
	t := page.Track{Number: e.Number, Title: titleOf(e), Name: e.Entity.Name, Received: e.Received, Journalled: seen}
	for _, d := range deliveries {
		if answered := d.At.Add(d.Took).Sub(e.Received); d.MessageID == e.MessageID && answered > 0 {
			t.Journalled = min(t.Journalled, answered)
		}
	}
	t.Journalled = max(t.Journalled, time.Microsecond)
	for _, d := range s.Deliveries {
		if d.State != journal.Delivered || d.Generation > 1 {
			continue
		}
		after := max(d.Changed.Sub(e.Received), time.Microsecond)
		switch d.Target {
		case channelTarget:
			t.Told = after
		case tabTarget:
			t.Written = after
		}
	}
	return t
}

// titleOf says what happened: "Key date updated".
func titleOf(e journal.Entry) string {
	kind, action, typed := strings.Cut(string(e.Type), ":")
	if !typed {
		return "Event of unknown type"
	}
	if kind == "KeyDate" {
		kind = "Key date"
	}
	return kind + " " + strings.ToLower(action)
}

// unsaid says in a word why an event is not told to a target; nothing when it is, or is just about to be.
func unsaid(s journal.Story, target string, stop page.Stop) string {
	for _, d := range s.Deliveries {
		if d.Target != target {
			continue
		}
		switch d.State {
		case journal.Delivered:
			return ""
		case journal.Pending, journal.Uncertain:
			if stop.Trouble != "" || time.Since(s.Entry.Received) > soon {
				return "waits"
			}
			return ""
		default:
			return string(d.State)
		}
	}
	if s.Entry.Planned {
		return "not told"
	}
	return ""
}

// soon is how long what is not told counts as just about to be.
const soon = 5 * time.Second

// Story returns what `events show` and `events why` print.
func (w *way) Story(ctx context.Context, number int64) (text string, found bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return "", false, errors.New("the demo has ended")
	}
	story, err := w.store.Story(ctx, number)
	if errors.Is(err, journal.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	var out strings.Builder
	a := &app{out: &out, err: &out, env: os.LookupEnv}
	cfg, err := a.load(w.path("ppmrelay.yaml"))
	if err != nil {
		return "", false, err
	}
	if err := a.printStory(story); err != nil {
		return "", false, err
	}
	out.WriteString("\n")
	err = a.printReasons(explain(cfg, "ppmrelay.yaml", story))
	return out.String(), true, err
}
