package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	engine "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/ppmrelay/ppmrelay/journal"
)

// breakWAL puts another file where the writer writes the WAL, so that writing or syncing it fails. Only the keeper may
// have it open besides, which was opened later.
func breakWAL(t *testing.T, path, replacement string, flags int) {
	t.Helper()
	broken, err := os.OpenFile(replacement, flags, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	for handle := range 1000 {
		if name, err := os.Readlink(fmt.Sprint("/proc/self/fd/", handle)); err != nil || name != path+"-wal" {
			continue
		}
		if err := syscall.Dup3(int(broken.Fd()), handle, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("got no handle of the WAL, want one")
}

func TestAfterAnFsyncThatFailedTheConnectionIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, Options{})
	original := appendText(t, j, "before")
	conn := j.writer.conn
	breakWAL(t, path, os.DevNull, os.O_RDWR) // takes everything, and cannot be synced

	_, err := j.Append(t.Context(), incoming("lost"))
	if extended(err) != codes.SQLITE_IOERR|4<<8 { // SQLITE_IOERR_FSYNC
		t.Fatalf("got error %v, want the one of fsync", err)
	}
	if j.writer.conn != nil {
		t.Error("got the connection kept, want it given up")
	}
	if again := appendText(t, j, "lost"); again.Duplicate {
		t.Error("got a duplicate of what was never acknowledged, want a new event")
	}
	if j.writer.conn == conn {
		t.Error("got the same connection, want another one")
	}
	if again := appendText(t, j, "before"); !again.Duplicate || again.Number != original.Number {
		t.Errorf("got %+v, want a duplicate of %+v: it was acknowledged", again, original)
	}
	if got := countEvents(t, j); got != 2 {
		t.Errorf("got %d events, want 2", got)
	}
	checkIntegrity(t, j)
}

func TestWhileTheFileCannotBeOpenedAppendsFail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, Options{})
	appendText(t, j, "before")
	breakWAL(t, path, os.DevNull, os.O_RDWR)
	away := path + ".away"
	if err := errors.Join(os.Rename(path, away), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := j.Append(t.Context(), incoming(fmt.Sprint("lost", i))); err == nil {
			t.Errorf("got no error from append %d, want one", i)
		}
	}
	if err := j.SetTarget(t.Context(), journal.TargetState{Target: "a"}); err == nil {
		t.Error("got no error from a write, want one")
	}
	if err := errors.Join(os.Remove(path), os.Rename(away, path)); err != nil {
		t.Fatal(err)
	}
	appendText(t, j, "after")
	if got := countEvents(t, j); got != 2 {
		t.Errorf("got %d events, want 2", got)
	}
	checkIntegrity(t, j)
}

func TestAFullDiskFailsTheWholeBatchAndPasses(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	appendText(t, j, "before")
	err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
		var pages int
		return c.row(ctx, `PRAGMA max_page_count = 1`).Scan(&pages) // SQLite makes it as small as it can
	})
	if err != nil {
		t.Fatal(err)
	}
	var noise strings.Builder
	for i := range 10000 {
		fmt.Fprint(&noise, i*i)
	}
	if _, err := j.Append(t.Context(), incoming(noise.String())); extended(err) != codes.SQLITE_FULL {
		t.Errorf("got error %v, want the one of a full disk", err)
	}
	appendText(t, j, noise.String()) // by another connection, which has no such limit
	if got := countEvents(t, j); got != 2 {
		t.Errorf("got %d events, want 2", got)
	}
	checkIntegrity(t, j)
}

func extended(err error) int {
	failure, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return 0
	}
	return failure.Code()
}

func checkIntegrity(t *testing.T, j *Journal) {
	t.Helper()
	var answer string
	if err := j.readers.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&answer); err != nil || answer != "ok" {
		t.Errorf("got integrity %q (%v), want ok", answer, err)
	}
	rows, err := j.readers.QueryContext(t.Context(), `PRAGMA foreign_key_check`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() || rows.Err() != nil {
		t.Error("got a row that points to nothing, want none")
	}
}
