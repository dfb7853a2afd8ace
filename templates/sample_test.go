package templates

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// The samples hold, for each type, every field absent, null, huge, hostile and of another kind, and some changes of each.
func TestSamplesAreComplete(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	seen := map[event.Type]int{}
	kinds := map[event.Kind]bool{}
	for _, s := range w.tried() {
		e := s.net.Last()
		seen[e.Type]++
		for _, a := range append(slices.Clone(e.Attributes), e.Before...) {
			kinds[a.Value.Kind] = true
		}
		if m := w.Message(s.net); strings.TrimSpace(m.Head) == "" {
			t.Errorf("%s: no message", s.name)
		}
		checkLimits(t, s.name, w.Message(s.net))
		if e.Type.Action() == event.Updated && len(s.net.Changes) == 0 && !strings.Contains(s.name, "almost nothing") {
			t.Errorf("%s changes nothing", s.name)
		}
	}
	for _, typ := range append(event.Types(), "", "Risk:Escalated") {
		if seen[typ] < len(shapes()) {
			t.Errorf("%q has %d samples", typ, seen[typ])
		}
	}
	for _, kind := range []event.Kind{
		event.Null, event.Text, event.Number, event.Money, event.Date, event.Instant, event.Boolean, event.Choice, event.PersonRef, event.Reference, event.List,
	} {
		if !kinds[kind] && kind != event.Number && kind != event.PersonRef { // these are in the fields that a template names, and in lists
			t.Errorf("no sample has the kind %q", kind)
		}
	}
	if failed := w.Failures(); len(failed) > 0 {
		t.Errorf("built-in templates failed: %v", failed[0].Fault)
	}
}

// What only fails on an unusual event is found before it counts, in the types that the template can meet.
func TestTemplatesAreTried(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ text, want string }{
		{`x{{ if eq .Edits 2 }}{{ index .Changes 90 }}{{ end }}`, "(with several Project:Updated events at once)"},
		{`x{{ if gt .TakenBack 0 }}{{ index .Changes 90 }}{{ end }}`, "(with several Project:Updated events at once)"},
		{`x{{ if not .Initiator }}{{ index .Changes 90 }}{{ end }}`, "(with a Project:Updated event that says almost nothing)"},
		{`x{{ if and (eq .Entity.Name "") .Changes }}{{ index .Changes 90 }}{{ end }}`, "(with a Project:Updated event whose fields are all empty)"},
		{`x{{ if gt (len (field "Manager")) 100 }}{{ index .Changes 90 }}{{ end }}`, "(with a Project:Updated event with huge values)"},
		{`x{{ if gt (len .Changes) 17 }}{{ index .Changes 90 }}{{ end }}`, "(with a Project:Updated event whose texts are made of markup)"},
		{`x{{ if changed "Mood" }}{{ index .Changes 90 }}{{ end }}`, `(with a Project:Updated event in which "Mood" is empty)`},
		{`x{{ if has "John Doe" (field "Sponsors") }}{{ index .Changes 90 }}{{ end }}`, `(with a Project:Updated event in which "Sponsors" is a list)`},
		{`x{{ if eq (daysMoved "Start of build") 14 }}{{ index .Changes 90 }}{{ end }}`, `(with a Project:Updated event in which "Start of build" is a day)`},
		{`x{{ if lt (field "Margin") 0 }}{{ index .Changes 90 }}{{ end }}`, `(with a Project:Updated event in which "Margin" is a number)`},
		{`x{{ printf (print "%" "d") .By }}`, "does not fit what is printed (with a Project:Updated event)"},
		{`x{{ slice .Changes 0 5 }}`, `out of range`},
	}
	for _, test := range tests {
		if _, err := w.Compile("a", test.text, "Project:Updated", "Project:Deleted"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", test.text, err, test.want)
		}
		if _, err := w.Table(RowPerEvent, []Column{{Header: "a", Value: test.text}}); err == nil || len(Errors(err)) == 0 {
			t.Errorf("%s as a column: %v", test.text, err)
		}
	}
	columns := []Column{{Header: "a", Value: `{{ if eq .Action "Updated" }}{{ index .Changes 90 }}{{ end }}`}}
	if _, err := w.Table(RowPerEvent, columns, "Project:Updated"); err == nil || !strings.Contains(err.Error(), "(with a Project:Updated event)") {
		t.Errorf("a column that fails on edits: %v", err)
	}
	if _, err := w.Table(RowPerEvent, columns, "Project:Deleted"); err != nil {
		t.Errorf("a column that edits alone could meet: %v", err)
	}
	if _, err := w.Compile("a", `x{{ if eq .Edits 2 }}{{ index .Changes 90 }}{{ end }}`, "Project:Deleted"); err != nil {
		t.Errorf("what only edits could meet: %v", err)
	}
}

// A column is bounded as a message is.
func TestColumnsAreBounded(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	for _, text := range []string{
		"{{ range 300000000 }}{{ end }}", `{{ $x := "aaaaaaaa" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}`, "{{ range 10000 }}{{ range 10000 }}{{ end }}{{ end }}",
	} {
		began := time.Now()
		if _, err := w.Table(RowPerChange, []Column{{Header: "a", Value: text}}); !overBudget(err) {
			t.Errorf("%s: got %v", text, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: took %v", text, took)
		}
	}
}
