package config

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRiddles(t *testing.T) {
	for _, test := range []struct {
		line   string
		column int
		want   string // a part of what is said; empty when there is no riddle
	}{
		{`  when: changed("Name")`, 0, ""},
		{`  - name: "a: b"`, 0, ""},
		{`  - { name: 'it''s', events: ["*"], when: "a \" b" }`, 0, ""},
		{`  path: a.csv # it's "fine: really`, 0, ""},
		{`  url: https://relay.example.com:8080/x`, 0, ""},
		{`  time: 07:30`, 0, ""},
		{`  when: !changed("Name")`, 9, "begins with `!`"},
		{`  - *anything`, 5, "begins with `*`"},
		{`  events: [Project:*, *]`, 23, "begins with `*`"},
		{`  say: @channel`, 8, "begins with `@`"},
		{`  code: ` + "`x`", 9, "begins with a backtick"},
		{`  größe: %d`, 10, "begins with `%`"},
		{`  a: &b c`, 6, "begins with `&`"},
		{`  status: {{ .Entity }} changed`, 11, "begins with {{"},
		{`  - { header: When, value: {{ .Occurred }} }`, 28, "begins with {{"},
		{`  when: a ? b : c`, 15, "a colon and a space"},
		{`  title: Status: done`, 16, "a colon and a space"},
		{`  when: "Status" == 'x'`, 9, "the text goes on after its end"},
		{`  name: "log`, 9, "not closed in its line"},
		{`  name: 'it''s`, 9, "not closed in its line"},
		{"\tname: log", 1, "begins with a tab"},
		{"  \tname: log", 3, "begins with a tab"},
	} {
		column, message := 0, ""
		if found := outlineOf([]string{test.line}); len(found) > 0 {
			column, message = found[0].column, found[0].message
		}
		if column != test.column || !strings.Contains(message, test.want) || (message == "") != (test.want == "") {
			t.Errorf("%q: got %d, %q, want %d, %q", test.line, column, message, test.column, test.want)
		}
	}
}

// TestSyntaxFaultsAreFound breaks one line of a file, and looks where the fault is told: the library alone would name
// another line for most of these.
func TestSyntaxFaultsAreFound(t *testing.T) {
	good := strings.Split(secretive(), "\n")
	for _, test := range []struct {
		number int // of the line, from 1
		line   string
	}{
		{2, "  listen \":8080\""},
		{5, " max_body: 4MiB"},
		{6, "ppm_express: { url: https://api-eu.ppm.express, tenant: contoso"},
		{10, "  credentials: |\n  x"},
		{15, "display: { time_zone: UTC ]"},
		{17, "  status: \"\\q\""},
		{18, "  {{ .Entity }}"},
		{21, "    events: [Project:Updated, \"KeyDate:*\""},
		{21, "   events: [\"*\"]"},
		{22, "    slack: { channel: \"C0123456789, template: status }"},
	} {
		lines := append([]string{}, good...)
		lines[test.number-1] = test.line
		_, err := Parse("x.yaml", []byte(strings.Join(lines, "\n")), lookup)
		faults, ok := err.(Errors) //nolint:errorlint // Parse returns it bare
		if !ok || len(faults) != 1 {
			t.Errorf("%q: got %v, want one fault", test.line, err)
			continue
		}
		wanted := test.number + strings.Count(test.line, "\n")
		if got := faults[0].Line; got != wanted {
			t.Errorf("%q: got %v, want it in line %d", test.line, err, wanted)
		}
	}
}

func TestExcerpts(t *testing.T) {
	long := "  when: " + strings.Repeat("ä", 300)
	for _, test := range []struct {
		name, line string
		column     int
		want       string
	}{
		{"first column", "abc", 1, "abc\n^"},
		{"behind the end", "abc", 9, "abc\n   ^"},
		{"characters, not bytes", "größe: x", 8, "größe: x\n       ^"},
		{"tabs move the caret", "a:\tb", 4, "a:\tb\n  \t^"},
		{"long, cut at its end", long, 9, long[:8] + strings.Repeat("ä", 112) + "…\n        ^"},
		{"long, cut at both ends", long, 150, "…" + strings.Repeat("ä", 120) + "…\n" + strings.Repeat(" ", 60) + "^"},
		{"long, cut at its beginning", long, 308, "…" + strings.Repeat("ä", 120) + "\n" + strings.Repeat(" ", 120) + "^"},
		{"a token anywhere", "  channel: xoxb-1-abc", 3, "  channel: …\n  ^"},
		{"a password in an address", "  url: https://me:pass@x.test/", 8, "  url: https://…@x.test/\n       ^"},
		{"a known secret", "  name: hunter22", 9, "  name: …\n        ^"},
	} {
		s := newSource("x.yaml", []byte(test.line))
		s.secrets = []string{"hunter22"}
		if got := s.complete(Fault{Line: 1, Column: test.column}).Excerpt; got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestWindowsLineEnds(t *testing.T) {
	text := strings.ReplaceAll("server: { secrets: [env:PPMRELAY_SECRET] }\nroutes:\n  - nme: a\n", "\n", "\r\n")
	_, err := Parse("x.yaml", []byte("\uFEFF"+text), lookup)
	want := "x.yaml:3:5: unknown key `nme`; did you mean `name`?\n    - nme: …\n      ^\n"
	if got := printed(t, err); !strings.HasPrefix(got, want) || strings.Contains(got, "\r") {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if !utf8.ValidString(err.Error()) {
		t.Errorf("got %q, want text", err)
	}
}
