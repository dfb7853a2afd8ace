package templates

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Each mistake is found when the template is compiled, at its place, also where no sample comes by.
func TestCompileFindsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"field", "x\n  {{ .Entty }}", "status:2:6: no field .Entty, did you mean .Entity?"},
		{"field of a change", "x{{ range .Changes }}{{ .Befor }}{{ end }}", "status:1:25: no field .Befor, did you mean .Before?"},
		{"field behind a field", "→ {{ .Entity.Nam }}", "status:1:13: no field .Nam, did you mean .Name?"},
		{"in a branch", "x{{ if .Late }}{{ if .Late }}{{ else }}{{ .Foo }}{{ end }}{{ end }}", "status:1:43: no field .Foo; there are .Type"},
		{"of a variable", "x{{ $c := index .Changes 0 }}{{ $c.Labl }}", "status:1:35: no field .Labl, did you mean .Label?"},
		{"of a range variable", "x{{ range $i, $c := .Changes }}{{ $c.Labl }}{{ end }}", "status:1:37: no field .Labl"},
		{"of an index", "x{{ range $i, $c := .Changes }}{{ $i.Label }}{{ end }}", "status:1:37: no field .Label: this is a single value"},
		{"of the root in a range", "x{{ range .Changes }}{{ $.Labl }}{{ end }}", "no field .Labl"},
		{"of parentheses", "x{{ (index .Changes 0).Labl }}", "status:1:23: no field .Labl"},
		{"of with", "x{{ with .Entity }}{{ .Label }}{{ end }}", "status:1:23: no field .Label; there are .Kind .Noun .Name .ID .Link"},
		{"of a define", `{{ define "x" }}{{ .Labl }}{{ end }}x{{ range .Changes }}{{ template "x" . }}{{ end }}`, "status:1:20: no field .Labl"},
		{"of a define without a dot", `{{ define "x" }}{{ .Label }}{{ end }}x{{ template "x" }}`, "status:1:20: no field .Label"},
		{"in the last line", `x{{ define "context" }}{{ .Labl }}{{ end }}`, "status:1:27: no field .Labl"},
		{"in a define nobody calls", `x{{ define "y" }}{{ fild "x" }}{{ end }}`, "status:1:21: no function fild, did you mean field?"},
		{"what is not for templates", "x{{ .When.plain }}", "status:1:10: no field .plain"},
		{"method", "x{{ .Entity.String }}", "no field .String"},
		{"column's field", "x{{ .Change.Label }}", "status:1:5: no field .Change, did you mean .Changes?"},
		{"function", "x{{ bld .Entity }}", "status:1:5: no function bld, did you mean bold?"},
		{"field as a function", "x{{ FinishDate }}", `status:1:5: no function FinishDate; a field is written in quotes: field "FinishDate"`},
		{"field behind a dot", "x{{ .FinishDate }}", `status:1:5: no .FinishDate here; a field of the project is written {{ field "FinishDate" }}`},
		{"today", "x{{ today }}", "status:1:5: there is no today"},
		{"single quotes", "x{{ field 'long' }}", `write double quotes: "long"`},
		{"style in another case", `x{{ .Occurred | date "Long" }}`, `no style "Long" of a date, did you mean "long"?`},
		{"html", "x{{ html .Entity }}", "status:1:5: there is no function html: everything that is printed is made safe by itself"},
		{"js in a pipe", "x{{ .Entity | js }}", "status:1:15: there is no function js"},
		{"call", "x{{ call .Entity }}", "status:1:5: there is no function call"},
		{"our own function", "x{{ _step 1 }}", "status:1:5: no function _step"},
		{"too few values", "x{{ bold }}", "status:1:5: bold takes 1 value, not 0"},
		{"too many values", "x{{ .By | bold .By }}", "status:1:11: bold takes 1 value, not 2"},
		{"no text", "x{{ field .By.Foo }}", "no field .Foo: this is a single value"},
		{"field of a number", "x{{ field 5 }}", "status:1:11: field takes a text in quotes"},
		{"piped into a field", "x{{ .By | .Entity }}", "status:1:11: .Entity is no function"},
		{"range over one", "x{{ range .Entity }}{{ end }}", "status:1:11: range goes over a list, and .Entity is none"},
		{"template", `x{{ template "contxt" . }}`, `no template "contxt", did you mean "context"?`},
		{"mention of a field", "x{{ mention .Trail }}", "status:1:5: mention takes .By, .Initiator, or an id or e-mail address that is written in quotes, so that no field can ring people"},
		{"mention through a pipe", "x{{ .Entity.Name | mention }}", "mention takes .By, .Initiator, or an id"},
		{"mention of all", `x{{ mention "channel" }}`, "status:1:13: mention takes the id of a member or group"},
		{"printf of Go's insides", `x{{ printf "%#v" .Entity }}`, `status:1:12: printf "%#v"`},
		{"printf of a huge width", `x{{ printf "%1000000d" 1 }}`, `status:1:12: printf`},
		{"printf of a given width", `x{{ printf "%*d" 1000000 1 }}`, `status:1:12: printf`},
		{"printf of another kind", `x{{ printf "%d" .By }}`, `status:1:17: %d is for a whole number, and a text stands here: write %s`},
		{"in a link", "<https://x/{{ .Entity.ID }}|x>", "status:1:15: nothing can be printed inside <…>: use {{ link"},
		{"in a label", "<https://x|{{ .Entity }}>", "nothing can be printed inside <…>"},
		{"in a mention", "<@{{ .By }}>", "nothing can be printed inside <…>"},
		{"in code", "see `{{ .Type }}`", "status:1:9: nothing can be printed between backticks: use {{ code .Type }}"},
		{"in a block", "```\n{{ .Type }}\n```", "nothing can be printed inside a ``` block"},
		{"template in code", "`{{ template \"context\" . }}`", "nothing can be printed between backticks"},
		{"opened in a branch", "{{ if .Late }}<{{ end }}!channel>", "a < or a backtick that begins in a branch has to end in it"},
		{"never closed", "x < y {{ .Type }}", "nothing can be printed inside <…>"},
		{"less than", "x < y", "what was opened here is never closed in its line: write &lt;"},
		{"index beyond", "x{{ index .Changes 50 }}", "index out of range: 50"},
		{"index of none", "x{{ index .Changes 0 }}", "index out of range (with a Project:Created event)"},
		{"unclosed action", "x\n{{ .Entity", "status:2:1: unclosed action"},
		{"no condition", "x{{ if }}y{{ end }}", "status:1:5: missing value for if"},
		{"end of nothing", "x {{ end }}", "unexpected {{end}}"},
		{"no end", "x {{ if .Late }}", "unexpected EOF"},
		{"undefined variable", "x{{ $y }}", `status:1:5: undefined variable "$y"`},
		{"bad character", "x{{ .Entity ! }}", `status:1`},
		{"defined twice", `{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}`, "multiple definition"},
		{"nothing", "", "status: it prints nothing for Project:Created"},
		{"blanks", " \n\t ", "status: it prints nothing for Project:Created"},
		{"nothing for some", `{{ if eq .Action "Updated" }}x{{ end }}`, "status: it prints nothing for Project:Created"},
		{"no text", "ä\nü{{ .By }}\x80x", "status:2:11: what stands here is no UTF-8"},
		{"too long", strings.Repeat("x", 100_000), "status: it is longer than 64 KB"},
	}
	w := testWords(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.Compile("status", test.text)
			if err == nil {
				t.Fatalf("%s: compiled", test.text)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s:\ngot  %v\nwant %s", test.text, err, test.want)
			}
			for _, word := range []string{"templates.", "reflect", "executing", "func(", "error calling"} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("%s: %v speaks of Go", test.text, err)
				}
			}
			if len(Errors(err)) == 0 {
				t.Errorf("%s: %v holds no fault", test.text, err)
			}
		})
	}
}

