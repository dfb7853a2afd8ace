package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/templates"
)

// renderGoal is for one event told to one target: a message, or the rows of a table.
const renderGoal = 100.0 // µs

// render measures how long it takes to say one event: the built-in message, and a table's rows, one per change.
func (b *bench) render(ctx context.Context, result *report) error {
	body, err := os.ReadFile(b.sample())
	if err != nil {
		return err
	}
	e, err := ppm.Decode(body, event.TypeOf(event.Project, event.Updated))
	if err != nil {
		return err
	}
	e.ID, e.Received = "0190b3c4-0000-7000-8000-000000000001", e.Occurred
	message, rows, err := renderers(e)
	if err != nil {
		return err
	}
	asMessage := figure{what: "rendering an event: message", goal: renderGoal, unit: "µs"}
	asRows := figure{what: "rendering an event: rows", goal: renderGoal, unit: "µs"}
	for round := range b.rounds {
		b.say("render: round %d of %d", round+1, b.rounds)
		m, err := repeat(ctx, b.duration()/2, message)
		if err != nil {
			return err
		}
		r, err := repeat(ctx, b.duration()/2, rows)
		if err != nil {
			return err
		}
		asMessage.rounds, asRows.rounds = append(asMessage.rounds, m), append(asRows.rounds, r)
	}
	result.figures = append(result.figures, asMessage, asRows)
	return nil
}

// renderers returns what makes the message and what makes the rows of an event. Each looks at what it made: something
// that is empty would be quick.
func renderers(e event.Event) (message, rows func() error, err error) {
	words, err := templates.New(templates.Display{})
	if err != nil {
		return nil, nil, err
	}
	table, err := words.Table(templates.RowPerChange, nil)
	if err != nil {
		return nil, nil, err
	}
	message = func() error {
		m := words.Message(event.NetOf([]event.Event{e}, words.Ignored))
		if m.Head == "" || m.Text == "" {
			return fmt.Errorf("an empty message: %+v", m)
		}
		return nil
	}
	rows = func() error {
		all, err := table.Rows(e)
		if err == nil && len(all) < 2 {
			err = fmt.Errorf("%d rows for an event with several changes", len(all))
		}
		return err
	}
	return message, rows, nil
}

// repeat does something for a while and returns the mean time it took, in µs. What the garbage collector does meanwhile
// counts.
func repeat(ctx context.Context, d time.Duration, do func() error) (float64, error) {
	start, count := time.Now(), 0
	for time.Since(start) < d && ctx.Err() == nil {
		if err := do(); err != nil {
			return 0, err
		}
		count++
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return float64(time.Since(start).Microseconds()) / float64(count), nil
}
