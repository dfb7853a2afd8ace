package templates

import (
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// bareEvent is an event that tells nothing but its type.
func bareEvent(e event.Event) event.Event {
	bare := event.Event{Type: e.Type, Entity: event.Ref{Kind: e.Entity.Kind}, Received: e.Received}
	if e.Before != nil {
		bare.Before = event.Attributes{}
	}
	return bare
}

// emptyEvent has all keys, and nothing in them.
func emptyEvent(e event.Event) event.Event {
	e.Entity.Name, e.Entity.ID, e.Parent, e.Initiator = "", "", event.Ref{Kind: e.Parent.Kind}, event.Person{}
	e.Attributes = withValues(e.Attributes, func(int, event.Value) event.Value { return event.Value{} })
	return e
}

// hugeEvent has values as large as a body can carry them, and days at the ends of time.
func hugeEvent(e event.Event) event.Event {
	name := strings.Repeat("x", 2000)
	e.Entity.Name, e.Parent.Name, e.Initiator.Name = name, name, name
	e.Attributes = withValues(e.Attributes, func(_ int, v event.Value) event.Value { return huge(v, "9", 9999) })
	e.Before = withValues(e.Before, func(_ int, v event.Value) event.Value { return huge(v, "-1", 1) })
	return e
}

func huge(v event.Value, digit string, year int) event.Value {
	switch v.Kind {
	case event.Text:
		v.Text = strings.Repeat("all of it changed "+digit+" ", 300)
	case event.Number, event.Money:
		v.Text = digit + strings.Repeat("0", 40) + ".05"
	case event.Choice:
		v.Text = strings.Repeat("x", 2000) + digit
	case event.Date, event.Instant:
		v.Time = time.Date(year, 12, 31, 23, 59, 0, 0, time.UTC)
		if v.Kind == event.Date {
			v.Time = v.Time.Truncate(24 * time.Hour)
		}
	case event.List:
		v.List = make([]event.Value, 200)
		for i := range v.List {
			v.List[i] = person("Person " + digit + count(i))
		}
	case event.Reference, event.PersonRef:
		v.Ref.Name = strings.Repeat("x", 2000) + digit
	default:
	}
	return v
}

// markedEvent has texts that would like to act, in fields of any name.
func markedEvent(e event.Event) event.Event {
	const text = "<!channel> *bold* `code`\n> :tada: =A1 "
	e.Entity.Name, e.Parent.Name, e.Initiator.Name = text, text, text
	e.Attributes, e.Before = slices.Clone(e.Attributes), slices.Clone(e.Before)
	for i := range 3 {
		name := "Field " + strings.Repeat("*", i) + text
		e.Attributes = append(e.Attributes, attribute(name, event.Value{Kind: event.Text, Text: strings.Repeat(text, 10)}))
		e.Before = append(e.Before, attribute(name, event.Value{}))
	}
	return e
}

// oddEvent has in each field what another one should have, as another version of the sender might.
func oddEvent(e event.Event) event.Event {
	e.Occurred = time.Time{}
	own := e.Attributes
	e.Attributes = withValues(own, func(i int, _ event.Value) event.Value { return own[(i+3)%len(own)].Value })
	return e
}

// severalEdits are edits that are told at once: one change has two steps, one is taken back, nobody is named, the last
// came late.
func severalEdits(e event.Event) []event.Event {
	first, second := e, e
	second.Number, second.Occurred, second.Late, second.Initiator = 2, e.Occurred.Add(30*time.Hour), true, event.Person{}
	second.Before = e.Attributes
	second.Attributes = slices.Clone(e.Attributes)
	for i, a := range second.Attributes {
		switch a.Name {
		case "FinishDate", "DueDate", "Date":
			second.Attributes[i].Value.Time = a.Value.Time.AddDate(0, 0, 7)
		case "OverallStatus", "Status":
			second.Attributes[i].Value = e.Before[i].Value
		}
	}
	return []event.Event{first, second}
}

func withValues(attributes event.Attributes, value func(int, event.Value) event.Value) event.Attributes {
	all := slices.Clone(attributes)
	for i := range all {
		all[i].Value = value(i, all[i].Value)
	}
	return all
}