func TestCompileFindsAllFaultsInOrder(t *testing.T) {
	t.Parallel()
	_, err := testWords(t).Compile("status", "{{ .Foo }}\n{{ range .Changes }}{{ .Bar }}{{ .Labl }}{{ end }}\n{{ html .By }} `{{ .By }}`")
	var places []string
	for _, fault := range Errors(err) {
		places = append(places, fault.Error()[:len("status:1:1")])
	}
	if got, want := strings.Join(places, " "), "status:1:4 status:2:2 status:2:3 status:3:4 status:3:2"; got != want {
		t.Errorf("got %s, want %s\n%v", got, want, err)
	}
}

func TestCompileForSomeTypes(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	const onlyUpdates = `{{ (index .Changes 0).Label }}`
	if _, err := w.Compile("x", `{{ if eq .Action "Updated" }}x{{ end }}`, "Project:Updated", "Task:Updated"); err != nil {
		t.Errorf("for updates: %v", err)
	}
	if _, err := w.Compile("x", `{{ if eq .Action "Updated" }}x{{ end }}`, "Project:Updated", "Task:Created"); err == nil {
		t.Error("for a creation: compiled")
	}
	if _, err := w.Compile("x", onlyUpdates, "Project:Updated"); err == nil {
		t.Error("an update without changes: compiled")
	}
}

