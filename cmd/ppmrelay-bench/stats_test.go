package main

import (
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []float64
		want   float64
	}{
		{"none", nil, 0},
		{"one", []float64{7}, 7},
		{"odd", []float64{9, 1, 5}, 5},
		{"even", []float64{4, 1, 3, 2}, 2.5},
		{"an outlier", []float64{1, 1000, 2}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := median(test.values); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// The order of the rounds is what their ratios rest on.
func TestMedianLeavesItsValues(t *testing.T) {
	t.Parallel()
	values := []float64{3, 1, 2}
	median(values)
	if values[0] != 3 || values[1] != 1 || values[2] != 2 {
		t.Errorf("got %v, want the order as it was", values)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	tests := []struct {
		name   string
		sorted []time.Duration
		p      int
		want   time.Duration
	}{
		{"none", nil, 99, 0},
		{"one", hundred[:1], 99, 1},
		{"half of a hundred", hundred, 50, 50},
		{"99 of a hundred", hundred, 99, 99},
		{"all of a hundred", hundred, 100, 100},
		{"half of three", hundred[:3], 50, 2},
		{"99 of three", hundred[:3], 99, 3},
		{"none of three", hundred[:3], 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := percentile(test.sorted, test.p); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

// A machine that is twice as slow in one round changes nothing, though it changes the ratio of the medians.
func TestRatiosGoRoundByRound(t *testing.T) {
	t.Parallel()
	rate := func(l load) float64 { return l.rate }
	ours := []load{{rate: 80}, {rate: 40}, {rate: 400}}
	floor := []load{{rate: 100}, {rate: 50}, {rate: 500}}
	got := ratios(ours, floor, rate)
	if len(got) != 3 {
		t.Fatalf("got %d ratios, want 3", len(got))
	}
	for i := range got {
		if got[i] != 0.8 {
			t.Errorf("round %d: got %v, want 0.8", i, got[i])
		}
	}
}

func TestNewLoad(t *testing.T) {
	t.Parallel()
	took := []time.Duration{4 * time.Millisecond, time.Millisecond, 3 * time.Millisecond, 2 * time.Millisecond}
	got := newLoad(took, 2*time.Second, 100*time.Millisecond)
	want := load{rate: 2, cpu: 25_000, p50: 2, p99: 4}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
