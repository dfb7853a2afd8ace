package config

import (
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// Rows says what gets a row of a table.
type Rows string

// The kinds of rows.
const (
	RowsChange Rows = "change" // one row for each attribute that changed
	RowsEvent  Rows = "event"  // one row for each event
)

func (r Rows) expects() string { return "change or event" }

func (r Rows) parse(text string, _ surroundings) (scalar, error) {
	return Rows(text), choose(text, string(RowsChange), string(RowsEvent))
}

// WhenUnsure says what follows when nobody can find out whether something was told.
type WhenUnsure string

// The choices. Parking never tells twice, telling again never leaves anything untold.
const (
	UnsurePark   WhenUnsure = "park"   // the channel waits until a person made looking possible
	UnsureResend WhenUnsure = "resend" // it is told again, and counted as a possible double
)

func (u WhenUnsure) expects() string { return "park or resend" }

func (u WhenUnsure) parse(text string, _ surroundings) (scalar, error) {
	return WhenUnsure(text), choose(text, string(UnsurePark), string(UnsureResend))
}

// ColumnType says how the cells of a column are shown.
type ColumnType string

// The types of columns. Auto shows a value as its own type asks.
const (
	ColumnAuto     ColumnType = "auto"
	ColumnText     ColumnType = "text"
	ColumnNumber   ColumnType = "number"
	ColumnDate     ColumnType = "date"
	ColumnDateTime ColumnType = "datetime"
	ColumnBoolean  ColumnType = "boolean"
	ColumnLink     ColumnType = "link"
)

func (c ColumnType) expects() string {
	return "auto, text, number, date, datetime, boolean or link"
}

func (c ColumnType) parse(text string, _ surroundings) (scalar, error) {
	return ColumnType(text), choose(text, "auto", "text", "number", "date", "datetime", "boolean", "link")
}

// choose tells when the text is none of the words.
func choose(text string, words ...string) error {
	if slices.Contains(words, text) {
		return nil
	}
	return wrong(didYouMean(text, words), "%s is not one of %s", quoted(text), strings.Join(words, ", "))
}

// Pattern takes types of events: "Project:Updated", "KeyDate:*", "*:Deleted", or "*" for every event, also those whose
// type is not known.
type Pattern string

func (p Pattern) expects() string { return "a type of event such as Project:Updated" }

func (p Pattern) parse(text string, _ surroundings) (scalar, error) {
	if slices.Contains(patterns(), text) {
		return Pattern(text), nil
	}
	return nil, wrong(patternHint(text), "%s is not a type of event", quoted(text))
}

// patternHint says which type is meant. The kind and the action must each be near to one that there is: a risk is not
// meant for a task.
func patternHint(text string) string {
	kind, action, found := strings.Cut(text, ":")
	if !found {
		if hint := didYouMean(text, patterns()); hint != "" {
			return hint
		}
		return "write one such as Project:Updated, \"KeyDate:*\" or \"*\""
	}
	nearKind, nearAction := meantWord(kind, entities()), meantWord(action, actions())
	switch meant := nearKind + ":" + nearAction; {
	case nearKind == "":
		return "the kinds are " + strings.Join(entities(), ", ")
	case nearAction == "":
		return "the actions are " + strings.Join(actions(), ", ")
	case meant == "*:*":
		return "write \"*\" for every event"
	default:
		return "did you mean `" + meant + "`?"
	}
}

// meantWord returns the nearest word; none, or a *, stands for any.
func meantWord(text string, words []string) string {
	text = strings.ReplaceAll(text, " ", "")
	if text == "" || text == "*" {
		return "*"
	}
	return Nearest(text, words)
}

// Match reports whether the pattern takes events of that type. None takes what the relay says of itself.
func (p Pattern) Match(t event.Type) bool {
	if t.Own() {
		return false
	}
	if p == "*" {
		return true
	}
	entity, action, _ := strings.Cut(string(p), ":")
	return t != "" && (entity == "*" || entity == t.Entity()) && (action == "*" || action == t.Action())
}

// patterns lists what may be written: every type, each kind of entity, each action, everything.
func patterns() []string {
	all := append([]string{"*"}, typeNames()...)
	for _, entity := range entities() {
		all = append(all, entity+":*")
	}
	for _, action := range actions() {
		all = append(all, "*:"+action)
	}
	return all
}

// typeNames lists the types of events that PPM Express documents.
func typeNames() []string {
	var all []string
	for _, t := range event.Types() {
		all = append(all, string(t))
	}
	return all
}

func actions() []string { return []string{event.Created, event.Updated, event.Deleted} }

func entities() []string {
	return []string{event.Project, event.Idea, event.Task, event.KeyDate}
}
