package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/incident"
	"github.com/ppmrelay/ppmrelay/templates"
)

// opsConfig has a route of each kind.
func opsConfig(t *testing.T, more string) *config.Config {
	t.Helper()
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), `
server: { secrets: [a-secret-for-tests-only] }
slack: { token: xoxb-1 }
google: { credentials: '{"type": "service_account"}' }
display: { time_zone: Europe/Berlin }
ops: { channel: C0OPS000000 }
templates:
  status: |
    *{{ .Entity }}*
    {{ range .Changes }}{{ .Label }}{{ end }}
routes:
  - { name: team, events: ["*"], slack: { channel: C0123456789, template: status } }
  - { name: pmo-log, events: ["*"], sheet: { spreadsheet: 1AbCdEf, tab: Changes, columns: [ { header: What, value: "{{ .Entity }}" } ] } }
`+more)
	cfg, err := config.Load(file, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// Each problem is said in words that tell why, what it means and what to do.
func TestOpsTongue(t *testing.T) {
	cfg := opsConfig(t, "  - { name: to-a-file, events: [\"*\"], file: { path: changes.csv } }\n")
	tongue := opsTongue{cfg: func() *config.Config { return cfg }}
	next := time.Date(2026, 3, 1, 13, 27, 0, 0, time.UTC)
	for _, c := range []struct {
		problem incident.Problem
		waiting int64
		want    string // title > over | lines
	}{
		{
			incident.Problem{Key: "held google", Parts: []string{"sheet:1AbCdEf/Changes"}, Why: "paused: rate-limited: out of quota (429); next try 2026-03-01T13:27:00Z", Next: next},
			212,
			"Google Sheets refuses writes > Google Sheets takes writes again | Why: rate-limited: out of quota (429) | " +
				"Means: 212 changes wait for pmo-log; nothing is lost; Slack and files go on | To do: nothing yet, next try at 14:27",
		},
		{
			incident.Problem{Key: "held slack", Parts: []string{"slack:C0123456789", "slack:C0OPS000000"}, Why: "stopped: credentials: token_revoked: set its new bot token; next try 2026-03-01T13:27:00Z", Next: next},
			1,
			"Slack refuses messages > Slack takes messages again | Why: credentials: token_revoked: set its new bot token | " +
				"Means: 1 change waits for team, this channel; nothing is lost; Google Sheets and files go on | " +
				"To do: what the reason says; then it goes on by itself within 5 minutes, or at once after a restart",
		},
		{
			incident.Problem{Key: "parked slack:C0999999999", Parts: []string{"slack:C0999999999"}, Why: "parked: target-refuses: not_in_channel; next try 2026-03-01T13:27:00Z"},
			2,
			"Slack refuses messages to the channel C0999999999 > slack:C0999999999 left the configuration | Why: target-refuses: not_in_channel | " +
				"Means: 2 changes wait for slack:C0999999999; nothing is lost; Google Sheets and files go on | " +
				"To do: what the reason says; then it goes on by itself within 5 minutes, or at once after a restart",
		},
		{
			incident.Problem{Key: "parked sheet:1AbCdEf/Changes", Parts: []string{"sheet:1AbCdEf/Changes"}, Why: "parked: protected"},
			0,
			"Google Sheets refuses writes to the tab Changes > Google Sheets takes writes to the tab Changes again | Why: protected | " +
				"Means: nothing is lost; Slack and files go on | To do: what the reason says; then it goes on by itself within 5 minutes, or at once after a restart",
		},
		{
			incident.Problem{Key: "held file:changes.csv", Parts: []string{"file:changes.csv"}, Why: "paused: disk full"},
			3,
			"The file changes.csv cannot be written > The file changes.csv is written again | Why: disk full | " +
				"Means: 3 changes wait for to-a-file; nothing is lost; Slack and Google Sheets go on | To do: nothing yet, it is tried again and again",
		},
		{
			incident.Problem{Key: "template ppmrelay.yaml:9:3 no field", Part: "template status", Why: "`ppmrelay.yaml:9:3` no field .Befor; it failed on 2 events", Once: true},
			0,
			"A template fails >  | Where: `ppmrelay.yaml:9:3` no field .Befor; it failed on 2 events | Means: the messages went out in the built-in wording; none is lost | " +
				"To do: correct it; ppmrelay render shows what it makes of an event of the journal",
		},
		{
			incident.Problem{Key: "moon", Part: "moon", Why: "it is full"},
			0,
			"Something is wrong with moon > All is well again with moon | Why: it is full | To do: ppmrelay's log and /readyz tell more",
		},
	} {
		words := tongue.begins(c.problem, c.waiting)
		said := []string{words.Title + " > " + words.Over}
		for _, l := range words.Lines {
			said = append(said, l.Label+": "+l.Text)
		}
		if got := strings.Join(said, " | "); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.problem.Key, got, c.want)
		}
		if silences := words.Silences != ""; silences != (c.problem.Key == "held slack") {
			t.Errorf("%s: got that it silences %q", c.problem.Key, words.Silences)
		}
	}
}

