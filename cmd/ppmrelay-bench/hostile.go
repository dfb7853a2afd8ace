package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// The goals under attack.
const (
	tailGoal   = 5.0   // of the quiet p99
	attackGoal = 160.0 // MB; docs/benchmarks.md says why
)

// calm is how long the server is left alone after an attack before it counts as quiet, and how long an attack lasts
// before it counts.
const calm = 500 * time.Millisecond

// siege is what became of one kind of hostility.
type siege struct {
	kind     string
	quiet    []trial
	besieged []trial
	harm     harm // of the last round
	memory   float64
}

// hostile measures how honest senders fare beside each kind of hostile ones, and beside all of them.
func (b *bench) hostile(ctx context.Context, result *report) error {
	names := []string{}
	for _, kind := range (&attacker{count: b.connections}).kinds() {
		names = append(names, kind.name)
	}
	lost := figure{what: "hostile senders: honest events not acknowledged", zero: true}
	t := table{{"hostility", "most connections", "opened", "answered", "quiet p99 ms", "p99 ms", "honest events"}}
	for _, name := range append(names, everything) {
		s, err := b.besiege(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		result.figures = append(result.figures, s.figures()...)
		t = append(t, s.cells())
		lost.rounds = append(lost.rounds, s.failed())
	}
	lost.rounds = []float64{sum(lost.rounds)}
	result.figures = append(result.figures, lost)
	result.more = append(result.more, titled{"Hostile senders: connections and answers of the last round, medians of the p99.", t})
	return nil
}

// besiege lets a new daemon meet one kind of hostility, quiet and attack in turns.
func (b *bench) besiege(ctx context.Context, name string) (siege, error) {
	dir, err := b.home(ctx)
	if err != nil {
		return siege{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it goes with the folder above at the latest
	p, err := b.begin(ctx, dir)
	if err != nil {
		return siege{}, err
	}
	s := siege{kind: name}
	behave(ctx, p.address, b.draft, b.duration()/2) // warm-up
	for round := range b.rounds {
		b.say("hostile: %s, round %d of %d", name, round+1, b.rounds)
		if err := b.round(ctx, p, &s); err != nil {
			return s, errors.Join(err, p.stop())
		}
	}
	_, s.memory, err = p.memory()
	return s, errors.Join(err, p.stop())
}

// round measures quiet, then attack.
func (b *bench) round(ctx context.Context, p *process, s *siege) error {
	if err := pause(ctx, calm); err != nil {
		return err
	}
	quiet := behave(ctx, p.address, b.draft, b.duration())
	if quiet.failed > 0 {
		return fmt.Errorf("an honest event failed while nobody attacked: %w", quiet.err)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	enemy, err := launch(ctx, program, "--attack", s.kind, "--address", p.address, "--connections", strconv.Itoa(b.connections))
	if err != nil {
		return err
	}
	err = pause(ctx, calm)
	besieged := behave(ctx, p.address, b.draft, b.duration())
	if err := errors.Join(err, enemy.stop()); err != nil {
		return err
	}
	if besieged.failed > 0 {
		b.say("%d honest events failed, one of them: %v", besieged.failed, besieged.err)
	}
	s.quiet, s.besieged = append(s.quiet, quiet), append(s.besieged, besieged)
	if err := json.Unmarshal([]byte(enemy.last), &s.harm); err != nil {
		return fmt.Errorf("the attacker ended with %q: %w", enemy.last, err)
	}
	if s.harm.Failed > 0 {
		b.say("%d connections of the attacker could not be opened", s.harm.Failed)
	}
	return nil
}

func (s siege) figures() []figure {
	tail := figure{what: "hostile senders, " + s.kind + ": p99 / quiet", goal: tailGoal, unit: "x"}
	for i := range s.quiet {
		tail.rounds = append(tail.rounds, s.besieged[i].p99/s.quiet[i].p99)
	}
	return []figure{tail, {what: "hostile senders, " + s.kind + ": memory, most", goal: attackGoal, unit: "MB", rounds: []float64{s.memory}}}
}

func (s siege) failed() float64 {
	failed := 0
	for _, t := range s.besieged {
		failed += t.failed
	}
	return float64(failed)
}

func (s siege) cells() []string {
	answered := 0
	for _, t := range s.besieged {
		answered += t.answered
	}
	return []string{
		s.kind, strconv.FormatInt(s.harm.Most, 10), strconv.FormatInt(s.harm.Opened, 10), strconv.FormatInt(s.harm.Answers, 10),
		number(median(tails(s.quiet))), number(median(tails(s.besieged))), strconv.Itoa(answered),
	}
}

func tails(trials []trial) []float64 {
	all := make([]float64, 0, len(trials))
	for _, t := range trials {
		all = append(all, t.p99)
	}
	return all
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
