package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The goal of a reload: how much longer an answer may take than the longest one takes otherwise.
const delayGoal = 5.0 // ms

// A configuration as a busy PMO has one. Nothing of it is told but to the file: Slack is not there.
const (
	reloadsOfRound = 100
	reloadRoutes   = 12
	reloadWords    = 9 // templates
	reloadSenders  = 2 // so few that what one waits for is not the others
)

// reloadable is the text of such a configuration.
func reloadable(version int) string {
	var text strings.Builder
	fmt.Fprintf(&text, configuration, secret)
	for n := range reloadRoutes - 1 {
		fmt.Fprintf(&text, "  - { name: team-%d, events: [\"Idea:Updated\"], when: 'changed(\"Budget\")', "+
			"slack: { channel: C0123456%03d, template: words-%d } }\n", n, n, n%reloadWords)
	}
	text.WriteString("slack: { token: xoxb-nobody, api_url: \"http://127.0.0.1:9/\" }\ntemplates:\n")
	for n := range reloadWords {
		fmt.Fprintf(&text, "  words-%d: |\n    *{{ .Entity }}* v%d {{ range .Changes }}\n    {{ .Label }}: {{ .Before }} → {{ .After }}{{ end }}\n", n, version)
	}
	return text.String()
}

// reload measures how honest senders fare while the configuration is loaded again and again: quiet, then reloads, in turns.
func (b *bench) reload(ctx context.Context, result *report) error {
	dir, err := b.home(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(configOf(dir), []byte(reloadable(0)), 0o600); err != nil {
		return err
	}
	p, err := b.begin(ctx, dir)
	if err != nil {
		return err
	}
	behave(ctx, p.address, b.draft, b.duration()/2) // warm-up
	tail := figure{what: "100 reloads: p99 of an answer, more than quiet", goal: delayGoal, unit: "ms"}
	most := figure{what: "100 reloads: longest answer, more than quiet", goal: delayGoal, unit: "ms"}
	lost := figure{what: "100 reloads: events not acknowledged", zero: true}
	t := table{{"round", "quiet p99 ms", "p99 ms", "quiet longest ms", "longest ms", "events"}}
	for round := range b.rounds {
		b.say("reload: round %d of %d", round+1, b.rounds)
		quiet, busy, err := b.reloadRound(ctx, p, dir, round)
		if err != nil {
			return errors.Join(err, p.stop())
		}
		tail.rounds = append(tail.rounds, busy.p99-quiet.p99)
		most.rounds = append(most.rounds, busy.most-quiet.most)
		lost.rounds = append(lost.rounds, float64(busy.failed+quiet.failed))
		t = append(t, []string{
			strconv.Itoa(round + 1), number(quiet.p99), number(busy.p99), number(quiet.most), number(busy.most), strconv.Itoa(busy.answered),
		})
	}
	lost.rounds = []float64{sum(lost.rounds)}
	result.figures = append(result.figures, tail, most, lost)
	result.more = append(result.more, titled{"Reloads: the answers of each round.", t})
	return p.stop()
}

// reloadRound measures quiet, and then as long with a hundred reloads in it.
func (b *bench) reloadRound(ctx context.Context, p *process, dir string, round int) (quiet, busy trial, _ error) {
	long := max(b.duration(), reloadsOfRound*50*time.Millisecond)
	quiet = behaveBy(ctx, reloadSenders, p.address, b.draft, long)
	began, done := time.Now(), make(chan error, 1)
	go func() {
		var err error
		for n := range reloadsOfRound {
			err = errors.Join(err, saveAndAsk(p, dir, round*reloadsOfRound+n+1),
				pause(ctx, time.Until(began.Add(long*time.Duration(n+1)/reloadsOfRound))))
		}
		done <- err
	}()
	busy = behaveBy(ctx, reloadSenders, p.address, b.draft, long)
	return quiet, busy, <-done
}

// saveAndAsk puts another configuration in the place of the one before, and has it read at once.
func saveAndAsk(p *process, dir string, version int) error {
	fresh := configOf(dir) + ".new"
	if err := os.WriteFile(fresh, []byte(reloadable(version)), 0o600); err != nil {
		return err
	}
	if err := os.Rename(fresh, configOf(dir)); err != nil {
		return err
	}
	return p.command.Process.Signal(syscall.SIGHUP)
}