// Whatever can be wrong has words of its own: none falls back to those for what is not known.
func TestOpsTongueKnowsEveryKey(t *testing.T) {
	cfg := opsConfig(t, "")
	tongue := opsTongue{cfg: func() *config.Config { return cfg }}
	for _, key := range []string{
		keyHeld + "slack", keyParked + "slack:C1", keyStuck + "file:a.csv", keyTemplate + "x", keyWebhooks + "x", keyJournal, keyForgets, keyConfig,
		keyRestart, keyPlanning, keyBuried, keyUnwritten, keyLarge, keyStrangers, keyMembers, keyMissed, keyLeftOut,
	} {
		words := tongue.begins(incident.Problem{Key: key, Part: "part", Why: "why", Count: 1}, 0)
		if strings.HasPrefix(words.Title, "Something") || len(words.Lines) != 3 {
			t.Errorf("%s: got %+v, want words of its own, in three lines", key, words)
		}
		if once := words.Over == ""; once != slices.Contains([]string{keyTemplate + "x", keyBuried, keyLarge}, key) {
			t.Errorf("%s: got the end %q", key, words.Over)
		}
	}
}

func TestOpsTongueOfEnds(t *testing.T) {
	cfg := opsConfig(t, "")
	tongue := opsTongue{cfg: func() *config.Config { return cfg }}
	changes := []string{"sheet:1AbCdEf/Changes"}
	const left = "[{Means what still waited for slack:C1, which left the configuration, is skipped: it is not told there; the events are kept} " +
		"{To do `ppmrelay events replay --state skipped --to slack:C1` tells it after all, once the target is back}]"
	for _, c := range []struct {
		key           string
		parts         []string
		peak, waiting int64
		want          string
	}{
		{"held google", changes, 212, 0, "[{Means 212 changes waited for pmo-log, told late, in order; nothing is lost}]"},
		{"held google", changes, 212, 12, "[{Means up to 212 changes waited for pmo-log, told late, in order: 12 still to go; nothing is lost}]"},
		{"held google", changes, 0, 0, "[]"},
		{"held google", []string{"google", "sheet:1AbCdEf/Changes"}, 0, 0, "[]"},
		{"held slack", []string{"slack", "slack:C0123456789", "slack:C1"}, 7, 0, left},
		{"parked slack:C1", []string{"slack:C1"}, 7, 0, left},
		{"stuck slack:C1", []string{"slack:C1"}, 0, 0, left},
		{"parked slack:C0OPS000000", []string{"slack:C0OPS000000"}, 0, 0, "[]"},
		{"planning", []string{"planning"}, 5, 0, "[]"},
	} {
		if got := fmt.Sprint(tongue.ends(c.key, c.parts, c.peak, c.waiting)); got != c.want {
			t.Errorf("%s, %q, %d, %d: got %s, want %s", c.key, c.parts, c.peak, c.waiting, got, c.want)
		}
	}
}

