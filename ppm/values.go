package ppm

import (
	"encoding/json"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// decodeAttributes returns the attributes of an entity in the order in which they were sent, nil when there is no
// such object. Of equal keys the last wins, in the place of the first.
func (t tree) decodeAttributes(object int, entity string) event.Attributes {
	if object == none {
		return nil
	}
	attributes := make(event.Attributes, 0, t.width(object))
	place := make(map[string]int, cap(attributes))
	for key, value := range t.members(object) {
		name := string(t.content(key))
		spec := specOf(entity, name)
		attribute := event.Attribute{
			Name: name, Label: spec.label, Rank: spec.rank, Unit: spec.unit, Noise: spec.noise,
			Value: t.decodeValue(value, spec),
		}
		if at, twice := place[name]; twice {
			attributes[at] = attribute
			continue
		}
		place[name] = len(attributes)
		attributes = append(attributes, attribute)
	}
	return attributes
}

// maxList is the number of elements from which on a list is taken for data of another kind. It bounds the memory that
// a small body can ask for: an event.Value is seventy times as long as "1,".
const maxList = 10_000

// decodeValue returns a value as its attribute's spec asks, or as its JSON shape tells where it has another one.
func (t tree) decodeValue(value int, s spec) event.Value {
	length := 0
	for range t.elements(value) {
		length++
	}
	if t.kind(value) != '[' || length > maxList {
		return t.decodeSingle(value, s)
	}
	list := event.Value{Kind: event.List, List: make([]event.Value, 0, length)}
	for element := range t.elements(value) {
		list.List = append(list.List, t.decodeSingle(element, s))
	}
	return list
}

// decodeSingle returns a value that is not the list of an attribute. A list within that list has no known meaning.
func (t tree) decodeSingle(value int, s spec) event.Value {
	switch t.kind(value) {
	case 0, 'n':
		return event.Value{}
	case 't', 'f':
		return event.Value{Kind: event.Boolean, Bool: t.kind(value) == 't'}
	case '"':
		return decodeText(t.scalar(value), s)
	case '{':
		return t.decodeObject(value, s)
	case '[':
		return event.Value{Kind: event.Object, Text: string(t.appendCanonical(nil, value, pascal))}
	default:
		return decodeNumber(t.scalar(value), s)
	}
}

func decodeNumber(digits string, s spec) event.Value {
	switch s.kind {
	case event.Money, event.Choice:
		return event.Value{Kind: s.kind, Text: digits}
	default:
		return event.Value{Kind: event.Number, Text: digits}
	}
}

func decodeText(text string, s spec) event.Value {
	switch s.kind {
	case event.Choice:
		return event.Value{Kind: event.Choice, Text: text}
	case event.Number, event.Money:
		if isNumber(text) {
			return event.Value{Kind: s.kind, Text: text}
		}
	case event.Date, event.Instant, event.Null:
		if value, ok := decodeTime(text, s.kind); ok {
			return value
		}
	default:
	}
	return event.Value{Kind: event.Text, Text: text}
}

// isNumber reports whether a text is a number as JSON spells it.
func isNumber(text string) bool {
	return strings.Trim(text, "+-.0123456789eE") == "" && json.Valid([]byte(text))
}

// decodeObject tells people and references by their keys: {"Id","FullName","ImageId"} and {"Id","Name"}, of which a
// group {"Id","Name","Color"} is one. REST writes the same keys in camelCase.
func (t tree) decodeObject(object int, s spec) event.Value {
	id, person, name := none, none, none
	for key, value := range t.members(object) {
		switch strings.ToLower(string(t.content(key))) {
		case "id":
			id = value
		case "fullname":
			person = value
		case "name":
			name = value
		}
	}
	switch {
	case id != none && person != none:
		return event.Value{Kind: event.PersonRef, Ref: event.Ref{ID: t.scalar(id), Name: t.scalar(person)}}
	case id != none && name != none:
		return event.Value{
			Kind: event.Reference,
			Ref:  event.Ref{Kind: s.of, ID: t.scalar(id), Name: t.scalar(name)},
		}
	default:
		return event.Value{Kind: event.Object, Text: string(t.appendCanonical(nil, object, pascal))}
	}
}
