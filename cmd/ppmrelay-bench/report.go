package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// figure is one measured value and what was hoped for.
type figure struct {
	what     string
	goal     float64 // 0 = none, but where zero is set
	zero     bool    // the goal is 0
	atLeast  bool    // the goal is a lower bound, else an upper one
	unit     string  // "x", "s", "ms", "µs", "MB"; empty = a count
	compared bool    // each round is a ratio to the floor: 1 means no difference
	rounds   []float64
}

// verdict says whether the goal is met, by the median. Where the rounds do not agree on which side is the better one,
// the difference is noise, and it says so as well.
func (f figure) verdict() string {
	if f.goal == 0 && !f.zero {
		return ""
	}
	words := "not met"
	if m := median(f.rounds); f.atLeast && m >= f.goal || !f.atLeast && m <= f.goal {
		words = "met"
	}
	if f.compared && slices.Min(f.rounds) <= 1 && slices.Max(f.rounds) >= 1 {
		words += ", noise"
	}
	return words
}

func (f figure) goalText() string {
	switch {
	case f.zero:
		return "0"
	case f.goal == 0:
		return ""
	case f.atLeast:
		return "≥ " + f.value(f.goal)
	default:
		return "≤ " + f.value(f.goal)
	}
}

// spread is the smallest and the largest round.
func (f figure) spread() string {
	if len(f.rounds) < 2 {
		return ""
	}
	return f.value(slices.Min(f.rounds)) + " to " + f.value(slices.Max(f.rounds))
}

func (f figure) value(v float64) string {
	switch f.unit {
	case "":
		return fmt.Sprintf("%.0f", v)
	case "x":
		return fmt.Sprintf("%.2f", v)
	}
	return number(v) + " " + f.unit
}

// number shows three digits or more.
func number(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

// detail is what one side did with so many clients.
type detail struct {
	clients int
	side    string
	loads   []load
}

func (d detail) cells() []string {
	cells := []string{strconv.Itoa(d.clients), d.side}
	for _, of := range []func(load) float64{
		func(l load) float64 { return l.rate },
		func(l load) float64 { return l.p50 },
		func(l load) float64 { return l.p99 },
		func(l load) float64 { return l.cpu },
	} {
		cells = append(cells, number(median(pick(d.loads, of))))
	}
	return cells
}

// report is a run's results.
type report struct {
	machine machine
	command string
	at      time.Time
	body    int // bytes of an event that is sent
	figures []figure
	details []detail
	more    []titled
}

// titled is a table that tells more than the goals.
type titled struct {
	title string // ends with a full stop
	table table
}

func (r *report) goals() table {
	t := table{{"what", "goal", "measured", "verdict", "rounds"}}
	for _, f := range r.figures {
		t = append(t, []string{f.what, f.goalText(), f.value(median(f.rounds)), f.verdict(), f.spread()})
	}
	return t
}

func (r *report) sides() table {
	t := table{{"at a time", "side", "events/s", "p50 ms", "p99 ms", "CPU µs/event"}}
	for _, d := range r.details {
		t = append(t, d.cells())
	}
	return t
}

// text is for a terminal.
func (r *report) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n%s\n\n%s", r.machine, r.command, r.goals().text())
	if len(r.details) > 0 {
		fmt.Fprintf(&out, "\nHTTP, medians, events of %d bytes, CPU of the server's process:\n\n%s", r.body, r.sides().text())
	}
	for _, m := range r.more {
		fmt.Fprintf(&out, "\n%s\n\n%s", m.title, m.table.text())
	}
	return out.String()
}

// markdown is the section of docs/benchmarks.md.
func (r *report) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "## Measured on %s\n\n- Machine: %s\n- Command: %#q\n\n%s", r.at.Format(time.DateOnly), r.machine, r.command,
		r.goals().markdown())
	if len(r.details) > 0 {
		fmt.Fprintf(&out, "\nThe sides of the HTTP cases: medians of the rounds, events of %d bytes, CPU of the server's process.\n\n%s",
			r.body, r.sides().markdown())
	}
	for _, m := range r.more {
		fmt.Fprintf(&out, "\n%s\n\n%s", m.title, m.table.markdown())
	}
	return out.String()
}

// table has its headers in the first row. Every row has as many cells.
type table [][]string

// text lines the columns up.
func (t table) text() string { return t.lines("", "  ", "") }

// markdown is a table of GitHub's Markdown, lined up as well.
func (t table) markdown() string {
	rule := make([]string, len(t[0]))
	for i, width := range t.widths() {
		rule[i] = strings.Repeat("-", width)
	}
	return slices.Insert(slices.Clone(t), 1, rule).lines("| ", " | ", " |")
}

func (t table) lines(before, between, after string) string {
	var out strings.Builder
	widths := t.widths()
	for _, row := range t {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		}
		line := before + strings.Join(cells, between) + after
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return out.String()
}

func (t table) widths() []int {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3) // Markdown wants three dashes
		}
	}
	return widths
}
