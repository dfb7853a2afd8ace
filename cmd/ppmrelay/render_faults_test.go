package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
)

// What is wrong is told as check does; what is right beside it is shown.
func TestRenderOfAFaultyConfiguration(t *testing.T) {
	good := string(mustRead(t, renderConfig))
	body := strings.ReplaceAll(string(mustRead(t, "../../samples/Project-Updated.json")), "Customer Portal", "Zebra Portal")
	sample := writeFile(t, filepath.Join(t.TempDir(), "Project-Updated.json"), body)
	for _, tt := range []struct {
		name, old, new string
		faults         []string // all of them
		shown, hidden  []string
	}{
		{
			"a key somewhere else", "tenant: contoso", "tennant: contoso",
			[]string{"unknown key `tennant`"},
			[]string{"is Updated", "told by route steering", "log, sheet:"},
			nil,
		},
		{
			"a template", "bold .Action", "bold .Acton",
			[]string{"did you mean .Action?"},
			[]string{"takes it, for slack:C0123456789, and tells nothing: something is wrong with its words", "told by route steering", "log, sheet:"},
			[]string{"is Updated"},
		},
		{
			"a template that another includes", "{{ .Label }}:", "{{ .Lable }}:",
			[]string{"did you mean .Label?"},
			[]string{"something is wrong with its words", "log, sheet:"},
			[]string{"is Updated"},
		},
		{
			"a template that is no text", `line: "{{ .Label }}: {{ .Before }} → {{ .After }}"`, "line: [a]",
			[]string{"not a list"},
			[]string{"something is wrong with its words", "log, sheet:"},
			[]string{"is Updated"},
		},
		{
			"a template that fails on this event alone", "{{ .Emoji }} *", `{{ if eq .Entity.Name "Zebra Portal" }}{{ index .Changes 40 }}{{ end }}*`,
			[]string{"the list has no entry 40"},
			[]string{"Zebra Portal was updated"},
			[]string{"is Updated"},
		},
		{
			"a column", "{{ .Change.After }}", "{{ .Change.Aftr }}",
			[]string{"did you mean .After?"},
			[]string{"is Updated", "takes it, for sheet:"},
			[]string{"log, sheet:"},
		},
		{
			"a condition", "daysMoved(", "dayMoved(",
			[]string{"did you mean daysMoved?"},
			[]string{"not asked: something is wrong with the route", "everybody, slack:"},
			[]string{"is Updated"},
		},
		{
			"a condition that is no text", `when: daysMoved("FinishDate") > 7`, "when: [a]",
			[]string{"not a list"},
			[]string{"not asked: something is wrong with the route", "everybody, slack:"},
			[]string{"is Updated"},
		},
		{
			"a type of event", `events: [Project:Updated]`, "events: [Project:Updatd]",
			[]string{"did you mean `Project:Updated`?"},
			[]string{"not asked: something is wrong with the route", "everybody, slack:"},
			[]string{"is Updated"},
		},
		{
			"no target", "slack: { channel: C0123456789, template: status }", "",
			[]string{"tells nobody"},
			[]string{"not asked: something is wrong with the route", "everybody, slack:"},
			[]string{"is Updated"},
		},
		{
			"a template that is not there", "template: status }", "template: statsu }",
			[]string{"statsu"},
			[]string{"something is wrong with its words", "log, sheet:"},
			[]string{"is Updated"},
		},
		{
			"a secret that is written as nowhere", "token: env:RENDER_TEST_TOKEN", "token: $RENDER_TEST_TOKEN",
			[]string{"variables are not filled in here"},
			[]string{"is Updated", "log, sheet:"},
			nil,
		},
		{"no YAML", "server: {", "server: {{", []string{"ppmrelay.yaml:"}, nil, []string{"Portal"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(good, tt.old, tt.new, 1)
			if text == good {
				t.Fatalf("%q is not in the configuration", tt.old)
			}
			out, _, err := drawn(t, renderer{file: writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), text), sample: sample})
			faults, ok := errors.AsType[config.Errors](err)
			if !ok && err != nil {
				t.Fatalf("got %v", err)
			}
			told := words(faults)[0]
			if tt.faults != nil && len(faults) != len(tt.faults) {
				t.Errorf("got\n%s\nwant %d faults", told, len(tt.faults))
			}
			for _, want := range tt.faults {
				if !strings.Contains(told, want) {
					t.Errorf("got\n%s\nwant %q", told, want)
				}
			}
			for _, want := range tt.shown {
				if !strings.Contains(out, want) {
					t.Errorf("got\n%s\nwant %q", out, want)
				}
			}
			for _, not := range tt.hidden {
				if strings.Contains(out, not) {
					t.Errorf("got\n%s\nwant no %q", out, not)
				}
			}
		})
	}
}

