package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// templatesSay runs a command line behind `ppmrelay templates`.
func templatesSay(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	command := (&app{out: &out, err: &out, env: os.LookupEnv}).templatesCommand()
	usageIsWrong(command)
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetOut(&out)
	command.SetArgs(args)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestTemplatesList(t *testing.T) {
	listed, err := templatesSay(t, "list")
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range event.Types() {
		if want := strings.Replace(string(typ), ":", "-", 1); !strings.Contains(listed, "\n"+want+" ") || !strings.Contains(listed, " "+string(typ)+"\n") {
			t.Errorf("%s is not in\n%s", want, listed)
		}
	}
	for _, want := range []string{"NAME", "Unknown           events of any other type\n", "context           the small last line of each message\n"} {
		if !strings.Contains(listed, want) {
			t.Errorf("%q is not in\n%s", want, listed)
		}
	}
}

// Every template that is listed is shown as it is, and is one to start from: it compiles under another name.
func TestTemplatesShow(t *testing.T) {
	words, err := templates.New(templates.Display{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range templates.BuiltinNames() {
		text, err := templatesSay(t, "show", name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := mustRead(t, filepath.Join(repository, "templates", name+".tmpl")); text != string(want) {
			t.Errorf("%s: got %q, want %q", name, text, want)
		}
		if name == "context" {
			text = "x\n" + text // it is a part of a template
		}
		types := []event.Type{event.Type(strings.Replace(name, "-", ":", 1))}
		if !strings.Contains(name, "-") {
			types = nil
		}
		if _, err := words.Compile("status", text, types...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	byType, err := templatesSay(t, "show", "Task:Created")
	if err != nil || !strings.Contains(byType, "Task *{{ .Entity }}*") {
		t.Errorf("by its event type: %q, %v", byType, err)
	}
}

func TestTemplatesShowRefuses(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"show", "Project-Update"}, `there is no built-in template "Project-Update": did you mean Project-Updated?`},
		{[]string{"show", "steering"}, `there is no built-in template "steering": ppmrelay templates list names them`},
		{[]string{"show"}, "NAME is missing"},
		{[]string{"show", "Project-Updated", "Task-Updated"}, `"Task-Updated" is too much`},
		{[]string{"lst"}, `unknown command "lst" for "templates", did you mean list?`},
	}
	for _, test := range tests {
		out, err := templatesSay(t, test.args...)
		exit, known := errors.AsType[*exitError](err)
		if !known || exit.code != exitWrong || !strings.Contains(err.Error(), test.want) || out != "" {
			t.Errorf("%v: got %v and %q, want exit code 2 and %s", test.args, err, out, test.want)
		}
	}
}
