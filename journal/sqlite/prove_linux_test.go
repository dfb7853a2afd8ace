package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// reading begins to read a journal, and goes on until the returned function is called.
func reading(t *testing.T, j *Journal) (stop func()) {
	t.Helper()
	snapshot, err := j.readers.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var count int
	if err := snapshot.QueryRowContext(t.Context(), `SELECT count(*) FROM events`).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := snapshot.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// crash -> somebody looks -> the program starts. Proves: it does not go on behind commits that SQLite has read out of the
// WAL, and that nobody can say were synced; nor does it wait for ever.
func TestTheFirstProofDemandsAnEmptyWAL(t *testing.T) {
	path := imagesOf(t, 3)[3].write(t)
	synctest.Test(t, func(t *testing.T) {
		looking := open(t, path, Options{ReadOnly: true})
		stop := reading(t, looking)
		start := time.Now()
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		refused(t, path, Options{Logger: logger}, "journal.db", "another process reads it", "try again")
		if got := strings.Count(log.String(), "another process reads the journal: waiting for it"); got != 1 {
			t.Errorf("got the log %q, want one line about the wait", log.String())
		}
		if took := time.Since(start); took < firstPatience || took > firstPatience+patience {
			t.Errorf("got the answer after %v, want it after %v", took, firstPatience)
		}
		stop()
		looking.Close()
	})
	has(t, path, 3, "when nobody looks any more")
}

// crash -> somebody verifies a large journal, or a tool makes a backup -> the program starts. Proves: it waits for that
// long, and longer than for readers of its own.
func TestTheFirstProofWaitsForReaders(t *testing.T) {
	path := imagesOf(t, 3)[3].write(t)
	synctest.Test(t, func(t *testing.T) {
		looking := open(t, path, Options{ReadOnly: true})
		stop := reading(t, looking)
		go func() {
			time.Sleep(10 * patience)
			stop()
		}()
		start := time.Now()
		j := open(t, path, Options{})
		if took := time.Since(start); took < 10*patience || took > 11*patience {
			t.Errorf("got it open after %v, want it soon after %v", took, 10*patience)
		}
		if size := walSize(t, path); size > 20*(frameHeader+pageSize) {
			t.Errorf("got a WAL of %d bytes, want only the probe in it", size)
		}
		j.Close()
		looking.Close()
	})
}

// somebody looks -> the program starts, and is stopped. Proves: it does not wait on for who reads.
func TestTheFirstProofCanBeStopped(t *testing.T) {
	path := imagesOf(t, 1)[1].write(t)
	synctest.Test(t, func(t *testing.T) {
		looking := open(t, path, Options{ReadOnly: true})
		stop := reading(t, looking)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		start := time.Now()
		if j, err := Open(ctx, path, Options{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v (%v), want that it was stopped", j, err)
		}
		if took := time.Since(start); took > patience+time.Second {
			t.Errorf("got the answer after %v, want it soon after %v", took, patience)
		}
		stop()
		looking.Close()
	})
}

// a reader stays -> fsync fails -> the connection is replaced while the WAL cannot be emptied -> appends go on -> the
// machine goes down. Proves: the reader does not keep the journal from being written, and what was acknowledged before and
// after the failure is there, while nothing is left of the commit that failed.
func TestAReaderDoesNotKeepAFailedConnectionFromBeingReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	var crashed image
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		for i := range 3 {
			appendText(t, j, fmt.Sprint("event ", i+1))
		}
		stop := reading(t, j)
		appendText(t, j, "event 4")
		breakWAL(t, path, os.DevNull, os.O_RDWR)
		if _, err := j.Append(t.Context(), incoming("lost")); err == nil {
			t.Fatal("got no error, want one of fsync")
		}
		appendText(t, j, "event 5")
		crashed = make(image)
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			crashed[end], _ = os.ReadFile(path + end)
		}
		if got := countEvents(t, j); got != 5 {
			t.Errorf("got %d events, want 5", got)
		}
		stop()
		j.Close()
	})
	has(t, crashed.write(t), 5, "after a crash")
	has(t, crashed.with("-shm", nil).write(t), 5, "after a crash of the machine")
	has(t, path, 5, "closed")
}

// holds reports whether the process has a file open.
func holds(name string) bool {
	for handle := range 1000 {
		if open, err := os.Readlink(fmt.Sprint("/proc/self/fd/", handle)); err == nil && open == name {
			return true
		}
	}
	return false
}

// a reader of our own reads -> the program is closed. Proves: the keeper ends with it, and leaves nothing beside the file.
func TestTheKeeperHoldsTheIndexUntilClose(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j := open(t, path, Options{})
	appendText(t, j, "one")
	breakWAL(t, path, os.DevNull, os.O_RDWR)
	if _, err := j.Append(t.Context(), incoming("lost")); err == nil {
		t.Fatal("got no error, want one of fsync")
	}
	if j.writer.conn != nil || !holds(path+"-shm") {
		t.Error("got the index closed with the connection that failed, want it held")
	}
	appendText(t, j, "two")
	j.Close()
	if got := filesIn(t, dir); len(got) != 2 {
		t.Errorf("got files %v, want the journal and its lock", got)
	}
}
