package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

func sampleBurst(t *testing.T, s size) []*step {
	t.Helper()
	body, err := os.ReadFile("../../samples/Project-Updated.json")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := burst(body, s)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// A burst has as many different events as it should; each goes on where the one before of its entity ended; each has as
// many changes as rows are expected; and it ends with a bulk edit of every entity by one person.
func TestBurst(t *testing.T) {
	t.Parallel()
	s := sizeOfBurst(600, 4)
	steps := sampleBurst(t, s)
	if len(steps) != 600 || s.entities != 30 {
		t.Fatalf("got %d events of %d entities, want 600 of 30", len(steps), s.entities)
	}
	ignored := func(field string) bool { return field == "LastModifiedDate" }
	fingerprints, last, edited := map[string]bool{}, map[int]json.RawMessage{}, map[int]bool{}
	for n, step := range steps {
		e, err := ppm.Decode(step.body, event.TypeOf(event.Project, event.Updated))
		if err != nil {
			t.Fatal(err)
		}
		peeked, err := ppm.Peek(step.body, e.Type)
		if err != nil {
			t.Fatal(err)
		}
		fingerprints[string(peeked.Fingerprint)] = true
		var sent struct {
			Data struct{ Attributes, BeforeAttributes json.RawMessage }
		}
		if err := json.Unmarshal(step.body, &sent); err != nil {
			t.Fatal(err)
		}
		if before := last[step.entity]; before != nil && !bytes.Equal(before, sent.Data.BeforeAttributes) {
			t.Fatalf("event %d does not go on where the one before ended", n)
		}
		last[step.entity] = sent.Data.Attributes
		if got := len(event.Changes(e, ignored)); got != step.rows {
			t.Fatalf("event %d: got %d changes, want %d", n, got, step.rows)
		}
		if n >= len(steps)-s.entities && e.Initiator.Name == "Maria Schmidt" {
			edited[step.entity] = true
		}
	}
	if len(fingerprints) != 600 || len(last) != 30 || len(edited) != 30 {
		t.Errorf("got %d different events of %d entities and a bulk edit of %d, want 600, 30 and 30", len(fingerprints), len(last), len(edited))
	}
}

// The same burst is made each time but for its time stamps, and an odd number of events is no trouble.
func TestBurstIsTheSame(t *testing.T) {
	t.Parallel()
	a, b := sampleBurst(t, size{events: 47, entities: 10, channels: 3}), sampleBurst(t, size{events: 47, entities: 10, channels: 3})
	if len(a) != 47 || len(b) != 47 {
		t.Fatalf("got %d and %d events, want 47", len(a), len(b))
	}
	for i := range a {
		if a[i].entity != b[i].entity || a[i].rows != b[i].rows || a[i].id != "" {
			t.Errorf("event %d: got %+v and %+v", i, a[i], b[i])
		}
	}
}

func TestBurstOfSomethingElse(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{``, `{}`, `{"Data":{"Attributes":7}}`} {
		if _, err := burst([]byte(sample), size{events: 1, entities: 1, channels: 1}); err == nil {
			t.Errorf("%s: got no error", sample)
		}
	}
}

// Everybody who posts keeps the order of an entity's events and notes their ids.
func TestDeliver(t *testing.T) {
	t.Parallel()
	w := newWitness(t, accepting{})
	steps := sampleBurst(t, size{events: 200, entities: 20, channels: 2})
	if err := deliver(t.Context(), w.address, steps); err != nil {
		t.Fatal(err)
	}
	latest := map[int]*step{}
	for i, s := range steps {
		if s.id == "" || s.acked.IsZero() {
			t.Fatalf("event %d was not acknowledged", i)
		}
		if before := latest[s.entity]; before != nil && s.acked.Before(before.acked) {
			t.Errorf("event %d was posted before an earlier one of its entity", i)
		}
		latest[s.entity] = s
	}
	if err := deliver(t.Context(), newWitness(t, refusing{}).address, steps); err == nil {
		t.Error("got no error where every event is refused")
	}
}

func TestFloorOf(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]float64{0: 0, 1: 1, 500: 1, 501: 2, 30_000: 60} {
		if got := floorOf(rows); got != want {
			t.Errorf("%d rows: got %v s, want %v", rows, got, want)
		}
	}
}
