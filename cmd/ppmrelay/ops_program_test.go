package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandboxslack "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/selftest"
)

// hastyKey makes the test binary the program, for which things have lasted after this time instead of 30 s.
const hastyKey = "PPMRELAY_TEST_HASTY"

func beHasty(lasting string) int {
	after, err := time.ParseDuration(lasting)
	if err != nil {
		return exitWrong
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return (&app{out: os.Stdout, err: os.Stderr, env: os.LookupEnv, lasting: after}).run(ctx, os.Args[1:])
}

const opsChannel = "C0OPS000000"

// opsPlay is a hasty relay among stand-ins, with a channel for those who run it.
type opsPlay struct {
	*testing.T

	sandbox *sandbox.Sandbox
	config  string
	daemon  *selftest.Daemon
	log     bytes.Buffer
	sent    int
}

func newOpsPlay(t *testing.T) *opsPlay {
	t.Helper()
	var options sandbox.Options
	options.Slack.Channels = []sandboxslack.Channel{{ID: sandbox.Channel, Name: sandbox.ChannelName}, {ID: opsChannel, Name: "ops"}}
	options.Slack.Unlimited = true
	options.Google.ReadsPerMinute, options.Google.WritesPerMinute = -1, -1
	s, err := sandbox.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := &opsPlay{T: t, sandbox: s}
	text := strings.NewReplacer(
		"slack: { token", "slack: { late: 1s, token", "google: { cred", "google: { per_minute: 6000, cred",
	).Replace(sandboxConfigEvery(s, "@every 1h", "127.0.0.1:0", "127.0.0.1:0"))
	p.config = writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), text+"ops: { channel: "+opsChannel+" }\n")
	p.start()
	t.Cleanup(func() { _ = p.daemon.Kill() }) // ended already where all went well
	return p
}

func (p *opsPlay) start() {
	p.Helper()
	program, err := os.Executable()
	if err != nil {
		p.Fatal(err)
	}
	if p.daemon, err = selftest.Start(p.Context(), program, p.config, &p.log); err != nil {
		p.Fatal(err)
	}
	if err := p.daemon.Listening(p.Context()); err != nil {
		p.Fatalf("%v:\n%s", err, p.log.String())
	}
}

// edit changes a project.
func (p *opsPlay) edit() {
	p.Helper()
	p.sent++
	request, err := http.NewRequestWithContext(p.Context(), http.MethodPost, p.daemon.Events+"/events/Project/Updated", bytes.NewReader(eventBody(p.sent)))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+sandboxSecret)
	response, err := client().Do(request)
	if err != nil || response.StatusCode != http.StatusAccepted {
		p.Fatalf("got %v (%v), want that the event is taken", response, err)
	}
	response.Body.Close()
}

// ops returns the first lines of what the operators were told, without times.
func (p *opsPlay) ops() []string {
	var all []string
	for _, m := range p.sandbox.Slack.Messages(opsChannel) {
		for _, block := range m.Blocks {
			text, _ := block["text"].(map[string]any)
			said, _ := text["text"].(string)
			if head, _, _ := strings.Cut(said, "\n"); strings.HasPrefix(head, ":") {
				all = append(all, regexp.MustCompile(`since <!date[^>]*>|after \d+ s`).ReplaceAllString(head, "…"))
			}
		}
	}
	return all
}

// until waits for something, and shows the operators' channel and the log when it does not come.
func (p *opsPlay) until(what string, there func() bool) {
	p.Helper()
	for deadline := time.Now().Add(time.Minute); !there(); {
		if time.Now().After(deadline) {
			p.Fatalf("still not: %s. The operators were told\n%s\nand the log says\n%s", what, strings.Join(p.ops(), "\n"), p.log.String())
		}
		<-time.After(50 * time.Millisecond)
	}
}

