package templates

import (
	"strings"
	"time"
	"unicode/utf16"

	"github.com/ppmrelay/ppmrelay/event"
)

// cellOf shows a value as the column asks, as far as the value can be shown that way, else as its own kind asks.
func cellOf(c Column, value any) event.Cell {
	cell := natural(value)
	cell.Header = c.Header
	switch c.Type {
	case event.CellText:
		return event.Cell{Header: c.Header, Type: event.CellText, Text: limited(say(celled, value))}
	case event.CellNumber:
		if cell.Type == event.CellText {
			if plain, ok := writtenOut(strings.TrimSpace(bare(value))); ok && exact(plain) {
				cell.Type, cell.Text = event.CellNumber, plain
			}
		}
	case event.CellDate:
		if cell.Type == event.CellDateTime {
			y, m, d := cell.Time.Date()
			cell.Type, cell.Time = event.CellDate, time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		}
	default:
	}
	if year := cell.Time.Year(); year < 0 || year > 9999 { // in a zone ahead of or behind UTC; JSON has no such moment
		return event.Cell{Header: c.Header, Type: event.CellText, Text: limited(say(celled, value))}
	}
	if c.Format != "" && cell.Type != event.CellText {
		cell.Format = c.Format
	}
	return cell
}

// natural returns the cell that a value asks for by itself. Text is never read as anything else.
func natural(value any) event.Cell {
	switch v := value.(type) {
	case Value:
		if len(v) == 1 {
			return natural(v[0])
		}
	case Item:
		return v.cell()
	case Time:
		if !v.moment.IsZero() {
			return event.Cell{Type: event.CellDateTime, Time: v.moment.In(v.zone)}
		}
	case bool:
		return event.Cell{Type: event.CellBoolean, Bool: v}
	case int:
		return event.Cell{Type: event.CellNumber, Text: bare(v)}
	case Entity:
		if v.Link != "" {
			return event.Cell{Type: event.CellLink, Text: limited(v.say(celled)), Link: v.Link}
		}
	case Markup:
		if v.link != "" {
			return event.Cell{Type: event.CellLink, Text: limited(v.plain), Link: v.link}
		}
	}
	return event.Cell{Type: event.CellText, Text: limited(say(celled, value))}
}

func (i Item) cell() event.Cell {
	switch v := i.value; v.Kind {
	case event.Number, event.Money:
		if plain, ok := writtenOut(v.Text); ok && exact(plain) {
			return event.Cell{Type: event.CellNumber, Text: plain, Format: numberFormat(plain, i.unit)}
		}
		return event.Cell{Type: event.CellText, Text: limited(v.Text)} // a sheet would round it
	case event.Date:
		if i.until.IsZero() {
			return event.Cell{Type: event.CellDate, Time: v.Time.UTC()}
		}
	case event.Instant:
		return event.Cell{Type: event.CellDateTime, Time: v.Time.In(i.zone())}
	case event.Boolean:
		return event.Cell{Type: event.CellBoolean, Bool: v.Bool}
	default:
	}
	return event.Cell{Type: event.CellText, Text: limited(i.text(celled))}
}

// numberFormat returns how a number is shown where #,##0, the format of the type, does not do.
func numberFormat(plain, unit string) string {
	switch {
	case unit == percentUnit && !strings.Contains(plain, "."):
		return `0" %"`
	case unit == percentUnit:
		return `0.##" %"`
	case strings.Contains(plain, "."):
		return "#,##0.00"
	default:
		return ""
	}
}

// limited cuts a text to what a cell can hold, with a mark.
func limited(s string) string { return limitedTo(s, maxCell) }

// limitedTo cuts a text to at most so many UTF-16 units, with a mark.
func limitedTo(s string, most int) string {
	const mark = "… (shortened)"
	if len(s) <= most || units(s) <= most {
		return s
	}
	room := most - units(mark)
	for i, r := range s {
		if room -= max(utf16.RuneLen(r), 1); room < 0 {
			return s[:i] + mark
		}
	}
	return s
}
