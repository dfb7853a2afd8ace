package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
)

// held tells which targets wait, and for what: nothing that stops may be silent.
func held(store journal.Journal, targets []delivery.Target) handlers.Probe {
	known := map[string]bool{} // the journal also remembers targets that the configuration no longer has
	for _, target := range targets {
		known[target.ID] = true
	}
	return func(ctx context.Context) []handlers.Problem {
		states, err := store.Targets(ctx)
		if err != nil {
			return []handlers.Problem{{Part: "journal", Why: "cannot be read: " + err.Error(), Blocks: true}}
		}
		var problems []handlers.Problem
		for _, state := range states {
			if state.Hold == "" || !known[state.Target] {
				continue
			}
			problems = append(problems, handlers.Problem{
				Part: state.Target,
				Why:  fmt.Sprintf("%s: %s; next try %s", state.Hold, state.Reason, state.Until.UTC().Format(time.RFC3339)),
			})
		}
		return problems
	}
}

// troubled tells what has gone wrong in delivering and shows in no target's state.
func troubled(relay interface{ Problems() []delivery.Problem }) handlers.Probe {
	return func(context.Context) []handlers.Problem {
		var problems []handlers.Problem
		for _, p := range relay.Problems() {
			problems = append(problems, handlers.Problem{Part: p.Part, Why: p.Why})
		}
		return problems
	}
}
