package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const expectConfig = "testdata/expect/ppmrelay.yaml"

// triedWith is what test prints, without the time that it took.
func triedWith(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	code, out, errs = ppmrelay(t, append([]string{"test"}, args...)...)
	return code, regexp.MustCompile(`\b\d+ ms\n$`).ReplaceAllString(out, "1 ms\n"), errs
}

// unwrapped is a text of several lines as one.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }

// What people read of tests that fail is kept word by word.
func TestFailuresAreShown(t *testing.T) {
	for name, args := range map[string][]string{
		"failures.txt":  {expectConfig},
		"failures.json": {expectConfig, "--json"},
		"one.txt":       {expectConfig, "--run", "^who"},
		"first.txt":     {renderConfig},
	} {
		t.Run(name, func(t *testing.T) {
			code, got, errs := triedWith(t, args...)
			if want := map[string]int{"first.txt": exitFine}[name]; code != exitFailed && code != want || errs != "" {
				t.Errorf("got %d, %s", code, errs)
			}
			file := filepath.Join("testdata", "expect", name)
			if *update {
				writeFile(t, file, got)
			}
			if want := string(mustRead(t, file)); got != want {
				t.Errorf("differs from %s: look at what this writes and run the test with -update\n%s", file, difference(want, got))
			}
		})
	}
}

// The tests of the example pass, show each kind of expectation, and fail when what they are about becomes other.
func TestExamplePassesItsTests(t *testing.T) {
	text := readText(t, "config.example.yaml")
	file := filepath.Join(t.TempDir(), "ppmrelay.yaml")
	if code, out, errs := triedWith(t, writeFile(t, file, text)); code != exitFine || !strings.Contains(out, " 2 tests, 0 failed") {
		t.Fatalf("got %d, %s%s", code, out, errs)
	}
	_, tests, _ := strings.Cut(text, "\ntests:")
	for _, key := range []string{"contains:", "lacks:", "is:", "matches:", "cells:", "rows:", "not told"} {
		if !strings.Contains(tests, key) {
			t.Errorf("the tests of the example show no %s", key)
		}
	}
	for _, tt := range []struct{ old, new, want string }{
		{"needs a look", "needs an eye", "steering should say this"},
		{"bold .After", "bold .Before", "came Status: On track → On track"},
		{`daysMoved("FinishDate") > 7`, `daysMoved("FinishDate") > 70`, "steering should tell this, and does not: its condition does not hold"},
		{`events: ["Idea:*"]`, `events: ["*"]`, "ideas should not tell this"},
		{`value: "{{ .Change.After }}"`, `value: "{{ .Change.Before }}"`, "came 2022-03-31"},
		{"ignore: [LastModifiedDate]", "ignore: [LastModifiedDate, Tags]", "pmo-log should have 7 rows, and has 6"},
		{"ignore: [LastModifiedDate]", "ignore: [LastModifiedDate, FinishDate]", "delivery-team should contain “Finish"},
		{"when: daysMoved", "when: Kind == \"KeyDate\" || daysMoved", "steering should not tell this, and is told to slack:C0987654321"},
	} {
		broken := strings.Replace(text, tt.old, tt.new, 1)
		if broken == text {
			t.Fatalf("%q is not in the example", tt.old)
		}
		code, out, errs := triedWith(t, writeFile(t, file, broken))
		if code != exitFailed || !strings.Contains(unwrapped(out), tt.want) {
			t.Errorf("%s: got %d, %s%s\nwant %q", tt.new, code, out, errs, tt.want)
		}
	}
}

