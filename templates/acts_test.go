package templates

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// handwritten are templates as people write them, with every function and all ways of writing around an action.
func handwritten() []Text {
	texts := []Text{
		{Name: "p-line", Text: "• {{ .Label }}: ~{{ .Before }}~ *{{ .After }}*{{ with .Difference }} _{{ . }}_{{ end }}\n", Part: true},
		{Name: "p-who", Text: `{{ define "name" }}_{{ . }}_{{ end }}{{ template "name" .By }} in {{ .Trail }}`, Part: true},
		{Name: "p-item", Text: "{{ . }}:", Part: true},
	}
	for name, text := range map[string]string{
		"1 partials":          "*{{ .Entity }}*{{ range .Changes }}\n{{ template \"p-line\" . }}{{ end }}\n{{ template \"p-who\" . }}",
		"2 printf":            "x {{ printf \"%s: %q (%10.5s) %v\" .Entity .By .Trail (field \"Name\") }}{{ range .Changes }}\n{{ printf \"%-20s|%s\" .Label .After }}{{ end }}",
		"3 bold":              "{{ bold .Entity.Name }} {{ bold .By }}: {{ bold (field \"Description\") }}: {{ range .Changes }}\n{{ bold .Label }} ({{ bold .Before }}, {{ bold .After }}){{ end }}",
		"4 link":              "{{ link \"https://wiki.example.com/a?b=c&d|e\" .Entity }} {{ link \"https://wiki.example.com\" (field \"Description\") }} {{ link .Entity.Link .By }}",
		"5 range":             "x{{ range field \"Manager\" }}\n• {{ . }}{{ end }}{{ range $i, $t := field \"Tags\" }}{{ if $i }}, {{ end }}{{ $t }}{{ else }}none{{ end }}",
		"6 code":              "`a` {{ code .Entity.Name }}{{ code .By }} {{ range .Changes }}{{ code .After }}:{{ end }} `b`",
		"7 quotation":         "x\n> {{ .Entity.Name }}\n> _{{ .By }}_\n>{{ field \"Description\" }}",
		"8 tight":             ":{{ .Entity.Name }}:{{ .By }}:{{ .Trail }}:/{{ .Entity.ID }}-{{ range .Changes }}@{{ .After }}#{{ .Before }}|{{ end }}",
		"9 lines":             "{{ .Entity.Name }}\n{{ .By }}\n{{ .Trail }}\n{{ .Entity.ID }}\n{{ .Initiator }}\n{{ .LastKnown }}\n{{ .Type }}",
		"10 whole lists":      "x {{ .Changes }} {{ .Facts }} {{ range .Facts }}\n{{ .Label }}={{ .Value }}{{ end }}",
		"11 join":             "x {{ field \"Manager\" | join \" & \" }} {{ field \"Tags\" | join \":\" }} {{ .Changes | join \"\\n> \" }} {{ .Facts | join \"@\" }} {{ join \"*\" .By }}",
		"12 truncate":         "{{ .Entity | truncate 7 }}{{ .By | truncate 3 }} *{{ field \"Description\" | truncate 10 }}* {{ range .Changes }}{{ .After | truncate 5 }}{{ end }}.",
		"13 default":          "x {{ field \"Nope\" | default .By }} {{ .Entity.Name | default \"nobody\" | bold }} {{ default .Trail \"\" }}",
		"14 dates":            "x {{ field \"StartDate\" | date \"long\" \"de\" }} {{ .Occurred | zone \"Asia/Tokyo\" | date \"dddd hh:mm\" }} {{ field \"Name\" | date \"short\" }} {{ zone \"UTC\" (field \"Name\") }}",
		"15 numbers":          "x {{ field \"Budget\" | money \"EUR\" \"de\" }} {{ field \"Name\" | number 0 }} {{ field \"Description\" | money \"USD\" }} {{ field \"Budget\" | percent (before \"Budget\") }}",
		"16 questions":        "x{{ if changed \"Name\" \"Description\" }} {{ before \"Description\" }} → {{ after \"Description\" }}{{ end }}{{ if has \"*x*\" (field \"Tags\") }}y{{ end }} {{ label \"Budget\" }} {{ label \"<!here>\" }}",
		"17 emoji":            "{{ field \"OverallStatus\" | emoji }} {{ .Action | emoji \"Created\" \":new:\" \"Updated\" \":wrench:\" }} {{ .By | emoji \"Anna Doe\" \":wave:\" }} {{ .Entity }}",
		"18 variables":        "{{ $name := .Entity.Name }}{{ $line := print $name \" \" .By }}{{ range .Changes }}{{ $line = print $line \" \" .After }}{{ end }}{{ $line }} {{ bold $line }}",
		"19 rings":            "<!here> {{ mention \"U012AB3CD\" }}{{ .By }}{{ mention \"S012AB3CD\" }} :tada:{{ .Entity }}:tada: <https://example.com|rules>{{ .Trail }}",
		"20 last line":        "x{{ define \"context\" }}*{{ .By }}* {{ .Trail }} · {{ template \"p-who\" . }} {{ printf \"%s\" .Initiator }} {{ .Occurred }}{{ end }}",
		"21 emphasis":         "*{{ .Entity.Name }}* _{{ .By }}_ ~{{ .Trail }}~\n*a {{ .By }} b*{{ range .Changes }}\n*{{ .Label }}* _{{ .After }}_{{ end }}",
		"22 a built-in one":   "{{ template \"Project-Updated\" . }}\n{{ template \"Task-Deleted\" . }}\n{{ template \"Idea-Created\" . }}",
		"23 items":            "x {{ range field \"Manager\" }}{{ template \"p-item\" . }}{{ end }}{{ range field \"Tags\" }}:{{ template \"p-item\" . }}{{ end }}",
		"24 println and with": "{{ println .Entity.Name .By }}{{ with .Parent.Name }}in {{ . }}{{ end }}{{ with field \"Description\" }}\n“{{ . }}”{{ end }}",
	} {
		texts = append(texts, Text{Name: name, Text: text})
	}
	return texts
}

