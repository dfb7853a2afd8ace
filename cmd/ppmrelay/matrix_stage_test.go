package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// What a row's relay tells. Each event goes to each of them, so that whoever is not hit by a fault can be watched.
const (
	otherChannel = "C0SANDBOX02"
	otherBook    = "sandbox-spreadsheet-2"

	atTeam  = "slack:" + sandbox.Channel
	atOther = "slack:" + otherChannel
	atLog   = "sheet:" + sandbox.Spreadsheet + "/Changes"
	atTab   = "sheet:" + sandbox.Spreadsheet + "/Others"
	atBook  = "sheet:" + otherBook + "/Changes"
	atFile  = "file:changes.jsonl"
)

func bothChannels() []string { return []string{atTeam, atOther} }
func allSheets() []string    { return []string{atLog, atTab, atBook} }

// lateness is slack.late of the rows: long enough to be seen in between, short enough to wait for.
const lateness = 2 * time.Second

// rowPlay is what one row is played on.
type rowPlay struct {
	sandbox *sandbox.Sandbox
	ppm     *fault.Board
	slack   *fault.Board
	google  *fault.Board
	door    *door
	people  []event.Person

	binary, dir, config string
	ground              ground
	journal             *sqlite.Journal // only read; nil while it cannot be
	log                 *daemonLog      // of all daemons of the row
	daemon              *exec.Cmd
	ended               chan error // receives once
	auditor             *auditor
	said                string // by a program that ended
	patience            time.Duration
	budget              int // grows by each edit, so that none is taken back
}

// newRowPlay starts everything and returns when the daemon has registered its webhooks.
func newRowPlay(ctx context.Context, binary, dir string, r row) (_ *rowPlay, err error) {
	s := &rowPlay{
		ppm: fault.NewBoard(), slack: fault.NewBoard(), door: newDoor(), people: ppm.NewSmall().People, binary: binary, dir: dir,
		config: filepath.Join(dir, "ppmrelay.yaml"), log: &daemonLog{}, budget: 100_000, patience: 150 * time.Second,
	}
	if r.long {
		s.patience *= 3
	}
	s.log.listening = s.door.leadTo
	if s.ground, err = prepareGround(r.ground, dir); err != nil {
		return nil, err
	}
	var options sandbox.Options
	if r.options != nil {
		r.options(&options)
	}
	options.PPM.Board, options.Slack.Board, options.PPM.Client = s.ppm, s.slack, &http.Client{Transport: s.door}
	options.Slack.Channels = []slack.Channel{{ID: sandbox.Channel, Name: sandbox.ChannelName}, {ID: otherChannel, Name: "others"}}
	options.Slack.Unlimited = true
	if options.Google.WritesPerMinute == 0 {
		options.Google.ReadsPerMinute, options.Google.WritesPerMinute = -1, -1
	}
	if s.sandbox, err = sandbox.Start(ctx, options); err != nil {
		return nil, errors.Join(err, s.ground.leave())
	}
	s.google = s.sandbox.Google.Board
	s.sandbox.Google.AddSpreadsheet(otherBook, "Another")
	s.auditor = newAuditor(s.sandbox)
	s.auditor.dir = dir
	text := rowConfig(s.sandbox)
	if r.config != nil {
		text = r.config(text)
	}
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// rowConfig is the configuration of all rows: two channels, two tabs of one spreadsheet, a tab of another, and a file.
func rowConfig(s *sandbox.Sandbox) string {
	text := strings.NewReplacer(
		"slack: { token", fmt.Sprintf("slack: { late: %s, burst: 30, token", lateness),
		"google: { cred", "google: { per_minute: 6000, cred",
	).Replace(sandboxConfigEvery(s, "@every 1h", "127.0.0.1:0", "127.0.0.1:0"))
	return text + fmt.Sprintf(`
  - { name: other-team, events: ["*"], slack: { channel: %s } }
  - { name: other-tab, events: ["*"], sheet: { spreadsheet: %s, tab: Others } }
  - { name: other-book, events: ["*"], sheet: { spreadsheet: %s, tab: Changes } }
  - { name: to-file, events: ["*"], file: { path: changes.jsonl } }
`, otherChannel, sandbox.Spreadsheet, otherBook)
}

// start starts the daemon, and waits until it listens and every type has a webhook that leads here.
func (s *rowPlay) start(ctx context.Context) error {
	daemon := exec.Command(s.binary, "serve", "--config", s.config, "--log-format", "json")
	daemon.Stderr = s.log
	daemon.Dir = s.dir
	if err := daemon.Start(); err != nil {
		return err
	}
	s.daemon, s.ended = daemon, make(chan error, 1)
	go func() { s.ended <- daemon.Wait() }()
	if err := s.until(ctx, "it listens", func() (bool, error) { return s.door.open(), nil }); err != nil {
		return err
	}
	if err := s.until(ctx, "every webhook is registered", func() (bool, error) { return s.covered(), nil }); err != nil {
		return err
	}
	return s.reopen(ctx)
}

// reopen looks at the journal anew.
func (s *rowPlay) reopen(ctx context.Context) (err error) {
	if s.journal != nil {
		err = s.journal.Close()
		s.journal = nil
	}
	store, opening := sqlite.Open(ctx, filepath.Join(s.dir, "ppmrelay.db"), sqlite.Options{ReadOnly: true})
	if opening == nil {
		s.journal = store
	}
	return errors.Join(err, opening)
}

// covered reports whether each of the twelve types has a webhook that leads to the daemon.
func (s *rowPlay) covered() bool {
	covered := map[string]bool{}
	for _, w := range s.sandbox.PPM.Webhooks() {
		if strings.Contains(w.URL, "/events/") {
			covered[w.EventTypes[0]] = true
		}
	}
	return len(covered) == len(event.Types())
}

// stop ends the daemon as a person does, and expects that it ends well.
func (s *rowPlay) stop() error {
	return s.end(syscall.SIGTERM, func(err error) error {
		if err != nil {
			return fmt.Errorf("the daemon ended with %w", err)
		}
		return nil
	})
}

// kill ends the daemon as a crash does.
func (s *rowPlay) kill() error { return s.end(syscall.SIGKILL, func(error) error { return nil }) }

func (s *rowPlay) end(signal os.Signal, judge func(error) error) error {
	if s.daemon == nil {
		return nil
	}
	s.door.shut()
	if err := s.daemon.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	s.daemon = nil
	return judge(<-s.ended)
}

// restart is what a person does after mending something.
func (s *rowPlay) restart(ctx context.Context) error {
	if err := s.stop(); err != nil {
		return err
	}
	return s.start(ctx)
}

func (s *rowPlay) close() error {
	var all []error
	if s.daemon != nil {
		all = append(all, s.kill())
	}
	if s.journal != nil {
		all = append(all, s.journal.Close())
	}
	return errors.Join(append(all, s.sandbox.Close(), s.ground.leave())...)
}

// until waits for something, as long as the longest answer of a vendor that hangs.
func (s *rowPlay) until(ctx context.Context, what string, there func() (bool, error)) error {
	for deadline := time.Now().Add(s.patience); ; {
		ok, err := there()
		switch {
		case err != nil:
			return fmt.Errorf("waiting until %s: %w", what, err)
		case ok:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("still not: %s", what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the daemon ended while waiting until %s: %w", what, errors.Join(err, errors.New("unexpectedly")))
		case <-time.After(60 * time.Millisecond):
		}
	}
}
