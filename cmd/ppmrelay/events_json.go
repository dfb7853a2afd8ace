package main

import (
	"encoding/json"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// eventJSON is an event as programs read it. Fields are added, never renamed.
type eventJSON struct {
	Number     int64                 `json:"number"`
	ID         string                `json:"id"`
	Type       event.Type            `json:"type"`
	Kind       string                `json:"entity_kind"`
	EntityID   string                `json:"entity_id"`
	Name       string                `json:"name"`
	Initiator  string                `json:"initiator"`
	Occurred   time.Time             `json:"occurred,omitzero"`
	Received   time.Time             `json:"received"`
	MessageID  string                `json:"message_id"`
	WebhookID  string                `json:"webhook_id"`
	Quarantine string                `json:"quarantine,omitempty"`
	ReusedID   bool                  `json:"reused_id,omitempty"`
	Late       bool                  `json:"late,omitempty"`
	TooOld     bool                  `json:"too_old,omitempty"`
	Recovered  bool                  `json:"recovered,omitempty"`
	Missing    *missingJSON          `json:"missing,omitempty"` // of a recovered one: when events were missing
	Planned    bool                  `json:"planned"`
	States     map[journal.State]int `json:"states,omitempty"`
	Deliveries []deliveryJSON        `json:"deliveries,omitempty"`
	Verdicts   []verdictJSON         `json:"verdicts,omitempty"`
	Body       json.RawMessage       `json:"body,omitempty"` // when it is JSON
	BodyBytes  []byte                `json:"body_base64,omitempty"`
}

type deliveryJSON struct {
	Target     string        `json:"target"`
	Route      string        `json:"route"`
	State      journal.State `json:"state"`
	Reason     string        `json:"reason,omitempty"`
	Generation int           `json:"generation"` // 1, and one more for each replay
	Double     bool          `json:"possible_double,omitempty"`
	Attempts   int           `json:"attempts"`
	Changed    time.Time     `json:"changed,omitzero"`
	Effect     string        `json:"effect,omitempty"`
	Receipt    string        `json:"receipt,omitempty"`
}

type missingJSON struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

type verdictJSON struct {
	Route  string `json:"route"`
	Reason string `json:"reason"`
}

func summariesJSON(found []journal.Summary) []eventJSON {
	all := make([]eventJSON, len(found))
	for i, s := range found {
		all[i] = entryJSON(s.Entry)
		all[i].States = s.States
	}
	return all
}

func entryJSON(e journal.Entry) eventJSON {
	out := eventJSON{
		Number: e.Number, ID: e.ID, Type: e.Type, Kind: e.Entity.Kind, EntityID: e.Entity.ID, Name: e.Entity.Name,
		Initiator: e.Initiator, Occurred: e.Occurred, Received: e.Received, MessageID: e.MessageID, WebhookID: e.WebhookID,
		Quarantine: e.Quarantine, ReusedID: e.ReusedID, Late: e.Late, TooOld: e.TooOld, Planned: e.Planned, Recovered: e.Recovered,
	}
	if !e.Missing.Since.IsZero() {
		out.Missing = &missingJSON{e.Missing.Since, e.Missing.Until}
	}
	return out
}

func storyJSON(s journal.Story) eventJSON {
	e := entryJSON(s.Entry)
	if json.Valid(s.Entry.Body) {
		e.Body = s.Entry.Body
	} else {
		e.BodyBytes = s.Entry.Body
	}
	for _, d := range s.Deliveries {
		line := deliveryJSON{
			Target: d.Target, Route: d.Route, State: d.State, Reason: d.Reason, Generation: d.Generation, Double: d.Double,
			Attempts: d.Attempts, Changed: d.Changed,
		}
		if d.Effect != nil {
			line.Effect, line.Receipt = d.Effect.ID, d.Effect.Receipt
		}
		e.Deliveries = append(e.Deliveries, line)
	}
	for _, v := range s.Verdicts {
		e.Verdicts = append(e.Verdicts, verdictJSON(v))
	}
	return e
}

func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
