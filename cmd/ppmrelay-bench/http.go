package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// warmUp is the part of the measured time that runs before it: connections, prepared statements and the heap's size
// belong to the first moments of a process, not to an event.
const warmUp = 0.2

// httpGoal is what is promised about so many clients.
type httpGoal struct {
	clients int
	rate    float64 // of the floor's, at least
	tail    float64 // of the floor's p99, at most
}

func httpGoals() []httpGoal { return []httpGoal{{1, 0.90, 2}, {16, 0.80, 2}, {128, 0.65, 2}} }

// side is one server under so many clients.
type side struct {
	name    string
	clients int
}

// http measures the whole path of an event, from the socket to the answer after the commit, against the same path over
// the floor.
func (b *bench) http(ctx context.Context, result *report) error {
	loads := map[side][]load{}
	var sides []side
	for _, goal := range httpGoals() {
		sides = append(sides, side{sideJournal, goal.clients}, side{sideFloor, goal.clients})
	}
	for round := range b.rounds {
		b.say("http: round %d of %d", round+1, b.rounds)
		rand.Shuffle(len(sides), func(i, k int) { sides[i], sides[k] = sides[k], sides[i] }) //nolint:gosec // an order, no secret
		for _, s := range sides {
			l, err := b.loadSide(ctx, s)
			if err != nil {
				return fmt.Errorf("%s with %d clients: %w", s.name, s.clients, err)
			}
			loads[s] = append(loads[s], l)
		}
	}
	result.body = len(b.draft.text)
	for _, goal := range httpGoals() {
		result.addHTTP(goal, loads[side{sideJournal, goal.clients}], loads[side{sideFloor, goal.clients}])
	}
	return nil
}

// addHTTP judges the loads of both sides, round by round.
func (r *report) addHTTP(goal httpGoal, ours, floor []load) {
	rate := func(l load) float64 { return l.rate }
	tail := func(l load) float64 { return l.p99 }
	what := fmt.Sprintf("HTTP to the journal, %d at a time: ", goal.clients)
	r.figures = append(r.figures,
		figure{what: what + "rate / floor", goal: goal.rate, atLeast: true, unit: "x", compared: true, rounds: ratios(ours, floor, rate)},
		figure{what: what + "p99 / floor", goal: goal.tail, unit: "x", compared: true, rounds: ratios(ours, floor, tail)})
	r.details = append(r.details, detail{goal.clients, "journal", ours}, detail{goal.clients, "floor", floor})
}

// loadSide runs one server under load, in a new process and a new folder.
func (b *bench) loadSide(ctx context.Context, s side) (load, error) {
	dir, err := b.folder()
	if err != nil {
		return load{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it goes with the folder above at the latest
	program, err := os.Executable()
	if err != nil {
		return load{}, err
	}
	p, err := launch(ctx, program, "--serve", s.name, "--dir", dir, "--profile", b.profile)
	if err != nil {
		return load{}, err
	}
	l, err := b.loadServer(ctx, p, s.clients)
	return l, errors.Join(err, p.stop())
}

func (b *bench) loadServer(ctx context.Context, p *process, clients int) (load, error) {
	all, err := gather(ctx, p.address, clients, b.draft)
	if err != nil {
		return load{}, err
	}
	defer all.leave()
	warm := time.Duration(warmUp * float64(b.duration()))
	if _, err := all.post(until(time.Now().Add(warm))); err != nil {
		return load{}, err
	}
	before, err := p.cpu()
	if err != nil {
		return load{}, err
	}
	start := time.Now()
	took, err := all.post(until(start.Add(b.duration())))
	if err != nil {
		return load{}, err
	}
	elapsed := time.Since(start)
	after, err := p.cpu()
	return newLoad(took, elapsed, after-before), err
}