// No template can hang or fill the memory.
func TestTemplatesAreBounded(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := map[string]string{
		"empty loop":      "x{{ range 300000000 }}{{ end }}",
		"nested loops":    "x{{ range 10000 }}{{ range 10000 }}{{ end }}{{ end }}",
		"printing loop":   "{{ range 300000000 }}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{{ end }}",
		"doubling text":   `x{{ $x := "aaaaaaaa" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}`,
		"doubling printf": `x{{ $x := "aaaaaaaa" }}{{ range 40 }}{{ $x = printf "%s%s" $x $x }}{{ end }}`,
		"wide numbers":    `x{{ range 10000 }}{{ $x := printf "%999d%999d%999d%999d%999d%999d%999d%999d" 1 2 3 4 5 6 7 8 }}{{ end }}`,
		"else branch":     "x{{ range field `Nope` }}{{ else }}{{ range 300000000 }}{{ end }}{{ end }}",
		"last line":       `x{{ define "context" }}{{ range 300000000 }}{{ end }}{{ end }}`,
		"prints first":    "x{{ range 300000000 }}a{{ `` }}{{ end }}",
		"declares first":  "x{{ range 300000000 }}{{ $x := 1 }}{{ end }}",
		"continue":        "x{{ range 300000000 }}{{ continue }}{{ end }}",
		"comparisons":     "x{{ range 100000000 }}{{ if eq . 1 2 3 4 5 }}{{ end }}{{ end }}",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := w.Compile("bomb", text)
			if err == nil || !strings.Contains(err.Error(), "it takes too") && !strings.Contains(err.Error(), "it prints too much") {
				t.Errorf("got %v, want too many steps or too much printed", err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// A template cannot include itself, which is said at the place where it would.
func TestCompileRefusesCycles(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ text, want string }{
		{`{{ define "x" }}{{ template "x" . }}{{ end }}x{{ template "x" . }}`, "a:1:29: a template cannot include itself: x → x"},
		{
			`{{ define "x" }}{{ template "y" . }}{{ end }}{{ define "y" }}{{ template "x" . }}{{ end }}x{{ template "x" . }}`,
			"a:1:74: a template cannot include itself: x → y → x",
		},
		{`{{ define "x" }}{{ if . }}{{ template "x" truncate 3 . }}{{ end }}{{ end }}x{{ template "x" "aa" }}`, "a:1:39: a template cannot include itself: x → x"},
		{`{{ define "x" }}{{ template "x" . }}{{ end }}never called`, "a:1:29: a template cannot include itself: x → x"},
		{`{{ define "context" }}{{ template "context" . }}{{ end }}x`, "a:1:35: a template cannot include itself: context → context"},
		{`x{{ template "a" . }}`, "a:1:14: a template cannot include itself: a → a"},
	}
	for _, test := range tests {
		if _, err := w.Compile("a", test.text); err == nil || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.text, err, test.want)
		}
	}
}

// A template that fails on a real event costs no message.
func TestFailingTemplateFallsBack(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	template, err := w.Compile("status", `{{ if eq (field "Surprise") "boo" }}{{ index .Changes 7 }}{{ end }}{{ .Entity }}`)
	if err != nil {
		t.Fatal(err)
	}
	e := updated(event.Attributes{attribute("Budget", money("1")), attribute("Surprise", event.Value{})},
		event.Attributes{attribute("Budget", money("2")), attribute("Surprise", event.Value{Kind: event.Text, Text: "boo"})})
	got, err := template.Message(netOf(e))
	var fault *Error
	if !errors.As(err, &fault) || fault.Line != 1 || fault.Column != 40 || fault.Template != "status" {
		t.Errorf("got error %v, want a fault at status:1:40", err)
	}
	want := w.Message(netOf(e))
	if want.Context += " · built-in wording, template “status” failed"; text(got) != text(want) || got.Text != want.Text {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	empty, err := w.Compile("empty", `{{ if ne (field "Surprise") "boo" }}x{{ end }}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = empty.Message(netOf(e)); err == nil || got.Head != want.Head {
		t.Errorf("a template that prints nothing: got %+v, %v", got, err)
	}
}

func TestCustomMessage(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	e := sampleFile(t, "Project-Updated")
	tests := []struct{ name, text, want, spoken string }{
		{
			"as in the manual", "*{{ .Entity }}* {{ range .Changes }}\n{{ .Label }}: {{ .Before }} → {{ .After }}{{ end }}",
			"*" + portal + "*\nStatus: On track → At risk\nFinish: 31 Mar 2022 → 14 Apr 2022\nBudget: 250,000 → 275,000\n" +
				"Manager: John Doe → John Doe, Brian Adams\nSchedule: Not set → At risk\n" +
				"Description: none → Finish moved: the test environment is late.\nTags: #portal → #portal, #late",
			"Anna Doe updated project Customer Portal. Status: On track → At risk. Finish: 31 Mar 2022 → 14 Apr 2022. " +
				"Budget: 250,000 → 275,000. Manager: John Doe → John Doe, Brian Adams. Schedule: Not set → At risk. " +
				"Description: none → Finish moved: the test environment is late.. Tags: #portal → #portal, #late.",
		},
		{
			"functions", `:tada: {{ bold .Entity.Name }} {{ code .Type }} {{ link "https://example.com/x|y" "there" }} {{ mention "U012AB3CD" }}`,
			":tada: *Customer Portal* `Project:Updated` <https://example.com/x%7Cy|there> <@U012AB3CD>",
			"Anna Doe updated project Customer Portal. Customer Portal Project:Updated there.",
		},
		{
			"fields", `{{ field "Client's contact" }}, {{ field "Nope" }}, {{ field "Budget" }}{{ with field "Nope" }}never{{ end }}`,
			"Brian Adams, none, 275,000", "Anna Doe updated project Customer Portal. Brian Adams, none, 275,000.",
		},
		{
			"conditions", `{{ if and (gt (field "Budget") 200000) (eq (field "OverallStatus") "At risk") (eq (field "OverallStatus") 1) (gt (field "FinishDate") "2022-01-01") (lt (len .Changes) 8) (ne .By "John Doe") (not .Late) }}yes{{ else }}no{{ end }} {{ .Late }}`,
			"yes no", "Anna Doe updated project Customer Portal. yes no.",
		},
		{
			"change", `{{ range .Changes }}{{ if eq .Field "FinishDate" }}{{ .Label }} {{ .Days }} {{ .Difference }} {{ .Steps }}{{ end }}{{ if eq .Field "Tags" }} {{ .Added }} {{ .Removed }}{{ end }}{{ end }}`,
			"Finish 14 14 days later 1 #late none", "Anna Doe updated project Customer Portal. Finish 14 14 days later 1 #late none.",
		},
		{
			"blank lines", "\n\n  a  \n\nb\n\n", "a\n\nb", "Anna Doe updated project Customer Portal. b.",
		},
		{
			"markup printed as text", `{{ printf "%s" (bold .Entity) }} {{ print (link "https://example.com" "x") }} {{ printf "<!channel>" }}`,
			"Customer Portal x &lt;!channel&gt;", "Anna Doe updated project Customer Portal. Customer Portal x <!channel>.",
		},
		{
			"links that are none", `{{ link "javascript:alert(1)" "x" }} {{ link "" "y" }} {{ link (field "Description") "z" }}`,
			"x y z", "Anna Doe updated project Customer Portal. x y z.",
		},
		{
			"the author's own", "<!here> *{{ .Entity.Name }}* is late", "<!here> *Customer Portal* is late",
			"Anna Doe updated project Customer Portal. here Customer Portal is late.",
		},
	}
	for _, test := range tests {
		template, err := w.Compile("status", test.text, "Project:Updated")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		m, err := template.Message(netOf(e))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := strings.Join(append([]string{m.Head}, m.Lines...), "\n"); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
		if m.Text != test.spoken {
			t.Errorf("%s, text:\ngot  %s\nwant %s", test.name, m.Text, test.spoken)
		}
	}
}

func TestOwnLastLine(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	net := netOf(sampleFile(t, "Idea-Updated"))
	tests := []struct{ text, want string }{
		{`x`, w.Message(net).Context},
		{`x{{ define "context" }}{{ end }}`, ""},
		{`x{{ define "context" }} by {{ .By }}
			in {{ .Trail }} {{ end }}`, "by Anna Doe in Charity ideas"},
	}
	for _, test := range tests {
		template, err := w.Compile("status", test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got, err := template.Message(net); err != nil || got.Context != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.text, got.Context, err, test.want)
		}
	}
}

func TestTemplateIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	template, err := w.Compile("status", customTemplates()["partials"])
	if err != nil {
		t.Fatal(err)
	}
	net := netOf(hostileFile(t, "description-40000", "Project:Updated"))
	want, err := template.Message(net)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var said atomic.Int32
	for range 8 {
		group.Go(func() {
			for range 20 {
				got, err := template.Message(net)
				if errors.Is(err, errTime) {
					continue // eight of them on a busy machine
				}
				if err != nil || text(got) != text(want) {
					t.Errorf("got %+v, %v", got, err)
				}
				said.Add(1)
			}
		})
	}
	group.Wait()
	if said.Load() == 0 {
		t.Error("every one took too long, so that this shows nothing")
	}
}
