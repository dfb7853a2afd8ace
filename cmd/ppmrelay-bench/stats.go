package main

import (
	"slices"
	"time"
)

// median returns the middle value, the mean of the two in the middle of an even number, and 0 of none. It leaves the
// values as they are.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// percentile returns the smallest of the sorted times that p percent of them do not exceed (the nearest rank), and 0 of
// none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100 // rounded up; the first is number 1
	return sorted[max(rank, 1)-1]
}

// ratios divides round by round: what disturbed a round disturbed both sides of it.
func ratios(ours, floor []load, of func(load) float64) []float64 {
	all := make([]float64, 0, len(ours))
	for i := range ours {
		all = append(all, of(ours[i])/of(floor[i]))
	}
	return all
}

// pick takes one figure of each load.
func pick(loads []load, of func(load) float64) []float64 {
	all := make([]float64, 0, len(loads))
	for _, l := range loads {
		all = append(all, of(l))
	}
	return all
}

// load is what one round of one side measured.
type load struct {
	rate     float64 // acknowledged events a second
	cpu      float64 // of the server's process, user and system, µs an event
	p50, p99 float64 // of the time until the answer, ms
}

// newLoad counts events that took so long each, in all, with so much time of the server's processors.
func newLoad(took []time.Duration, elapsed, cpu time.Duration) load {
	slices.Sort(took)
	count := float64(len(took))
	return load{
		rate: count / elapsed.Seconds(),
		cpu:  float64(cpu.Microseconds()) / count,
		p50:  ms(percentile(took, 50)),
		p99:  ms(percentile(took, 99)),
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
