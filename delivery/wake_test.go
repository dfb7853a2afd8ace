package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// hasty answers the first plan with an error, though it was committed.
type hasty struct {
	delivery.Journal
	planned bool
}

func (h *hasty) Plan(ctx context.Context, plans []journal.Planned) error {
	err := h.Journal.Plan(ctx, plans)
	if !h.planned {
		h.planned = true
		return errors.New("disk I/O error")
	}
	return err
}

func TestAPlanThatWasCommittedWithAnErrorIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{}
		r := newRig(t, map[string]*target{"a": a})
		d, err := delivery.New(delivery.Config{
			Journal: &hasty{Journal: r.store}, Logger: slog.New(slog.DiscardHandler), Routes: r.routes,
			Targets: []delivery.Target{{ID: "a", Lane: "a", Most: 10, Sink: a}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(time.Second) // the lane has looked, and rests
		r.append(1, appendStep{})
		d.Wake()
		time.Sleep(10 * time.Minute)
		if a.count() != 1 {
			t.Error("an acknowledged event still waits after 10 minutes, and nothing will wake its lane")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A queue with a backlog leaves the others of its lane their turn.
func TestABacklogLeavesOthersTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := func(id string) delivery.Match {
			return func(e event.Event) (string, error) {
				if e.Entity.ID == id {
					return "", nil
				}
				return "another entity", nil
			}
		}
		a := &target{perform: func(context.Context) error { time.Sleep(time.Second); return nil }}
		b := &target{}
		r := newRig(t, nil)
		d, err := delivery.New(delivery.Config{
			Journal: r.store, Logger: slog.New(slog.DiscardHandler),
			Routes: []delivery.Route{
				{Name: "a", Target: "a", Match: of("entity-0"), Words: singly{}},
				{Name: "b", Target: "b", Match: of("entity-1"), Words: singly{}},
			},
			Targets: []delivery.Target{{ID: "a", Lane: "l", Most: 1, Sink: a}, {ID: "b", Lane: "l", Most: 1, Sink: b}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 60 {
			r.append(n, appendStep{})
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(3 * time.Second)
		r.append(100, appendStep{Entity: 1})
		d.Wake()
		time.Sleep(3 * time.Second)
		if b.count() != 1 {
			t.Errorf("b waits behind the backlog of a (%d told)", a.count())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
