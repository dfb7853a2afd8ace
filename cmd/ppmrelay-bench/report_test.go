package main

import (
	"strings"
	"testing"
	"time"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		f    figure
		want string
	}{
		{"a lower bound met", figure{goal: 0.8, atLeast: true, rounds: []float64{0.7, 0.8, 0.9}}, "met"},
		{"a lower bound not met", figure{goal: 0.8, atLeast: true, rounds: []float64{0.7, 0.79, 0.99}}, "not met"},
		{"an upper bound met", figure{goal: 100, rounds: []float64{100}}, "met"},
		{"an upper bound not met", figure{goal: 100, rounds: []float64{101}}, "not met"},
		{"the median decides", figure{goal: 100, rounds: []float64{1, 2, 900}}, "met"},
		{"no goal", figure{rounds: []float64{5}}, ""},
		{"rounds on both sides of the floor", figure{goal: 0.8, atLeast: true, compared: true, rounds: []float64{0.6, 0.7, 1.1}}, "not met, noise"},
		{"a round like the floor", figure{goal: 0.8, atLeast: true, compared: true, rounds: []float64{0.8, 0.9, 1}}, "met, noise"},
		{"all rounds below the floor", figure{goal: 0.8, atLeast: true, compared: true, rounds: []float64{0.8, 0.9, 0.99}}, "met"},
		{"none at all", figure{zero: true, rounds: []float64{0}}, "met"},
		{"one where none should be", figure{zero: true, rounds: []float64{1}}, "not met"},
		{"no comparison, so nothing about 1", figure{goal: 2, rounds: []float64{0.5, 1.5}}, "met"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.f.verdict(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func example() *report {
	r := &report{
		machine: machine{"Some CPU", 2, "6.1", "Go 1.26.8", "ext4", 312 * time.Microsecond},
		command: "go run ./cmd/ppmrelay-bench --rounds 3 --seconds 1",
		at:      time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
		body:    2463,
	}
	goal := httpGoal{clients: 16, rate: 0.8, tail: 2}
	r.addHTTP(goal,
		[]load{{rate: 90, cpu: 60, p50: 1, p99: 4}, {rate: 70, cpu: 62, p50: 1.25, p99: 6}, {rate: 1700, cpu: 61, p50: 1, p99: 3}},
		[]load{{rate: 100, cpu: 40, p50: 0.5, p99: 2}, {rate: 100, cpu: 42, p50: 0.5, p99: 2}, {rate: 2000, cpu: 41, p50: 0.5, p99: 2}})
	r.figures = append(r.figures, figure{what: "rendering", goal: 100, unit: "µs", rounds: []float64{42.5}})
	return r
}

func TestText(t *testing.T) {
	t.Parallel()
	want := `Some CPU, 2 cores, Linux 6.1, Go 1.26.8, ext4, fsync of 4 KB in 312µs
go run ./cmd/ppmrelay-bench --rounds 3 --seconds 1

what                                             goal      measured  verdict  rounds
HTTP to the journal, 16 at a time: rate / floor  ≥ 0.80    0.85      met      0.70 to 0.90
HTTP to the journal, 16 at a time: p99 / floor   ≤ 2.00    2.00      met      1.50 to 3.00
rendering                                        ≤ 100 µs  42.5 µs   met

HTTP, medians, events of 2463 bytes, CPU of the server's process:

at a time  side     events/s  p50 ms  p99 ms  CPU µs/event
16         journal  90.0      1.00    4.00    61.0
16         floor    100       0.50    2.00    41.0
`
	if got := example().text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	got := example().markdown()
	for _, line := range []string{
		"## Measured on 2026-03-01",
		"- Machine: Some CPU, 2 cores, Linux 6.1, Go 1.26.8, ext4, fsync of 4 KB in 312µs",
		"- Command: `go run ./cmd/ppmrelay-bench --rounds 3 --seconds 1`",
		"| at a time | side    | events/s | p50 ms | p99 ms | CPU µs/event |",
		"| --------- | ------- | -------- | ------ | ------ | ------------ |",
		"| 16        | floor   | 100      | 0.50   | 2.00   | 41.0         |",
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("got\n%s\nwithout %q", got, line)
		}
	}
}

// A run of a part has no empty tables.
func TestNothingMeasuredNothingShown(t *testing.T) {
	t.Parallel()
	r := example()
	r.details = nil
	r.figures = append(r.figures, figure{what: "lost", zero: true, rounds: []float64{0}})
	r.more = append(r.more, titled{"The burst in numbers.", table{{"events", "rows"}, {"600", "1300"}}})
	for _, got := range []string{r.text(), r.markdown()} {
		if !strings.Contains(got, "\nThe burst in numbers.\n\n") || !strings.Contains(got, "1300") {
			t.Errorf("got\n%s\nwithout the other table", got)
		}
		if strings.Contains(got, "events/s") || !strings.Contains(got, "rendering") {
			t.Errorf("got\n%s\nwant goals only", got)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{0: "0.00", 0.666: "0.67", 9.5: "9.50", 12.345: "12.3", 100: "100", 12345.6: "12346"} {
		if got := number(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
}
