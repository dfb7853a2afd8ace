package main

import (
	"math/rand/v2"
	"testing"
)

// TestKill kills the real daemon with -9 while 16 clients post, at a random moment of 5 to 500 ms, again and again on
// the same journal. Two of five requests to Slack and Google fail in some way:
//
//	start   post post post …  kill -9   start   post …  kill -9   …   start, all works again, drain, stop
//	        |  an effect is open: begun, perhaps written, not settled  ^
//
//	Slack, sheet: the request arrives, or not, or late; the next life looks into the history, or burns the fence
//	file:         the rows are there, or half of them, or none; the next life reads the end of the file
//
// It proves that what was acknowledged stands exactly once in its channel, in each of its tabs and files, and in the
// order of its entity; that what was not acknowledged stands at most once; and that what may stand twice is counted: a
// message that lands after the second look.
func TestKill(t *testing.T) {
	wholeProgram(t)
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	const rounds, each = 50, 60
	seed := rand.Uint64() % 1_000_000
	rack, err := openTorture(t.Context(), program, t.TempDir(), seed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rack.close() }()
	rack.say = func(text string) { t.Log(text) }
	found, err := rack.run(t.Context(), rounds, rounds*each)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	t.Logf("%+v", found)
	if err := found.verdict(); err != nil {
		t.Errorf("seed %d: %v: %q", seed, err, found.Details[:min(20, len(found.Details))])
	}
	if found.Buried > 0 {
		t.Errorf("seed %d: got %d buried, want none: nothing here is refused for good", seed, found.Buried)
	}
	if found.Posted != rounds*each {
		t.Errorf("got %d changes posted, want %d", found.Posted, rounds*each)
	}
	if found.Cut < 10 {
		t.Errorf("only %d rounds ended with an effect open, want at least 10: the test proves too little", found.Cut)
	}
	for _, kind := range []string{"slack", "sheet", "file"} {
		if found.CutIn[kind] == 0 {
			t.Errorf("no round ended in the middle of a write to a %s: the test proves too little", kind)
		}
	}
	if met := sum(found.Faults); met < 10 {
		t.Errorf("only %d faults were met, want at least 10: the test proves too little", met)
	}
}
