package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/selftest"
)

// torture is the stand-ins, clients, and a folder with the configuration, the journal, what the daemon writes and its
// log. Daemons come and go.
type torture struct {
	*sandbox.Sandbox

	program string // what is run as the daemon
	folder  string
	seed    uint64
	load    *selftest.Load
	log     *os.File          // of all daemons
	say     func(text string) // to whoever waits
	cut     int               // rounds that ended with an effect open
	opened  map[string]int    // the same by kind of target: "slack", "sheet", "file"
}

// torturePlaces is in how many places each event is told, by the routes of tortureRoutes.
const torturePlaces = 4

// tortureRoutes tell each kind of entity in a channel of its own, and everything in a sheet and a file; in another tab or
// another file half of it once more.
func tortureRoutes() string {
	var routes strings.Builder
	routes.WriteString("routes:\n")
	for _, channel := range tortureChannels() {
		fmt.Fprintf(&routes, "  - { name: team-%[1]s, events: [\"%[1]s:*\"], slack: { channel: %[2]s } }\n", channel.Name, channel.ID)
	}
	fmt.Fprintf(&routes, `  - { name: log, events: ["*"], sheet: { spreadsheet: %[1]s, tab: Changes, rows: event } }
  - { name: some, events: ["Task:*", "Idea:*"], sheet: { spreadsheet: %[1]s, tab: Some, rows: event } }
  - { name: archive, events: ["*"], file: { path: changes.jsonl, rows: event } }
  - { name: table, events: ["Project:*", "KeyDate:*"], file: { path: some.csv, rows: event } }
`, sandbox.Spreadsheet)
	return routes.String()
}

// tortureChannels are named after kinds of entities.
func tortureChannels() []slack.Channel {
	return []slack.Channel{
		{ID: sandbox.Channel, Name: event.Project},
		{ID: "C0SANDBOX02", Name: event.Task},
		{ID: "C0SANDBOX03", Name: event.KeyDate},
		{ID: "C0SANDBOX04", Name: event.Idea},
	}
}

func openTorture(ctx context.Context, program, folder string, seed uint64) (_ *torture, err error) {
	t := &torture{
		program: program, folder: folder, seed: seed, load: selftest.NewLoad(seed, sandboxSecret),
		say: func(string) {}, opened: map[string]int{},
	}
	if t.Sandbox, err = hurriedSandbox(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	config := hurriedConfig(t.Sandbox, "400ms") + tortureRoutes()
	if err := os.WriteFile(t.path("ppmrelay.yaml"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	t.log, err = os.Create(t.path("relay.log"))
	return t, err
}

// hurriedSandbox is stand-ins without quotas.
func hurriedSandbox(ctx context.Context) (*sandbox.Sandbox, error) {
	return sandbox.Start(ctx, sandbox.Options{
		Slack:  slack.Options{Unlimited: true, Channels: tortureChannels()},
		Google: google.Options{ReadsPerMinute: -1, WritesPerMinute: -1},
	})
}

// hurriedConfig is a configuration without routes that keeps no pace. Late is how long a message may take to appear.
func hurriedConfig(s *sandbox.Sandbox, late string) string {
	return fmt.Sprintf(`server: { listen: "127.0.0.1:0", secrets: [%s] }
console: { listen: "127.0.0.1:0" }
journal: { url: "file:ppmrelay.db" }
slack: { token: %s, api_url: %q, burst: 1000, late: %s }
google: { credentials: %q, endpoint: %q, per_minute: 100000 }
`, sandboxSecret, slack.DefaultToken, s.SlackURL, late, s.Google.Credentials(s.GoogleURL), s.GoogleURL)
}

func (t *torture) path(name string) string { return filepath.Join(t.folder, name) }

// close ends the stand-ins. The folder stays.
func (t *torture) close() error {
	err := t.Close()
	if t.log != nil {
		err = errors.Join(err, t.log.Close())
	}
	return err
}

// boards are where faults are drawn.
func (t *torture) boards() []*fault.Board { return []*fault.Board{t.Slack.Board, t.Google.Board} }

// trouble makes requests fail: three of ten to Slack, where a telling is one request, one of sixteen to Google, where it is
// several. What hangs does so until the daemon is killed; what is late lands between the looks of Slack's Recall, or
// after the second one.
func (t *torture) trouble() {
	kinds := []fault.Kind{
		fault.Before, fault.Reset, fault.Hang,
		fault.TooMany, fault.TooMany.With("none"), fault.TooMany.With("1.5"), fault.TooMany.With("soon"), fault.TooMany.With("-1"),
		fault.After, fault.AfterReset, fault.AfterHang, fault.AfterCut, fault.AfterEmpty, fault.AfterHTML,
		fault.Slow.With("50ms"), fault.Late.With("150ms"), fault.LateReset.With("250ms"), fault.LateHang.With("50ms"), fault.Late.With("2s"),
	}
	t.Slack.Board.Draw(fault.Every, t.seed, fault.Evenly(0.3, kinds...)...)
	t.Google.Board.Draw(fault.Every, t.seed, fault.Evenly(0.06, kinds...)...)
}

// repair makes everything work again.
func (t *torture) repair() {
	for _, board := range t.boards() {
		board.Repair()
	}
}

// late returns how many requests are still on their way.
func (t *torture) late() (waiting int) {
	for _, board := range t.boards() {
		waiting += board.State().Waiting
	}
	return waiting
}

// journal opens the journal for reading, beside a running daemon or after it.
func (t *torture) journal(ctx context.Context) (*sqlite.Journal, error) {
	return sqlite.Open(ctx, t.path("ppmrelay.db"), sqlite.Options{ReadOnly: true})
}