// exampleTexts returns the templates and the columns of the example of a configuration.
func exampleTexts(t *testing.T) (texts []Text, columns []Column) {
	t.Helper()
	page, err := os.ReadFile("../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\ntemplates:\n")
	section, _, _ = strings.Cut(section, "\nroutes:\n")
	for _, found := range regexp.MustCompile(`(?m)^  ([a-z-]+): \|\n((?:    .*\n|\n)+)`).FindAllStringSubmatch(section, -1) {
		texts = append(texts, Text{Name: "example-" + found[1], Text: strings.ReplaceAll(found[2][4:], "\n    ", "\n"), Types: []event.Type{"Project:Updated"}})
	}
	for _, found := range regexp.MustCompile(`(?m)\{ header: ([A-Za-z ]+), +value: (?:"([^"]*)"|'([^']*)')`).FindAllSubmatch(page, -1) {
		columns = append(columns, Column{Header: string(found[1]), Value: string(found[2]) + string(found[3])})
	}
	if len(texts) == 0 || len(columns) < 5 {
		t.Fatalf("the example has %d templates and %d columns", len(texts), len(columns))
	}
	return texts, columns
}

// moreAttacks are texts that would like to act in a sheet, or on a terminal, beside those of attacks.
func moreAttacks() []string {
	return []string{
		"=1+1", "+1", "-1+2", "@SUM(A1:A9)", "=HYPERLINK(\"https://evil.example\",\"x\")", "\t=1", "\r=1", "'=1", "=cmd|' /C calc'!A0",
		"\x1b]0;title\x07", "\u009b31m", "a\u2029> b", "\ufeff*b*", "<https://evil.example|*b*>", "&lt;@U012AB3CD&gt;", "```\n", "x`", "*<!here>*",
	}
}

// allAttacks are every text that would like to act.
func allAttacks() []string { return append(attacks(), moreAttacks()...) }

// attackedEvents are the samples with a text in place of every string that was sent, but for the keys; it is told apart
// before and after the change.
func attackedEvents(t *testing.T, path, text string) event.Event {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var sent any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&sent); err != nil {
		t.Fatal(err)
	}
	body, err = json.Marshal(attacked(sent, "", text))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimSuffix(filepath.Base(path), ".json"), "-")
	e, err := ppm.Decode(body, event.TypeOf(parts[0], parts[1]))
	if err != nil {
		t.Fatal(err)
	}
	e.ID, e.Received = "0190a5c4-7d1e-7000-8000-000000000001", decodedAt()
	return e
}

// attacked replaces every string of a body. What the body says of itself stays, else it would be another event.
func attacked(node any, key, text string) any {
	switch n := node.(type) {
	case map[string]any:
		for name, value := range n {
			within := text
			if strings.Contains(name, "Old") || strings.Contains(name, "Before") || strings.Contains(name, "Previous") {
				within += " before"
			}
			n[name] = attacked(value, name, within)
		}
	case []any:
		for i := range n {
			n[i] = attacked(n[i], key, text)
		}
	case string:
		return text
	}
	return node
}

// acting lists what would act in a text of mrkdwn as Slack reads it, in order: styles, code, quotations, links with
// where they lead, mentions, moments, emoji.
func acting(nodes []mrkdwn.Node) []string {
	var found []string
	for _, n := range nodes {
		switch n.Kind {
		case mrkdwn.Text, mrkdwn.Break:
			continue
		case mrkdwn.Link:
			target := n.Target
			if strings.HasPrefix(target, projectPage) && !strings.ContainsAny(target[len(projectPage):], "/?#<>|") {
				target = "a project" // its id was sent
			}
			found = append(found, "link to "+target)
		default:
			found = append(found, strings.Join([]string{string(rune('A' + int(n.Kind))), n.Name, n.Target, n.Format}, " "))
		}
		found = append(found, acting(n.Children)...)
	}
	return found
}

