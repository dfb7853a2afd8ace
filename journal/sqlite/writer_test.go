package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// held keeps the writer busy until the returned function is called, so that everything handed over meanwhile waits for
// one commit.
func held(t *testing.T, j *Journal) (release func()) {
	t.Helper()
	busy, free := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		err := j.write(t.Context(), func(context.Context, *connection) error {
			close(busy)
			<-free
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-busy
	return func() {
		close(free)
		done.Wait()
	}
}

func TestAppendsThatWaitShareACommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		before := commits(t, j)
		release := held(t, j)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() { appendText(t, j, strconv.Itoa(i)) })
		}
		synctest.Wait()
		release()
		all.Wait()
		if got := commits(t, j) - before; got != 1 {
			t.Errorf("got %d commits, want 1", got)
		}
	})
}

// commits counts the frames in the WAL that end a transaction: those whose header names the size of the file after it
// (sqlite.org/fileformat2.html, section 4.1).
func commits(t *testing.T, j *Journal) int {
	t.Helper()
	wal, err := os.ReadFile(j.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for at := 32; at < len(wal); at += 24 + pageSize {
		if binary.BigEndian.Uint32(wal[at+4:]) > 0 {
			count++
		}
	}
	return count
}

func TestOneBadRowDoesNotFailTheOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		bad, err := j.appending(incoming("bad"))
		if err != nil {
			t.Fatal(err)
		}
		bad.body = nil // against the schema
		release := held(t, j)
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() { appendText(t, j, fmt.Sprint("before", i)) })
		}
		synctest.Wait()
		j.writer.appends <- bad
		for i := range 10 {
			all.Go(func() { appendText(t, j, fmt.Sprint("after", i)) })
		}
		all.Go(func() {
			if err := j.SetTarget(t.Context(), journal.TargetState{Target: "a"}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		all.Wait()
		<-bad.done
		if bad.err == nil || !strings.Contains(bad.err.Error(), "events.body") {
			t.Errorf("got error %v, want one about the column", bad.err)
		}
		if got := countEvents(t, j); got != 20 {
			t.Errorf("got %d events, want 20", got)
		}
		if again := appendText(t, j, "bad"); again.Duplicate {
			t.Error("got a duplicate, want nothing left of the bad row")
		}
	})
}

func TestAWriteThatFailsDoesNotTouchTheAppendsBesideIt(t *testing.T) {
	for name, fault := range map[string]func(context.Context, *connection) error{
		"a conflict": func(ctx context.Context, c *connection) error {
			return errors.Join(c.knowTarget(ctx, "a"), journal.ErrConflict)
		},
		"a constraint": func(ctx context.Context, c *connection) error {
			return errors.Join(c.knowTarget(ctx, "a"), c.mustFail(ctx, `INSERT INTO meta VALUES ('x', NULL)`))
		},
		"a statement that cannot run": func(ctx context.Context, c *connection) error {
			return errors.Join(c.knowTarget(ctx, "a"), c.mustFail(ctx, `SELECT json('{')`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			synctest.Test(t, func(t *testing.T) {
				j := open(t, path, Options{})
				release := held(t, j)
				var all sync.WaitGroup
				all.Go(func() { appendText(t, j, "one") })
				var err error
				all.Go(func() { err = j.write(t.Context(), fault) })
				synctest.Wait()
				conn := j.writer.conn
				release()
				all.Wait()
				if err == nil || errors.Is(err, journal.ErrConflict) != (name == "a conflict") {
					t.Errorf("got error %v, want its own", err)
				}
				targets, err := j.Targets(t.Context())
				if err != nil || len(targets) != 0 {
					t.Errorf("got targets %v (%v), want none: the write was taken back", targets, err)
				}
				if got := countEvents(t, j); got != 1 || j.writer.conn != conn {
					t.Errorf("got %d events, want 1 by the same connection", got)
				}
			})
		})
	}
}

func (c *connection) mustFail(ctx context.Context, statement string) error {
	_, err := c.exec(ctx, statement)
	return err
}

func TestATransactionHoldsAtMostOneOtherWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		release := held(t, j)
		var all sync.WaitGroup
		var seen []int64 // events that were there when a write ran
		for range 3 {
			all.Go(func() {
				err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
					var events int64
					err := c.row(ctx, `SELECT count(*) FROM events`).Scan(&events)
					seen = append(seen, events)
					all.Go(func() { appendText(t, j, fmt.Sprint("later", len(seen))) }) // waits when the next one begins
					time.Sleep(time.Second)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		for i := range 5 {
			all.Go(func() { appendText(t, j, strconv.Itoa(i)) })
		}
		synctest.Wait()
		release()
		all.Wait()
		if len(seen) != 3 || seen[0] != 5 || seen[1] != 6 || seen[2] != 7 {
			t.Errorf("got %v events seen by three writes, want 5, 6, 7: appends go first", seen)
		}
	})
}

func TestAnAppendThatWasTakenIsDoneWhateverBecomesOfItsCaller(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		release := held(t, j)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range maxBatch {
			all.Go(func() {
				if _, err := j.Append(ctx, incoming(strconv.Itoa(i))); err != nil {
					t.Errorf("got error %v for an append that was taken, want none", err)
				}
			})
		}
		synctest.Wait()
		all.Go(func() {
			if _, err := j.Append(ctx, incoming("one too many")); !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v for an append without a place, want %v", err, context.Canceled)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		release()
		all.Wait()
		if got := countEvents(t, j); got != maxBatch {
			t.Errorf("got %d events, want %d", got, maxBatch)
		}
	})
}

func TestTheWALStaysSmallUnderLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, Options{})
	var all sync.WaitGroup
	for c := range 64 {
		all.Go(func() {
			for i := range 200 {
				appendText(t, j, fmt.Sprint(c, " ", i, strings.Repeat(" word", 100)))
			}
		})
	}
	all.Wait()
	if size := walSize(t, path); size > 32<<20 {
		t.Errorf("got a WAL of %d MB, want at most 32", size>>20)
	}
}

func TestAReaderThatStaysDoesNotStopTheWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		appendText(t, j, "one")
		snapshot, err := j.readers.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var count int
		if err := snapshot.QueryRowContext(t.Context(), `SELECT count(*) FROM events`).Scan(&count); err != nil {
			t.Fatal(err)
		}
		appendText(t, j, "two")
		start := time.Now()
		time.Sleep(2 * idleAfter) // the writer tries to empty the WAL, and must not wait for the reader
		synctest.Wait()
		appendText(t, j, "three")
		if took := time.Since(start); took > 3*idleAfter {
			t.Errorf("got an append after %v, want it without waiting for the reader", took)
		}
		if err := snapshot.QueryRowContext(t.Context(), `SELECT count(*) FROM events`).Scan(&count); err != nil || count != 1 {
			t.Errorf("got %d events (%v) in the snapshot, want 1", count, err)
		}
		if err := snapshot.Rollback(); err != nil {
			t.Fatal(err)
		}
	})
}
