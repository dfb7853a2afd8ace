package main

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
)

// targets is a journal that knows how targets are, or cannot be read.
type targets struct {
	journal.Journal

	states []journal.TargetState
	err    error
}

func (t targets) Targets(context.Context) ([]journal.TargetState, error) { return t.states, t.err }

// Whoever is held stands in /readyz; whoever is well, or has left the configuration, does not.
func TestHeld(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 5, 0, 0, time.UTC)
	store := targets{states: []journal.TargetState{
		{Target: "slack:C1", Hold: journal.Parked, Reason: "target-refuses: not_in_channel", Until: at},
		{Target: "slack:C2"},
		{Target: "slack:GONE", Hold: journal.Parked},
	}}
	configured := []delivery.Target{{ID: "slack:C1"}, {ID: "slack:C2"}}
	want := []handlers.Problem{{
		Key: "parked slack:C1", Part: "slack:C1", Why: "parked: target-refuses: not_in_channel; next try 2026-03-01T08:05:00Z", Next: at,
	}}
	if got := held(store, configured)(t.Context()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	store.err = errors.New("disk I/O error")
	if got := held(store, configured)(t.Context()); len(got) != 1 || !got[0].Blocks || !strings.Contains(got[0].Why, "disk I/O error") {
		t.Errorf("got %+v, want a journal that cannot be read", got)
	}
}

// troubles is a delivery with problems.
type troubles []delivery.Problem

func (t troubles) Problems() []delivery.Problem { return t }

func TestTroubled(t *testing.T) {
	want := []handlers.Problem{{Part: "planning", Why: "events wait"}, {Part: "slack", Why: "refuses everything"}}
	got := troubled(troubles{{Part: "planning", Why: "events wait"}, {Part: "slack", Why: "refuses everything"}})(t.Context())
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
