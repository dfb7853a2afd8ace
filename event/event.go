// Package event holds the one type that every stage speaks: what happened to one entity of the tenant, as it was
// received, decoded and typed, but not yet put into words.
//
// # The way of an event
//
// ppm decodes a webhook body into an Event; delivery asks for its Changes, or for the Net of several events of one
// entity; templates put that into words (Message) or cells (Row); a sink carries those out. Nothing here knows PPM
// Express, Slack or Google: which attribute is a choice, a day or money is decided once, by ppm, and travels with the
// attribute.
//
// # Invariants
//
// An Event is never changed after it was decoded. Numbers keep the digits that were sent. An attribute that was not
// sent before is unknown, not empty.
package event

import (
	"strings"
	"time"
)

// Type names what happened to which kind of entity, as PPM Express spells it: "Project:Updated". It may be a type that
// this program does not know, and is empty when nothing tells it.
type Type string

// The actions that PPM Express names today.
const (
	Created = "Created"
	Updated = "Updated"
	Deleted = "Deleted"
)

// The kinds of entity that PPM Express sends events of today.
const (
	Project = "Project"
	Idea    = "Idea"
	Task    = "Task"
	KeyDate = "KeyDate"
)

// Types returns the twelve event types of PPM Express (help.ppm.express, "Working with Webhooks"), in the vendor's
// order.
func Types() []Type {
	var all []Type
	for _, entity := range []string{Project, Idea, Task, KeyDate} {
		for _, action := range []string{Created, Updated, Deleted} {
			all = append(all, TypeOf(entity, action))
		}
	}
	return all
}

// TypeOf joins an entity's kind and an action.
func TypeOf(entity, action string) Type { return Type(entity + ":" + action) }

// Entity returns the kind of entity: "Project" of "Project:Updated", empty for an unknown type.
func (t Type) Entity() string {
	entity, _, _ := strings.Cut(string(t), ":")
	return entity
}

// Action returns what happened: "Updated" of "Project:Updated", empty for an unknown type.
func (t Type) Action() string {
	_, action, _ := strings.Cut(string(t), ":")
	return action
}

// own is what the types begin with of what the relay says of itself. A dot stands in no type that can come from outside:
// the address of a webhook has none, and none is guessed.
const own = "relay."

// Own reports whether an event is the relay's own: nothing that happened in the tenant, and of no concern to routes.
func (t Type) Own() bool { return strings.HasPrefix(string(t), own) }

// Ref names an entity. Name may be empty: PPM Express does not send the name of a parent.
type Ref struct {
	Kind string // "Project", "Program" …
	ID   string // the vendor's, any text; empty when not sent
	Name string // as people typed it; never safe to print as it is
}

// Person is who made a change. All fields may be empty: nightly recalculations have no person behind them.
type Person struct {
	ID      string
	Name    string
	Account string // looks like an e-mail address, but need not be one
}

// Event is one change of one entity.
type Event struct {
	Number    int64     // the journal's number; orders events, never leaves the house
	ID        string    // UUIDv7 given on receipt; the name that leaves the house
	MessageID string    // the sender's; any text, may be empty or repeated
	WebhookID string    // the registration that delivered it; any text, may be empty
	Type      Type      // empty when unknown
	Entity    Ref       // Name is the name after the change
	Parent    Ref       // of tasks and key dates; zero for others
	Initiator Person    // zero when nobody is named
	Occurred  time.Time // the sender's time stamp; zero when absent or unreadable
	Received  time.Time // when the journal took it; never zero

	Attributes Attributes // the state after the change, as sent
	Before     Attributes // the state before it; nil unless the sender told it
	Late       bool       // newer changes of the entity were known when it came
	Recovered  bool       // nobody sent it: it was found by comparing, so who and when are not known
	Missing    Span       // of a recovered one: when events were missing; zero where that is not known
}

// Span is a time between two moments. A zero moment is not known.
type Span struct{ Since, Until time.Time }

// When returns the time the event stands for: when it occurred, else when it was received.
func (e Event) When() time.Time {
	if e.Occurred.IsZero() {
		return e.Received
	}
	return e.Occurred
}
