package sqlite

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	faultPath   = "PPMRELAY_TEST_FAULT_PATH"   // the file that the process under strace writes
	faultRounds = "PPMRELAY_TEST_FAULT_ROUNDS" // it writes until something fails, and one round more
)

// straced runs the writer under strace, which makes its fsync calls do something else, and returns its answers and the
// calls.
func straced(t *testing.T, path, injection string, more ...string) (answers []string, calls string) {
	t.Helper()
	probe := exec.CommandContext(t.Context(), "strace", "-f", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "-o", os.DevNull, "true")
	if said, err := probe.CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: faults of fsync need strace, and the right to trace a process: %v %s", err, said)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	command := exec.CommandContext(t.Context(), "strace", "-f", "-qq", "-y", "-e", "trace=fsync", "-e", injection, "-o", trace,
		os.Args[0], "-test.run=^TestWriterUnderFaults$")
	command.Env = append(append(os.Environ(), faultPath+"="+path), more...)
	command.Stderr = os.Stderr
	said, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	lines := bufio.NewScanner(bytes.NewReader(said))
	for lines.Scan() {
		answers = append(answers, lines.Text())
	}
	traced, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	return answers, string(traced)
}

// append -> fsync of the WAL fails -> the answer is an error -> the next appends go on, until it fails again. Proves: what
// was acknowledged was synced, and stays when the journal is opened again; what was not is an error that says so.
func TestFsyncErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	open(t, path, Options{}).Close()
	answers, calls := straced(t, path, "inject=fsync:error=EIO:when=9+7", faultRounds+"=1") // each thread counts for itself
	l := &ledger{t: t, path: path, acknowledged: make(map[string]journal.Appended)}
	failed := 0
	for _, answer := range answers {
		switch text, rest, _ := strings.Cut(answer, "\t"); text {
		case "failed":
			failed++
			if !strings.Contains(rest, "the disk failed") || !strings.Contains(rest, path) {
				t.Errorf("got error %q, want it to say what failed", rest)
			}
		default:
			if was := (journal.Appended{}); strings.HasPrefix(text, "event") {
				if _, err := fmt.Sscan(rest, &was.Number, &was.ID); err != nil {
					t.Fatalf("%q: %v", answer, err)
				}
				l.acknowledged[text] = was
			}
		}
	}
	if failed == 0 || len(l.acknowledged) == 0 || !strings.Contains(calls, "-wal>) = -1 EIO") {
		t.Errorf("got %d errors and %d answers, want some of both, and fsyncs of the WAL that failed", failed, len(l.acknowledged))
	}
	l.keeps(path)
}

// 64 appends at a time -> each fsync takes 30 ms. Proves: those who wait share a commit, so that a slow disk costs each of
// them a few fsyncs and not one for every other.
func TestASlowDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	open(t, path, Options{}).Close()
	answers, calls := straced(t, path, "inject=fsync:delay_enter=30000")
	acknowledged := 0
	for _, answer := range answers {
		if strings.HasPrefix(answer, "event") {
			acknowledged++
		}
	}
	if got := strings.Count(calls, "-wal>"); acknowledged != writers*each || got >= writers*each/2 {
		t.Errorf("got %d answers after %d fsyncs of the WAL, want %d after less than half of that", acknowledged, got, writers*each)
	}
}

const writers, each = 16, 6

// TestWriterUnderFaults is the process under strace: goroutines that append and print what they were answered.
func TestWriterUnderFaults(t *testing.T) {
	path := os.Getenv(faultPath)
	if path == "" {
		t.Skip("only for tests under strace")
	}
	j, err := Open(t.Context(), path, Options{})
	for tries := 0; err != nil && tries < 20; tries++ {
		j, err = Open(t.Context(), path, Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	var failed atomic.Bool
	round := 0
	for more := true; more; round++ {
		more = os.Getenv(faultRounds) != "" && !failed.Load() && round < 100
		writeUnderFaults(t, j, round, &failed)
	}
	if err := j.Close(); err != nil {
		t.Log(err) // an fsync of the end may fail as well
	}
}

// writeUnderFaults is one round of appends.
func writeUnderFaults(t *testing.T, j *Journal, round int, failed *atomic.Bool) {
	t.Helper()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				text := fmt.Sprintf("event %d of %d in round %d", i, w, round)
				appended, err := j.Append(t.Context(), incoming(text))
				line := fmt.Sprintf("%s\t%d %s\n", text, appended.Number, appended.ID)
				if err != nil {
					failed.Store(true)
					line = fmt.Sprintf("failed\t%s\n", err)
				}
				if _, err := os.Stdout.WriteString(line); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
