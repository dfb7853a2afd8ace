package templates

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// sample is a net that templates are tried on before they count.
type sample struct {
	name  string // in plain words, behind "with"
	net   event.Net
	full  bool         // it has everything that an event of its type can have
	aloud bool         // it is tried in plain words, too
	data  func() *Data // made once
}

// shape is a way in which an event can be unlike the usual one.
type shape struct {
	words string // behind the name of its type
	make  func(event.Event) event.Event
}

func shapes() []shape {
	return []shape{
		{"", func(e event.Event) event.Event { return e }},
		{" that says almost nothing", bareEvent},
		{" whose fields are all empty", emptyEvent},
		{" with huge values", hugeEvent},
		{" whose texts are made of markup", markedEvent},
		{" whose fields hold other things than usual", oddEvent},
	}
}

// samples returns events of each type and of unknown ones, in each shape, and updates told at once. Usual makes the usual
// event of a type.
func (w *Words) samples(usual func(event.Type) event.Event) []sample {
	var all []sample
	for _, t := range append(event.Types(), "", "Risk:Escalated") {
		e := usual(t)
		for _, s := range shapes() {
			all = append(all, w.sampleOf("a "+typeWords(t)+" event"+s.words, s.words == "", s.make(e)))
		}
		if t.Action() == event.Updated {
			all = append(all, w.sampleOf("several "+typeWords(t)+" events at once", true, severalEdits(e)...))
		}
	}
	return all
}

func (w *Words) sampleOf(name string, full bool, events ...event.Event) sample {
	w.rest()
	net := event.NetOf(events, nil)
	return sample{name: name, net: net, full: full, data: sync.OnceValue(func() *Data { return w.data(net) })}
}

// ownSamples returns events that have the fields that a template names, and that no other sample has: each in every kind
// of value, for one type of each action among the given ones.
func (w *Words) ownSamples(usual func(event.Type) event.Event, fields []FieldUse, types []event.Type) []sample {
	var names []string
	others := w.tried()[0].net.Last().Attributes
	for _, use := range fields {
		if _, known := others.Get(use.Field); !known && !slices.Contains(names, use.Field) && len(names) < maxOwnFields {
			names = append(names, use.Field)
		}
	}
	if len(names) == 0 {
		return nil
	}
	var all []sample
	for _, action := range [...]string{event.Created, event.Updated, event.Deleted} {
		at := slices.IndexFunc(event.Types(), func(t event.Type) bool {
			return t.Action() == action && (len(types) == 0 || slices.Contains(types, t))
		})
		if at < 0 {
			continue
		}
		for _, kind := range kindsOfValues() {
			e := usual(event.Types()[at])
			for _, name := range names {
				e.Attributes = append(e.Attributes, attribute(name, kind.after))
				e.Before = append(e.Before, attribute(name, kind.before))
			}
			all = append(all, w.sampleOf("a "+typeWords(e.Type)+" event in which "+quoted(names[0])+" is "+kind.words, false, e))
		}
	}
	return all
}

const maxOwnFields = 100

type kindOfValue struct {
	words         string
	before, after event.Value
}

func kindsOfValues() []kindOfValue {
	day := time.Date(2022, 3, 31, 0, 0, 0, 0, time.UTC)
	text := func(s string) event.Value { return event.Value{Kind: event.Text, Text: s} }
	return []kindOfValue{
		{"empty", text("a"), event.Value{}},
		{"a text", text("a"), text("b c")},
		{"a number", event.Value{Kind: event.Number, Text: "0"}, event.Value{Kind: event.Number, Text: "-12.5"}},
		{"a day", event.Value{Kind: event.Date, Time: day}, event.Value{Kind: event.Date, Time: day.AddDate(0, 0, 14)}},
		{"yes", event.Value{Kind: event.Boolean}, event.Value{Kind: event.Boolean, Bool: true}},
		{"a list", event.Value{}, event.Value{Kind: event.List, List: []event.Value{person("Anna Doe"), person("John Doe")}}},
		{"a choice", event.Value{Kind: event.Choice, Text: "0"}, event.Value{Kind: event.Choice, Text: "High"}},
	}
}