// What left the configuration is not said to be well again.
func TestOpsTongueOfWhatLeft(t *testing.T) {
	cfg := opsConfig(t, "")
	tongue := opsTongue{cfg: func() *config.Config { return cfg }}
	say := func(want map[string]string) {
		t.Helper()
		for key, over := range want {
			_, part, _ := strings.Cut(key, " ")
			if got := tongue.begins(incident.Problem{Key: key, Part: "x", Parts: []string{part}, Why: "y"}, 0).Over; got != over {
				t.Errorf("%s: got %q, want %q", key, got, over)
			}
		}
	}
	say(map[string]string{
		"held google": "Google Sheets takes writes again", "parked slack:C0OPS000000": "Slack takes messages to the channel C0OPS000000 again",
		"parked slack:C1": "slack:C1 left the configuration", "stuck file:a.csv": "file:a.csv left the configuration",
		"webhooks e": "The webhooks are not looked after any more", keyMissed: "Missed changes are not to be looked for any more",
		"webhooks silence": "The webhooks are in order again",
	})
	if got := tongue.ends("webhooks e", []string{"webhooks"}, 0, 0); len(got) != 1 || !strings.Contains(got[0].Text, "ppm_express left") {
		t.Errorf("got %v, want why the webhooks are not looked after", got)
	}
	cfg.PPMExpress = &config.PPMExpress{}
	say(map[string]string{"webhooks e": "The webhooks are in order again", keyMissed: "Missed changes are looked for again"})
}

// failedWords are words of which some templates failed.
type failedWords []templates.Failure

func (f failedWords) Failures() []templates.Failure { return f }

// A template that fails is named by its place in the file.
func TestFailing(t *testing.T) {
	cfg := opsConfig(t, "")
	got := failing(cfg, failedWords{
		{Fault: &templates.Error{Template: "status", Line: 2, Column: 4, Text: "no field .Befor"}, Times: 3},
		{Fault: &templates.Error{Template: "What", Line: 1, Column: 1, Text: "too long"}, Times: 1},
		{Fault: &templates.Error{Template: "Project-Updated", Line: 3, Text: "too long"}, Times: 1},
	})
	var said []string
	for _, p := range got {
		said = append(said, p.Part+": "+p.Why)
		if !p.Once || !strings.HasPrefix(p.Key, keyTemplate) || strings.Contains(p.Key, "Befor") {
			t.Errorf("got %+v, want one that has happened, with a key that stays", p)
		}
	}
	want := []string{
		"template status: `ppmrelay.yaml:10:8` no field .Befor; it failed on 3 events",
		"template What: `ppmrelay.yaml:13:117` too long; it failed on 1 event",
		"template Project-Updated: `Project-Updated:3` too long; it failed on 1 event",
	}
	if !slices.Equal(said, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

// What the probes see is what is watched. Where the journal cannot be read, nobody knows how the targets are.
func TestSeenBy(t *testing.T) {
	probe := func(problems ...handlers.Problem) handlers.Probe {
		return func(context.Context) []handlers.Problem { return problems }
	}
	seen := seenBy(t.Context(), []handlers.Probe{
		probe(handlers.Problem{Key: "held slack", Part: "slack:C1", Why: "x"}), probe(),
		probe(handlers.Problem{Part: "moon", Why: "y", Once: true, Count: 2}),
	}, []string{"webhooks "})
	if len(seen.Problems) != 2 || seen.Problems[0].Key != "held slack" || seen.Problems[1].Key != "moon" || seen.Problems[1].Count != 2 || len(seen.Blind) != 1 {
		t.Errorf("got %+v, want both, and the webhooks unseen", seen)
	}
	seen = seenBy(t.Context(), []handlers.Probe{probe(handlers.Problem{Key: keyJournal, Part: "journal", Why: "x"})}, nil)
	if !slices.Equal(seen.Blind, []string{keyHeld, keyParked, keyLeftOut}) {
		t.Errorf("got %q unseen, want the targets, and what was left out", seen.Blind)
	}
}
