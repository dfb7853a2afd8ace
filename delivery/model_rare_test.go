package delivery_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Histories that random ones seldom meet, and in which everything must hold. Where something appears after every look it
// may stand at a target that is told nothing any more: it is a possible double all the same.
func TestRareHistories(t *testing.T) {
	all := func(a act) []act { return []act{a, a, a} }
	// One event: its append, its plan, and for each of three targets the five operations up to the end of its effect.
	const ended = 2 + 3*5
	tests := []struct {
		name string
		scenario
		doubled int    // effects that may stand beside what was told again
		at      string // how many events stand at each target
	}{
		{
			name: "nobody can tell whether it was told, and its target is removed before it is told again",
			scenario: scenario{
				Events: make([]appendStep, 1), Sink: all(happensUnsure), Looks: []lookAt{cannotTell, cannotTell, cannotTell},
				Reloads: []reload{{Operation: ended, Gone: 0b010}},
			},
			doubled: 1, at: "a1 b1 c1",
		},
		{
			name: "it lands after its target was removed",
			scenario: scenario{
				Events: make([]appendStep, 1), Sink: all(landsLate), Reloads: []reload{{Operation: ended, Gone: 0b111}},
			},
			doubled: 2, at: "a1 b1 c0",
		},
		{
			name: "it lands after its target was removed in the middle of the attempt",
			scenario: scenario{
				Events: make([]appendStep, 1), Sink: all(landsLate), Slow: []int{0, 2, 2}, // the plan, and an attempt of each lane
				Reloads: []reload{{Operation: 2 + 2*2, Gone: 0b001}},
			},
			doubled: 2, at: "a1 b2 c1",
		},
		{
			name: "it lands after its target was removed and is back",
			scenario: scenario{
				Events: []appendStep{{}, {Wait: 3}}, Sink: all(landsLate),
				Reloads: []reload{{Operation: ended, Gone: 0b111}, {Operation: ended + 3}},
			},
			doubled: 2, at: "a2 b2 c1",
		},
		{
			name: "urgent events are planned once more without the urgent route",
			scenario: scenario{
				Events: []appendStep{{Entity: 1}, {Entity: 1}, {Entity: 1}}, Slow: []int{2}, // the plan, behind all of them
				Deaths: []death{{Operation: 4, After: true, Power: true, Seed: 1}}, Reloads: []reload{{Operation: 4, NoUrgent: true}},
			},
			at: "a3 b3 c3",
		},
		{
			name: "the journal answers with an error to a replay that happened, and nothing else comes",
			scenario: scenario{
				Events: []appendStep{{}, {Again: true, Replay: 1, Wait: 60}}, Errors: []death{{Operation: 2 + 3*3 + 1, After: true}},
			},
			at: "a2 b2 c1",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(test.scenario, honest, t.TempDir())
			err := w.live(t)
			if err != nil {
				t.Error(err)
			}
			if at := w.standing(); len(w.doubled) != test.doubled || at != test.at {
				t.Errorf("got %d doubled, and %s, want %d, and %s", len(w.doubled), at, test.doubled, test.at)
			}
			if t.Failed() {
				t.Log(w.diary())
			}
		})
	}
}

// standing tells how many events stand at each target.
func (w *world) standing() string {
	var at []string
	for _, target := range targetNames() {
		at = append(at, fmt.Sprint(target, len(w.told[target])))
	}
	return strings.Join(at, " ")
}

// A WAL with frames has a whole header, whatever the power failure did to them.
func TestPowerFailureLeavesTheHeader(t *testing.T) {
	wal := bytes.Repeat([]byte("x"), 2*walHeader)
	for seed := range uint64(200) {
		left := newDisk(&world{}, death{Seed: seed}).tail(bytes.Clone(wal), 0)
		if !bytes.HasPrefix(left, wal[:walHeader]) {
			t.Fatalf("seed %d: got %q, want the header left alone", seed, left)
		}
	}
}
