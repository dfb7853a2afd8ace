package templates

import (
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// sample is a net that templates are tried on before they count.
type sample struct {
	name string // in plain words, behind "with"
	net  event.Net
	full bool // it has everything that an event of its type can have
}

// samples returns, for each event type and an unknown one: an event with everything, one with nothing, one that is
// huge and would like to act.
func samples() []sample {
	var all []sample
	for _, t := range append(event.Types(), "") {
		full := sampleEvent(t)
		bare := event.Event{Type: t, Entity: event.Ref{Kind: t.Entity()}, Received: full.Received}
		hostile := full
		hostile.Entity.Name = "<!channel> *`_~" + strings.Repeat("x", 300)
		hostile.Attributes = hostileAttributes()
		if t.Action() == event.Updated {
			bare.Before = event.Attributes{}
			hostile.Before = event.Attributes{}
			for _, a := range hostile.Attributes {
				a.Value = event.Value{}
				hostile.Before = append(hostile.Before, a)
			}
		}
		name := typeWords(t)
		all = append(all, sample{"a " + name + " event", event.NetOf([]event.Event{full}, nil), true},
			sample{"a " + name + " event that says almost nothing", event.NetOf([]event.Event{bare}, nil), false},
			sample{"a " + name + " event with huge values", event.NetOf([]event.Event{hostile}, nil), false})
	}
	return all
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

// hostileAttributes returns 40 attributes whose texts are long and made of markup.
func hostileAttributes() event.Attributes {
	var all event.Attributes
	text := strings.Repeat("<!channel> *bold* `code`\n> ", 100)
	for i := range 40 {
		name := "Field " + strings.Repeat("*", i%50) + count(i)
		all = append(all, attribute(name, event.Value{Kind: event.Text, Text: text}))
	}
	return all
}