func sampleEvent(t event.Type) event.Event {
	at := time.Date(2022, 2, 15, 13, 20, 44, 0, time.UTC)
	e := event.Event{
		Number: 1, ID: "0190a5c4-7d1e-7000-8000-000000000001", Type: t, Occurred: at, Received: at.Add(time.Second),
		Entity:     event.Ref{Kind: t.Entity(), ID: "28e92b4c-3b0c-4100-83c8-80231b62efcb", Name: "Customer Portal"},
		Initiator:  event.Person{ID: "1", Name: "Anna Doe", Account: "anna.doe@company.com"},
		Attributes: sampleAttributes(1),
	}
	if kind := t.Entity(); kind == event.Task || kind == event.KeyDate {
		e.Parent = event.Ref{Kind: event.Project, ID: "1b7e5d2a-6c3f-4e8b-9a10-7f6e5d4c3b2a", Name: "Digital"}
	}
	if t.Action() == event.Updated {
		e.Before = sampleAttributes(0)
	}
	return e
}

// briefEvent is the usual event with one attribute of each kind of value: enough where it is known that nothing depends on
// which ones there are.
func briefEvent(t event.Type) event.Event {
	e := sampleEvent(t)
	seen := map[event.Kind]bool{}
	var before event.Attributes
	e.Attributes = slices.DeleteFunc(e.Attributes, func(a event.Attribute) bool {
		if seen[a.Value.Kind] {
			return true
		}
		seen[a.Value.Kind] = true
		if old, ok := e.Before.Get(a.Name); ok {
			before = append(before, old)
		}
		return false
	})
	e.Before = before
	return e
}

// sampleAttributes returns one attribute of each kind, in one of two states.
func sampleAttributes(state int) event.Attributes {
	day := time.Date(2022, 3, 31+14*state, 0, 0, 0, 0, time.UTC)
	digit := strconv.Itoa(state)
	people := []event.Value{person("Brian Adams"), person("John Doe")}
	return event.Attributes{
		attribute("Name", event.Value{Kind: event.Text, Text: "Customer Portal" + strings.Repeat(" 2", state)}),
		attribute("OverallStatus", event.Value{Kind: event.Choice, Text: digit}),
		attribute("Status", event.Value{Kind: event.Choice, Text: digit}),
		attribute("Stage", event.Value{Kind: event.Choice, Text: digit}),
		attribute("StartDate", event.Value{Kind: event.Date, Time: day.AddDate(0, -1, 0)}),
		attribute("FinishDate", event.Value{Kind: event.Date, Time: day}),
		attribute("DueDate", event.Value{Kind: event.Date, Time: day}),
		attribute("Date", event.Value{Kind: event.Date, Time: day}),
		attribute("Budget", event.Value{Kind: event.Money, Text: "25" + digit + "000"}),
		attribute("ExpectedCost", event.Value{Kind: event.Money, Text: "1" + digit}),
		attribute("Manager", event.Value{Kind: event.List, List: people[state:]}),
		attribute("AssignedTo", event.Value{Kind: event.List, List: people[state:]}),
		attribute("Group", event.Value{Kind: event.Reference, Ref: event.Ref{ID: digit, Name: "Group " + digit}}),
		attribute("Reviewed", event.Value{Kind: event.Instant, Time: day.Add(15 * time.Hour)}),
		attribute("IsComplete", event.Value{Kind: event.Boolean, Bool: state == 1}),
		attribute("Description", event.Value{Kind: event.Text, Text: "The test environment is late " + digit}),
	}
}

func person(name string) event.Value {
	return event.Value{Kind: event.PersonRef, Ref: event.Ref{ID: name, Name: name}}
}

func attribute(name string, v event.Value) event.Attribute {
	return event.Attribute{Name: name, Label: name, Value: v}
}
