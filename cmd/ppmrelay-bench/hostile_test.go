package main

import (
	"slices"
	"testing"
	"time"
)

// Honest senders are acknowledged, on connections of which some are new.
func TestBehave(t *testing.T) {
	t.Parallel()
	w := newWitness(t, accepting{})
	got := behave(t.Context(), w.address, sampleDraft(t), 400*time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	if got.answered == 0 || got.failed > 0 || got.err != nil || got.p99 <= 0 {
		t.Errorf("got %+v, want all answered", got)
	}
	if w.seen[202] != got.answered {
		t.Errorf("got %d answered, the server says %v", got.answered, w.seen)
	}
	if got.answered > 2*honestSenders*freshAfter && w.dialled <= honestSenders {
		t.Errorf("got %d connections for %d events, want some new ones", w.dialled, got.answered)
	}
}

// What is refused is counted, and the senders go on.
func TestBehaveWhereAllIsRefused(t *testing.T) {
	t.Parallel()
	w := newWitness(t, refusing{})
	got := behave(t.Context(), w.address, sampleDraft(t), 100*time.Millisecond)
	if got.answered != 0 || got.failed <= honestSenders || got.err == nil {
		t.Errorf("got %+v, want failures only, several of each sender", got)
	}
}

func TestSiege(t *testing.T) {
	t.Parallel()
	s := siege{
		kind:     "wrong secrets",
		quiet:    []trial{{answered: 100, p99: 2}, {answered: 100, p99: 4}, {answered: 100, p99: 3}},
		besieged: []trial{{answered: 90, p99: 4}, {answered: 80, failed: 1, p99: 40}, {answered: 70, failed: 2, p99: 9}},
		harm:     harm{Opened: 70, Most: 64, Answers: 5000},
		memory:   77,
	}
	figures := s.figures()
	if got := figures[0].rounds; !slices.Equal(got, []float64{2, 10, 3}) || figures[0].verdict() != "met" {
		t.Errorf("got the ratios %v, %s, want 2, 10, 3, whose median is met", got, figures[0].verdict())
	}
	if figures[1].rounds[0] != 77 || figures[1].goal != attackGoal {
		t.Errorf("got %+v for the memory", figures[1])
	}
	if s.failed() != 3 {
		t.Errorf("got %v failed, want 3", s.failed())
	}
	if got, want := s.cells(), []string{"wrong secrets", "64", "70", "5000", "3.00", "9.00", "240"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
