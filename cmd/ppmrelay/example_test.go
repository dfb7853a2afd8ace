package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
)

const repository = "../.."

func TestExampleSaysEverySample(t *testing.T) {
	text := readText(t, "config.example.yaml")
	for _, problem := range newRehearsal(t, "samples/*.json", "samples/hostile/*.json").run(t, text) {
		t.Error(problem)
	}
}

// What would be wrong in the example is found by the test above.
func TestBrokenExampleIsFound(t *testing.T) {
	text, trial := readText(t, "config.example.yaml"), newRehearsal(t, "samples/*.json")
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown key", "max_body:", "maxbody:", "unknown key `maxbody`"},
		{"unknown field", "{{ .Label }}", "{{ .Lable }}", "did you mean .Label?"},
		{"unknown field of a column", "{{ .Change.Before }}", "{{ .Change.Befor }}", "did you mean .Before?"},
		{"unknown function of a condition", `changed("OverallStatus")`, `chnged("OverallStatus")`, "did you mean changed?"},
		{"template that says nothing", "  steering: |", "  steering: |\n    {{ if .Late }}late{{ end }}\n  other: |", "it prints nothing"},
		{"template that fails at times", "{{ .Emoji }}", `{{ if has "#late" (field "Tags") }}{{ index (field "Tags") 7 }}{{ end }}`, "built-in wording"},
		{"live mention", "needs a look", "<!here> needs a look", "mention"},
		{"route that takes nothing", `["Idea:*"]`, `["Idea:Exploded"]`, "not a type of event"},
		{"condition that never holds", `when: daysMoved("FinishDate") > 7 || daysMoved("Date") > 7 || `, `when: Late && `, "takes no sample"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(text, tt.old, tt.new, 1)
			if broken == text {
				t.Fatalf("%q is not in the example", tt.old)
			}
			if problems := strings.Join(trial.run(t, broken), "\n"); !strings.Contains(problems, tt.want) {
				t.Errorf("got %q, want something about %q", problems, tt.want)
			}
		})
	}
}

// A new user types this first: everything that is missing is told at once, with what to do about it.
func TestCheckOfTheExampleAsItStands(t *testing.T) {
	for _, name := range []string{"PPMRELAY_SECRET", "PPM_EXPRESS_TOKEN", "SLACK_BOT_TOKEN"} {
		t.Setenv(name, "") // so that it is restored
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := ppmrelay(t, "check", filepath.Join(repository, "config.example.yaml"))
	if code != exitWrong {
		t.Errorf("got exit code %d, want %d", code, exitWrong)
	}
	for _, want := range []string{
		"set PPMRELAY_SECRET before the start", "set PPM_EXPRESS_TOKEN before the start", "set SLACK_BOT_TOKEN before the start",
		"service-account.json is not there", "5 routes, 1 template x 12 event types, 4 faults",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s\nwant %q in it", out, want)
		}
	}
}

// rehearsal is where configurations are tried: a folder with what they refer to, and the samples.
type rehearsal struct {
	folder string
	events []sampleEvent
}

type sampleEvent struct {
	name string
	event.Event
}

func newRehearsal(t *testing.T, samples ...string) *rehearsal {
	t.Helper()
	s := &rehearsal{folder: t.TempDir()}
	key := google.New(google.Options{}).Credentials("http://127.0.0.1:1")
	writeFile(t, filepath.Join(s.folder, "service-account.json"), string(key))
	for _, pattern := range samples {
		files, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %d files", pattern, err, len(files))
		}
		for _, file := range files {
			s.sample(t, file)
		}
	}
	return s
}

// sample adds what a file says: one event of the type in its name, or one of each type where it names none. A body that
// cannot be read has none.
func (s *rehearsal) sample(t *testing.T, file string) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name, types := strings.TrimSuffix(filepath.Base(file), ".json"), append(event.Types(), "")
	if parts := strings.Split(name, "-"); filepath.Base(filepath.Dir(file)) == "samples" {
		types = []event.Type{event.TypeOf(parts[0], parts[1])}
	}
	for _, kind := range types {
		e, err := ppm.Decode(body, kind)
		if err != nil {
			continue
		}
		e.Number, e.ID = 1, "0190a5c4-7d1e-7000-8000-000000000001"
		s.events = append(s.events, sampleEvent{name, e})
	}
}

// lookup is an environment in which every variable is set.
func (s *rehearsal) lookup(name string) (string, bool) {
	return "value-of-" + strings.ToLower(name), true
}

// run loads a configuration, tells every sample by each of its routes, and returns what is wrong with it.
func (s *rehearsal) run(t *testing.T, text string) []string {
	t.Helper()
	file := writeFile(t, filepath.Join(s.folder, "ppmrelay.yaml"), text)
	cfg, err := config.Load(file, s.lookup)
	if err != nil {
		return words(err)
	}
	var log bytes.Buffer
	parts, err := assemble(t.Context(), cfg, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		return words(err)
	}
	var problems []string
	for i, route := range parts.routes {
		taken := 0
		for _, e := range s.events {
			if !takes(cfg.Routes[i].Events, e.Type) {
				continue
			}
			if why, err := route.Match(e.Event); err != nil {
				problems = append(problems, fmt.Sprintf("%s: %v", route.Name, err))
			} else if why == "" {
				taken++
			}
			problems = append(problems, tell(route, e)...) // also where its condition does not hold
		}
		if taken == 0 {
			problems = append(problems, route.Name+" takes no sample")
		}
	}
	if log.Len() > 0 {
		problems = append(problems, log.String())
	}
	return problems
}

// tell tells one event by a route, and returns what is wrong with its words.
func tell(route delivery.Route, e sampleEvent) []string {
	var problems []string
	complain := func(what string) {
		problems = append(problems, fmt.Sprintf("%s says %s (%s): %s", route.Name, e.name, e.Type, what))
	}
	for _, said := range route.Words.Say([]event.Event{e.Event}) {
		message := said.Message
		marked := strings.Join(append([]string{message.Head, message.Context}, message.Lines...), "\n")
		switch {
		case said.Skip != "":
		case len(said.Rows) == 0 && (strings.TrimSpace(message.Head) == "" || strings.TrimSpace(message.Text) == ""):
			complain("nothing")
		case regexp.MustCompile(`<[@#]|<!(?:[^d]|d[^a])`).MatchString(marked): // <!date^…> rings nobody
			complain("a mention: " + marked)
		}
		for _, row := range said.Rows {
			for _, cell := range row.Cells {
				if cell.Text == "(template failed)" {
					complain("a cell that failed: " + cell.Header)
				}
			}
		}
	}
	return problems
}

// words returns the faults of a configuration as people read them.
func words(err error) []string {
	faults, ok := errors.AsType[config.Errors](err)
	if !ok {
		return []string{err.Error()}
	}
	var out bytes.Buffer
	if err := faults.Print(&out); err != nil {
		return []string{err.Error()}
	}
	return []string{out.String()}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
