package file

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestRecall(t *testing.T) {
	const (
		rows  = "one,7,e/1\n\"two\n2\",7,e/2\n"
		lines = `{"A":"one","B":7,"Event id":"e/1"}` + "\n" + `{"A":"two\n2","B":7,"Event id":"e/2"}` + "\n"
		p     = "p,1,d/1\n"
	)
	for _, c := range []struct {
		name, file, before string
		want               sinks.Happened
		after              string
	}{
		{"all", "a.csv", head + p + rows, sinks.Did, head + p + rows},
		{"none", "a.csv", head + p, sinks.DidNot, head + p},
		{"empty file", "a.csv", "", sinks.DidNot, ""},
		{"torn first line", "a.csv", "A,B,Ev", sinks.DidNot, ""},
		{"only the first line", "a.csv", head, sinks.DidNot, head},
		{"first row torn", "a.csv", head + p + "one,7,e/", sinks.DidNot, head + p},
		{"first row torn, key whole", "a.csv", head + p + "one,7,e/1", sinks.DidNot, head + p},
		{"first row torn behind empty lines", "a.csv", head + p + "\n\none,7", sinks.DidNot, head + p + "\n\n"},
		{"second row torn in its quotes", "a.csv", head + "one,7,e/1\n\"two", sinks.Did, head + rows},
		{"second row torn at the line break of its cell", "a.csv", head + "one,7,e/1\n\"two\n", sinks.Did, head + rows},
		{"second row torn behind its quotes", "a.csv", head + "one,7,e/1\n\"two\n2\"", sinks.Did, head + rows},
		{"only the second", "a.csv", head + "\"two\n2\",7,e/2\n", sinks.Did, head + "\"two\n2\",7,e/2\none,7,e/1\n"},
		{"sorted and edited by a person", "a.csv", head + "\"2\",8,e/2,mine\n" + p + "eins,,e/1\n", sinks.Did, head + "\"2\",8,e/2,mine\n" + p + "eins,,e/1\n"},
		{"moved columns", "a.csv", "Event id,A,B\ne/1,one,7\n", sinks.Did, "Event id,A,B\ne/1,one,7\ne/2,\"two\n2\",7\n"},
		{"person's last line without line break", "a.csv", head + "one,7,e/1\nmine", sinks.Did, head + "one,7,e/1\nmine\n\"two\n2\",7,e/2\n"},
		{"person's edit of the last row", "a.csv", head + "one,7,e/1\n2,7,e/2", sinks.Did, head + "one,7,e/1\n2,7,e/2"},
		{"key in another column", "a.csv", head + "e/1,e/2,d/1\n", sinks.DidNot, head + "e/1,e/2,d/1\n"},
		{"key column gone", "a.csv", "A,B\none,7\n", sinks.CannotTell, "A,B\none,7\n"},
		{"other column gone, all there", "a.csv", "A,Event id\none,e/1\ntwo,e/2\n", sinks.Did, "A,Event id\none,e/1\ntwo,e/2\n"},
		{"other column gone, one there", "a.csv", "A,Event id\none,e/1\n", sinks.CannotTell, "A,Event id\none,e/1\n"},
		{"person's quote swallows rows", "a.csv", head + "\"p,1,d/1\n" + "one,7,e/1\ntwo,7,e/2\n", sinks.CannotTell, head + "\"p,1,d/1\n" + "one,7,e/1\ntwo,7,e/2\n"},
		{"person's quote in the middle", "a.csv", head + "5\" pipe,1,d/1\n" + rows, sinks.CannotTell, head + "5\" pipe,1,d/1\n" + rows},
		{"all lines", "a.jsonl", `{"C":1}` + "\n" + lines, sinks.Did, `{"C":1}` + "\n" + lines},
		{"no line", "a.jsonl", `{"C":1}` + "\n", sinks.DidNot, `{"C":1}` + "\n"},
		{"no line, no line break", "a.jsonl", `{"C":1}`, sinks.DidNot, `{"C":1}`},
		{"first line torn", "a.jsonl", lines[:20], sinks.DidNot, ""},
		{"first line without its line break", "a.jsonl", lines[:34], sinks.DidNot, ""},
		{"second line torn", "a.jsonl", lines[:50], sinks.Did, lines},
		{"lines glued by a person", "a.jsonl", strings.Replace(lines, "\n", "", 1), sinks.CannotTell, strings.Replace(lines, "\n", "", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			put(t, path, c.before)
			sink := sinkAB(t, path)
			effect := effectOf(t, sink, "e", "one", "two\n2")
			reason := sinks.Reason("")
			if c.want == sinks.CannotTell {
				reason = sinks.ReasonTargetRefuses
			}
			for range 2 { // the second look finds what the first one left
				wantRecall(t, sink, effect, c.want, reason)
				if got := content(t, path); got != c.after {
					t.Errorf("got %q, want %q", got, c.after)
				}
			}
		})
	}
}

func TestRecallWithoutFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	sink := sinkAB(t, path)
	wantRecall(t, sink, effectOf(t, sink, "e", "x"), sinks.DidNot, "")
	if _, err := os.Stat(path); err == nil {
		t.Error("recalling made the file")
	}
}

func TestRecallThatIsStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	put(t, path, head)
	sink := sinkAB(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sink.Recall(ctx, effectOf(t, sink, "e", "x"))
	wantFailure(t, err, sinks.Retry, sinks.ReasonInterrupted, "looking into "+path)
}

// What Recall says must survive a crash of the machine, too: what it found, added and cut off.
func TestRecallSyncsBeforeItAnswers(t *testing.T) {
	for _, c := range []struct {
		name, before string
		want         sinks.Happened
		synced       []string
	}{
		{"all there", head + "x,7,e/1\ny,7,e/2\n", sinks.Did, []string{"a.csv", "."}},
		{"one there", head + "x,7,e/1\n", sinks.Did, []string{"a.csv", "."}},
		{"one torn", head + "x,7,e/1\ny", sinks.Did, []string{"a.csv", "a.csv", "."}},
		{"first torn", head + "x", sinks.DidNot, []string{"a.csv"}},
		{"first line torn", "A,B,", sinks.DidNot, []string{"a.csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.csv")
			put(t, path, c.before)
			sink := sinkAB(t, path)
			effect := effectOf(t, sink, "e", "x", "y")
			var synced []string
			sink.sync = func(f *os.File) error {
				name, err := filepath.Rel(dir, f.Name())
				synced = append(synced, name)
				return errors.Join(err, f.Sync())
			}
			wantRecall(t, sink, effect, c.want, "")
			if !slices.Equal(synced, c.synced) {
				t.Errorf("got %q synced, want %q", synced, c.synced)
			}
			put(t, path, c.before)
			sink.sync = func(*os.File) error { return syscall.EIO }
			_, err := sink.Recall(t.Context(), effect)
			if err == nil {
				t.Error("recalling without being able to sync: got no error")
			}
		})
	}
}

