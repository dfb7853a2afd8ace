package sinktest

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// rowsPerItem is how many rows an item of the kit has: fewer than ten, so that no key is the beginning of another.
const rowsPerItem = 2

// Headers returns the headers of the cells that the kit's rows have, one for each type of cell. The key column is the
// sink's own.
func Headers() []string {
	return []string{"When", "Day", "Name", "Before", "After", "Done", "Link"}
}

// Hostile returns texts that try to act where they are shown: as formula, mention, markup, link, terminal or line
// control. A harness looks for them in what was told.
func Hostile() []string {
	return []string{
		"=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "x;=1+1;y", "x\n=1+1;y", "\x00=1+1",
		`=HYPERLINK("https://evil.example","x")`, "=cmd|' /C calc'!A0", `"=1+1`, `";=1+1;"`,
		"<!channel>", "<!here>", "<@U0123456789>", "<#C0123456789>", "<https://evil.example|sign in>", "https://evil.example",
		"*bold* _it_ ~no~ `code` ```block```", "&lt;!channel&gt;", "> quote", ":tada:",
		`"quoted", with comma`, "line\nbreak", "carriage\r\nreturn", "\u202eright to left", "\u2028", "\x1b[31mred\x1b[0m",
		"'; DROP TABLE rows;--", "{\"a\":1}", "{{ .Name }}", "",
	}
}

// items makes n items, each of an event of its own.
func items(n int) []sinks.Item {
	all := make([]sinks.Item, n)
	for i := range all {
		all[i] = itemOf(fmt.Sprintf("Project %d", i+1))
	}
	return all
}

// itemOf makes an item about an entity with that name. As delivery hands it over, the message's markup is escaped and
// its plain text is not; cells are never escaped. Message and rows carry the event's id.
func itemOf(name string) sinks.Item {
	id := newID()
	item := sinks.Item{
		Events: []string{id},
		Message: event.Message{
			Head:    "*" + escape(name) + "* was changed (" + id + ")",
			Lines:   []string{"Status: On track → " + escape(name)},
			Context: "by " + escape(name),
			Text:    name + " was changed (" + id + ")",
		},
	}
	for n := range rowsPerItem {
		item.Rows = append(item.Rows, rowOf(fmt.Sprintf("%s/%d", id, n+1), name))
	}
	return item
}

func rowOf(key, name string) event.Row {
	when := time.Date(2026, 3, 1, 14, 30, 0, 0, time.FixedZone("", 3600))
	return event.Row{Key: key, Cells: []event.Cell{
		{Header: "When", Type: event.CellDateTime, Time: when},
		{Header: "Day", Type: event.CellDate, Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		{Header: "Name", Type: event.CellText, Text: name},
		{Header: "Before", Type: event.CellNumber, Text: "-1250.50", Format: "#,##0.00"},
		{Header: "After", Type: event.CellText}, // empty
		{Header: "Done", Type: event.CellBoolean, Bool: true},
		{Header: "Link", Type: event.CellLink, Text: name, Link: "https://app.example.com/projects/1"},
	}}
}

// escape is the escape of Slack's mrkdwn (docs.slack.dev/messaging/formatting-message-text).
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
