package ppm

import (
	"bytes"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Difference compares two states of one entity, as Message.State and Element have them, and returns the names of the
// attributes that mean something else, in the order of the second. Attributes that only one of them has say nothing:
// whether the API shows the same ones as webhooks is not published. Noise is left out, and so is a choice that is a number
// here and a name there.
func Difference(entity string, known, read []byte) ([]string, error) {
	if bytes.Equal(known, read) {
		return nil, nil
	}
	before, err := DecodeState(entity, known)
	if err != nil {
		return nil, err
	}
	after, err := DecodeState(entity, read)
	if err != nil {
		return nil, err
	}
	return Differing(before, after), nil
}

// Differing is Difference for states that were decoded.
func Differing(before, after event.Attributes) []string {
	var names []string
	for i := range after {
		a := &after[i]
		if a.Noise {
			continue
		}
		old, known := before.Get(a.Name)
		if known && !old.Value.Equal(a.Value) && sameSpelling(old.Value, a.Value) {
			names = append(names, a.Name)
		}
	}
	return names
}

// sameSpelling reports whether two values are of one spelling: the API names the stage of an idea, webhooks number it.
func sameSpelling(a, b event.Value) bool {
	if a.Kind != event.Choice || b.Kind != event.Choice {
		return true
	}
	return isNumber(a.Text) == isNumber(b.Text)
}

// Found is a change that nobody sent: what an entity was, and what it is.
type Found struct {
	Type   event.Type
	Entity event.Ref
	Parent event.Ref // of tasks and key dates
	At     time.Time // the time stamp
	Before []byte    // attributes, JSON as Message.State; nil of a creation
	After  []byte    // the same, of which only Fields count, and all of a creation
	Fields []string  // that differ
}

// Body returns the change as a webhook would tell it, without the ids of a webhook and a message, and without a person.
func (f Found) Body() ([]byte, error) {
	after := f.After
	if f.Before != nil {
		var err error
		if after, err = Overlaid(f.Before, f.After, f.Fields); err != nil {
			return nil, err
		}
	}
	to := []byte(`{"Data":{`)
	if f.Parent.ID != "" {
		to = appendText(append(to, `"ParentEntityId":`...), []byte(f.Parent.ID))
		to = appendText(append(to, `,"ParentEntityType":`...), []byte(f.Parent.Kind))
		to = append(to, ',')
	}
	to = appendText(append(to, `"Id":`...), []byte(f.Entity.ID))
	to = append(append(to, `,"Attributes":`...), after...)
	if f.Before != nil {
		to = append(append(to, `,"BeforeAttributes":`...), f.Before...)
	}
	to = append(to, `,"Initiator":null,"TimeStamp":"`...)
	return append(f.At.UTC().AppendFormat(to, "2006-01-02T15:04:05.0000000Z"), `"}}`...), nil
}

// Overlaid returns a state of an entity with the values of another state for some of its attributes.
func Overlaid(state, other []byte, fields []string) ([]byte, error) {
	known, err := parseObject(state)
	if err != nil {
		return nil, err
	}
	read, err := parseObject(other)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, field := range fields {
		taken[plainName(field)] = true
	}
	to := []byte("{")
	for key, value := range known.members(root) {
		name := known.content(key)
		to = append(appendText(separated(to, '{'), name), ':')
		if from := read.named(string(name)); taken[plainName(string(name))] && from != none {
			to = append(to, read.raw(from)...)
			continue
		}
		to = append(to, known.raw(value)...)
	}
	return append(to, '}'), nil
}

// Picked returns those attributes of a state that have these names, a JSON object.
func Picked(state []byte, fields []string) ([]byte, error) {
	t, err := parseObject(state)
	if err != nil {
		return nil, err
	}
	to := []byte("{")
	for _, field := range fields {
		if value := t.named(field); value != none {
			to = append(appendText(separated(to, '{'), []byte(field)), ':')
			to = append(to, t.raw(value)...)
		}
	}
	return append(to, '}'), nil
}

// named returns the attribute of a name, also with the other apostrophe.
func (t tree) named(name string) int {
	if value := t.attribute(root, name); value != none {
		return value
	}
	for key, value := range t.members(root) {
		if plainName(string(t.content(key))) == plainName(name) {
			return value
		}
	}
	return none
}

func plainName(name string) string {
	return string(bytes.ReplaceAll([]byte(name), []byte("’"), []byte("'")))
}

// StateBefore returns the attributes before the change as they were sent, as State does those after it.
func (m *Message) StateBefore() []byte {
	if m.before == none {
		return nil
	}
	return m.tree.raw(m.before)
}
