package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// audit compares what the tenant was told was taken with what stands in Slack and in the sheet. The journal is only
// asked what it claims: whether that is true is seen at the stand-ins.
type audit struct {
	Events   int `json:"events"`   // acknowledged
	Messages int `json:"messages"` // in Slack
	Rows     int `json:"rows"`     // in the sheet
	Lost     int `json:"lost"`     // acknowledged, yet neither told, skipped nor buried
	Doubled  int `json:"doubled"`  // told twice

	Details []string `json:"details,omitempty"` // each loss and double in words
}

// auditSandbox looks once everything has settled; what still waits counts as lost.
func auditSandbox(ctx context.Context, store journal.Reader, s *sandbox.Sandbox) (audit, error) {
	a := newAuditor(s)
	if err := eachStory(ctx, store, a.story); err != nil {
		return audit{}, err
	}
	a.finish(s)
	return a.audit, nil
}

// eachStory reads what became of every event, newest first.
func eachStory(ctx context.Context, store journal.Reader, use func(journal.Story)) error {
	for before := int64(0); ; {
		page, err := store.Events(ctx, journal.Filter{Before: before, Limit: 500})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, summary := range page {
			story, err := store.Story(ctx, summary.Entry.Number)
			if err != nil {
				return err
			}
			use(story)
			before = summary.Entry.Number
		}
	}
}

type auditor struct {
	audit

	claimed  map[string]bool // effects that the journal calls told
	messages map[string]int  // by effect
	rows     map[string]int  // by key
	taken    map[string]bool // message ids in the journal
	unread   int             // bodies in the journal that could not be read: they have no id to look for
}

// newAuditor begins with what stands at the stand-ins; the stories are to follow, then finish.
func newAuditor(s *sandbox.Sandbox) *auditor {
	a := &auditor{claimed: map[string]bool{}, messages: map[string]int{}, rows: map[string]int{}, taken: map[string]bool{}}
	a.look(s)
	return a
}

// look reads what stands at the stand-ins.
func (a *auditor) look(s *sandbox.Sandbox) {
	for _, m := range s.Slack.Messages(sandbox.Channel) {
		if id := effectOf(m); id != "" {
			a.messages[id]++
			a.Messages++
		}
	}
	for _, tab := range s.Google.Tabs(sandbox.Spreadsheet) {
		rows := s.Google.Rows(sandbox.Spreadsheet, tab)
		if len(rows) == 0 {
			continue
		}
		key := slices.Index(rows[0], sinks.KeyHeader)
		for _, row := range rows[1:] {
			if key >= 0 && key < len(row) && row[key] != "" {
				a.rows[row[key]]++
				a.Rows++
			}
		}
	}
}

// effectOf returns the effect that a message carries, in its metadata or its first block.
func effectOf(m slack.Message) string {
	if m.Metadata != nil {
		if id, ok := m.Metadata.EventPayload["effect_id"].(string); ok {
			return id
		}
	}
	if len(m.Blocks) == 0 {
		return ""
	}
	id, _ := m.Blocks[0]["block_id"].(string)
	effect, ours := strings.CutPrefix(id, "ppm:")
	if !ours {
		return ""
	}
	return effect
}

// story checks what became of one event.
func (a *auditor) story(s journal.Story) {
	a.Events++
	a.taken[s.Entry.MessageID] = true
	if s.Entry.Quarantine != "" && len(s.Entry.Body) > 0 {
		a.unread++
	}
	if !s.Entry.Planned {
		a.lost("event %d was not planned", s.Entry.Number)
	}
	for _, d := range s.Deliveries {
		switch d.State {
		case journal.Pending, journal.Uncertain:
			a.lost("event %d is %s for %s: %s", s.Entry.Number, d.State, d.Target, d.Reason)
		case journal.Delivered:
			a.claimed[d.Effect.ID] = true
			if !a.stands(s.Entry.ID, d) {
				a.lost("event %d is delivered to %s, and is not there", s.Entry.Number, d.Target)
			}
		case journal.Skipped, journal.Buried:
		}
	}
}

func (a *auditor) stands(id string, d journal.DeliveryStory) bool {
	if strings.HasPrefix(d.Target, "slack:") {
		return a.messages[d.Effect.ID] > 0
	}
	return a.rows[id+"/1"] > 0
}

// finish looks for what stands where nobody claims it, and for what was taken and is not known.
func (a *auditor) finish(s *sandbox.Sandbox) {
	for effect, times := range a.messages {
		if times > 1 || !a.claimed[effect] {
			a.double("the message of effect %s stands %d times, claimed %t", effect, times, a.claimed[effect])
		}
	}
	for key, times := range a.rows {
		if times > 1 {
			a.double("row %s stands %d times", key, times)
		}
	}
	for _, d := range s.PPM.Deliveries() {
		if d.Status != http.StatusAccepted || a.taken[d.MessageID] {
			continue
		}
		if a.unread--; a.unread < 0 {
			a.lost("message %s was acknowledged, and is not in the journal", d.MessageID)
		}
	}
}

func (a *auditor) lost(format string, args ...any) {
	a.Lost++
	a.Details = append(a.Details, "lost: "+fmt.Sprintf(format, args...))
}

func (a *auditor) double(format string, args ...any) {
	a.Doubled++
	a.Details = append(a.Details, "doubled: "+fmt.Sprintf(format, args...))
}
