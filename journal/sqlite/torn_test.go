package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// the machine goes down, with any sectors of what was written behind the last acknowledged commit missing, also of
// transactions that were so large that SQLite wrote them before their end, and then took back. Proves: none is refused, and
// nothing acknowledged is missing.
func TestTornWritesBehindTheLastCommitAreNoLoss(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	var shots []image
	var events []int
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		n := 0
		shoot := func() {
			shots, events = append(shots, imageOf(t, path)), append(events, n)
		}
		for _, megabytes := range []int{0, 9, 0} {
			if megabytes == 0 {
				n++
				appendText(t, j, fmt.Sprint("event ", n))
			} else {
				spill(t, j, megabytes)
			}
			shoot()
		}
		j.Close()
	})
	random := rand.New(rand.NewPCG(1, 2))
	for i := 1; i < len(shots); i++ {
		for round, keep := range []int{0, random.IntN(101), random.IntN(101)} {
			wal := torn(shots[i-1]["-wal"], shots[i]["-wal"], func() bool { return random.IntN(100) < keep })
			after := shots[i].with("-wal", wal).with("-shm", [][]byte{shots[i-1]["-shm"], nil}[round%2]).write(t)
			j := open(t, after, Options{})
			if got := int(countEvents(t, j)); got < events[i-1] {
				t.Errorf("shot %d, %d%% written: got %d events, want %d", i, keep, got, events[i-1])
			}
			j.Close()
			if err := os.RemoveAll(filepath.Dir(after)); err != nil {
				t.Error(err)
			}
		}
	}
}

// spill writes a transaction that does not fit into SQLite's memory, and takes it back.
func spill(t *testing.T, j *Journal, megabytes int) {
	t.Helper()
	back := errors.New("taken back")
	err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
		for i := range megabytes {
			if _, err := c.exec(ctx, `INSERT INTO meta VALUES (?, ?)`, fmt.Sprint("x", i), noiseOf(1<<20)); err != nil {
				return err
			}
		}
		return back
	})
	if !errors.Is(err, back) {
		t.Fatal(err)
	}
}

// torn returns what is on the disk when some sectors of a write did not come there.
func torn(before, after []byte, written func() bool) []byte {
	const sector = 512
	now := bytes.Clone(after)
	for at := 0; at < len(now); at += sector {
		end := min(at+sector, len(now))
		old := make([]byte, end-at)
		if at < len(before) {
			copy(old, before[at:])
		}
		if !bytes.Equal(old, now[at:end]) && !written() {
			copy(now[at:end], old)
		}
	}
	return now
}
