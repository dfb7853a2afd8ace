package file

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestTold: what stands in the key column was told, whoever asks, and since when.
func TestTold(t *testing.T) {
	const line = `{"A":"x","B":7,"Event id":"`
	for _, c := range []struct {
		name, file, before string
		want               []string
	}{
		{"all", "a.csv", head + "x,7,d/1\nx,7,e/1\nx,7,e/2\nx,7,f/1\n", []string{"d", "e", "f"}},
		{"a part", "a.csv", head + "x,7,e/2\n", []string{"e"}},
		{"none", "a.csv", head + "x,7,other/1\n", nil},
		{"an id that begins like it", "a.csv", head + "x,7,ee/1\nx,7,dd\n", nil},
		{"in another column", "a.csv", head + "e/1,d/1,other/1\n", nil},
		{"columns moved, sorted", "a.csv", "Event id,Note,A,B\nf/1,mine,x,7\nd/1,,x,7\n", []string{"d", "f"}},
		{"empty", "a.csv", "", nil},
		{"torn first line", "a.csv", "A,B,Ev", nil},
		{"torn row", "a.csv", head + "x,7,d/1\nx,7", []string{"d"}},
		{"lines", "a.jsonl", line + `e/1"}` + "\n" + line + `other/1"}` + "\n", []string{"e"}},
		{"a person's lines", "a.jsonl", `{"C":1}` + "\n" + line + `d/1"}`, []string{"d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			put(t, path, c.before)
			for _, since := range []time.Time{{}, time.Now()} {
				got, err := sinkAB(t, path).Told(t.Context(), []string{"d", "e", "f"}, since)
				if err != nil || !slices.Equal(got, c.want) {
					t.Errorf("got %q and %v, want %q", got, err, c.want)
				}
			}
		})
	}
}

func TestToldCannotBeSeen(t *testing.T) {
	ask := func(ctx context.Context, path string) error {
		got, err := sinkAB(t, path).Told(ctx, []string{"e"}, time.Time{})
		if err == nil && len(got) > 0 {
			t.Errorf("got %q, want none", got)
		}
		return err
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	if err := ask(t.Context(), path); err != nil {
		t.Errorf("no file: got %v, want none told", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("asking made the file")
	}
	wantFailure(t, ask(t.Context(), filepath.Join(dir, "no", "a.csv")), sinks.Park, sinks.ReasonTargetGone, "its folder must exist")
	put(t, path, "A,B\nx,7\n")
	wantFailure(t, ask(t.Context(), path), sinks.Park, sinks.ReasonTargetRefuses, `no column "Event id"`)
	put(t, path, head+"5\" pipe,1,d/1\n")
	wantFailure(t, ask(t.Context(), path), sinks.Park, sinks.ReasonTargetRefuses, "a row cannot be read")
	put(t, path, head+"x,7,d/1\n")
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	wantFailure(t, ask(stopped, path), sinks.Retry, sinks.ReasonInterrupted, "the look was stopped")
}

// TestToldIsSynced: what is never written again must survive a crash of the machine.
func TestToldIsSynced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	put(t, path, head+"x,7,e/1\n")
	sink := sinkAB(t, path)
	var synced []string
	sink.sync = func(f *os.File) error {
		synced = append(synced, filepath.Base(f.Name()))
		return nil
	}
	if _, err := sink.Told(t.Context(), []string{"d"}, time.Time{}); err != nil || len(synced) > 0 {
		t.Errorf("none told: got %q synced and %v, want nothing", synced, err)
	}
	if _, err := sink.Told(t.Context(), []string{"e"}, time.Time{}); err != nil || len(synced) != 2 {
		t.Errorf("told: got %q synced and %v, want the file and its folder", synced, err)
	}
}
