package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// Who made a change is rung by the real daemon as soon as it knows who that is in Slack. Until then, and where it cannot
// find out, a message names them; /readyz and one line of the log say why.
func TestMembersAreRung(t *testing.T) {
	s, err := sandbox.Start(t.Context(), sandbox.Options{
		Slack: slack.Options{
			Unlimited: true, Scopes: []string{"chat:write", "channels:history"},
			Users: map[string]string{"anna.doe@company.com": "U0ANNA123", "pmo@company.com": "U0PMO1234"},
		},
		Google: google.Options{ReadsPerMinute: -1, WritesPerMinute: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir, sent := t.TempDir(), 0
	file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), hurriedConfig(s, "20s")+`
templates: { ring: '{{ mention .By }} changed {{ .Entity }}, for {{ mention "pmo@company.com" }} <@U0FIXED12>' }
routes:
  - { name: team, events: ["*"], slack: { channel: `+sandbox.Channel+`, template: ring } }
`)
	told := func(p *daemon) string {
		before := len(s.Slack.Messages(sandbox.Channel))
		sent++
		body := writeFile(t, filepath.Join(dir, "event.json"), string(eventBody(sent)))
		if status := post(t, p.events+"/events/Project/Updated", body); status != http.StatusAccepted {
			t.Fatalf("got %d", status)
		}
		ended(t, filepath.Join(dir, "ppmrelay.db"))
		all := s.Slack.Messages(sandbox.Channel)
		if len(all) != before+1 {
			t.Fatalf("got %d messages, want 1", len(all)-before)
		}
		return fmt.Sprint(all[before].Blocks)
	}

	p := startDaemon(t, file)
	eventually(t, "/readyz names the scope", func() bool { return strings.Contains(ready(t, p), "users:read.email") })
	if got, want := told(p), "Anna Doe changed Project 1, for pmo@company.com <@U0FIXED12>"; !strings.Contains(got, want) {
		t.Errorf("without the scope: got %s, want %s", got, want)
	}
	p.stop()
	if log := p.log.String(); strings.Count(log, "members cannot be looked up") != 1 {
		t.Errorf("got the log\n%s\nwant it to say once that members cannot be looked up", log)
	}

	s.Slack.SetScopes("chat:write", "channels:history", "users:read", "users:read.email")
	p = startDaemon(t, file)
	want := "<@U0ANNA123> changed"
	eventually(t, "Anna is rung", func() bool { return strings.Contains(told(p), want) })
	if got, want := told(p), "for <@U0PMO1234> <@U0FIXED12>"; !strings.Contains(got, want) || strings.Contains(ready(t, p), "slack members") {
		t.Errorf("with the scope: got %s, want %s", got, want)
	}
	p.stop()
	if log := p.log.String(); strings.Contains(log, "anna.doe@company.com") || strings.Contains(log, "pmo@company.com") {
		t.Errorf("the log has an address of a person:\n%s", log)
	}
}

// ready returns what /readyz says.
func ready(t *testing.T, p *daemon) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.console+"/readyz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
