package templates

import (
	"strings"
	"testing"
)

// mistakes are texts with one fault each. The mark ‸ stands before what is wrong.
func mistakes() []string {
	return []string{
		`{{ field‸("Budget") }}`, `{{ if .Late ‸|| .Recovered }}a{{ end }}`, `{{ if .Late ‸&& .Recovered }}a{{ end }}`, `{{ .By ‸} and`,
		`{{ .By‸} and`, `‸{{ end }}`, `‸{{- end -}}`, `‸{{ else }}`, `‸{{ break }}`, `‸{{ continue }}`, `{{ if .Late ‸= true }}a{{ end }}`,
		`{{ if .Edits ‸> 1 }}a{{ end }}`, `{{ if .Type‸=="x" }}a{{ end }}`, `{{ template ‸line . }}`, `{{ ‸$x }}`, `{{ ‸$x.Label }}`,
		`{{ bold (print ‸$x) }}`, "{{‸\u00a0.By }}", "{{ .By‸\u00a0}}", "{{ if‸\u2028.Late }}a{{ end }}", `{{ eq .By‸, "x" }}`, `{{ eq .Edits ‸5x }}`,
		`{{ if .Late }}{{ ‸define "a" }}{{ end }}{{ end }}`, `{{ eq .By ‸“x” }}`, `{{ ‸if }}a{{ end }}`, `{{ bold ‸( ) }}`, `‸{{ }}`,
		`{{ .By | ‸"x" }}`, `{{ print (.By | ‸5) }}`, `{{ .By | bold | ‸. }}`, `{{ if .Late }}a{{ else }}b‸{{ else }}c{{ end }}`,
		`{{ .By ‸- 1 }}`, `{{ .Changes‸[0] }}`, `{{ print ‸(bold .By }}`, `{{ print (bold .By)‸) }}`, `{{ "x"‸.Name }}`, `{{ $z ‸: 1 }}`,
		`{{ range $i, $c‸, $d := .Changes }}a{{ end }}`, `{{ range $i, ‸.Changes }}a{{ end }}`, `{{ bold ‸if .Late }}`, `{{ bold ‸end }}`,
		`{{ end ‸if }}`, `{{ if .Late }}a{{ else ‸eq .By "x" }}b{{ end }}`, `{{ print ‸"\q" }}`, `{{ print ‸'ab' }}`, `{{/* a ‸*/ }}`,
		`{{‸-.By }}`, `{{ .By‸-}}`, `{{ "x"‸-}}`, `{{ 5‸-}}`, `{{ .By ‸{{ .Type }}`, `{{‸{ .By }}}`, `{{ .By ‸; .Type }}`, `{{ field‸"Budget" }}`,
		`{{ ‸for $c in .Changes }}a{{ end }}`, `{{ ‸foreach .Changes }}a{{ end }}`, `{{ ‸If .Late }}a{{ end }}`, `{{ range $c ‸in .Changes }}a{{ end }}`,
		`{{ define ‸x }}a{{ end }}`, `{{ define "x" ‸. }}a{{ end }}`, `{{ if .Late }}a{{ ‸endif }}`, `{{ range .Changes }}a{{ ‸End }}`,
		`{{ define "b" }}x{{ end }}{{ define ‸"b" }}y{{ end }}`, `{{ if not ‸!.Late }}a{{ end }}`, `{{ ‸#if .Late }}a{{ end }}`, `{{ ‸/if }}`,
		"{{ .By\n | bold‸, .Type\n}}", "{{\n‸$x\n}}", "{{ print `\n}}` ‸= 1 }}", "{{ if .Late -}}\n{{- .By ‸}\n{{ end }}",
	}
}

// surroundings are correct, and hold all that can be wrong elsewhere.
func surroundings() []string {
	return []string{
		"",
		`{{ .By }} {{ bold (field "Budget") }} {{ if .Late }}a{{ else if .Recovered }}b{{ else }}c{{ end }}`,
		`{{ range $i, $c := .Changes }}{{ $c.Label }}{{ break }}{{ continue }}{{ end }}{{ with .Type }}{{ . }}{{ end }}`,
		`{{ print "= == || && } { ( ) , 5x $x “ ; [0] if end else {{ }} \" -" }}`, "{{ print `\" }} {{ = || '` }} äöü“”",
		`{{/* }} {{ end }} || = $x */}}{{- /* { */ -}} `, ` || = } , ( ) $x line 5x “x” if end " ' define - [ : ; # /`,
		`{{- .By | bold -}} {{- eq .Edits 5 -}} {{ print 'a' -1 +2 1e3 0x1F }}`, `{{ define "a" }}{{ template "line" . }}{{ .Late | print }}{{ end }}`,
		"{{ print\n .By\n}}\n\n{{/*\n*/}} \u00a0 ",
	}
}

// A parser tells only a line, on which much may be right that looks like what is wrong.
func TestParseFaultsAreFound(t *testing.T) {
	for _, mistake := range mistakes() {
		for _, before := range surroundings() {
			for _, after := range surroundings() {
				marked := before + mistake + after
				text := strings.ReplaceAll(marked, "‸", "")
				line, column := position(marked, strings.Index(marked, "‸"))
				_, err := parseText("t", text, nil)
				if faults := Errors(err); len(faults) != 1 || faults[0].Line != line || faults[0].Column != column {
					t.Errorf("%q: got %v, want it at %d:%d", text, err, line, column)
					break
				}
			}
		}
	}
}

// What is not closed goes on to the end, or to the next thing that closes it.
func TestOpenEndsAreFound(t *testing.T) {
	for _, mistake := range []string{`‸{{ .By`, `{{ .By | print ‸"x }}`, "{{ print ‸`x }}", "‸{{/* x }}", "{{- print ‸'x }}", "‸{{ print (.By", "‸{{", "‸{{ if .Late"} {
		for _, before := range surroundings() {
			marked := before + mistake
			text := strings.ReplaceAll(marked, "‸", "")
			line, column := position(marked, strings.Index(marked, "‸"))
			_, err := parseText("t", text, nil)
			if faults := Errors(err); len(faults) != 1 || faults[0].Line != line || faults[0].Column != column {
				t.Errorf("%q: got %v, want it at %d:%d", text, err, line, column)
			}
		}
	}
}
