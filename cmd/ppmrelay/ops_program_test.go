package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandboxslack "github.com/ppmrelay/ppmrelay/sandbox/slack"
)

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

// Another channel is told what still is wrong. What leaves the configuration is not said to be well again.
func TestOpsChannelChanges(t *testing.T) {
	t.Parallel()
	p := newOpsPlay(t)
	save := func(old, by string) {
		p.Helper()
		text, err := os.ReadFile(p.config)
		if err != nil || !strings.Contains(string(text), old) {
			p.Fatalf("got %s (%v), want %q in it", text, err, old)
		}
		writeFile(t, p.config, strings.Replace(string(text), old, by, 1))
	}
	save("ops: { channel: "+opsChannel+" }", "ops: { channel: "+sandbox.Channel+" }")
	p.sandbox.Google.Board.Always(fault.Every, fault.Before)
	p.edit()
	p.until("the first channel is told", func() bool {
		return strings.Contains(fmt.Sprint(p.sandbox.Slack.Messages(sandbox.Channel)), "Google Sheets refuses writes")
	})
	save("ops: { channel: "+sandbox.Channel+" }", "ops: { channel: "+opsChannel+" }")
	p.told(googleStops)
	save("    sheet: { spreadsheet: "+sandbox.Spreadsheet+", tab: Changes }", "    file: { path: changes.csv }")
	p.told(googleStops, ":white_check_mark: *sheet\u200b:"+sandbox.Spreadsheet+"/Changes left the configuration* …") // no emoji is made of it
	if said, command := fmt.Sprint(p.sandbox.Slack.Messages(opsChannel)), "--to sheet:"+sandbox.Spreadsheet+"/Changes`"; !strings.Contains(said, command) {
		t.Errorf("got %s, want a command that can be copied: %s", said, command)
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
