package templates

import (
	"strings"
	"testing"
)

// Whatever way a template takes, no text of an event can come behind a < that is still open.
func TestNothingIsPrintedInMarkup(t *testing.T) {
	t.Parallel()
	const never = "never closed in its line: write &lt;"
	tests := []struct{ name, text, want string }{
		{"break", "x{{ range .Changes }}{{ if .Label }}<{{ break }}>{{ end }}{{ end }}{{ .By }} -> {{ .By }}", "has to be closed before {{break}}"},
		{"continue", "x{{ range .Changes }}{{ if .Label }}<{{ continue }}>{{ end }}{{ end }}{{ .By }}>", "has to be closed before {{continue}}"},
		{"break in code", "x{{ range .Changes }}`{{ break }}`{{ end }}", "has to be closed before {{break}}"},
		{"break of a loop in code", "`{{ range .Changes }}`{{ break }}`{{ end }}<`{{ .By }}", "has to be closed before {{break}}"},
		{"break of the inner loop", "x{{ range .Changes }}<{{ range 3 }}{{ break }}{{ end }}>{{ end }}", ""},
		{"break outside", "x{{ range .Changes }}<!here>{{ break }}{{ end }}", ""},
		{"define", `{{ define "a" }}<{{ end }}x{{ template "a" }}{{ .By }}>`, never},
		{"define that ends in code", "{{ define `a` }}`{{ end }}x{{ template `a` }}{{ .By }}", "`a`"},
		{"define nobody calls", `{{ define "a" }}<{{ end }}x`, never},
		{"block", `x{{ block "a" . }}<{{ end }}{{ .By }}>`, never},
		{"call", `x<{{ template "context" . }}>`, "nothing can be printed inside <…>"},
		{"last line", `x{{ define "context" }}<{{ end }}`, never},
		{"else", "x{{ if .Late }}{{ else }}<{{ end }}{{ .By }}>", "begins in a branch"},
		{"else if", "x{{ if .Late }}{{ else if .By }}<{{ end }}{{ .By }}>", "begins in a branch"},
		{"else of range", "x{{ range .Changes }}{{ else }}<{{ end }}{{ .By }}>", "begins in a branch"},
		{"else with", "x{{ with .Took }}{{ else with .By }}<{{ end }}{{ .By }}>", "begins in a branch"},
		{"trimmed", "x <{{- \"\" -}} {{ .By }}>", "nothing can be printed inside <…>"},
		{"comment", "x <{{/* c */}}{{ .By }}>", "nothing can be printed inside <…>"},
		{"variable", "x <{{ $x := .By }}{{ $x }}>", "nothing can be printed inside <…>"},
		{"line", "x <https://a.example\n|b>", never},
		{"after the line", "x <a\n> {{ .By }}", "behind a < that is not closed"},
		{"code that never ends", "it`s < 5\n{{ .By }}>", "behind a < that is not closed"},
		{"open in code", "`a <`{{ .By }}>", "behind a < that is not closed"},
		{"open in a block", "```a <```{{ .By }}>", "behind a < that is not closed"},
		{"across backticks", "`<@` x {{ .By }}>", "behind a < that is not closed"},
		{"closed in code", "`<b>` ```<c>``` <!here> {{ .By }}", ""},
		{"lone backtick at the end", "{{ .By }} it`s", ""},
		{"bare >", "a -> {{ .By }} > b", ""},
		{"backtick in an address", "<https://a.example/`> {{ .By }}", ""},
	}
	w := testWords(t)
	for _, test := range tests {
		_, err := w.Compile("status", test.text)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want == "`a`" && err == nil, test.want != "" && err == nil:
			t.Errorf("%s: %s was compiled", test.name, test.text)
		case test.want != "`a`" && err != nil && !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
}

// The dot of a message or a row has no words of its own: printing it is refused, on whatever way.
func TestTheWholeIsNotPrinted(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	const want = "this is everything at once: name what to print"
	for _, text := range []string{
		"{{ . }}", "x{{ $ }}", "x{{ $x := . }}{{ $x }}", "x{{ with . }}{{ . }}{{ end }}", "x{{ range .Changes }}{{ $ }}{{ end }}",
		"x{{ if .Late }}{{ if .Late }}{{ else }}{{ . }}{{ end }}{{ end }}", "x{{ . | bold }}", "x{{ code . }}", "x{{ print . }}",
		"x{{ printf `%v` . }}", "x{{ link `https://a.example` . }}", "x{{ or nil . }}", "x{{ or .Took . }}", "x{{ eq . . }}",
		`x{{ define "a" }}{{ . }}{{ end }}{{ template "a" . }}`, "x{{ $x := .By }}{{ $x = . }}{{ $x }}", "x{{ $x := .By }}{{ $x = . }}{{ print $x }}",
	} {
		if _, err := w.Compile("status", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"{{ . }}", "x {{ . }}", "{{ $x := .By }}{{ $x = . }}{{ $x }}", "{{ bold . }}"} {
		for _, perRow := range []PerRow{RowPerChange, RowPerEvent} {
			if _, err := w.Table(perRow, []Column{{Header: "A", Value: text}}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("column %s of a row per %s: got %v, want %s", text, perRow, err, want)
			}
		}
	}
	if _, err := w.Table(RowPerChange, []Column{{Header: "A", Value: "{{ .Data }}"}}); err == nil || !strings.Contains(err.Error(), "no field .Data") {
		t.Errorf("column {{ .Data }}: got %v", err)
	}
}
