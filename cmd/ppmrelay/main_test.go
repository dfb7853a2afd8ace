package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ppmrelay runs one command line in this process.
func ppmrelay(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

const goodConfig = `
server: { listen: "127.0.0.1:0", secrets: [` + secret + `] }
console: { listen: "127.0.0.1:0" }
routes:
  - { name: all, events: ["*"], file: { path: changes.csv } }
`

func TestExitCodesAndWords(t *testing.T) {
	dir := t.TempDir()
	good := writeFile(t, filepath.Join(dir, "good.yaml"), goodConfig)
	bad := writeFile(t, filepath.Join(dir, "bad.yaml"), strings.Replace(goodConfig, "routes:", "rotes:", 1))
	badColumn := writeFile(t, filepath.Join(dir, "column.yaml"), `
server: { secrets: [`+secret+`] }
routes:
  - name: all
    events: ["*"]
    when: changd("Name")
    file:
      path: changes.csv
      columns:
        - { header: Name, value: "{{ .Entity.Nam }}" }
`)
	tests := []struct {
		args []string
		code int
		say  []string // in either output
	}{
		{[]string{"--help"}, exitFine, []string{"to begin", "serve", "check", "events"}},
		{[]string{"--version"}, exitFine, []string{"ppmrelay version"}},
		{[]string{"check", good}, exitFine, []string{"1 route, 0 templates, 0 faults"}},
		{[]string{"check", "--json", good}, exitFine, []string{"[]"}},
		{[]string{"check", bad}, exitWrong, []string{"bad.yaml:4:1", "rotes", "routes", "^"}},
		{[]string{"check", badColumn}, exitWrong, []string{"column.yaml:6:11", "changed", "column.yaml:10:45", ".Name"}},
		{[]string{"check", filepath.Join(dir, "none.yaml")}, exitWrong, []string{"none.yaml", "no such file"}},
		{[]string{"check", good, bad}, exitWrong, []string{"bad.yaml\" is too much: one FILE is enough"}},
		{[]string{"check", ""}, exitWrong, []string{"FILE is empty: write ppmrelay check FILE"}},
		{[]string{"events", "show"}, exitWrong, []string{"NUMBER is missing: write ppmrelay events show NUMBER"}},
		{[]string{"events", "why", "1", "2"}, exitWrong, []string{"\"2\" is too much: one NUMBER is enough"}},
		{[]string{"events", "list", "--config", good, "--limit", "0"}, exitWrong, []string{"--limit 0: write a number above zero"}},
		{[]string{"events", "list", "--config", good, "--limit", "-3"}, exitWrong, []string{"--limit -3: write a number above zero"}},
		{[]string{"events", "list", "--config", good, "--before", "-3"}, exitWrong, []string{"--before -3: write the number of an event"}},
		{[]string{"journal", "backup", "--config", good}, exitWrong, []string{"FILE is missing: write ppmrelay journal backup FILE"}},
		{[]string{"journal", "backup", "", "--config", good}, exitWrong, []string{"FILE is empty: write ppmrelay journal backup FILE"}},
		{[]string{"webhooks", "show"}, exitWrong, []string{"ID is missing"}},
		{[]string{"webhooks", "create"}, exitWrong, []string{"TYPE is missing"}},
		{[]string{"serve", "--config", bad}, exitWrong, []string{"rotes"}},
		{[]string{"serve", "--colour"}, exitWrong, []string{"unknown flag: --colour"}},
		{[]string{"serve", "--config", good, "--log-level", "loud"}, exitWrong, []string{"--log-level", "debug, info, warn or error"}},
		{[]string{"serv"}, exitWrong, []string{"unknown command", "serve"}},
		{[]string{"events", "lst"}, exitWrong, []string{"unknown command", "list"}},
		{[]string{"events", "list", "--config", good}, exitFailed, []string{"there is no file"}},
		{[]string{"events", "show", "x", "--config", good}, exitWrong, []string{"not the number of an event"}},
		{[]string{"events", "list", "--state", "lost", "--config", good}, exitWrong, []string{"--state", "buried"}},
		{[]string{"serve", "--help"}, exitFine, []string{"Examples:", "ppmrelay serve --config"}},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			code, stdout, stderr := ppmrelay(t, tt.args...)
			if code != tt.code {
				t.Errorf("got exit code %d, want %d", code, tt.code)
			}
			for _, say := range tt.say {
				if !strings.Contains(stdout+stderr, say) {
					t.Errorf("got\n%s%s\nwant something that says %q", stdout, stderr, say)
				}
			}
			if strings.Contains(stdout+stderr, secret) {
				t.Errorf("the secret is shown:\n%s%s", stdout, stderr)
			}
		})
	}
}

// One event through the real daemon, then looked at as a person would.
func TestServeAndLook(t *testing.T) {
	dir := t.TempDir()
	config := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
	p := startDaemon(t, config)
	for _, step := range []struct {
		path, body string
		want       int
	}{
		{"/events/Project/Updated", string(eventBody(1)), http.StatusAccepted},
		{"/events/Project/Updated", string(eventBody(1)), http.StatusOK},
		{"/events/Project/Updated", "not JSON \x1b[2J", http.StatusAccepted},
	} {
		if status := send(t, p.events+step.path, step.body); status != step.want {
			t.Errorf("%s: got %d, want %d", step.body, status, step.want)
		}
	}
	journalFile := filepath.Join(dir, "ppmrelay.db")
	for deadline := time.Now().Add(20 * time.Second); !settled(count(t, journalFile)) && time.Now().Before(deadline); {
		<-time.After(10 * time.Millisecond)
	}
	if code, _, stderr := ppmrelay(t, "serve", "--config", config); code != exitFailed || !strings.Contains(stderr, "in use") {
		t.Errorf("a second daemon on one journal: got %d, %s, want that it is in use", code, stderr)
	}
	_, list, _ := ppmrelay(t, "events", "list", "--config", config)
	for _, say := range []string{"Project 1", "Anna Doe", "1 delivered", "cannot be read"} {
		if !strings.Contains(list, say) {
			t.Errorf("events list: got\n%s\nwant %q in it", list, say)
		}
	}
	if strings.Contains(list, "\x1b") {
		t.Error("events list prints what a body wants a terminal to do")
	}
	_, story, _ := ppmrelay(t, "events", "show", "1", "--config", config)
	if !strings.Contains(story, "delivered") || !strings.Contains(story, "file:changes.csv by route all") {
		t.Errorf("events show: got\n%s", story)
	}
	_, asJSON, _ := ppmrelay(t, "events", "show", "1", "--json", "--config", config)
	var shown eventJSON
	if err := json.Unmarshal([]byte(asJSON), &shown); err != nil || len(shown.Deliveries) != 1 || shown.Deliveries[0].State != "delivered" {
		t.Errorf("events show --json: got %v, %s", err, asJSON)
	}
	p.stop()
	if got := column(t, filepath.Join(dir, "changes.csv"), "Field"); len(got) != 1 || got[0] != "Budget" {
		t.Errorf("got rows for %q, want one for Budget", got)
	}
}
