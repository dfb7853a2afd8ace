package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
)

// table compares rows with what is expected of them.
func (j *judge) table(e config.Expectation) {
	rows := j.said.rows
	if want := int(e.RowCount); want > 0 && want != len(rows) {
		found := j.said.shown()
		found.Expected = strconv.Itoa(want)
		j.miss("rows", fmt.Sprintf("should have %s, and has %d", count1(want, "row"), len(rows)), found)
	}
	for i, want := range e.Cells {
		j.row(fmt.Sprintf("cells[%d]", i), want)
	}
}

// row wants a row with these cells. Where there is none, the one that has most of them is shown.
func (j *judge) row(at string, want map[string]config.Shown) {
	nearest, most := 0, -1
	for n, row := range j.said.rows {
		has := 0
		for header, shown := range want {
			if cell, found := cellBelow(row, header); found && shows(cell, string(shown)) {
				has++
			}
		}
		if has == len(want) {
			return
		}
		if has > most {
			nearest, most = n, has
		}
	}
	var wanted []string
	var details []detail
	for _, header := range j.inOrder(want) {
		wanted = append(wanted, header+" "+inQuotes(string(want[header])))
		cell, _ := cellBelow(j.said.rows[nearest], header)
		if got := shownCell(cell); !shows(cell, string(want[header])) {
			details = append(details, detail{text: header})
			details = append(details, pair(oneLine(string(want[header])), oneLine(got))...)
		}
	}
	message := "should have a row with " + strings.Join(wanted, ", ")
	if n := len(j.said.rows); n > 1 {
		message += fmt.Sprintf("; of %d the nearest is row %d", n, nearest+1)
	}
	j.miss(at, message, miss{Expected: strings.Join(wanted, ", "), Came: tableText(j.said), detail: details})
}

// inOrder returns the headers of expected cells as the table has them.
func (j *judge) inOrder(want map[string]config.Shown) []string {
	var headers []string
	for _, column := range j.said.headers {
		if _, wanted := want[column.Header]; wanted {
			headers = append(headers, column.Header)
		}
	}
	return append(headers, slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(h string) bool { return slices.Contains(headers, h) })...)
}

func cellBelow(row event.Row, header string) (event.Cell, bool) {
	i := slices.IndexFunc(row.Cells, func(c event.Cell) bool { return c.Header == header })
	if i < 0 {
		return event.Cell{}, false
	}
	return row.Cells[i], true
}

// shows reports whether a cell shows what is expected. A number may be written without the signs between its thousands,
// yes and no in small letters, a link by its address.
func shows(c event.Cell, want string) bool {
	want = trimmed(want)
	switch got := trimmed(shownCell(c)); c.Type {
	case event.CellNumber:
		return want == got || want == c.Text
	case event.CellBoolean:
		return strings.EqualFold(want, got)
	case event.CellLink:
		return want == got || want == c.Link
	default:
		return want == got
	}
}

// tableText is a table as lines of text: its headers, then the cells of each row. What is no text says what it is.
func tableText(w spoken) string {
	var lines []string
	cells := make([]string, len(w.headers))
	for i, column := range w.headers {
		cells[i] = oneLine(column.Header)
	}
	lines = append(lines, strings.Join(cells, " | "))
	for _, row := range w.rows {
		cells := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = cellLine(cell)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return trimmed(strings.Join(lines, "\n"))
}

// cellLine is a cell on one line.
func cellLine(c event.Cell) string {
	text := oneLine(shownCell(c))
	switch {
	case c.Type == event.CellText || text == "":
		return text
	case c.Type == event.CellLink:
		return text + " <" + oneLine(c.Link) + ">"
	default:
		return text + " (" + string(c.Type) + ")"
	}
}

// oneLine shows where a text goes on in another line, or what would end a cell.
func oneLine(text string) string {
	return strings.NewReplacer("\r\n", "⏎", "\n", "⏎", "|", `\|`).Replace(text)
}
