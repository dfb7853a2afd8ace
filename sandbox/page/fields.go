package page

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// The kinds of fields, which are names of templates, too.
const (
	asText   = "text"
	asLong   = "long"
	asNumber = "number"
	asDate   = "date"
	asChoice = "choice"
	asPeople = "people"
	asFlag   = "flag"
)

// field is an attribute that can be edited.
type field struct {
	Name  string // of the attribute
	Label string
	As    string
	Most  int // of a number; 0 = no limit

	Choices []choice
}

// choice is one of the values of a field.
type choice struct {
	Value, Label string

	class string // of its shape
}

const (
	maxName    = 300
	maxText    = 40_000
	maxNumber  = 1_000_000_000_000
	firstDay   = "2000-01-01"
	lastDay    = "2099-12-31"
	dateLayout = "2006-01-02"
)

// fieldsOf returns what can be edited of a kind of entity, the name first.
func fieldsOf(kind string) []field {
	name := field{Name: "Name", Label: "Name", As: asText}
	description := field{Name: "Description", Label: "Description", As: asLong}
	state := func(name, label string) field {
		return field{Name: name, Label: label, As: asChoice, Choices: choicesOf(kind)}
	}
	plain := func(name, label, as string) field { return field{Name: name, Label: label, As: as} }
	switch kind {
	case event.Project:
		return []field{
			name, plain("Manager", "Manager", asPeople), state("OverallStatus", "Status"), plain("Budget", "Budget", asNumber),
			plain("StartDate", "Start", asDate), plain("FinishDate", "Finish", asDate), description,
		}
	case event.Task:
		return []field{
			name, plain("AssignedTo", "Assigned to", asPeople), state("Status", "Status"),
			{Name: "Progress", Label: "Progress in %", As: asNumber, Most: 100},
			plain("StartDate", "Start", asDate), plain("DueDate", "Due", asDate),
		}
	case event.KeyDate:
		return []field{
			name, plain("AssignedTo", "Assigned to", asPeople), state("Status", "Status"), plain("Date", "Date", asDate), plain("IsComplete", "Complete", asFlag),
		}
	case event.Idea:
		return []field{name, state("Stage", "Stage"), plain("ExpectedCost", "Expected cost", asNumber), description}
	default:
		return nil
	}
}

// choicesOf returns the states of a kind of entity.
func choicesOf(kind string) []choice {
	if kind == event.Idea {
		return []choice{{"0", "Draft", "none"}, {"1", "Proposed", "done"}, {"2", "Active", "ok"}, {"3", "Selected", "ok"}, {"4", "Not selected", "none"}, {"5", "Archived", "none"}}
	}
	return []choice{{"-1", "Not set", "none"}, {"0", "On track", "ok"}, {"1", "At risk", "warn"}, {"2", "Critical", "bad"}, {"10", "Done", "done"}}
}

// text writes the value of an attribute as its field holds it: a day as "2026-04-14", persons as their ids. What the
// field cannot hold is left out.
func (f field) text(value any) string {
	switch f.As {
	case asDate:
		day, ok := dayOf(value)
		if !ok || day.Format(dateLayout) < firstDay || day.Format(dateLayout) > lastDay {
			return ""
		}
		return day.Format(dateLayout)
	case asPeople:
		var ids []string
		for _, p := range personsOf(value) {
			ids = append(ids, p.ID)
		}
		return strings.Join(ids, ",")
	case asFlag:
		if value == true {
			return "yes"
		}
		return ""
	case asNumber:
		if _, wrong := f.number(fmt.Sprint(value)); wrong != "" {
			return ""
		}
		return fmt.Sprint(value)
	default:
		if value == nil {
			return ""
		}
		return fmt.Sprint(value)
	}
}

// differs compares two texts of the field. The order of persons counts for nothing.
func (f field) differs(a, b string) bool {
	if f.As != asPeople {
		return a != b
	}
	x, y := strings.Split(a, ","), strings.Split(b, ",")
	slices.Sort(x)
	slices.Sort(y)
	return !slices.Equal(x, y)
}

// personsOf reads an attribute that names persons.
func personsOf(value any) []event.Person {
	var all []event.Person
	list, _ := value.([]any)
	for _, entry := range list {
		if person, ok := entry.(map[string]any); ok {
			id, _ := person["Id"].(string)
			name, _ := person["FullName"].(string)
			all = append(all, event.Person{ID: id, Name: name})
		}
	}
	return all
}

// read makes the value of an attribute of what a form holds, or says what is wrong with it.
func (f field) read(entered []string, known []event.Person) (value any, wrong string) {
	text := strings.TrimSpace(strings.ReplaceAll(strings.Join(entered, ","), "\r\n", "\n"))
	switch f.As {
	case asText:
		return f.name(text)
	case asLong:
		return readLong(text)
	case asNumber:
		return f.number(text)
	case asDate:
		return f.date(text)
	case asChoice:
		return f.choose(text)
	case asPeople:
		return readPeople(entered, known)
	default:
		return text == "yes", ""
	}
}

func (f field) name(text string) (any, string) {
	switch {
	case text == "":
		return nil, "Write a name."
	case len([]rune(text)) > maxName:
		return nil, fmt.Sprintf("Write at most %d characters.", maxName)
	}
	return text, ""
}

func (f field) choose(text string) (any, string) {
	if !slices.ContainsFunc(f.Choices, func(c choice) bool { return c.Value == text }) {
		return nil, "Choose one of those that are shown."
	}
	return json.Number(text), ""
}

func readLong(text string) (any, string) {
	switch {
	case text == "":
		return nil, ""
	case len([]rune(text)) > maxText:
		return nil, fmt.Sprintf("Write at most %s characters.", count(maxText))
	}
	return text, ""
}

func (f field) number(text string) (any, string) {
	most := maxNumber
	if f.Most > 0 {
		most = f.Most
	}
	if text == "" {
		text = "0"
	}
	n, err := json.Number(text).Float64()
	if err != nil || !json.Valid([]byte(text)) || n < 0 || n > float64(most) {
		return nil, fmt.Sprintf("Write a number from 0 to %s.", count(most))
	}
	return json.Number(text), ""
}

func (f field) date(text string) (any, string) {
	if text == "" {
		return nil, ""
	}
	day, err := time.Parse(dateLayout, text)
	if err != nil || text < firstDay || text > lastDay {
		return nil, "Write a day from 2000 to 2099, as 2026-04-14."
	}
	return ppm.Day(day.Year(), int(day.Month()), day.Day()), ""
}

// readPeople looks persons up by their ids, and puts them in the order of those who are known.
func readPeople(ids []string, known []event.Person) (any, string) {
	for _, id := range ids {
		if id != "" && !hasPerson(known, id) {
			return nil, "Choose among the persons that are shown."
		}
	}
	chosen := slices.DeleteFunc(slices.Clone(known), func(p event.Person) bool { return !slices.Contains(ids, p.ID) })
	return ppm.People(chosen...), ""
}

func hasPerson(all []event.Person, id string) bool {
	return slices.ContainsFunc(all, func(p event.Person) bool { return p.ID == id })
}