// told waits until the operators were told all of this, in this order, and nothing else.
func (p *opsPlay) told(want ...string) {
	p.Helper()
	p.until(fmt.Sprintf("told %q", want), func() bool { return len(p.ops()) >= len(want) })
	if got := p.ops(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		p.Fatalf("got told\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), p.log.String())
	}
}

// written waits until the journal holds so many events of a type.
func (p *opsPlay) written(kind event.Type, n int) {
	p.Helper()
	p.until(fmt.Sprintf("%d %s in the journal", n, kind), func() bool {
		store := p.store()
		defer store.Close()
		found, err := store.Events(p.Context(), journal.Filter{Type: kind, Limit: 100})
		if err != nil {
			p.Fatal(err)
		}
		return len(found) >= n
	})
}

func (p *opsPlay) store() *sqlite.Journal {
	p.Helper()
	store, err := sqlite.Open(p.Context(), filepath.Join(filepath.Dir(p.config), "ppmrelay.db"), sqlite.Options{ReadOnly: true})
	if err != nil {
		p.Fatal(err)
	}
	return store
}

const (
	googleStops = ":no_entry: *Google Sheets refuses writes* …"
	googleGoes  = ":white_check_mark: *Google Sheets takes writes again* …"
	slackGoes   = ":white_check_mark: *Slack takes messages again* …"
)

// What operators are told of an afternoon: each failure once, and each end once, whatever happens to the relay meanwhile.
func TestOpsChannel(t *testing.T) {
	t.Parallel()
	p := newOpsPlay(t)
	p.edit()
	p.until("the edit is told", func() bool {
		return len(p.sandbox.Slack.Messages(sandbox.Channel)) == 1 && len(p.sandbox.Google.Rows(sandbox.Spreadsheet, "Changes")) == 2
	})

	p.sandbox.Google.Board.Always(fault.Every, fault.Before)
	p.edit()
	p.told(googleStops)
	p.restart()
	p.kill()
	p.start()
	p.edit()
	<-time.After(time.Second)
	p.told(googleStops)
	p.metrics(`ppmrelay_incidents_open 1`, `ppmrelay_queue_waiting{target="sheet:sandbox-spreadsheet-1/Changes"} 2`,
		`ppmrelay_target_held{hold="paused",target="sheet:sandbox-spreadsheet-1/Changes"} 1`,
		`ppmrelay_events_received_total{outcome="new",type="Project:Updated"} 1`, `ppmrelay_ready 1`)
	p.sandbox.Google.Board.Repair()
	p.told(googleStops, googleGoes)

	// Slack itself: nobody can be told, until one message says both.
	p.sandbox.Slack.Board.Always(fault.Every, fault.Before)
	p.edit()
	p.written("relay.ops:Stopped", 2)
	// And Google, of which the news waits with the relay, which dies.
	p.sandbox.Google.Board.Always(fault.Every, fault.Before)
	p.edit()
	p.written("relay.ops:Stopped", 3)
	p.kill()
	p.start()
	p.sandbox.Slack.Board.Repair()
	p.until("Slack goes on", func() bool { return len(p.ops()) == 4 })
	p.sandbox.Google.Board.Repair()
	p.until("Google goes on", func() bool { return len(p.ops()) == 5 })
	p.told(googleStops, googleGoes, slackGoes, googleStops, googleGoes)
	p.quiet()
	p.commands()
	p.audit()
}

func (p *opsPlay) restart() {
	p.Helper()
	if err := p.daemon.Stop(); err != nil {
		p.Fatalf("%v:\n%s", err, p.log.String())
	}
	p.start()
}

func (p *opsPlay) kill() {
	p.Helper()
	if err := p.daemon.Kill(); err != nil {
		p.Fatalf("%v:\n%s", err, p.log.String())
	}
}

// metrics demands lines of /metrics, which the public listener does not have.
func (p *opsPlay) metrics(lines ...string) {
	p.Helper()
	get := func(base string) (int, string) {
		request, err := http.NewRequestWithContext(p.Context(), http.MethodGet, base+"/metrics", http.NoBody)
		if err != nil {
			p.Fatal(err)
		}
		response, err := client().Do(request)
		if err != nil {
			p.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			p.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	if status, _ := get(p.daemon.Events); status != http.StatusNotFound {
		p.Errorf("the public listener answers %d, want %d", status, http.StatusNotFound)
	}
	_, text := get(p.daemon.Console)
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			p.Errorf("got\n%s\nwant %s", text, line)
		}
	}
	for _, secret := range []string{sandboxSecret, sandboxslack.DefaultToken, "Project 1", "Anna Doe"} {
		if strings.Contains(text, secret) {
			p.Errorf("/metrics shows %q", secret)
		}
	}
}

// quiet waits until nothing waits and nothing is wrong.
func (p *opsPlay) quiet() {
	p.Helper()
	p.until("all is told", func() bool {
		store := p.store()
		defer store.Close()
		counts, err := store.Count(p.Context())
		if err != nil {
			p.Fatal(err)
		}
		open, err := store.Incidents(p.Context(), journal.IncidentFilter{Open: true})
		if err != nil {
			p.Fatal(err)
		}
		return settled(counts) && len(open) == 0
	})
	if err := p.daemon.Stop(); err != nil {
		p.Fatalf("%v:\n%s", err, p.log.String())
	}
}

// commands look at what happened.
func (p *opsPlay) commands() {
	p.Helper()
	run := func(args ...string) string {
		p.Helper()
		var out, errs bytes.Buffer
		if code := run(p.Context(), append(args, "--config", p.config), &out, &errs); code != exitFine {
			p.Fatalf("%v: got exit code %d: %s", args, code, errs.String())
		}
		return out.String()
	}
	var found []incidentJSON
	if err := json.Unmarshal([]byte(run("incidents", "--json")), &found); err != nil {
		p.Fatal(err)
	}
	if len(found) != 3 || found[2].Title != "Google Sheets refuses writes" || found[2].Key != "held google" || found[1].Key != "held slack" {
		p.Errorf("got %+v, want the three of this afternoon", found)
	}
	for _, in := range found {
		if in.Until.IsZero() || in.Told.IsZero() || in.Event == 0 {
			p.Errorf("got %+v, want it told and over", in)
		}
	}
	for _, want := range []string{"SINCE", "Slack refuses messages", fmt.Sprintf("event %d", found[1].Event)} {
		if list := run("incidents"); !strings.Contains(list, want) {
			p.Errorf("got\n%s\nwant %q", list, want)
		}
	}
	if list := run("incidents", "--open"); list != "no incidents\n" {
		p.Errorf("got %q, want none that is open", list)
	}
	why := run("events", "why", strconv.FormatInt(found[2].Event, 10))
	if !strings.Contains(why, "relay.ops:Stopped, Google Sheets refuses writes") || !strings.Contains(why, "ops  told to slack:"+opsChannel) ||
		strings.Contains(why, "delivery-team") {
		p.Errorf("got\n%s\nwant that the ops channel was told, and no route asked", why)
	}
}

// audit demands that nothing is lost and nothing told twice, and that what the relay says of itself is in no other place.
func (p *opsPlay) audit() {
	p.Helper()
	store := p.store()
	defer store.Close()
	found, err := newAuditor(p.sandbox).all(p.Context(), store, p.sandbox)
	if err != nil || !found.clean() || found.Events != p.sent {
		p.Errorf("got %+v (%v), want %d events, nothing lost, nothing twice", found, err, p.sent)
	}
	if text := fmt.Sprint(p.sandbox.Google.Rows(sandbox.Spreadsheet, "Changes"), p.sandbox.Slack.Messages(sandbox.Channel)); strings.Contains(text, "relay.ops") || strings.Contains(text, "refuses") {
		p.Errorf("got %s, want nothing about the relay", text)
	}
}
