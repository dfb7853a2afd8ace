package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// plannedForNobody fills a journal with events that have ended.
func plannedForNobody(t *testing.T, j *Journal, count int, body []byte) {
	t.Helper()
	plans := make([]journal.Planned, count)
	var all sync.WaitGroup
	for i := range plans {
		all.Go(func() {
			in := incoming(fmt.Sprint("event ", i))
			if body != nil {
				in.Body = body
			}
			appended, err := j.Append(t.Context(), in)
			if err != nil {
				t.Error(err)
			}
			plans[i].Number = appended.Number
		})
	}
	all.Wait()
	if err := j.Plan(t.Context(), plans); err != nil {
		t.Fatal(err)
	}
}

// however much is to be forgotten -> each commit takes a few hundred events, and whoever appends waits for one of them.
func TestTrimmingTakesShortCommits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		const events = 2000
		j := open(t, path, Options{})
		plannedForNobody(t, j, events, nil)
		var seen []int64 // events that were left between two commits of Trim
		stop := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := j.write(t.Context(), func(ctx context.Context, c *connection) error { // as Begin or Settle would
					var left int64
					err := c.row(ctx, `SELECT count(*) FROM events`).Scan(&left)
					if len(seen) == 0 || seen[len(seen)-1] != left {
						seen = append(seen, left)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		trimmed, err := j.Trim(t.Context(), journal.Policy{Now: time.Now().Add(time.Hour), Events: time.Minute})
		close(stop)
		all.Wait()
		if err != nil || trimmed.Events != events {
			t.Errorf("got %+v (%v), want %d events", trimmed, err, events)
		}
		for i := 1; i < len(seen); i++ {
			if gone := seen[i-1] - seen[i]; gone > 2*trimEvents { // another write may have missed one in between
				t.Errorf("got %d events gone between two writes, want at most %d", gone, trimEvents)
			}
		}
		if len(seen) < events/trimEvents/2 {
			t.Errorf("got the states %v in between, want other writes between the commits", seen)
		}
		j.Close()
	})
}

// large bodies -> a commit takes fewer events.
func TestTrimmingIsBoundedByBytes(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	plannedForNobody(t, j, 12, []byte(noiseOf(1<<20)))
	run := trimming{journal: j}
	more, err := run.chunk(t.Context(), time.Now().Add(time.Hour).UnixMicro(), func(context.Context, querier) (int64, error) { return trimBytes, nil })
	if err != nil || !more || run.done.Events < 3 || run.done.Events > 5 {
		t.Errorf("got %+v, %t (%v), want about %d events of 1 MiB at once", run.done, more, err, trimBytes>>20)
	}
}

// noiseOf returns bytes that cannot be compressed.
func noiseOf(size int) string {
	var all bytes.Buffer
	for i := 0; all.Len() < size; i++ {
		all.Write(fingerprint([]byte(strconv.Itoa(i))))
	}
	return all.String()[:size]
}

// what was trimmed -> its room is used again, and the file does not grow.
func TestRoomOfForgottenEventsIsUsedAgain(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	pages := func() (pages int) {
		if err := j.readers.QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
			t.Fatal(err)
		}
		return pages
	}
	var first int
	for round := range 4 {
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() { appendText(t, j, fmt.Sprint(round, " ", i, strings.Repeat(" word", 200))) })
		}
		all.Wait()
		planAll(t, j, "a")
		deliverAll(t, j)
		if round == 0 {
			first = pages()
		}
		policy := journal.Policy{Now: time.Now().Add(time.Hour), Events: time.Minute, Memory: time.Minute}
		if trimmed, err := j.Trim(t.Context(), policy); err != nil || trimmed != (journal.Trimmed{Events: 200, Fingerprints: 200}) {
			t.Fatalf("got %+v (%v), want 200 of each", trimmed, err)
		}
		var rows int
		const left = `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM effects)
			+ (SELECT count(*) FROM verdicts) + (SELECT count(*) FROM seen) + (SELECT count(*) FROM messages) + (SELECT count(*) FROM memory)`
		if err := j.readers.QueryRowContext(t.Context(), left).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("got %d rows left (%v), want none", rows, err)
		}
	}
	if got := pages(); got > first+first/5 {
		t.Errorf("got %d pages after four rounds, want about the %d of the first", got, first)
	}
	checkIntegrity(t, j)
}

// a write that is taken back takes the mark back: nothing becomes too old by what was not forgotten.
func TestTheMarkGoesBackWithItsTransaction(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	in := incoming("one")
	in.Occurred = in.Received.Add(-time.Minute)
	if _, err := j.Append(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
		if _, err := c.forgetFingerprints(ctx, "[1]"); err != nil {
			return err
		}
		if c.mark == noMark {
			t.Error("got no mark, want one inside the transaction")
		}
		return journal.ErrConflict
	})
	if err == nil {
		t.Fatal("got no error, want the one of the write")
	}
	other := incoming("other")
	other.Occurred = in.Occurred
	appended, err := j.Append(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	if story, err := j.Story(t.Context(), appended.Number); err != nil || story.Entry.TooOld {
		t.Errorf("got %+v (%v), want it not too old", story.Entry, err)
	}
	if again := appendText(t, j, "one"); !again.Duplicate {
		t.Errorf("got %+v, want a duplicate: nothing was forgotten", again)
	}
}
