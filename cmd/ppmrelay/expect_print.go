package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
)

// print shows what is not as it was expected, and how many tests there were.
func (t *trier) print(all []tried, failed, known int) error {
	w := &window{terminal: terminal{styled: t.styled()}, out: t.out}
	for _, one := range all {
		if !one.passed() {
			w.failure(t.file, one)
		}
	}
	counted := count1(len(all), "test")
	if len(all) < known {
		counted = fmt.Sprintf("%d of %s", len(all), count1(known, "test"))
	}
	w.ending(t, counted, fmt.Sprintf("%d failed", failed))
	return w.err
}

// ending ends with what was found, so that silence is never taken for an answer.
func (w *window) ending(t *trier, parts ...string) {
	if w.begun {
		w.line("")
	}
	took := max(1, time.Since(t.start).Round(time.Millisecond).Milliseconds())
	w.line(fmt.Sprintf("%s: %s, %d ms", t.file, strings.Join(parts, ", "), took))
}

// failure shows one test that failed.
func (w *window) failure(file string, one tried) {
	w.heading(fmt.Sprintf("%s:%d: %s: failed", file, one.line, printable(one.Name)))
	w.line(w.dim("  " + printable(one.shown.title())))
	shown := map[string]bool{} // what stands above need not be read twice
	for _, m := range one.misses {
		before := "  "
		for _, line := range wrap(fmt.Sprintf("%s:%d: %s", file, m.Line, printable(m.Message)), gutter+textWidth-4) {
			w.line(before + line)
			before = "    "
		}
		w.details(slices.DeleteFunc(slices.Clone(m.detail), func(d detail) bool { return d.whole && shown[m.Came] }))
		if !shown[m.Came] {
			w.table(m.rows)
		}
		shown[m.Came] = shown[m.Came] || len(m.rows) > 0 || len(m.detail) > 0 && m.detail[len(m.detail)-1].whole
	}
	w.failing(one.faults)
}

// failing shows the templates that fail on an event.
func (w *window) failing(faults config.Errors) {
	if len(faults) == 0 {
		return
	}
	w.line("  This fails on the event, so that other words would be told:")
	for _, fault := range faults {
		w.line("  " + printable(fault.String()))
		for line := range strings.SplitSeq(fault.Excerpt, "\n") {
			w.line("    " + printable(line))
		}
	}
}

// details shows the lines of a difference, each behind a word that says whose it is.
func (w *window) details(all []detail) {
	for _, one := range all {
		text := printable(one.text)
		switch {
		case one.whole:
			if seen(text) > mostColumns {
				text = fit(text, mostColumns)
			}
			w.line("    " + w.dim("│ ") + text)
			continue
		case one.label == expectedLine:
			text = w.colour(green, text)
		case one.label == cameLine:
			text = w.colour(red, text)
		}
		w.line("    " + w.dim(fit(one.label, len(expectedLine)+2)) + text)
	}
}

// Colours of ECMA-48.
const (
	red   = "31"
	green = "32"
)

// colour is for what a word says as well.
func (t terminal) colour(number, text string) string {
	if !t.styled || text == "" {
		return text
	}
	return "\x1b[" + number + "m" + text + "\x1b[39m"
}

// testsJSON is what came of all tests, as programs read it. Fields are added, never renamed.
type testsJSON struct {
	File   string        `json:"file"`
	Tests  []testJSON    `json:"tests"` // those that were tried
	Failed int           `json:"failed"`
	Faults config.Errors `json:"faults"` // of the configuration; with any nothing is tried
}

type testJSON struct {
	Name   string        `json:"name"`
	Line   int           `json:"line"`
	Event  string        `json:"event"` // what it is made of
	Type   event.Type    `json:"type"`
	Passed bool          `json:"passed"`
	Misses []miss        `json:"misses"`
	Faults config.Errors `json:"faults"` // what fails on this event: a template, a column, a condition
}

func (t *trier) json(all []tried, failed int) testsJSON {
	made := testsJSON{File: t.file, Tests: []testJSON{}, Failed: failed, Faults: config.Errors{}}
	for _, one := range all {
		made.Tests = append(made.Tests, testJSON{
			Name: one.Name, Line: one.line, Event: one.shown.source, Type: one.shown.Type, Passed: one.passed(),
			Misses: append([]miss{}, one.misses...), Faults: append(config.Errors{}, one.faults...),
		})
	}
	return made
}
