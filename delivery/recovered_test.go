package delivery_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
)

// heads makes messages that say only how many entities they tell.
type heads struct{}

func (heads) Message(net event.Net) event.Message {
	return event.Message{Head: fmt.Sprintf("%s of %d events, recovered %v", net.Last().Entity.ID, len(net.Events), net.Last().Recovered)}
}

func (heads) Bulk(nets []event.Net) event.Message {
	return event.Message{Head: fmt.Sprintf("%d entities, recovered %v", len(nets), nets[0].Last().Recovered)}
}

func changed(n int, kind event.Type, entity string, recovered bool) event.Event {
	value := func(n int) event.Attributes {
		return event.Attributes{{Name: "Budget", Value: event.Value{Kind: event.Number, Text: strconv.Itoa(n)}}}
	}
	e := event.Event{Number: int64(n), ID: strconv.Itoa(n), Type: kind, Entity: event.Ref{ID: entity}, Attributes: value(n + 1), Recovered: recovered}
	if kind.Action() == event.Updated {
		e.Before = value(n)
	}
	return e
}

func said(events []event.Event) (all []string) {
	for _, s := range delivery.Messages(heads{}, nil).Say(events) {
		all = append(all, s.Message.Head)
	}
	slices.Sort(all)
	return all
}

// What was found later comes at once: many are one message, whatever they are, apart from what people did.
func TestManyRecoveredEventsAreOneMessage(t *testing.T) {
	var events []event.Event
	for i := range 12 {
		events = append(events, changed(i, "Project:Updated", fmt.Sprint("p", i), true), changed(i+20, "Task:Created", fmt.Sprint("t", i), true))
	}
	for i := range 9 {
		events = append(events, changed(i+40, "Project:Updated", fmt.Sprint("x", i), false))
	}
	got := said(events)
	if len(got) != 11 || got[0] != "12 entities, recovered true" || got[1] != "12 entities, recovered true" {
		t.Errorf("got %q, want two messages for what was recovered, and one for each other change", got)
	}
}

// A change that nobody sent and one that somebody made are two messages, though they are of one entity.
func TestARecoveredChangeIsToldAlone(t *testing.T) {
	got := said([]event.Event{
		changed(1, "Project:Updated", "p", false), changed(2, "Project:Updated", "p", true), changed(3, "Project:Updated", "p", true),
		changed(4, "Project:Updated", "p", false),
	})
	want := []string{"p of 1 events, recovered false", "p of 1 events, recovered false", "p of 2 events, recovered true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
