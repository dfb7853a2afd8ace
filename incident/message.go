package incident

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// kind is that of the events that tell of incidents.
const kind = "relay.ops"

// Phase is what an event tells of an incident.
type Phase string

// The phases, which are also the actions of the events' types.
const (
	Stopped Phase = "Stopped" // it has lasted for a while
	Over    Phase = "Over"    // it does not last any more
	Noticed Phase = "Noticed" // it has happened
)

// Message is what an event tells of an incident. It says all that is needed to tell it.
type Message struct {
	Incident string // its id
	Phase    Phase
	Anew     int // how often this was told to others before; unknown to Read
	Words        // of the phase, without Silences; Over also where it only begins
	Since    time.Time
	Until    time.Time // zero before the end
	Stale    time.Time // news that silences its listener: what comes through later does so because it is over; else zero
}

// The names of attributes that are no lines.
const (
	nameTitle = "Name"
	nameRest  = "Rest"
	nameOver  = "Over"
	nameSince = "Since"
	nameStale = "Stale"
)

// incoming returns the event that tells a message. Its body has the shape of those of PPM Express, so that whatever reads
// events reads this one. It names no entity: nothing in the tenant has changed.
func (m Message) incoming(now time.Time) (journal.Incoming, error) {
	at := m.Since
	if !m.Until.IsZero() {
		at = m.Until
	}
	var attributes object
	attributes.add(nameTitle, m.Title)
	attributes.add(nameRest, m.Rest)
	for _, line := range m.Lines {
		attributes.add(line.Label, line.Text)
	}
	attributes.add(nameOver, m.Over)
	attributes.add(nameSince, micros(m.Since))
	attributes.add(nameStale, micros(m.Stale))
	id := m.Incident + "/" + string(m.Phase)
	if m.Anew > 0 {
		id += "/" + strconv.Itoa(m.Anew)
	}
	body, err := json.Marshal(map[string]any{
		"MessageId": id,
		"Data":      map[string]any{"Attributes": attributes.json(), "TimeStamp": at.UTC().Format(time.RFC3339Nano)},
	})
	print32 := sha256.Sum256([]byte(kind + " " + id))
	return journal.Incoming{
		Body: body, Received: now, Type: event.TypeOf(kind, string(m.Phase)), MessageID: id,
		Entity: event.Ref{Kind: kind, Name: m.Title}, Occurred: at, Fingerprint: print32[:],
	}, err
}

// Read returns what an event tells of an incident, and reports whether it tells of one.
func Read(e event.Event) (Message, bool) {
	if e.Type.Entity() != kind {
		return Message{}, false
	}
	id, _, _ := strings.Cut(e.MessageID, "/")
	m := Message{Incident: id, Phase: Phase(e.Type.Action())}
	if m.Phase == Over {
		m.Until = e.Occurred
	}
	for _, a := range e.Attributes {
		switch a.Name {
		case nameTitle:
			m.Title = a.Value.Text
		case nameRest:
			m.Rest = a.Value.Text
		case nameOver:
			m.Over = a.Value.Text
		case nameSince:
			m.Since = moment(a.Value.Text)
		case nameStale:
			m.Stale = moment(a.Value.Text)
		default:
			m.Lines = append(m.Lines, Line{Label: a.Name, Text: a.Value.Text})
		}
	}
	return m, true
}

// micros writes a moment as a number: a time would be told by its shape, as a day where it is noon. Nothing for no time.
func micros(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

func moment(text string) time.Time {
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// object is a JSON object of texts that keeps the order of its keys. What is empty is left out.
type object struct{ pairs bytes.Buffer }

func (o *object) add(key, text string) {
	if text == "" {
		return
	}
	if o.pairs.Len() > 0 {
		o.pairs.WriteByte(',')
	}
	for i, s := range [...]string{key, text} {
		if i > 0 {
			o.pairs.WriteByte(':')
		}
		encoded, _ := json.Marshal(s) // a string always can be
		o.pairs.Write(encoded)
	}
}

func (o *object) json() json.RawMessage { return json.RawMessage("{" + o.pairs.String() + "}") }
