package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// told is what became of a burst, as it stands at the stand-ins. The journal is only asked which message an event is
// in, and which events have nothing to tell.
type told struct {
	channels time.Time     // when the last message was posted
	sheet    time.Time     // when the last row was confirmed
	slowest  time.Duration // from an entity's last acknowledgement to the message that tells it
	messages int
	rows     int
	skipped  int // events that a channel was not told because nothing of them was left
	lost     []string
	doubled  []string
}

// auditor compares what was acknowledged with what stands there.
type auditor struct {
	told

	messages map[string][]time.Time // by effect: when each message that carries it was posted
	claimed  map[string]bool        // effects that the journal calls told
	rows     map[string]int         // by key
	latest   map[int]*step          // the last event of each entity
	sheeted  bool
}

// audit looks once everything has settled.
func audit(ctx context.Context, path string, v *vendors, steps []*step, withSheet bool) (told, error) {
	store, err := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true})
	if err != nil {
		return told{}, err
	}
	defer store.Close() //nolint:errcheck // it only read
	a := newAuditor(v, steps, withSheet)
	stories, err := storiesOf(ctx, store)
	if err != nil {
		return told{}, err
	}
	for _, s := range steps {
		story, ok := stories[s.id]
		if !ok {
			a.miss("event %s was acknowledged and is not in the journal", s.id)
			continue
		}
		a.event(s, story)
	}
	a.finish(len(steps), len(stories))
	return a.told, nil
}

func storiesOf(ctx context.Context, store journal.Reader) (map[string]journal.Story, error) {
	all := map[string]journal.Story{}
	for before := int64(0); ; {
		page, err := store.Events(ctx, journal.Filter{Before: before, Limit: 500})
		if err != nil || len(page) == 0 {
			return all, err
		}
		for _, summary := range page {
			story, err := store.Story(ctx, summary.Entry.Number)
			if err != nil {
				return nil, err
			}
			story.Entry.Body = nil
			all[story.Entry.ID] = story
			before = summary.Entry.Number
		}
	}
}

func newAuditor(v *vendors, steps []*step, withSheet bool) *auditor {
	a := &auditor{
		messages: map[string][]time.Time{}, claimed: map[string]bool{}, rows: map[string]int{}, latest: map[int]*step{}, sheeted: withSheet,
	}
	for _, channel := range v.channels {
		for _, m := range v.slack.Messages(channel) {
			a.messages[effectOf(m)] = append(a.messages[effectOf(m)], posted(m))
			a.told.messages++
		}
	}
	table := v.google.Rows(spreadsheet, tab)
	if len(table) > 0 {
		key := slices.Index(table[0], sinks.KeyHeader)
		for _, row := range table[1:] {
			if 0 <= key && key < len(row) {
				a.rows[row[key]]++
				a.told.rows++
			}
		}
	}
	for _, s := range steps {
		a.latest[s.entity] = s
	}
	return a
}

// effectOf returns the effect that a message carries in its first block; the plain form has it in its metadata alone.
func effectOf(m slack.Message) string {
	if len(m.Blocks) > 0 {
		id, _ := m.Blocks[0]["block_id"].(string)
		return strings.TrimPrefix(id, "ppm:")
	}
	if m.Metadata == nil {
		return ""
	}
	id, _ := m.Metadata.EventPayload["effect_id"].(string)
	return id
}

// posted is the time that a message's stamp tells; the stand-in's clock is ours.
func posted(m slack.Message) time.Time {
	seconds, err := strconv.ParseFloat(m.TS, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

func (a *auditor) event(s *step, story journal.Story) {
	channels, sheets := 0, 0
	for _, d := range story.Deliveries {
		if strings.HasPrefix(d.Target, "slack:") {
			channels++
			a.channel(s, d)
			continue
		}
		sheets++
		a.sheet(s, d)
	}
	if channels != 1 || a.sheeted && sheets != 1 {
		a.miss("event %d goes to %d channels and %d sheets", story.Entry.Number, channels, sheets)
	}
}

// channel looks for the message of an event.
func (a *auditor) channel(s *step, d journal.DeliveryStory) {
	if d.State == journal.Skipped {
		a.skipped++
		return
	}
	if d.State != journal.Delivered || d.Effect == nil {
		a.miss("event %s is %s for %s: %s", s.id, d.State, d.Target, d.Reason)
		return
	}
	a.claimed[d.Effect.ID] = true
	stands := a.messages[d.Effect.ID]
	if len(stands) == 0 {
		a.miss("event %s is delivered to %s, where no message tells it", s.id, d.Target)
		return
	}
	if stands[0].After(a.channels) {
		a.channels = stands[0]
	}
	if a.latest[s.entity] == s {
		a.slowest = max(a.slowest, stands[0].Sub(s.acked))
	}
}

// sheet looks for each row of an event.
func (a *auditor) sheet(s *step, d journal.DeliveryStory) {
	for n := range s.rows {
		if key := fmt.Sprintf("%s/%d", s.id, n+1); a.rows[key] == 0 {
			a.miss("row %s is not in the sheet: %s %s", key, d.State, d.Reason)
		}
	}
	if d.Effect != nil && d.Effect.Ended.After(a.told.sheet) {
		a.told.sheet = d.Effect.Ended
	}
}

// finish looks for what stands twice, or is claimed by nobody.
func (a *auditor) finish(acknowledged, kept int) {
	for effect, stands := range a.messages {
		if len(stands) > 1 || !a.claimed[effect] {
			a.doubled = append(a.doubled, fmt.Sprintf("%d messages carry effect %q, which is claimed: %t", len(stands), effect, a.claimed[effect]))
		}
	}
	for key, times := range a.rows {
		if times > 1 {
			a.doubled = append(a.doubled, fmt.Sprintf("row %s stands %d times", key, times))
		}
	}
	if kept > acknowledged {
		a.doubled = append(a.doubled, fmt.Sprintf("%d events in the journal of %d", kept, acknowledged))
	}
}

func (a *auditor) miss(format string, args ...any) {
	a.lost = append(a.lost, fmt.Sprintf(format, args...))
}
