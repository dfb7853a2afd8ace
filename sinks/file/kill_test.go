package file

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestKilledAnywhere kills a process that writes one effect after the other, at any moment, and then does what delivery
// does at its start. Effects are large, so that a kill may meet a write.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	const rounds, effects, rows = 6, 20, 60
	for _, name := range []string{"a.csv", "a.jsonl"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			var keys []string
			open := 0
			for round := range rounds {
				o := order{Path: path, Headers: []string{"A", "B"}}
				for i := range effects {
					id := fmt.Sprintf("r%d-e%d-", round, i)
					o.Effects = append(o.Effects, effectOf(t, sinkAB(t, path), id, rowTexts(rows)...))
				}
				begun, ended := killDuring(t, o)
				open += begun - ended
				settle(t, path, o.Effects[:begun], ended)
				for i := range begun {
					for row := range rows {
						keys = append(keys, fmt.Sprintf("r%d-e%d-/%d", round, i, row+1))
					}
				}
			}
			if open == 0 {
				t.Errorf("none of %d rounds was killed with an effect open", rounds)
			}
			t.Logf("%d of %d rounds were killed with an effect open", open, rounds)
			wantKeys(t, path, keys)
		})
	}
}

// rowTexts returns texts with all that is quoted.
func rowTexts(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = strings.Repeat("a \"b\",\nc; ", 1+rand.IntN(100))
	}
	return texts
}

// killDuring runs a child, kills it some milliseconds after it began its first effect, and returns how many effects it
// began and how many of those it knew the end of.
func killDuring(t *testing.T, o order) (begun, ended int) {
	t.Helper()
	cmd := command(t.Context(), t, o)
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := json.NewDecoder(output)
	for {
		var o outcome
		if err := said.Decode(&o); err != nil { // killed, or done
			_ = cmd.Wait()
			return begun, ended
		}
		switch {
		case o.Failed:
			t.Fatalf("performing in a child: %s", o.Text)
		case !o.Begun:
			ended++
		case begun == 0:
			time.AfterFunc(time.Duration(rand.IntN(20_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			begun++
		default:
			begun++
		}
	}
}

// settle recalls the effect that was open when the process died, and performs it anew if it did not happen.
func settle(t *testing.T, path string, begun []sinks.Effect, ended int) {
	t.Helper()
	sink := sinkAB(t, path)
	for _, effect := range begun[ended:] {
		answer, err := sink.Recall(t.Context(), effect)
		if err != nil || answer.Happened == sinks.CannotTell {
			t.Fatalf("recalling: %v, %v", answer, err)
		}
		if answer.Happened == sinks.Did {
			continue
		}
		if _, err := sink.Perform(t.Context(), effect); err != nil {
			t.Fatal(err)
		}
	}
}

// wantKeys checks that the file holds rows with these keys, in this order, and no others.
func wantKeys(t *testing.T, path string, want []string) {
	t.Helper()
	sink := sinkAB(t, path)
	open, err := sink.open(sinks.Batch{Headers: sink.headers}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.close()
	read := open.records(open.reader())
	if filepath.Ext(path) == ".csv" {
		if _, _, err := read(); err != nil {
			t.Fatal(err)
		}
	}
	for i, key := range want {
		if got, _, err := read(); err != nil || got != key {
			t.Fatalf("row %d: got %q, error %v, want %q", i+1, got, err, key)
		}
	}
	if key, _, err := read(); err == nil {
		t.Errorf("got a row %q more than were written", key)
	}
}

func BenchmarkPerform(b *testing.B) {
	for _, rows := range []int{1, 100, 2000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			sink := sinkAB(b, filepath.Join(b.TempDir(), "a.csv"))
			texts := make([]string, rows)
			for i := range texts {
				texts[i] = "Status is now At risk"
			}
			effect := effectOf(b, sink, "e", texts...)
			for b.Loop() {
				if _, err := sink.Perform(b.Context(), effect); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRecall(b *testing.B) {
	sink := sinkAB(b, filepath.Join(b.TempDir(), "a.csv"))
	texts := make([]string, maxRows)
	for i := range texts {
		texts[i] = "Status is now At risk"
	}
	for i := range 50 {
		if _, err := sink.Perform(b.Context(), effectOf(b, sink, strconv.Itoa(i), texts...)); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(size(b, sink.config.Path))
	effect := effectOf(b, sink, "other", "x")
	for b.Loop() {
		wantRecall(b, sink, effect, sinks.DidNot, "")
	}
}
