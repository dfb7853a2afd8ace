package file

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/sinktest"
)

// target is a file that the kit's faults strike: a limit of the file's size, which fails a write at its beginning or in
// the middle, and kill -9, after the write or as if in the middle of it.
type target struct {
	path  string
	halfs int
}

func (tg *target) Sink(t *testing.T) sinks.Sink {
	t.Helper()
	return newSink(t, tg.path)
}

func (tg *target) Perform(
	ctx context.Context, t *testing.T, fault sinktest.Fault, effect sinks.Effect,
) (sinks.Receipt, error) {
	t.Helper()
	o := order{Path: tg.path, Headers: sinktest.Headers(), Effects: []sinks.Effect{effect}}
	before := size(t, tg.path)
	switch fault {
	case sinktest.Before:
		o.Limit = uint64(max(before, 1))
	case sinktest.After:
		o.Die = true
	case sinktest.Half:
		tg.halfs++
		if tg.halfs%2 == 0 {
			o.Limit = uint64(before + 1 + rand.Int64N(300))
			break
		}
		o.Die = true
		receipt, err := inChild(ctx, t, o)
		written := size(t, tg.path) - before
		if err := os.Truncate(tg.path, before+1+rand.Int64N(written-1)); err != nil {
			t.Fatal(err)
		}
		return receipt, err
	default:
		return tg.Sink(t).Perform(ctx, effect)
	}
	return inChild(ctx, t, o)
}

func (tg *target) Told(t *testing.T) []string {
	t.Helper()
	var told []string
	if filepath.Ext(tg.path) == ".jsonl" {
		for line := range strings.Lines(content(t, tg.path)) {
			told = append(told, line)
		}
		return told
	}
	for i, record := range records(t, tg.path) {
		if i > 0 {
			told = append(told, strings.Join(record, "\x1f"))
		}
	}
	return told
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, harmless := range map[string]func(*testing.T, []string){
		"changes.csv":   noFormula,
		"changes.jsonl": verbatim,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sinktest.Run(t, sinktest.Harness{
				New: func(t *testing.T) sinktest.Target {
					t.Helper()
					return &target{path: filepath.Join(t.TempDir(), name)}
				},
				Rows:     true,
				Faults:   []sinktest.Fault{sinktest.Before, sinktest.After, sinktest.Half},
				Harmless: harmless,
			})
		})
	}
}

// noFormula checks each cell as a spreadsheet program reads it, also one that splits lines at semicolons, blind to
// quotes that do not begin a cell.
func noFormula(t *testing.T, told []string) {
	t.Helper()
	const number = "-1250.50" // of the kit's rows
	for _, row := range told {
		for cell := range strings.SplitSeq(row, "\x1f") {
			if cell != number && strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r\n\x00") {
				t.Errorf("cell %q begins like a formula", cell)
			}
		}
		quoted := strings.ReplaceAll(row, `"`, `""`)
		for _, cell := range strings.FieldsFunc(quoted, func(r rune) bool { return strings.ContainsRune(";\r\n\x1f", r) }) {
			cell = strings.TrimLeft(cell, `"`)
			if cell != number && strings.ContainsAny(cell[:min(1, len(cell))], "=+-@") {
				t.Errorf("part %q of row %q begins like a formula", cell, row)
			}
		}
	}
}

// verbatim checks that JSON lines change no text.
func verbatim(t *testing.T, told []string) {
	t.Helper()
	for i, want := range sinktest.Hostile() {
		var row struct{ Name *string }
		if err := json.Unmarshal([]byte(told[2*i]), &row); err != nil {
			t.Fatal(err)
		}
		if want == "" && row.Name != nil {
			t.Errorf("empty text: got %q, want null", *row.Name)
		}
		if want != "" && (row.Name == nil || *row.Name != want) {
			t.Errorf("got %v, want %q", row.Name, want)
		}
	}
}

func newSink(tb testing.TB, path string) *Sink {
	tb.Helper()
	sink, err := New(Config{Path: path}, sinktest.Headers())
	if err != nil {
		tb.Fatal(err)
	}
	return sink
}

func size(tb testing.TB, path string) int64 {
	tb.Helper()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		tb.Fatal(err)
	}
	return info.Size()
}

// content returns the file, "" when there is none.
func content(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatal(err)
	}
	return string(text)
}

// records returns the records of a CSV file, with the first line.
func records(tb testing.TB, path string) [][]string {
	tb.Helper()
	read := csv.NewReader(strings.NewReader(content(tb, path)))
	read.FieldsPerRecord = -1
	all, err := read.ReadAll()
	if err != nil {
		tb.Fatalf("%s is no CSV: %v", path, err)
	}
	return all
}
