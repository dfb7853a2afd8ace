package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
)

// held tells which targets wait, and for what: nothing that stops may be silent.
func held(store journal.Journal, targets []delivery.Target) handlers.Probe {
	services := map[string]string{} // the journal also remembers targets that the configuration no longer has
	for _, target := range targets {
		services[target.ID] = cmp.Or(target.Service, target.ID)
	}
	return func(ctx context.Context) []handlers.Problem {
		states, err := store.Targets(ctx)
		if err != nil {
			return []handlers.Problem{{Key: keyJournal, Part: "journal", Why: "cannot be read: " + err.Error(), Blocks: true}}
		}
		var problems []handlers.Problem
		for _, state := range states {
			service, known := services[state.Target]
			if state.Hold == "" || !known {
				continue
			}
			problem := handlers.Problem{
				Key: keyHeld + service, Part: state.Target, Next: state.Until.UTC(),
				Why: fmt.Sprintf("%s: %s; next try %s", state.Hold, state.Reason, state.Until.UTC().Format(time.RFC3339)),
			}
			if state.Hold == journal.Parked {
				problem.Key = keyParked + state.Target // its neighbours are well
			}
			problems = append(problems, problem)
		}
		return problems
	}
}

// troubled tells what has gone wrong in delivering and shows in no target's state.
func troubled(relay interface{ Problems() []delivery.Problem }) handlers.Probe {
	return func(context.Context) []handlers.Problem {
		var problems []handlers.Problem
		for _, p := range relay.Problems() {
			problems = append(problems, handlers.Problem{Key: p.Key, Part: p.Part, Why: p.Why, Once: p.Count > 0, Count: p.Count})
		}
		return problems
	}
}
