// Package ppm reads what PPM Express sends: it turns the body of a webhook into an event, knows which attribute is a
// day, an amount or a choice and what people call it, and tells whether two bodies are the same event.
//
// # The way of a body
//
// Parse reads a body once into a Message. The door asks it for the Envelope and keeps the body; whoever tells the
// event later parses the kept body again and asks for the Event. Only Parse can fail, so that both agree on what can
// be read.
//
// # Invariants
//
//   - A body is exactly one JSON object (RFC 8259), as encoding/json understands it: at most 10,000 levels deep,
//     invalid UTF-8 and lone surrogates become U+FFFD, the last of several equal keys wins, the keys of the envelope
//     match without case. A UTF-8 byte order mark is skipped.
//   - Nothing inside that object is ever refused: what is missing, null or of another type than expected is told as it
//     is. A future field, kind of entity or type of event needs no change here.
//   - No number is rounded, and no day shifts with a time zone.
//   - The time and memory spent are proportional to the body.
//
// The vendor describes the payload at help.ppm.express, "Working with Webhooks in PPM Express".
package ppm

import (
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Envelope is what can be said about an event without looking at its attributes.
type Envelope struct {
	MessageID   string // any text, may be empty
	WebhookID   string // any text, may be empty
	Type        event.Type
	Entity      event.Ref
	Parent      event.Ref    // of tasks and key dates; its name is not sent
	Initiator   event.Person // zero when nobody is named
	Occurred    time.Time    // UTC; zero when absent or unreadable
	Fingerprint []byte       // as Message.Fingerprint
}

// Message is a body that could be read.
type Message struct {
	tree       tree
	data       int // nodes of the tree; none where it was not sent as an object
	attributes int
	before     int
}

// Parse reads a body, which must not be changed afterwards. An error is a *BodyError.
func Parse(body []byte) (*Message, error) {
	t, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	m := &Message{tree: t}
	m.data = t.object(t.field(root, "Data"))
	m.attributes = t.object(t.field(m.data, "Attributes"))
	m.before = t.object(t.field(m.data, "BeforeAttributes"))
	return m, nil
}

// Decode reads a body into an event of the given type, or of the type that its shape tells where that is empty. It
// fills everything but what the journal gives: Number, ID, Received and Late. An error is a *BodyError.
func Decode(body []byte, t event.Type) (event.Event, error) {
	m, err := Parse(body)
	if err != nil {
		return event.Event{}, err
	}
	return m.Event(t), nil
}

// Peek reads the envelope alone. It refuses the same bodies as Decode, with the same error.
func Peek(body []byte, t event.Type) (Envelope, error) {
	m, err := Parse(body)
	if err != nil {
		return Envelope{}, err
	}
	return m.Envelope(t), nil
}

// DecodeState reads the attributes of one entity: what Message.State returned, or the attributes of an answer of the
// vendor's REST API. An error is a *BodyError.
func DecodeState(entity string, state []byte) (event.Attributes, error) {
	t, err := parseObject(state)
	if err != nil {
		return nil, err
	}
	return t.decodeAttributes(root, entity), nil
}

// Envelope returns the envelope of an event of the given type, or of the type that its shape tells where that is empty.
func (m *Message) Envelope(t event.Type) Envelope {
	e := m.envelope(t)
	e.Fingerprint = m.Fingerprint()
	return e
}

// Event returns the whole event but for Number, ID, Received and Late, of the given type, or of the type that its
// shape tells where that is empty.
func (m *Message) Event(t event.Type) event.Event {
	e := m.envelope(t)
	return event.Event{
		MessageID:  e.MessageID,
		WebhookID:  e.WebhookID,
		Type:       e.Type,
		Entity:     e.Entity,
		Parent:     e.Parent,
		Initiator:  e.Initiator,
		Occurred:   e.Occurred,
		Attributes: m.tree.decodeAttributes(m.attributes, e.Entity.Kind),
		Before:     m.tree.decodeAttributes(m.before, e.Entity.Kind),
	}
}

// State returns the attributes after the change as they were sent, a JSON object, or nil where none were sent. It is
// a part of the body, not a copy.
func (m *Message) State() []byte {
	if m.attributes == none {
		return nil
	}
	return m.tree.raw(m.attributes)
}

func (m *Message) envelope(t event.Type) Envelope {
	kind := t.Entity()
	if t == "" {
		kind = m.kindByShape()
		t = m.TypeByShape()
	}
	data, who := m.data, m.tree.field(m.data, "Initiator")
	return Envelope{
		MessageID: m.text(root, "MessageId"),
		WebhookID: m.text(root, "WebhookId"),
		Type:      t,
		Entity:    event.Ref{Kind: kind, ID: m.text(data, "Id"), Name: m.name()},
		Parent:    event.Ref{Kind: m.text(data, "ParentEntityType"), ID: m.text(data, "ParentEntityId")},
		Initiator: event.Person{
			ID:      m.text(who, "UserId"),
			Name:    m.text(who, "FullName"),
			Account: m.text(who, "LogonAccount"),
		},
		Occurred: parseTimeStamp(m.text(data, "TimeStamp")),
	}
}

// text returns a text or number of the envelope, whose keys match without case.
func (m *Message) text(object int, key string) string {
	return m.tree.scalar(m.tree.field(object, key))
}

// name returns the entity's name. Attributes are named by people, so their keys match exactly.
func (m *Message) name() string {
	return m.tree.scalar(m.tree.attribute(m.attributes, "Name"))
}
