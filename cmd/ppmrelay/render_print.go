package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// rowsShown is how many rows of a table a terminal shows.
const rowsShown = 12

// print shows a rendering on a terminal. Text from outside cannot act there: see terminal.mrkdwn and printable.
func (r *renderer) print(s *rendering) error {
	w := &window{terminal: terminal{styled: r.styled()}, out: r.out}
	w.heading(printable(s.title()))
	if s.Type == "" && r.kind == "" {
		r.hint("nothing tells the type of this event: add --type Project:Created, or another one")
	}
	if said, ok := s.told[""]; ok {
		w.told("template "+r.template, said)
		return w.err
	}
	if r.template != "" {
		return w.err
	}
	w.verdicts(s.reasons)
	for _, reason := range s.reasons.Routes {
		if said, ok := s.told[reason.Route]; ok && said.skip == "" {
			w.told(reason.Route+", "+reason.Target, said)
		}
	}
	return w.err
}

// title says which event it is.
func (s *rendering) title() string {
	title := s.source + ": " + or(string(s.Type), "of unknown type")
	if s.Entity.Name != "" {
		title += ", " + s.Entity.Name
	}
	return title
}

// verdicts lists what each route decided.
func (w *window) verdicts(reasons reasonsJSON) {
	var list strings.Builder
	table := tabwriter.NewWriter(&list, 0, 0, 2, ' ', 0)
	for _, reason := range reasons.Everywhere {
		fmt.Fprintf(table, "all routes: %s\n", printable(reason))
	}
	for _, reason := range reasons.Routes {
		fmt.Fprintf(table, "%s:%d\t%s\t%s\n", printable(reason.File), reason.Line, printable(reason.Route), printable(reason.would()))
		if reason.Taken && reason.When != "" {
			fmt.Fprintf(table, "\t\twhen: %s\n", printable(reason.When))
		}
	}
	_ = table.Flush() // into memory
	for line := range strings.Lines(list.String()) {
		w.line(strings.TrimSuffix(line, "\n"))
	}
}

// would is the reason in one line, of an event that is told to nobody yet.
func (r reasonJSON) would() string {
	switch {
	case r.Told:
		return "told to " + r.Target
	case r.Taken:
		return "takes it, for " + r.Target + ", and tells nothing" + because(r.Reason)
	default:
		return r.text()
	}
}

// told shows what one target is told.
func (w *window) told(to string, said spoken) {
	if said.headers == nil {
		w.heading(printable(to))
		if said.skip != "" {
			w.say(inSlack, "nothing: "+said.skip)
			return
		}
		w.message(slack.Message{Text: said.text, Blocks: said.blocks})
		return
	}
	w.heading(printable(to + ", " + count1(len(said.rows), "row")))
	w.table(said.rows)
}

// table shows rows below one another, of very many the first ones.
func (w *window) table(rows []event.Row) {
	var above event.Row
	for i, row := range rows[:min(len(rows), rowsShown)] {
		w.cells(i+1, row, above)
		above = row
	}
	if more := len(rows) - rowsShown; more > 0 {
		w.line(w.dim("… and " + count1(more, "more row") + ": --json has them all"))
	}
}

// cells shows a row from top to bottom: header, type and value of each cell, as a terminal is rarely as wide as a sheet.
// What stands in the row above as well is left out.
func (w *window) cells(number int, row, above event.Row) {
	wide, kinds := 0, 0
	for _, cell := range row.Cells {
		wide, kinds = max(wide, seen(printable(cell.Header))), max(kinds, seen(string(cell.Type)))
	}
	wide = min(wide, 24)
	name := strconv.Itoa(number)
	for i, cell := range row.Cells {
		if i < len(above.Cells) && cell == above.Cells[i] {
			continue
		}
		text := printable(shownCell(cell))
		if cell.Type == event.CellLink {
			text += " (" + printable(cell.Link) + ")"
		}
		if room := textWidth - wide - kinds - 4; seen(text) > room {
			text = fit(text, room)
		}
		w.line(w.dim(fit(name, gutter)) + fit(printable(cell.Header), wide) + "  " + w.dim(fit(string(cell.Type), kinds)) + "  " + text)
		name = ""
	}
}

// shownCell is a cell as a person reads it in a sheet.
func shownCell(c event.Cell) string {
	switch c.Type {
	case event.CellDate:
		return c.Time.Format("2006-01-02")
	case event.CellDateTime:
		return c.Time.Format("2006-01-02 15:04")
	case event.CellBoolean:
		return strings.ToUpper(strconv.FormatBool(c.Bool))
	case event.CellNumber:
		return shownNumber(c.Text, c.Format)
	default:
		return c.Text
	}
}

// shownNumber is a number in the formats that cells have by themselves; in another one its digits are shown.
func shownNumber(digits, format string) string {
	switch format {
	case "", "#,##0", "#,##0.00":
		whole, rest, _ := strings.Cut(digits, ".")
		if format == "#,##0.00" {
			if n, err := strconv.ParseFloat(digits, 64); err == nil {
				whole, rest, _ = strings.Cut(strconv.FormatFloat(n, 'f', 2, 64), ".")
			}
		}
		if rest != "" {
			rest = "." + rest
		}
		return groupedDigits(whole) + rest
	case `0" %"`, `0.##" %"`:
		return digits + " %"
	default:
		return digits
	}
}
