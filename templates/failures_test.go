package templates

import (
	"strings"
	"sync"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
)

// What fails on events is counted by its place, in messages and in columns; what fails when it is tried is not.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	const fails = `{{ if eq (field "Surprise") "boo" }}{{ index .Changes 7 }}{{ end }}x`
	template, err := w.Compile("status", fails)
	if err != nil {
		t.Fatal(err)
	}
	table, err := w.Table(RowPerChange, []Column{{Header: "A", Value: "x" + fails}, {Header: "B", Value: "y"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Compile("status", "{{ index .Changes 70 }}"); err == nil {
		t.Fatal("a template that fails on samples compiled")
	}
	if got := w.Failures(); len(got) > 0 {
		t.Errorf("got %v before any event", got)
	}
	boo := updated(event.Attributes{attribute("Budget", money("1"))}, event.Attributes{
		attribute("Budget", money("2")), attribute("Surprise", event.Value{Kind: event.Text, Text: "boo"}),
	})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				if m, err := template.Message(netOf(boo)); err == nil || !strings.Contains(m.Context, "built-in wording") {
					t.Errorf("got %+v, %v", m, err)
				}
				if _, err := template.Message(netOf(sampleFile(t, "Project-Updated"))); err != nil {
					t.Error(err)
				}
				if rows, err := table.Rows(boo); err == nil || rows[0].Cells[0].Text != "(template failed)" || rows[0].Cells[1].Text != "y" {
					t.Errorf("got %+v, %v", rows, err)
				}
			}
		})
	}
	group.Wait()
	got := w.Failures()
	if len(got) != 2 || got[0].Times != 100 || got[0].Fault.Template != "A" || got[0].Fault.Column != 41 ||
		got[1].Times != 100 || got[1].Fault.Template != "status" || got[1].Fault.Line != 1 || got[1].Fault.Text != "index out of range: 7" {
		t.Errorf("got %v, want 100 of A:1:41 and 100 of status:1:40", got)
	}
}

func TestFailuresAreBounded(t *testing.T) {
	t.Parallel()
	var f failures
	for i := range 2 * maxFailures {
		f.add(&Error{Template: "a", Line: i + 1})
	}
	f.add(&Error{Template: "a", Line: 1})
	f.add(nil)
	if len(f.places) != maxFailures || f.places[0].Times != 2 {
		t.Errorf("got %d places, the first %d times", len(f.places), f.places[0].Times)
	}
}
