package templates

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Data is what a template of a message sees as its dot. Everything is safe to print: {{ .Entity }}.
//
//	*{{ .Entity }}* {{ range .Changes }}
//	{{ .Label }}: {{ .Before }} → {{ .After }}{{ end }}
//
// The first line of what a template prints is the headline, each further one is a fact. The small last line is the
// template "context"; {{ define "context" }}…{{ end }} replaces it.
type Data struct {
	Type   string // as PPM Express names it: "Project:Updated"; may be unknown or empty
	Action string // what happened: "Created", "Updated", "Deleted"; another one of an unknown type

	Entity Entity // what it happened to, by its name after the change
	Parent Entity // of tasks and key dates; its name may be empty
	Trail  string // where it belongs, for the last line: "Digital › Self Service"

	By        Name   // who did it, "PPM Express, no person named" where nobody is; several people joined by commas
	Initiator Name   // the name of who made the newest change; empty where nobody is named
	Occurred  Time   // when the newest change happened, or when it was received where that was not sent
	When      Markup // the same for people; of several edits from the first to the last

	Changes   []Change // what changed, in the order of reading, at most 500; empty for creations and deletions
	Unchanged string   // why an update has no changes: "What changed was not sent"
	Facts     []Fact   // of a creation: what says something
	LastKnown string   // of a deletion: "Done, finish 30 Sep 2021, budget 40,000"; may be empty

	Edits     int    // how many events are told at once; usually 1
	Took      string // from the first of them to the last: "40 s"; empty for one
	TakenBack int    // changes that a later edit undid
	Late      bool   // newer changes were told before
	Recovered bool   // nobody sent it: it was found by comparing, so who and when are not known
	Found     Markup // of what was recovered, for the last line: when events were missing; else empty

	Emoji Markup // :pencil2:, or what the change means: the new status, later, earlier
}

// RowData is what a column of a table sees as its dot. A table with a row per event has no .Change.
type RowData struct {
	*Data

	Change Change // the row's own change; its Label is empty where a row tells no field
}

// errWhole is what is wrong with printing a dot that is everything at once.
var errWhole = errors.New("this is everything at once: name what to print, as in {{ .Entity }} or {{ .By }}")

// isWhole reports whether a type is that of a dot, which has no words of its own.
func isWhole(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[Data](), reflect.TypeFor[*Data](), reflect.TypeFor[RowData](), reflect.TypeFor[*RowData]():
		return true
	default:
		return false
	}
}

// Entity is a project, an idea, a task, a key date or a parent. It prints as its name, in a message as a link where
// display.links has an address for its kind.
type Entity struct {
	Kind string // what people call it: "Key date"
	Noun string // the same inside a sentence: "key date"
	Name string // may be empty
	ID   string // as sent; may be empty
	Link string // address of its page; empty where none is configured, and of what was deleted
}

// String returns the name.
func (e Entity) String() string {
	if line(e.Name) == "" {
		return "(no name)"
	}
	return short(e.Name, maxName)
}

// Time is a moment. It prints as day and time: in a message in each reader's own zone, else in the display's.
type Time struct {
	moment time.Time
	zone   *time.Location
	fixed  bool // in this zone for all readers
}

// String returns "15 Feb 2022 14:20".
func (t Time) String() string {
	if t.moment.IsZero() {
		return ""
	}
	return t.moment.In(t.zone).Format("2 Jan 2006 15:04")
}

// Change is one field that has another value than before. It prints as the whole line:
// "Finish: 31 Dec 2021 → 14 Jan 2022 (14 days later)".
type Change struct {
	Label      string // what people call the field: "Status"
	Field      string // the name as sent: "OverallStatus"
	Before     Value
	After      Value
	Difference string // "14 days later", "+25 %"; empty where there is none to tell
	Days       int    // by how many days a date moved; negative is earlier, 0 for what is no date
	Added      Value  // of a list: what came
	Removed    Value  // of a list: what went
	Steps      int    // how many edits made it; usually 1

	words  *Words
	entity string
	change *event.Change
	long   *textDiff // shared by both voices, made when it is first told
}

// String returns the line in plain words.
func (c Change) String() string {
	if c.words == nil {
		return ""
	}
	return c.words.changeLine(spoken, c)
}

// Fact is one thing to say about what was created. It prints as the line "Manager: John Doe".
type Fact struct {
	Label string // what people call it: "Manager"
	Value Value
}

// String returns the line in plain words.
func (f Fact) String() string { return short(f.Label, maxName) + ": " + f.Value.text(spoken) }

