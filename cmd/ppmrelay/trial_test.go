package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// patience is how long anything in the story may take. A trial shares the machine with others.
const patience = time.Minute

// trial is the real daemon in a process of its own, among stand-ins of which one switch may be flipped.
type trial struct {
	sandbox *sandbox.Sandbox
	config  string          // file
	journal *sqlite.Journal // only read
	road    *road
	log     *daemonLog
	ppm     *fault.Board
	slack   *fault.Board
	people  []event.Person
	cancel  context.CancelFunc
	ended   chan error // receives once
	few     bool       // rows that are not there could come for three minutes, so that no batch of them is refused
}

// newTrial starts everything and returns when the daemon has registered its webhooks.
func newTrial(ctx context.Context, binary, dir string, row sandbox.Switch) (*trial, error) {
	p := &trial{
		config: filepath.Join(dir, "ppmrelay.yaml"), road: newRoad(), ppm: fault.NewBoard(), slack: fault.NewBoard(), people: ppm.NewSmall().People, ended: make(chan error, 1),
	}
	p.log = &daemonLog{listening: p.road.leadTo}
	var options sandbox.Options
	row.Flip(&options)
	p.few = options.Google.DuplicateMetadata
	options.PPM.Board, options.Slack.Board, options.PPM.Client = p.ppm, p.slack, &http.Client{Transport: p.road}
	options.PPM.Webhooks = []ppm.Webhook{foreign(0)}
	options.Google.ReadsPerMinute, options.Google.WritesPerMinute = -1, -1
	s, err := sandbox.Start(ctx, options)
	if err != nil {
		return nil, err
	}
	p.sandbox = s
	text := strings.NewReplacer(
		"slack: { token", "slack: { late: 1s, burst: 6, token",
		"google: { cred", "google: { per_minute: 6000, cred",
	).Replace(sandboxConfigEvery(s, "@every 1s", "127.0.0.1:0", "127.0.0.1:0"))
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	p.ppm.Script("webhooks.list", fault.TooMany)
	p.ppm.Script("webhooks.create", fault.None, fault.After, fault.None, fault.Before)
	if err := p.serve(ctx, binary); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	err = p.covered(ctx)
	if err == nil {
		p.journal, err = sqlite.Open(ctx, filepath.Join(dir, "ppmrelay.db"), sqlite.Options{ReadOnly: true})
	}
	if err != nil {
		return nil, errors.Join(err, p.stop(), s.Close())
	}
	return p, nil
}

func (p *trial) serve(ctx context.Context, binary string) error {
	ctx, p.cancel = context.WithCancel(ctx)
	daemon := exec.CommandContext(ctx, binary, "serve", "--config", p.config, "--log-format", "json")
	daemon.Stderr = p.log
	daemon.Cancel = func() error { return daemon.Process.Signal(syscall.SIGTERM) }
	daemon.WaitDelay = patience
	if err := daemon.Start(); err != nil {
		return err
	}
	go func() { p.ended <- daemon.Wait() }()
	return nil
}

// stop ends the daemon, and expects that it ends well.
func (p *trial) stop() error {
	p.cancel()
	if err := <-p.ended; err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the daemon ended with %w:\n%s", err, p.log)
	}
	return nil
}

// foreign is a webhook of somebody else, of which there are many in a tenant that is full.
func foreign(n int) ppm.Webhook {
	return ppm.Webhook{
		URL: fmt.Sprintf("https://flow.example.com/%d", n), HTTPVerb: http.MethodPost,
		EventTypes: []string{"Project:Updated"}, Headers: []ppm.Header{{Name: "X-Flow", Value: "not ours"}},
	}
}

// until waits for something.
func (p *trial) until(ctx context.Context, what string, there func() (bool, error)) error {
	for deadline := time.Now().Add(patience); ; {
		ok, err := there()
		switch {
		case err != nil:
			return fmt.Errorf("waiting until %s: %w", what, err)
		case ok:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%s: still not after %s", what, patience)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("the daemon ended: %w", err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// covered waits until each of the twelve types has a webhook that leads here.
func (p *trial) covered(ctx context.Context) error {
	return p.until(ctx, "every webhook is registered", func() (bool, error) {
		covered := map[string]bool{}
		for _, w := range p.sandbox.PPM.Webhooks() {
			if strings.Contains(w.URL, "/events/") {
				covered[w.EventTypes[0]] = true
			}
		}
		return len(covered) == len(event.Types()), nil
	})
}

// quiet waits until everything is delivered and told.
func (p *trial) quiet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.sandbox.PPM.Idle(ctx); err != nil {
		return fmt.Errorf("waiting for the deliveries: %w", err)
	}
	return p.until(ctx, "everything is told", func() (bool, error) {
		counts, err := p.journal.Count(ctx)
		return err == nil && settled(counts), err
	})
}

// passes waits for passes over the webhooks that begin from now on.
func (p *trial) passes(ctx context.Context, n int) error {
	before := p.sandbox.PPM.Calls("webhooks.list")
	return p.until(ctx, "webhooks are looked at", func() (bool, error) {
		return p.sandbox.PPM.Calls("webhooks.list") >= before+n, nil
	})
}

// ending stops the daemon and reads what people have been told.
func (p *trial) ending(ctx context.Context) (e ending, err error) {
	if err := p.stop(); err != nil {
		return ending{}, err
	}
	defer func() { err = errors.Join(err, p.journal.Close()) }()
	auditor := newAuditor(p.sandbox)
	err = eachStory(ctx, p.journal, func(story journal.Story) {
		auditor.story(story)
		e.told = append(e.told, lines(story)...)
	})
	if err != nil {
		return ending{}, err
	}
	auditor.finish(p.sandbox)
	e.audit = auditor.audit
	for _, d := range p.sandbox.PPM.Deliveries() {
		if ours := strings.Contains(d.URL, "/events/"); ours && !d.Acknowledged() {
			e.failed = append(e.failed, fmt.Sprintf("%s %s: %d %s", d.Type, d.Entity.Name, d.Status, d.Err))
		}
	}
	if alive := p.sandbox.Slack.Alive(); len(alive) > 0 {
		return ending{}, fmt.Errorf("in Slack, a name rings: %q", alive)
	}
	e.rows = p.rows()
	return e, nil
}

// lines say to whom an event was told, and to whom not.
func lines(story journal.Story) (all []string) {
	for _, d := range story.Deliveries {
		target, _, _ := strings.Cut(d.Target, ":")
		cells := []string{string(story.Entry.Type), story.Entry.Entity.Name, target, string(d.State)}
		if d.Reason != "" {
			cells = append(cells, d.Reason)
		}
		all = append(all, strings.Join(cells, " | "))
	}
	return all
}

// rows are those of the sheet, without when and ids.
func (p *trial) rows() (all []string) {
	rows := p.sandbox.Google.Rows(sandbox.Spreadsheet, "Changes")
	if len(rows) == 0 {
		return nil
	}
	for _, row := range rows[1:] {
		var cells []string
		for i, cell := range row {
			if header := rows[0][i]; header != "When" && header != "Event id" {
				cells = append(cells, cell)
			}
		}
		all = append(all, strings.Join(cells, " | "))
	}
	slices.Sort(all)
	return all
}
