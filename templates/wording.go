package templates

import (
	"strings"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
)

const arrow = " → "

// changeLine says a change in one line: "Label: before → after (difference)".
func (w *Words) changeLine(to voice, c Change) string {
	label := short(c.Label, maxName)
	if to == marked {
		label = escape(label)
	}
	return label + ": " + changeBody(to, c)
}

// changeBody says a change without the name of its field.
func changeBody(to voice, c Change) string {
	switch {
	case len(c.Added)+len(c.Removed) > 0:
		return listChange(to, c) + steps(c.Steps)
	case c.long != nil:
		return c.long.text(to, c.change) + steps(c.Steps)
	case c.change.Kind == event.Text && len(c.Before) == 0:
		return "added " + quote(to, c.After) + steps(c.Steps)
	case c.change.Kind == event.Text && len(c.After) == 0:
		return "removed " + quote(to, c.Before) + steps(c.Steps)
	default:
		return beforeAfter(to, c)
	}
}

// beforeAfter says "10 → 15 working days (+50 %)": a unit once, unless it is a percentage.
func beforeAfter(to voice, c Change) string {
	before, after := c.Before, c.After
	if c.change.Unit != percentUnit && len(before) == 1 && len(after) == 1 {
		before = Value{before[0]}
		before[0].unit = ""
	}
	said := fromTo(to, before, after) + details(c)
	if to == marked && c.change.Unit == percentUnit && len(after) == 1 {
		if drawn := bar(after[0].value.Text); drawn != "" {
			said += "  " + drawn
		}
	}
	return said
}

func fromTo(to voice, before, after Value) string {
	return shown(to, before) + arrow + shown(to, after)
}

// shown is the text of a value inside a line that has two of them.
func shown(to voice, v Value) string {
	if len(v) == 0 {
		return none
	}
	text := short(v.text(spoken), maxName)
	if to == marked {
		return escape(text)
	}
	return text
}

func quote(to voice, v Value) string {
	quoted := v[0]
	quoted.quoted = true
	if to == celled {
		return "“" + quoted.text(to) + "”"
	}
	return quoted.text(to)
}

// listChange says "+ Brian Adams, − John Doe", aloud "added Brian Adams, removed John Doe".
func listChange(to voice, c Change) string {
	plus, less := "+ ", minus+" "
	if to == spoken {
		plus, less = "added ", "removed "
	}
	var parts []string
	if len(c.Added) > 0 {
		parts = append(parts, plus+c.Added.text(to))
	}
	if len(c.Removed) > 0 {
		parts = append(parts, less+c.Removed.text(to))
	}
	return strings.Join(parts, ", ")
}

// details says " (28 days later, 2 steps)".
func details(c Change) string {
	if c.Difference == "" {
		return steps(c.Steps)
	}
	if c.Steps > 1 {
		return " (" + c.Difference + ", " + plural(c.Steps, "step") + ")"
	}
	return " (" + c.Difference + ")"
}

func steps(n int) string {
	if n <= 1 {
		return ""
	}
	return " (" + plural(n, "step") + ")"
}

// difference says how far a date moved or a number grew; empty where there is nothing to tell.
func difference(c *event.Change) string {
	if days, ok := c.DaysMoved(); ok {
		return movedBy(days)
	}
	if c.Unit == percentUnit {
		return ""
	}
	percent, ok := c.Percent()
	if !ok {
		return ""
	}
	if !strings.HasPrefix(percent, "-") {
		return "+" + number(percent) + " %"
	}
	return number(percent) + " %"
}

func movedBy(days int) string {
	switch {
	case days > 0:
		return plural(days, "day") + " later"
	case days < 0:
		return plural(-days, "day") + " earlier"
	default:
		return ""
	}
}

// isLongText reports whether a change is told by the words that changed rather than by both texts.
func isLongText(c *event.Change) bool {
	long := func(s string) bool { return len(s) > maxName && utf8.RuneCountInString(s) > maxName }
	return c.Before.Kind == event.Text && c.After.Kind == event.Text && c.Before.Text != "" && c.After.Text != "" &&
		(long(c.Before.Text) || long(c.After.Text))
}
