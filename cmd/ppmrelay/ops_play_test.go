package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
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