// A message may be expected as it is sent or as it is read, whatever is in its names.
func TestBothFormsOfAMessage(t *testing.T) {
	body := strings.ReplaceAll(string(mustRead(t, "../../samples/Project-Updated.json")), "Customer Portal", `R&D *bold* <!here> _x_ \u202e`)
	const whole = "is: |\n          📌 R&D ∗bold∗ <!here> ˍxˍ%s\n          By Anna Doe · 15 Feb 2022 13:20 UTC · Digital › Self Service\n\n\n"
	cases := []struct {
		expect string
		want   bool
	}{
		{`contains: "R&D ∗bold∗ <!here> ˍxˍ"`, true}, // as people read it
		{`contains: "R&amp;D"`, true},                // as it is sent
		{`contains: "📌 R&D"`, true},
		{`contains: ":pushpin: R&amp;D"`, true},
		{`contains: "→ *At risk*"`, true},
		{`contains: "→ At risk"`, true},
		{`contains: "→  At risk"`, false},
		{`contains: "📌 R&D ∗bold∗ <!here> ˍxˍ\nnow At risk"`, false},
		{`lacks: "<!here>"`, false},
		{`lacks: "&lt;!here"`, false},
		{`lacks: "<!channel>"`, true},
		{`matches: 'bold.*$'`, true},
		{`matches: '^:pushpin:'`, true},
		{`matches: 'nowhere'`, false},
		{fmt.Sprintf(whole, "  \n          Status → At risk"), true},
		{fmt.Sprintf(whole, ""), false},
	}
	var text strings.Builder
	text.WriteString(`server: { secrets: [` + secret + `] }
slack: { token: xoxb-not-a-real-token }
templates: { short: ":pushpin: {{ .Entity }}\n{{ range .Changes }}{{ if eq .Field \"OverallStatus\" }}{{ .Label }} → {{ bold .After }}{{ end }}{{ end }}" }
routes: [ { name: team, events: ["*"], slack: { channel: C0123456789, template: short } } ]
tests:
`)
	for i, tt := range cases {
		fmt.Fprintf(&text, "  - name: %q\n    event: Project-Updated.json\n    expect:\n      team:\n        %s\n", fmt.Sprint("case ", i), tt.expect)
	}
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), text.String())
	writeFile(t, filepath.Join(filepath.Dir(file), "Project-Updated.json"), body)
	code, out, errs := triedWith(t, file, "--json")
	var made testsJSON
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != exitFailed || len(made.Tests) != len(cases) {
		t.Fatalf("got %d, %v, %s", code, err, errs)
	}
	for i, tt := range cases {
		if one := made.Tests[i]; one.Passed != tt.want {
			t.Errorf("%s: got %v, %+v", tt.expect, one.Passed, one.Misses)
		}
	}
}

// What is wrong with the configuration is told, and nothing is tried.
func TestTestsOfAFaultyConfiguration(t *testing.T) {
	good := string(mustRead(t, expectConfig))
	for _, tt := range []struct{ old, new, want string }{
		{"{{ .Entity }}* slips", "{{ .Entty }}* slips", "did you mean .Entity?"},
		{"daysMoved(", "dayMoved(", "did you mean daysMoved?"},
		{"event: KeyDate-Updated", "event: KeyDate-Updatd", "did you mean KeyDate-Updated?"},
		{"Before: 250000", "Befor: 250000", "did you mean `Before`?"},
		{"everybody: not told", "everbody: not told", "did you mean `everybody`?"},
		{`'^by \d+ weeks$'`, `'^by (\d+ weeks$'`, "a ( is not closed"},
		{"slack: {", "slck: {", "did you mean `slack`?"},
		{"server: {", "server: {{", "ppmrelay.yaml:"},
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), strings.Replace(good, tt.old, tt.new, 1))
		code, out, errs := triedWith(t, file)
		if code != exitWrong || out != "" || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got %d, %s%s, want %q", tt.new, code, out, errs, tt.want)
		}
		var made testsJSON
		code, out, errs = triedWith(t, file, "--json")
		if err := json.Unmarshal([]byte(out), &made); err != nil || code != exitWrong || len(made.Faults) == 0 || made.Tests == nil || errs != "" {
			t.Errorf("%s: got %d, %v, %s%s", tt.new, code, err, out, errs)
		}
	}
}

// What only tests need keeps nothing from starting, and check tells of it.
func TestServeNeedsNoEventsOfTests(t *testing.T) {
	tried := newRehearsal(t)
	text := whole("tests: [{ name: a, event: nowhere.json, expect: { delivery-team: told } }]\n")
	if _, err := tried.assemble(t, text); err != nil {
		t.Errorf("got %v", err)
	}
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), strings.ReplaceAll(goodConfig, "changes.csv } }", "changes.csv } }\ntests:\n  - { name: a, event: nowhere.json, expect: { all: told } }"))
	if code, out, _ := ppmrelay(t, "check", file); code != exitWrong || !strings.Contains(out, "there is no file `nowhere.json`") {
		t.Errorf("got %d, %s", code, out)
	}
}

func TestWrongUsageOfTest(t *testing.T) {
	for _, tt := range []struct{ flags, want string }{
		{"--run (", "is not a regular expression"},
		{"--run nobody", "there are all is well, texts,"},
		{"--update", "name their folder"},
		{"--golden=", "name the folder"},
		{"--golden a --run b", "choose one"},
		{"--golden nowhere-at-all", "add --update to write it"},
		{"--golden expect_test.go", "it is not a folder"},
		{"another.yaml more", "is too much"},
		{"nowhere.yaml", "no such file"},
	} {
		code, out, errs := ppmrelay(t, append([]string{"test", "--config", expectConfig}, strings.Fields(tt.flags)...)...)
		if code != exitWrong || out != "" || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got %d, %q, %q, want %d and %q", tt.flags, code, out, errs, exitWrong, tt.want)
		}
	}
}