// A caller may give up a Perform that hangs, and recall: rows that land after DidNot would be told twice.
func TestOneThingAtATime(t *testing.T) {
	sink := sinkAB(t, filepath.Join(t.TempDir(), "a.csv"))
	effect := effectOf(t, sink, "e", "x")
	synced := 0
	sink.sync = func(f *os.File) error {
		if synced++; sink.busy.TryLock() {
			t.Error("while a sink writes or looks, it can be asked something else")
			sink.busy.Unlock()
		}
		return f.Sync()
	}
	if _, err := sink.Perform(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
	wantRecall(t, sink, effect, sinks.Did, "")
	if synced != 4 {
		t.Errorf("got %d syncs, want those of file and folder, twice", synced)
	}
}

// FuzzRecallTorn cuts a file anywhere while the effect that wrote its end is unsure, as a crash does, and text of a
// person may stand before. Then no whole record may be lost, what the sink says must be true, and after delivery did its
// part each row is there once.
func FuzzRecallTorn(f *testing.F) {
	f.Add("one", "two\n2", "mine", uint16(30), false)
	f.Add(`"`, "\n\"\n", "", uint16(20), false)
	f.Add("a,b", ";=1", "p\nq", uint16(45), true)
	f.Add("", "\r\n", "\r", uint16(14), false)
	f.Fuzz(func(t *testing.T, first, second, before string, cut uint16, lines bool) {
		path := filepath.Join(t.TempDir(), "a.csv")
		if lines {
			path = filepath.Join(filepath.Dir(path), "a.jsonl")
		}
		sink := sinkAB(t, path)
		if _, err := sink.Perform(t.Context(), effectOf(t, sink, "d", before)); err != nil {
			t.Fatal(err)
		}
		old := content(t, path)
		effect := effectOf(t, sink, "e", first, second)
		if _, err := sink.Perform(t.Context(), effect); err != nil {
			t.Fatal(err)
		}
		full := content(t, path)
		torn := full[:len(old)+int(cut)%(len(full)-len(old)+1)]
		put(t, path, torn)

		answer, err := sink.Recall(t.Context(), effect)
		if err != nil {
			t.Fatal(err)
		}
		switch answer.Happened {
		case sinks.CannotTell:
			t.Fatalf("got CannotTell (%s) for %q", answer.Detail, torn)
		case sinks.DidNot:
			if got := content(t, path); got != old {
				t.Fatalf("after DidNot: got %q, want %q", got, old)
			}
			if _, err := sink.Perform(t.Context(), effectOf(t, sink, "e", first, second)); err != nil {
				t.Fatal(err)
			}
		case sinks.Did:
		}
		if got := content(t, path); got != full {
			t.Fatalf("got %q, want %q", got, full)
		}
	})
}

// FuzzRecallAnything gives Recall any file: it must neither panic nor lose a byte that is not a torn row of the effect.
func FuzzRecallAnything(f *testing.F) {
	for _, text := range []string{
		"", head, "A,B,Ev", head + "one,7,e/1\n\"tw", head + "\"", "B,A,Event id\n7,on",
		"\ufeff" + head, "\n\n", "\r", head + "\x00", "{}", `{"A":"one","B":7,"Event id":"e/1"}` + "\n" + `{"A":"t`,
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, lines bool) {
		path := filepath.Join(t.TempDir(), "a.csv")
		if lines {
			path = filepath.Join(filepath.Dir(path), "a.jsonl")
		}
		put(t, path, text)
		sink := sinkAB(t, path)
		effect := effectOf(t, sink, "e", "one", "two\n2")
		may := mayBeCut(t, sink, effect)
		put(t, path, text)
		if _, err := sink.Recall(t.Context(), effect); err != nil {
			t.Fatal(err)
		}
		left := content(t, path)
		for i := range len(text) + 1 {
			torn := func(line string) bool { return len(text)-i < len(line) && strings.HasPrefix(line, text[i:]) }
			if strings.HasPrefix(left, text[:i]) && slices.ContainsFunc(may, torn) {
				return
			}
		}
		t.Fatalf("of %q only %q is left", text, left)
	})
}

// mayBeCut returns the lines whose torn beginning may be cut off the sink's file.
func mayBeCut(t *testing.T, sink *Sink, effect sinks.Effect) []string {
	t.Helper()
	may := []string{head}
	frozen, err := sinks.ThawBatch(effect)
	if err != nil {
		t.Fatal(err)
	}
	open, err := sink.open(frozen, 0)
	if err != nil {
		return may
	}
	defer open.close()
	for _, row := range frozen.Rows {
		may = append(may, string(open.line(row)))
	}
	return may
}
