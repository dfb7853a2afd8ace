package templates

import (
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

const (
	none    = "none"
	dayText = "2 Jan 2006" // a year always
)

// text returns the value as people read it: in a message "none" where there is none and never more than a line, in a
// cell all of it.
func (v Value) text(to voice) string {
	switch {
	case len(v) == 0 && to == celled:
		return ""
	case len(v) == 0:
		return none
	case len(v) == 1:
		return v[0].text(to)
	}
	if to == celled {
		all := make([]string, len(v))
		for i, item := range v {
			all[i] = item.text(to)
		}
		return strings.Join(all, ", ")
	}
	shown := make([]string, len(v))
	for i := range v {
		if i < maxListed { // the others are only counted
			shown[i] = short(v[i].text(spoken), maxName)
		}
	}
	text := short(listed(shown, v.noun()), maxText)
	if to == marked {
		return escape(text)
	}
	return text
}

// noun says what a list holds.
func (v Value) noun() string {
	for _, item := range v {
		if item.value.Kind != event.PersonRef {
			return "entries"
		}
	}
	return "people"
}

// text returns the value as people read it.
func (i Item) text(to voice) string {
	text := i.raw()
	if !i.until.IsZero() {
		text += map[bool]string{true: " to ", false: " – "}[to == spoken] + i.until.Format(dayText)
		if i.note != "" {
			text += " (" + i.note + ")"
		}
	}
	if to == celled {
		return paragraphs(text)
	}
	if i.quoted {
		text = "“" + short(text, maxQuote) + "”"
	} else {
		text = short(text, maxText)
	}
	if to == marked {
		return escape(text)
	}
	return text
}

// raw returns the text of the value, with unit, neither cleaned nor cut.
func (i Item) raw() string {
	v := i.value
	switch v.Kind {
	case event.Null:
		return ""
	case event.Number, event.Money:
		return withUnit(number(v.Text), i.unit)
	case event.Date:
		return v.Time.UTC().Format(dayText)
	case event.Instant:
		return Time{moment: v.Time, zone: i.zone()}.String()
	case event.Boolean:
		return yesNo(v.Bool)
	case event.Choice:
		if i.words == nil {
			return v.Text
		}
		return i.words.label(i.entity, i.field, v.Text)
	case event.PersonRef, event.Reference:
		return refName(v.Ref)
	case event.List:
		all := make([]string, 0, len(v.List))
		for _, element := range v.Elements() {
			inner := i
			inner.value = &element
			all = append(all, inner.raw())
		}
		return strings.Join(all, ", ")
	default:
		return v.Text
	}
}

func (i Item) zone() *time.Location {
	if i.words == nil {
		return time.UTC
	}
	return i.words.zone
}

func withUnit(text, unit string) string {
	if unit == "" {
		return text
	}
	return text + " " + unit
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func refName(ref event.Ref) string {
	switch {
	case line(ref.Name) != "":
		return ref.Name
	case ref.ID != "":
		return ref.ID
	default:
		return "(no name)"
	}
}

// bare returns what two things are compared by: texts as they are, numbers by their digits.
func bare(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case Name:
		return string(v)
	case Value:
		if len(v) == 0 {
			return ""
		}
		if len(v) == 1 {
			return bare(v[0])
		}
		return v.text(celled)
	case Item:
		if v.value.Kind == event.Number || v.value.Kind == event.Money {
			if plain, ok := writtenOut(v.value.Text); ok {
				return plain
			}
			return v.value.Text
		}
		return v.raw()
	case bool:
		return yesNo(v)
	case int:
		return strconv.Itoa(v)
	case Entity:
		return v.Name
	default:
		return sprint(v)
	}
}

// is reports whether two things are the same for people: a value and its label, its digits or yes/no, a choice also by
// the number that was sent, or by its assumed label, with which it may have been written before the tenant's was known.
func is(a, b any) bool {
	if bare(a) == bare(b) {
		return true
	}
	return sent(a) != "" && (sent(a) == bare(b) || assumedName(a) == bare(b)) ||
		sent(b) != "" && (sent(b) == bare(a) || assumedName(b) == bare(a))
}

// assumedName returns the assumed label of a choice, unless that is what another one of the same field is called; else what
// was sent.
func assumedName(value any) string {
	item, ok := choiceOf(value)
	if !ok || item.words == nil {
		return sent(value)
	}
	label := assumed(item.entity, item.field, item.value.Text)
	if label == "" || item.words.isLabel(item.entity, item.field, label) {
		return sent(value)
	}
	return label
}

// sent returns a choice as it was sent.
func sent(value any) string {
	if item, ok := choiceOf(value); ok {
		return item.value.Text
	}
	return ""
}

// choiceOf returns a choice, and whether a value is a single one.
func choiceOf(value any) (Item, bool) {
	if list, ok := value.(Value); ok && len(list) == 1 {
		value = list[0]
	}
	item, ok := value.(Item)
	return item, ok && item.value.Kind == event.Choice
}