// Where there are no tests, the first one that is offered passes as it stands.
func TestFirstTestPasses(t *testing.T) {
	for name, routes := range map[string]string{
		"a message":               `{ name: "Team: all", events: ["*"], slack: { channel: C0123456789 } }`,
		"a template":              `{ name: yes-team, events: ["Task:*"], slack: { channel: C0123456789, template: short } }`,
		"rows":                    `{ name: log, events: ["KeyDate:Updated"], file: { path: a.csv } }`,
		"rows of an event":        `{ name: "null", events: ["*"], file: { path: a.csv, rows: event } }`,
		"numbers alone":           `{ name: n, events: [Project:Updated], file: { path: a.csv, columns: [{ header: N, value: "{{ .Edits }}" }] } }`,
		"what no sample has":      `{ name: never, events: ["Project:*"], when: daysMoved("FinishDate") > 900, slack: { channel: C0123456789 } }`,
		"behind another, at last": `{ name: first, events: ["Idea:Deleted"], slack: { channel: C0123456789 } }`,
	} {
		text := `server: { secrets: [` + secret + `] }
slack: { token: xoxb-not-a-real-token }
templates: { short: "“{{ .Entity }}”: \"quoted\", \\ and # more" }
routes:
  - ` + routes + "\n"
		file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), text)
		code, out, errs := triedWith(t, file)
		_, first, found := strings.Cut(out, "\n\n")
		first, _, _ = strings.Cut(first, "\n\n")
		if code != exitFine || errs != "" || !found || !strings.HasPrefix(first, "tests:\n") {
			t.Errorf("%s: got %d, %s%s", name, code, out, errs)
		}
		if code, out, errs := triedWith(t, writeFile(t, file, text+first+"\n")); code != exitFine || !strings.Contains(out, " 1 test, 0 failed") {
			t.Errorf("%s: the first test is %s\nand got %d, %s%s", name, first, code, out, errs)
		}
	}
}

// A word says what a colour says; without a terminal there is no colour.
func TestColoursSayNothingMore(t *testing.T) {
	shown := func(styled bool) string {
		var out bytes.Buffer
		w := &window{terminal: terminal{styled: styled}, out: &out}
		w.details(differing("a\nb\nc", "a\nB\nc"))
		return out.String()
	}
	styled := shown(true)
	if !strings.Contains(styled, "\x1b[32mb\x1b[39m") || !strings.Contains(styled, "\x1b[31mB\x1b[39m") {
		t.Errorf("got %q, want it in colours", styled)
	}
	bare := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(styled, "")
	if plain := shown(false); plain != bare || !strings.Contains(plain, "expected  b\n    came      B\n              ^\n") {
		t.Errorf("got %q and %q", plain, bare)
	}
}

// Text from outside does not act on the terminal.
func TestFailuresAreHarmless(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "Project-Updated.json"), string(mustRead(t, "../../samples/hostile/control-characters.json")))
	file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), whole("tests: [{ name: \"\\e]0;x\\a\", event: Project-Updated.json, expect: { delivery-team: { is: x, lacks: Status } } }]\n"))
	code, out, errs := triedWith(t, file)
	if code != exitFailed || regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f]").MatchString(out) {
		t.Errorf("got %d, %q%s", code, out, errs)
	}
}

// Faults of one test are not those of another, nor of the configuration.
func TestFaultsStayWithTheirEvent(t *testing.T) {
	var made testsJSON
	_, out, _ := triedWith(t, expectConfig, "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	for _, one := range made.Tests {
		if got, want := len(one.Faults) > 0, one.Name == "a template fails"; got != want {
			t.Errorf("%s: got %v", one.Name, one.Faults)
		}
		for _, fault := range one.Faults {
			if fault.Line != 9 || fault.Column < 60 || !strings.Contains(fault.Message, "the list has no entry 40") || fault.Excerpt == "" {
				t.Errorf("got %+v", fault)
			}
		}
	}
	if made.Failed != 5 || len(made.Faults) != 0 || made.Faults == nil {
		t.Errorf("got %d failed, %v", made.Failed, made.Faults)
	}
}
