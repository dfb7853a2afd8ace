package templates

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// Whatever is written as a template, compiling it ends soon, with faults that have a place in its text or a template
// that says every sample.
func FuzzCompile(f *testing.F) {
	files, err := filepath.Glob("*.tmpl")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range customTemplates() {
		f.Add(text)
	}
	for _, text := range []string{
		"x{{ range 300000000 }}{{ end }}", "{{ with $x := .By }}{{ $x | bold }}{{ end }}", "{{ block \"x\" . }}{{ .By }}{{ end }}",
		"<{{ .By }}>", "```{{ .By }}", "{{- /* c */ -}}", "{{ break }}", "{{ (.By).Foo }}", "{{ index .Changes 0 | print }}", "{{ 1.5 }}{{ nil }}",
	} {
		f.Add(text)
	}
	for _, function := range functionTable() {
		for _, e := range function.examples {
			f.Add("x" + e.action)
		}
	}
	w := testWords(f)
	net := netOf(sampleFile(f, "Project-Updated"))
	f.Fuzz(func(t *testing.T, text string) {
		began := time.Now()
		compiled, err := w.CompileAll([]Text{
			{Name: "fuzz", Text: text, Types: []event.Type{"Project:Updated", "Idea:Created"}},
			{Name: "includes", Text: `x{{ range .Changes }}{{ template "fuzz" . }}{{ end }}{{ template "fuzz" . }}`, Types: []event.Type{"Project:Updated"}},
		})
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("took %v", took)
		}
		if err != nil {
			checkFaults(t, text, err)
			return
		}
		for _, template := range compiled {
			m, _ := template.Message(net)
			checkLimits(t, "message", m)
		}
	})
}

func checkFaults(t *testing.T, text string, err error) {
	t.Helper()
	faults := Errors(err)
	if len(faults) == 0 {
		t.Errorf("%v holds no fault", err)
	}
	for _, fault := range faults {
		if fault.Template != "fuzz" {
			continue
		}
		line := lineOf(text, fault.Line)
		if fault.Line > strings.Count(text, "\n")+1 || fault.Column > utf8.RuneCountInString(line)+1 || fault.Text == "" {
			t.Errorf("%v is not in %q", fault, text)
		}
	}
}

// Whatever people write into a project, every template says it within the limits, and nothing of it acts.
func FuzzRender(f *testing.F) {
	for _, attack := range attacks() {
		f.Add(attack, "before")
	}
	w := testWords(f)
	e := named(sampleFile(f, "Project-Updated"), "Customer Portal")
	all := map[string]func(event.Net) event.Message{"built-in": w.Message}
	for name, source := range customTemplates() {
		template, err := w.Compile(name, source)
		if err != nil {
			f.Fatal(err)
		}
		all[name] = func(net event.Net) event.Message {
			message, _ := template.Message(net)
			return message
		}
	}
	table, err := w.Table(RowPerChange, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, before string) {
		evil := e
		evil.Entity.Name, evil.Initiator.Name, evil.Parent.Name = text, text, before
		evil.Attributes, evil.Before = slices.Clone(e.Attributes), slices.Clone(e.Before)
		for i, a := range evil.Attributes {
			if a.Name == "Description" {
				evil.Attributes[i].Value.Text, evil.Before[i].Value = text, event.Value{Kind: event.Text, Text: before}
			}
		}
		for name, say := range all {
			m := say(netOf(evil))
			checkLimits(t, name, m)
			for _, construct := range live(m.Head + "\n" + strings.Join(m.Lines, "\n") + "\n" + m.Context) {
				if strings.HasPrefix(construct, "<!") && !strings.HasPrefix(construct, "<!date^") ||
					strings.HasPrefix(construct, "<@") || strings.HasPrefix(construct, "<#") ||
					construct == "bare <" || construct == "bare >" || construct == "quotation" {
					t.Errorf("%s: %s is live in %q", name, construct, m)
				}
			}
		}
		rows, err := table.Rows(evil)
		if err != nil {
			t.Error(err)
		}
		checkRows(t, "rows", rows)
	})
}

// Whatever is written as a condition, it is refused with one fault or can be worked out for any event; also one that was
// not tried on every sample, as nothing in it seems to fail.
func FuzzWhen(f *testing.F) {
	for _, text := range []string{
		`changed("OverallStatus") || daysMoved("FinishDate") > 7`, `after("Budget") in [1, 2]`, `Name matches "("`, `let x = 1; x`,
		`[1][0] == 1`, `{"a": 1}.a == 1`, `true ? false : true`, `1..9 == 2`, `$env`, `Name[0:1] == "x"`, `2 ** 9999 > 1`, `-1 % 0`,
		`(Late ? 1 : "a") < 2`, `(Late ? true : "a") && true`, `after("Budget") < Name`, `before("Manager") in ["a"] || Name < "b"`, `after("x") == nil`,
		`daysMoved("Date") in [1, -2]`, `Type in [1]`, `!(Late == changed("x"))`, `-(1) < -1.5`, `"a" matches "b" or Type < Kind`,
	} {
		f.Add(text)
	}
	w := testWords(f)
	e := sampleFile(f, "Project-Updated")
	f.Fuzz(func(t *testing.T, text string) {
		condition, err := w.When(text)
		if err != nil {
			if len(Errors(err)) != 1 {
				t.Errorf("%v holds no fault", err)
			}
			return
		}
		if _, err := condition.Holds(e); err != nil && len(Errors(err)) != 1 {
			t.Errorf("%v holds no fault", err)
		}
		for _, s := range w.tried() {
			if _, err := condition.holds(s.net.Last(), func() []event.Change { return s.net.Changes }); err != nil {
				t.Errorf("%v with %s", err, s.name)
			}
		}
	})
}

// Whatever is written as a template, the quick trial finds what trying everything finds.
func FuzzTrial(f *testing.F) {
	raced.Calculates(f)
	for _, text := range customTemplates() {
		f.Add(text)
	}
	for _, action := range failing() {
		f.Add("x{{ if not .Initiator }}" + action + "{{ end }}")
	}
	w := testWords(f)
	f.Fuzz(func(t *testing.T, text string) {
		if template := parsed(t, w, text); template != nil {
			agree(t, w, template)
		}
	})
}