// readers are all templates, and the built-in wording.
func readers(t *testing.T, w *Words) map[string]func(event.Net) event.Message {
	t.Helper()
	example, _ := exampleTexts(t)
	compiled, err := w.CompileAll(append(handwritten(), example...))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]func(event.Net) event.Message{
		"built-in": w.Message,
		"bulk":     func(net event.Net) event.Message { return w.Bulk([]event.Net{net, net}) },
	}
	for name, template := range compiled {
		all[name] = func(net event.Net) event.Message {
			m, err := template.Message(net)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return m
		}
	}
	if len(compiled) < 21 {
		t.Errorf("only %d hand-written templates", len(compiled))
	}
	return all
}

func payloads(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../samples/*.json")
	if err != nil || len(files) < 12 {
		t.Fatalf("%v, %d samples", err, len(files))
	}
	return files
}

// Whatever is sent in any string of any sample, every template says it, and nothing of it acts in Slack.
func TestNothingActsInSlack(t *testing.T) {
	raced.Calculates(t)
	t.Parallel()
	w := testWords(t)
	all := readers(t, w)
	for _, path := range payloads(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := map[string]string{}
			calm := netOf(attackedEvents(t, path, "harmless"))
			for name, say := range all {
				want[name] = actingIn(say(calm))
			}
			for _, attack := range allAttacks() {
				net := netOf(attackedEvents(t, path, attack))
				for name, say := range all {
					m := say(net)
					if got := actingIn(m); got != want[name] {
						t.Errorf("%s with %q acts:\n%s\ngot  %q\nwant %q", name, attack, text(m), got, want[name])
					}
					if found := unseen(text(m) + m.Text); found != "" || !utf8.ValidString(text(m)+m.Text) {
						t.Errorf("%s with %q shows %q", name, attack, found)
					}
				}
			}
		})
	}
}

func actingIn(m event.Message) string {
	section := strings.Join(append([]string{m.Head}, m.Lines...), "\n")
	return strings.Join(acting(mrkdwn.Parse(section)), ", ") + " · " + strings.Join(acting(mrkdwn.Parse(m.Context)), ", ")
}

// Whatever is sent in any string of any sample, every column holds it as a text, and nothing of it acts in a sheet: no
// cell becomes a number, a day or a link through it, and there is no other kind that could be a formula.
func TestNothingActsInASheet(t *testing.T) {
	raced.Calculates(t)
	t.Parallel()
	w := testWords(t)
	_, example := exampleTexts(t)
	tables := map[string]*Table{}
	for name, columns := range map[string][]Column{"built-in": DefaultColumns(RowPerChange), "example": example, "hand-written": handwrittenColumns()} {
		table, err := w.Table(RowPerChange, columns)
		if err != nil {
			t.Fatal(err)
		}
		tables[name] = table
	}
	var err error
	if tables["events"], err = w.Table(RowPerEvent, DefaultColumns(RowPerEvent)); err != nil {
		t.Fatal(err)
	}
	for _, path := range payloads(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := map[string][]string{}
			for name, table := range tables {
				want[name] = shapesOf(t, table, attackedEvents(t, path, "harmless"))
			}
			for _, attack := range allAttacks() {
				e := attackedEvents(t, path, attack)
				for name, table := range tables {
					if got := shapesOf(t, table, e); !slices.Equal(got, want[name]) {
						t.Errorf("%s with %q:\ngot  %q\nwant %q", name, attack, got, want[name])
					}
				}
			}
		})
	}
}

func handwrittenColumns() []Column {
	return []Column{
		{Header: "A", Value: "{{ .Entity }}"},
		{Header: "B", Value: `{{ printf "%s=%s" .By (field "Description") }}`},
		{Header: "C", Value: "={{ .Entity.Name }}"},
		{Header: "D", Value: `{{ field "Description" }}`, Type: event.CellDate},
		{Header: "E", Value: `{{ link .Entity.Link .By }}`, Type: event.CellLink},
		{Header: "F", Value: `{{ field "Manager" | join "\n" }}`},
		{Header: "G", Value: `{{ .Change.After | default .Entity.Name }}`},
		{Header: "H", Value: "{{ range .Changes }}{{ . }}\n{{ end }}{{ bold .By }}{{ code .By }}"},
		{Header: "I", Value: `{{ field "Name" | truncate 9 }}`},
		{Header: "J", Value: `{{ define "x" }}{{ . }}{{ end }}{{ template "x" .By }}`},
	}
}

// shapesOf returns the kinds of all cells, with where links lead.
func shapesOf(t *testing.T, table *Table, e event.Event) []string {
	t.Helper()
	rows, err := table.Rows(e)
	if err != nil {
		t.Error(err)
	}
	var all []string
	for _, row := range rows {
		for _, c := range row.Cells {
			link := c.Link
			if id, ours := strings.CutPrefix(link, projectPage); ours && !strings.ContainsAny(id, "/?#<>|\" \t\r\n") {
				link = "a project" // its id was sent
			}
			all = append(all, c.Header+" "+string(c.Type)+" "+link+" "+c.Format)
			if found := unseen(strings.NewReplacer("\n", "", "\t", "").Replace(c.Text)); found != "" || !utf8.ValidString(c.Text) {
				t.Errorf("%s shows %q in %q", c.Header, found, c.Text)
			}
		}
	}
	return all
}

func decodedAt() time.Time { return time.Date(2022, 2, 15, 13, 20, 45, 0, time.UTC) }