// Words that are wrong are told word by word as check tells them, in the place of secrets nothing.
func TestRenderTellsFaultsAsCheckDoes(t *testing.T) {
	text := strings.NewReplacer("bold .Action", "bold .Acton", "daysMoved(", "dayMoved(", "{{ .Change.After }}", "{{ .Change.Aftr }}").
		Replace(string(mustRead(t, renderConfig)))
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), text)
	code, _, told := ppmrelay(t, "render", file, "--event", "Project-Updated")
	if code != exitWrong {
		t.Errorf("got %d, want %d", code, exitWrong)
	}
	_, checked, _ := ppmrelay(t, "check", file)
	for line := range strings.Lines(told) {
		if !strings.Contains(checked, line) {
			t.Errorf("check does not say %q:\n%s", line, checked)
		}
	}
	if got := strings.Count(told, file); got != 3 {
		t.Errorf("got %d faults, want 3:\n%s", got, told)
	}
	code, out, errs := ppmrelay(t, "render", file, "--event", "Project-Updated", "--json")
	var made renderedJSON
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != exitWrong || errs != "" || len(made.Faults) != 3 || len(made.Routes) != 5 {
		t.Errorf("got %d, %s, %q, %v", code, out, errs, err)
	}
	if page, _, err := drawn(t, renderer{file: file, sample: "Project-Updated", page: "-"}); err == nil || !strings.Contains(page, "did you mean .Action?") {
		t.Errorf("got a page without the fault, %v", err)
	}
}

// A template that is shown alone and is wrong leaves the faults; one that is right is shown beside a wrong one.
func TestOneTemplateOfAFaultyConfiguration(t *testing.T) {
	text := strings.NewReplacer("tenant: contoso", "tennant: contoso", "  line:", "  other: \"{{ .Entity }} all the same\"\n  line:").
		Replace(string(mustRead(t, renderConfig)))
	broken := strings.Replace(text, "bold .Action", "bold .Acton", 1)
	for _, tt := range []struct{ name, text, template, shown, told string }{
		{"right", broken, "other", "Customer Portal all the same", "did you mean .Action?"},
		{"wrong", broken, "status", "sample Project-Updated", "did you mean .Action?"},
		{"a part", text, "line", "", "is a part of other templates"},
		{"built in", broken, "Project-Updated", "Customer Portal was updated", "unknown key `tennant`"},
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), tt.text)
		out, _, err := drawn(t, renderer{file: file, sample: "Project-Updated", template: tt.template})
		if err == nil || !strings.Contains(err.Error(), tt.told) || !strings.Contains(out, tt.shown) || strings.Contains(out, "is Updated") {
			t.Errorf("%s: got\n%s\n%v\nwant %q and %q", tt.name, out, err, tt.shown, tt.told)
		}
	}
}

// A secret that only the server has is no obstacle.
func TestSecretsAreNotNeeded(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "empty"), "")
	text := string(mustRead(t, renderConfig))
	for _, secret := range []string{"file:nowhere", "file:empty", "file:.", "env:RENDER_TEST_NOT_SET", "xoxb-a-token-in-the-file"} {
		file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), strings.ReplaceAll(text, "env:RENDER_TEST_TOKEN", secret))
		out, errs, err := drawn(t, renderer{file: file, sample: "Project-Updated"})
		if secret == "file:." {
			if err == nil || !strings.Contains(err.Error(), "is not a file") {
				t.Errorf("%s: got %v, want that it is not a file", secret, err)
			}
			continue
		}
		if err != nil || strings.Contains(out+errs, "xoxb") || !strings.Contains(out, "is Updated") {
			t.Errorf("%s: got %v, %s, %s", secret, err, out, errs)
		}
	}
	if os.Geteuid() == 0 {
		return // who may read everything
	}
	closed := writeFile(t, filepath.Join(dir, "closed"), "a-secret-of-the-server")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), strings.ReplaceAll(text, "env:RENDER_TEST_TOKEN", "file:closed"))
	if _, _, err := drawn(t, renderer{file: file, sample: "Project-Updated"}); err != nil {
		t.Errorf("got %v of a file that is not for us", err)
	}
}
