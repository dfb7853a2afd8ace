package main

import (
	"testing"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// A message that nobody claims is excused only where the journal announced it: in that channel, for those events.
func TestOnlyAnnouncedDoublesAreExcused(t *testing.T) {
	message := func(effect string, events ...any) slack.Message {
		return slack.Message{Metadata: &slack.Metadata{EventPayload: map[string]any{"effect_id": effect, "event_ids": events}}}
	}
	for _, tt := range []struct {
		name     string
		target   string
		message  slack.Message
		possible int
		appeared int
		doubled  int
	}{
		{"announced", "slack:C1", message("x", "a", "b"), 1, 1, 0},
		{"in part", "slack:C1", message("x", "a"), 1, 1, 0},
		{"in another channel", "slack:C2", message("x", "a"), 1, 0, 1},
		{"of another event", "slack:C1", message("x", "a", "c"), 1, 0, 1},
		{"of an event that was announced elsewhere", "slack:C1", message("x", "d"), 1, 0, 1},
		{"that names no events", "slack:C1", message("x"), 1, 1, 0},
		{"that names no events, where none was announced", "slack:C2", message("x"), 1, 0, 1},
		{"more than were counted", "slack:C1", message("x", "a"), 0, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &auditor{audit: audit{Possible: tt.possible}, taken: map[string]bool{}, maybe: map[string]map[string]bool{}}
			for id, target := range map[string]string{"a": "slack:C1", "b": "slack:C1", "d": "slack:C3"} {
				a.story(journal.Story{
					Entry: journal.Entry{ID: id, Planned: true},
					Deliveries: []journal.DeliveryStory{
						{Target: target, State: journal.Delivered, Double: true, Effect: &journal.Effect{ID: "second of " + id}},
						{Target: "slack:C2", State: journal.Delivered, Effect: &journal.Effect{ID: "other of " + id}},
					},
				})
			}
			p := &place{chat: true, first: map[string]int{}, times: map[string]int{}, told: map[string][]string{}, events: map[string]bool{}}
			p.channel([]slack.Message{tt.message})
			a.twice(tt.target, p, map[string]bool{})
			if a.Appeared != tt.appeared || a.Doubled != tt.doubled {
				t.Errorf("got %d appeared, %d doubled, want %d, %d: %q", a.Appeared, a.Doubled, tt.appeared, tt.doubled, a.Details)
			}
		})
	}
}
