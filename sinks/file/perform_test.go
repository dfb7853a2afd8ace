package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// effectOf freezes one row per text, with the columns A and B and the keys "id/1", "id/2" and so on.
func effectOf(tb testing.TB, sink *Sink, id string, texts ...string) sinks.Effect {
	tb.Helper()
	item := sinks.Item{Events: []string{id}}
	for i, text := range texts {
		item.Rows = append(item.Rows, event.Row{Key: fmt.Sprintf("%s/%d", id, i+1), Cells: []event.Cell{
			{Header: "A", Type: event.CellText, Text: text}, {Header: "B", Type: event.CellNumber, Text: "7"},
		}})
	}
	content, _, err := sink.Compose([]sinks.Item{item}, false)
	if err != nil {
		tb.Fatal(err)
	}
	return sinks.Effect{ID: "effect-" + id, Events: item.Events, Content: content}
}

func sinkAB(tb testing.TB, path string) *Sink {
	tb.Helper()
	sink, err := New(Config{Path: path}, []string{"A", "B"})
	if err != nil {
		tb.Fatal(err)
	}
	return sink
}

func put(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

const head = "A,B,Event id\n"

func TestPerformAppendsToWhatIsThere(t *testing.T) {
	const row = "x,7,e/1\n"
	for _, c := range []struct{ name, file, before, after string }{
		{"no file", "a.csv", "", head + row},
		{"rows", "a.csv", head + "p,1,d/1\n", head + "p,1,d/1\n" + row},
		{"first line without line break", "a.csv", "A,B,Event id", head + row},
		{"first line torn", "a.csv", "A,B,Ev", head + row},
		{"person's line without line break", "a.csv", head + "p,1,d/1", head + "p,1,d/1\n" + row},
		{"person's short line", "a.csv", head + "p", head + "p\n" + row},
		{"person's empty lines", "a.csv", head + "p,1\n\n\n", head + "p,1\n\n\n" + row},
		{"only an empty line", "a.csv", "\n", "\n" + head + row},
		{"only a byte order mark", "a.csv", "\ufeff", "\ufeff\n" + head + row},
		{"byte order mark", "a.csv", "\ufeff" + head, "\ufeff" + head + row},
		{"carriage returns", "a.csv", "A,B,Event id\r\np,1,d/1\r\n", "A,B,Event id\r\np,1,d/1\r\n" + row},
		{"moved columns", "a.csv", "Event id,B,A\n", "Event id,B,A\ne/1,7,x\n"},
		{"person's column", "a.csv", "Reviewed,A, B ,Event id,Note\n", "Reviewed,A, B ,Event id,Note\n,x,7,e/1,\n"},
		{"column twice", "a.csv", "A,A,B,Event id\n", "A,A,B,Event id\nx,,7,e/1\n"},
		{"no lines", "a.jsonl", "", `{"A":"x","B":7,"Event id":"e/1"}` + "\n"},
		{"line of others", "a.jsonl", `{"C":1}`, `{"C":1}` + "\n" + `{"A":"x","B":7,"Event id":"e/1"}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if c.before != "" {
				put(t, path, c.before)
			}
			sink := sinkAB(t, path)
			receipt, err := sink.Perform(t.Context(), effectOf(t, sink, "e", "x"))
			if err != nil {
				t.Fatal(err)
			}
			if got := content(t, path); got != c.after {
				t.Errorf("got %q, want %q", got, c.after)
			}
			if want := path + " e/1"; string(receipt) != want {
				t.Errorf("got receipt %q, want %q", receipt, want)
			}
		})
	}
}

func TestPerformRefusesAndLeavesTheFile(t *testing.T) {
	for _, c := range []struct{ name, file, before, want string }{
		{"column missing", "a.csv", "A,Event id\n", `no column "B"; add it there`},
		{"columns missing", "a.csv", "a,b,Note\n", `no column "A", "B", "Event id"; add it there`},
		{"semicolons", "a.csv", "A;B;Event id\n", `no column "A", "B", "Event id"`},
		{"first line broken", "a.csv", "\"A,B\n", "a row cannot be read"},
		{"open quote at the end", "a.csv", head + "p,\"1", "a row cannot be read (parse error on line 2"},
		{"torn line of JSON", "a.jsonl", `{"A":"x"}` + "\n" + `{"A":"`, "a row cannot be read (line 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			put(t, path, c.before)
			sink := sinkAB(t, path)
			_, err := sink.Perform(t.Context(), effectOf(t, sink, "e", "x"))
			wantFailure(t, err, sinks.Park, sinks.ReasonTargetRefuses, "writing to "+path, c.want)
			if got := content(t, path); got != c.before {
				t.Errorf("got %q, want it unchanged: %q", got, c.before)
			}
		})
	}
}

func TestPerformKeepsTheColumnsItWasFrozenWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	frozen := effectOf(t, sinkAB(t, path), "e", "x")
	changed, err := New(Config{Path: path}, []string{"A", "New"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := changed.Perform(t.Context(), frozen); err != nil {
		t.Fatal(err)
	}
	if got, want := content(t, path), head+"x,7,e/1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	put(t, path, "A,New,Event id\n")
	_, err = changed.Perform(t.Context(), frozen)
	wantFailure(t, err, sinks.Park, sinks.ReasonTargetRefuses, `no column "B"`)
}

func TestPerformBeginsAnewWhenTheFileIsMovedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	sink := sinkAB(t, path)
	for _, id := range []string{"d", "e"} {
		if _, err := sink.Perform(t.Context(), effectOf(t, sink, id, "x")); err != nil {
			t.Fatal(err)
		}
		if got, want := content(t, path), head+"x,7,"+id+"/1\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := os.Rename(path, path+".old"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPerformOnWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "plain"), "")
	folder, pipe := os.Mkdir(filepath.Join(dir, "folder.csv"), 0o700), syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600)
	if err := errors.Join(folder, pipe); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"folder.csv", "pipe.csv"} {
		path := filepath.Join(dir, name)
		sink := sinkAB(t, path)
		_, err := sink.Perform(t.Context(), effectOf(t, sink, "e", "x"))
		wantFailure(t, err, sinks.Park, sinks.ReasonTargetRefuses, "writing to "+path)
		wantRecall(t, sink, effectOf(t, sink, "e", "x"), sinks.CannotTell, sinks.ReasonTargetRefuses)
	}
	for _, name := range []string{"missing/a.csv", "plain/a.csv"} {
		sink := sinkAB(t, filepath.Join(dir, name))
		_, err := sink.Perform(t.Context(), effectOf(t, sink, "e", "x"))
		wantFailure(t, err, sinks.Park, sinks.ReasonTargetGone, "its folder must exist")
		wantRecall(t, sink, effectOf(t, sink, "e", "x"), sinks.CannotTell, sinks.ReasonTargetGone)
	}
}

func TestPerformWithoutPermission(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	sink := sinkAB(t, path)
	attribute(t, "+i", dir) // no file can be made in it, not even by root
	_, err := sink.Perform(t.Context(), effectOf(t, sink, "e", "x"))
	wantFailure(t, err, sinks.Park, sinks.ReasonTargetRefuses, "must be allowed to write")
	attribute(t, "-i", dir)
	if _, err := sink.Perform(t.Context(), effectOf(t, sink, "e", "x")); err != nil {
		t.Fatal(err)
	}
	attribute(t, "+i", path)
	_, err = sink.Perform(t.Context(), effectOf(t, sink, "f", "x"))
	wantFailure(t, err, sinks.Park, sinks.ReasonTargetRefuses, "must be allowed to write")
	wantRecall(t, sink, effectOf(t, sink, "f", "x"), sinks.CannotTell, sinks.ReasonTargetRefuses)
}

// A write that fails in the middle and cannot be taken back: the file may only be appended to.
func TestPerformThatCannotBeTakenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	put(t, path, head)
	sink := sinkAB(t, path)
	effect := effectOf(t, sink, "e", "one", "two", "three")
	attribute(t, "+a", path)
	_, err := inChild(t.Context(), t, order{
		Path: path, Headers: []string{"A", "B"}, Effects: []sinks.Effect{effect}, Limit: uint64(len(head) + 15),
	})
	wantFailure(t, err, sinks.Unsure, sinks.ReasonStorage, "taking back")
	if got, want := content(t, path), head+"one,7,e/1\ntwo,7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	wantRecall(t, sink, effect, sinks.CannotTell, sinks.ReasonTargetRefuses)
	attribute(t, "-a", path)
	wantRecall(t, sink, effect, sinks.Did, "")
	if got, want := content(t, path), head+"one,7,e/1\ntwo,7,e/2\nthree,7,e/3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// No file system can be made to fail fsync without a device of its own, so that alone is feigned.
func TestPerformWhenSyncFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails int // which call of fsync, from 1
		want  sinks.Happened
	}{
		{"of the file", 1, sinks.DidNot},
		{"of the folder", 2, sinks.Did},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := sinkAB(t, filepath.Join(t.TempDir(), "a.csv"))
			calls := 0
			sink.sync = func(f *os.File) error {
				if calls++; calls == c.fails {
					return syscall.EIO
				}
				return f.Sync()
			}
			effect := effectOf(t, sink, "e", "x")
			_, err := sink.Perform(t.Context(), effect)
			wantFailure(t, err, sinks.Unsure, sinks.ReasonStorage, "input/output error")
			wantRecall(t, sink, effect, c.want, "")
		})
	}
}

func TestPerformOfAStoppedCallerWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	sink := sinkAB(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sink.Perform(ctx, effectOf(t, sink, "e", "x"))
	wantFailure(t, err, sinks.Retry, sinks.ReasonInterrupted, "before it began")
	if got := content(t, path); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestUnreadableEffect(t *testing.T) {
	sink := sinkAB(t, filepath.Join(t.TempDir(), "a.csv"))
	for _, frozen := range []string{"", "{", `{"rows":[]}`} {
		effect := sinks.Effect{ID: "e", Content: []byte(frozen)}
		_, err := sink.Perform(t.Context(), effect)
		wantFailure(t, err, sinks.Bury, sinks.ReasonContent, "reading effect e")
		wantRecall(t, sink, effect, sinks.CannotTell, sinks.ReasonContent)
	}
}

// attribute sets an attribute of the file system that binds root too, and takes it off at the end.
func attribute(t *testing.T, flag, path string) {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), "chattr", flag, path).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED, needs root and a file system with attributes: chattr %s: %v %s", flag, err, output)
	}
	t.Cleanup(func() { _ = exec.CommandContext(context.Background(), "chattr", "-ia", path).Run() })
}

func wantFailure(t *testing.T, err error, class sinks.Class, reason sinks.Reason, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %v, %s", class, reason)
	}
	failure := sinks.Classify(err)
	if failure.Class != class || failure.Reason != reason {
		t.Errorf("got %v, %s (%v), want %v, %s", failure.Class, failure.Reason, err, class, reason)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got error %q, want %q in it", err, text)
		}
	}
}

// wantRecall checks the answer and its reason. A look that fails is an error of the test.
func wantRecall(tb testing.TB, sink *Sink, effect sinks.Effect, want sinks.Happened, reason sinks.Reason) {
	tb.Helper()
	got, err := sink.Recall(tb.Context(), effect)
	if err != nil {
		tb.Fatalf("recalling: %v", err)
	}
	if got.Happened != want || got.Reason != reason {
		tb.Errorf("recalling: got %d, reason %q (%s), want %d, %q", got.Happened, got.Reason, got.Detail, want, reason)
	}
	if (got.Detail != "") != (want == sinks.CannotTell) || (got.Receipt != "") != (want == sinks.Did) {
		tb.Errorf("recalling: got detail %q and receipt %q with answer %d", got.Detail, got.Receipt, want)
	}
}
