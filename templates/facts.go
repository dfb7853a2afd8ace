package templates

import (
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// custom stands in a list of fields for those that the sender's schema does not know.
const custom = "*"

// factFields returns the fields that are told of a creation, in order, by the names as sent.
func factFields(kind string) []string {
	switch kind {
	case event.Project:
		return []string{"Portfolio", "Program", "OverallStatus", "Stage", "StartDate", "FinishDate", "Manager", "Budget", "Description"}
	case event.Idea:
		return []string{
			"Challenge", "Stage", "StartDate", "FinishDate", "Submitter", "ExpectedCost", "ExpectedEfforts", custom, "Tags", "Description",
		}
	case event.Task:
		return []string{"StartDate", "DueDate", "Group", "AssignedTo", "Description"}
	case event.KeyDate:
		return []string{"Date", "Status", "AssignedTo", "Description"}
	default:
		return nil
	}
}

// said returns the attributes that say something about what was created: no zeros, nothing empty or not set, not who
// created it once more.
func (w *Words) said(e event.Event) []event.Attribute {
	var said []event.Attribute
	told := map[string]bool{}
	for _, field := range factFields(e.Entity.Kind) {
		if field == custom {
			for _, a := range e.Attributes {
				if a.Rank >= event.RankCustom && !a.Noise && !told[a.Name] && w.saysSomething(e, a) {
					said = append(said, a)
				}
			}
			continue
		}
		told[field] = true
		if a, ok := e.Attributes.Get(field); ok && w.saysSomething(e, a) {
			said = append(said, a)
		}
	}
	return said
}

func (w *Words) saysSomething(e event.Event, a event.Attribute) bool {
	if w.Ignored(a.Name) || a.Value.Empty() {
		return false
	}
	switch a.Value.Kind {
	case event.Number, event.Money:
		plain, ok := writtenOut(a.Value.Text)
		return !ok || strings.Trim(plain, "0.") != ""
	case event.Boolean:
		return a.Value.Bool
	case event.Choice:
		return !isStatus(a.Name) || category(a.Value.Text) != statusNotSet
	case event.PersonRef:
		return a.Name != "Submitter" || a.Value.Ref.Name != e.Initiator.Name
	default:
		return true
	}
}

// facts returns what is said about what was created. Two days become one period.
func (w *Words) facts(e event.Event) []Fact {
	var facts []Fact
	said := w.said(e)
	for i := 0; i < len(said); i++ {
		a := said[i]
		fact := Fact{Label: w.called(e.Entity.Kind, a.Name, a.Label), Value: w.attribute(e.Entity.Kind, a)}
		if a.Name == "StartDate" && i+1 < len(said) && isMainDate(said[i+1].Name) && bothDates(a, said[i+1]) {
			fact.Label = "Dates"
			fact.Value[0].until = said[i+1].Value.Time
			fact.Value[0].note = duration(e)
			i++
		}
		if a.Name == "Description" && len(fact.Value) == 1 {
			fact.Value[0].quoted = true
		}
		facts = append(facts, fact)
	}
	return facts
}

func bothDates(a, b event.Attribute) bool {
	return a.Value.Kind == event.Date && b.Value.Kind == event.Date
}

// duration returns "9 working days" of a task that says so.
func duration(e event.Event) string {
	a, ok := e.Attributes.Get("Duration")
	if !ok || a.Value.Kind != event.Number || a.Unit == "" || a.Value.Text == "0" {
		return ""
	}
	unit := a.Unit
	if a.Value.Text == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return withUnit(number(a.Value.Text), unit)
}

// lastField is one part of the last known state: the words around a value.
type lastField struct{ before, field, after string }

func lastFields(kind string) []lastField {
	switch kind {
	case event.Project:
		return []lastField{
			{"", "OverallStatus", ""}, {"finish ", "FinishDate", ""}, {"budget ", "Budget", ""}, {"manager ", "Manager", ""},
		}
	case event.Idea:
		return []lastField{{"", "Stage", ""}, {"expected cost ", "ExpectedCost", ""}, {"submitted by ", "Submitter", ""}}
	case event.Task:
		return []lastField{{"", "Status", ""}, {"", "Progress", " done"}, {"due ", "DueDate", ""}, {"group ", "Group", ""}}
	case event.KeyDate:
		return []lastField{{"", "Date", ""}, {"", "IsComplete", ""}}
	default:
		return nil
	}
}

// lastKnown returns the last state of what was deleted, in one line: "Done, finish 30 Sep 2021, manager Brian Adams".
func (w *Words) lastKnown(e event.Event) string {
	var parts []string
	for _, last := range lastFields(e.Entity.Kind) {
		a, ok := e.Attributes.Get(last.field)
		switch {
		case !ok || w.Ignored(a.Name):
		case a.Name == "IsComplete" && a.Value.Kind == event.Boolean && a.Value.Bool:
			parts = append(parts, "complete")
		case a.Name == "IsComplete" && a.Value.Kind == event.Boolean:
			parts = append(parts, "not complete")
		case a.Name == "Submitter" && !a.Value.Empty(), w.saysSomething(e, a):
			parts = append(parts, last.before+w.attribute(e.Entity.Kind, a).text(spoken)+last.after)
		}
	}
	return strings.Join(parts, ", ")
}

// trail returns where an entity belongs, for the last line of a message.
func (w *Words) trail(e event.Event) string {
	var fields []string
	switch e.Type {
	case event.TypeOf(event.Project, event.Updated):
		fields = []string{"Portfolio", "Program"}
	case event.TypeOf(event.Idea, event.Updated), event.TypeOf(event.Idea, event.Deleted):
		fields = []string{"Challenge"}
	case event.TypeOf(event.KeyDate, event.Updated):
		fields = []string{"Date"}
	}
	var parts []string
	for _, field := range fields {
		a, ok := e.Attributes.Get(field)
		if !ok || w.Ignored(field) || a.Value.Empty() {
			continue
		}
		part := w.attribute(e.Entity.Kind, a).text(spoken)
		if field == "Date" {
			part = "date " + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " › ")
}