// Value is one value of a field. It prints as people read it, as "none" in a message where there is none. In `if` and
// `with` it is false where there is none; `range` goes through what a list holds.
type Value []Item

// String returns the value in plain words.
func (v Value) String() string { return v.text(spoken) }

// Item is one value, or one of those that a list holds. It prints as people read it.
type Item struct {
	words  *Words
	entity string // kind, for the label of a choice
	field  string // name as sent, for the same
	unit   string
	value  *event.Value
	until  time.Time // the end of a period that begins with value
	note   string    // behind a period: "9 working days"
	quoted bool      // a text that stands for itself: “…”
}

// String returns the value in plain words.
func (i Item) String() string { return i.text(spoken) }

// Markup is formatted text that is printed as it is. Only our functions make it.
type Markup struct {
	mrkdwn string
	plain  string
	link   string // the address that a cell opens
}

// String returns the text without formatting.
func (m Markup) String() string { return m.plain }

// value returns the Value of an attribute.
func (w *Words) value(entity, field, unit string, v event.Value) Value {
	elements := v.Elements()
	if len(elements) == 0 {
		return nil
	}
	items := make(Value, len(elements))
	for i := range elements {
		elements[i] = w.chosen(entity, field, elements[i])
		items[i] = Item{words: w, entity: entity, field: field, unit: unit, value: &elements[i]}
	}
	return items
}

func (w *Words) attribute(entity string, a event.Attribute) Value {
	return w.value(entity, a.Name, a.Unit, a.Value)
}

func (w *Words) entity(ref event.Ref) Entity {
	return Entity{Kind: kindWords(ref.Kind), Noun: lower(ref.Kind), Name: ref.Name, ID: ref.ID, Link: w.link(ref)}
}

func (w *Words) change(entity string, c *event.Change) Change {
	c = w.chosenChange(entity, c)
	days, _ := c.DaysMoved()
	change := Change{
		Label: w.called(entity, c.Field, c.Label), Field: c.Field, Days: days, Steps: c.Steps, Difference: difference(c),
		Before:  w.value(entity, c.Field, c.Unit, c.Before),
		After:   w.value(entity, c.Field, c.Unit, c.After),
		Added:   w.value(entity, c.Field, c.Unit, event.Value{Kind: event.List, List: c.Added}),
		Removed: w.value(entity, c.Field, c.Unit, event.Value{Kind: event.List, List: c.Removed}),
		words:   w, entity: entity, change: c,
	}
	if isLongText(c) {
		change.long = new(textDiff)
	}
	return change
}

// data returns what a template sees of a net.
func (w *Words) data(net event.Net) *Data {
	last, kind := net.Last(), net.Last().Entity.Kind
	d := &Data{
		Type: string(last.Type), Action: last.Type.Action(),
		Entity: w.entity(last.Entity), Parent: w.entity(last.Parent), Trail: w.trail(last),
		By: nameOf(net.Events), Initiator: Name(last.Initiator.Name),
		Occurred: Time{moment: last.When(), zone: w.zone}, When: w.when(net),
		Edits: len(net.Events), Took: took(net), TakenBack: net.TakenBack, Late: last.Late,
	}
	if recovered(net.Events) {
		d.Recovered, d.Found = true, w.found(net.Events)
	}
	switch last.Type.Action() {
	case event.Created:
		d.Facts = w.facts(last)
	case event.Deleted:
		d.LastKnown = w.lastKnown(last)
		d.Entity.Link = ""
	default:
		d.Changes = make([]Change, len(net.Changes))
		for i := range net.Changes {
			d.Changes[i] = w.change(kind, &net.Changes[i])
		}
		if last.Before == nil {
			d.Unchanged = "What changed was not sent"
		} else {
			d.Unchanged = "Nothing that is told changed"
		}
	}
	d.Emoji = emoji(last, net.Changes)
	return d
}

const nobody = "PPM Express, no person named"

// people returns who made the events, each once, oldest first.
func people(events []event.Event) string {
	var names []string
	seen := map[string]bool{}
	for _, e := range events {
		name := personName(e.Initiator)
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		names = append(names, name)
	}
	if len(names) == 0 {
		return nobody
	}
	return listed(names, "people")
}

func personName(p event.Person) string {
	if name := short(p.Name, maxName); name != "" {
		return name
	}
	return short(p.Account, maxName)
}

// maxListed is how many of a list are named in a message.
const maxListed = 5

// listed joins names: "A, B", or "150 people: A, B, C and 147 more" of more than five.
func listed(names []string, what string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	const named = 3
	return count(len(names)) + " " + what + ": " + strings.Join(names[:named], ", ") + " and " + count(len(names)-named) + " more"
}
