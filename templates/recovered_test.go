package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// recoveredSample is a sample that was found by comparing.
func recoveredSample(t *testing.T, name string) event.Event {
	t.Helper()
	e := sampleFile(t, name)
	e.Recovered, e.Initiator = true, event.Person{}
	e.Missing = event.Span{Since: time.Date(2022, 2, 15, 9, 0, 0, 0, time.UTC), Until: time.Date(2022, 2, 15, 11, 30, 0, 0, time.UTC)}
	return e
}

func unlinked(t *testing.T) *Words {
	t.Helper()
	w, err := New(Display{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

const missingLine = "Recovered: events were missing from <!date^1644915600^{date_short} at {time}|15 Feb 2022 09:00 UTC> to " +
	"<!date^1644924600^{date_short} at {time}|15 Feb 2022 11:30 UTC>, so who and when are not known"

func TestWhatWasFoundLaterSaysSo(t *testing.T) {
	w := unlinked(t)
	for name, head := range map[string]string{
		"Project-Updated": ":arrows_counterclockwise: Project *Customer Portal* was updated (found later)",
		"Task-Created":    ":arrows_counterclockwise: Task *Create a test environment* was created (found later)",
	} {
		e := recoveredSample(t, name)
		e.Late = true // a broken chain is mended behind newer changes: that is not what matters
		m := w.Message(event.NetOf([]event.Event{e}, w.Ignored))
		if m.Head != head || !strings.HasPrefix(m.Context, missingLine) || strings.Contains(m.Context, "late") || !strings.Contains(m.Text, "(found later)") ||
			strings.Contains(m.Text, "no person named") {
			t.Errorf("%s: got\n%s\n%s\n%s", name, m.Head, m.Context, m.Text)
		}
		if len(m.Lines) == 0 {
			t.Errorf("%s: got no lines, want what changed", name)
		}
	}
	e := recoveredSample(t, "Project-Updated")
	e.Missing = event.Span{}
	if m := w.Message(event.NetOf([]event.Event{e}, w.Ignored)); !strings.HasPrefix(m.Context, "Recovered: it was found by comparing, so who and when are not known") {
		t.Errorf("got %s, want that no time is told that is not known", m.Context)
	}
}

func TestManyThatWereFoundLaterAreOneMessage(t *testing.T) {
	w := unlinked(t)
	var nets []event.Net
	for range 12 {
		nets = append(nets, event.NetOf([]event.Event{recoveredSample(t, "Project-Updated")}, w.Ignored))
	}
	m := w.Bulk(nets)
	if m.Head != ":card_index_dividers: *12 projects were updated* (found later)" || !strings.HasPrefix(m.Context, missingLine) ||
		!strings.HasPrefix(m.Text, "12 projects were updated (found later).") {
		t.Errorf("got\n%s\n%s\n%s", m.Head, m.Context, m.Text)
	}
}

func TestRowsSayWhatWasFoundLater(t *testing.T) {
	table, err := unlinked(t).Table(RowPerChange, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Rows(recoveredSample(t, "Project-Updated"))
	if err != nil || len(rows) == 0 || rows[0].Cells[1].Text != "Updated (found later)" || rows[0].Cells[8].Text != "" {
		t.Errorf("got %+v, %v, want the event marked, and nobody", rows, err)
	}
}
