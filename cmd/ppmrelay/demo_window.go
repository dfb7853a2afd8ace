package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// What fits a terminal of 80 columns, beside the part that stands at the beginning of a line.
const (
	gutter    = 7
	textWidth = 79 - gutter
)

// window is where a person follows the demo: what happens, each message that appears in Slack, each row that appears in
// the sheet.
type window struct {
	terminal

	out      io.Writer
	err      error // the first of writing; nothing is written after it
	messages int   // that were shown
	rows     int   // that were shown, or left out
	rowing   bool  // the last thing shown is a row
	begun    bool  // something was shown

	channelVersion uint64 // at the last look
	sheetVersion   int64
}

func (w *window) line(text string) {
	w.begun = true
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.out, strings.TrimRight(text, " "))
	}
}

// heading begins a part.
func (w *window) heading(title string) {
	w.rowing = false
	if w.begun {
		w.line("")
	}
	w.line(w.bold(title))
}

// say writes text behind the name of a part. The name stands once.
func (w *window) say(who part, text string) {
	w.rowing = false
	w.lines(who, wrap(text, textWidth))
}

func (w *window) lines(who part, lines []string) {
	name := string(who)
	for _, line := range lines {
		w.line(w.dim(fit(name, gutter)) + line)
		name = ""
	}
}

// look shows what is new in Slack and in the sheet, and reports whether anything was. Each is read only when it has
// changed: somebody looks often, and for long.
func (w *window) look(s *sandbox.Sandbox) (news bool) {
	if version := s.Slack.Version(); version != w.channelVersion {
		w.channelVersion = version
		news = w.channel(s)
	}
	if version := s.Google.Version(); version != w.sheetVersion {
		w.sheetVersion = version
		news = w.sheet(s) || news
	}
	return news
}

// channel shows the new messages.
func (w *window) channel(s *sandbox.Sandbox) (news bool) {
	messages := s.Slack.Messages(sandbox.Channel)
	w.messages = min(w.messages, len(messages)) // a person may have deleted some
	for _, m := range messages[w.messages:] {
		w.message(m)
		w.messages++
		news = true
	}
	return news
}

// sheet shows the new rows; of very many only some, as the sheet has them all.
func (w *window) sheet(s *sandbox.Sandbox) (news bool) {
	rows := s.Google.Rows(sandbox.Spreadsheet, sheetTab)
	w.rows = min(w.rows, max(0, len(rows)-1)) // a person may have deleted some
	fresh := len(rows) - 1 - w.rows
	for n := w.rows + 1; n < len(rows); n++ {
		if done := n - w.rows - 1; fresh > manyRows && done == fewRows {
			w.line(w.dim(fit("", gutter) + fmt.Sprintf("    … and %d more rows", fresh-fewRows-1)))
			n = len(rows) - 1
		}
		w.row(rows[0], rows[n], n+1)
	}
	w.rows = max(w.rows, len(rows)-1)
	return fresh > 0
}

// How many new rows are shown of more than manyRows: the first ones, and the last.
const (
	manyRows = 12
	fewRows  = 3
)

// sheetTab is the tab that the configuration of the stand-ins names.
const sheetTab = "Changes"

// message shows a message as a person sees it: its lines, who and when in pale letters.
func (w *window) message(m slack.Message) {
	var all []string
	for _, block := range m.Blocks {
		for _, text := range (slack.Message{Blocks: []map[string]any{block}}).Lines() {
			lines := wrap(w.mrkdwn(text), textWidth)
			switch block["type"] {
			case "divider":
				lines = []string{w.dim(strings.Repeat("─", 20))}
			case "context":
				for i := range lines {
					lines[i] = w.dim(lines[i])
				}
			}
			all = append(all, lines...)
		}
	}
	if len(m.Blocks) == 0 {
		all = wrap(w.mrkdwn(m.Text), textWidth)
	}
	w.rowing = false
	w.lines(inSlack, all)
}

// shownColumn is a column of the sheet that is shown, and in how many columns of the terminal.
type shownColumn struct {
	header string
	width  int
}

// shownColumns are those that a terminal has room for. The sheet has more.
func shownColumns() []shownColumn {
	return []shownColumn{{"Event", 7}, {"Name", 20}, {"Field", 13}, {"Before", 12}, {"After", 12}}
}

// row shows a row of the sheet with its number there. The first one stands below the header.
func (w *window) row(header, row []string, number int) {
	if number == 2 {
		w.line(w.dim(fit(string(inSheet), gutter) + fit("1", 4) + cells(header, header)))
		w.rowing = true
	}
	name := ""
	if !w.rowing {
		name = string(inSheet)
	}
	w.rowing = true
	w.line(w.dim(fit(name, gutter)+fit(strconv.Itoa(number), 4)) + cells(header, row))
}

// cells returns the shown columns of a row, side by side.
func cells(header, row []string) string {
	var shown []string
	for _, column := range shownColumns() {
		cell := ""
		if at := slices.Index(header, column.header); at >= 0 && at < len(row) {
			cell = inCell(row[at])
		}
		shown = append(shown, fit(cell, column.width))
	}
	return strings.Join(shown, " ")
}

// inCell is printable for text in which emoji may be joined.
func inCell(text string) string {
	const joiner = "\u200d"
	parts := strings.Split(text, joiner)
	for i := range parts {
		parts[i] = printable(parts[i])
	}
	return strings.Join(parts, joiner)
}
