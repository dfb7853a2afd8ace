package sqlite

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// open opens a journal that is closed when the test ends.
func open(t *testing.T, path string, opts Options) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil && !errors.Is(err, journal.ErrClosed) {
			t.Errorf("closing: %v", err)
		}
	})
	return j
}

// refused fails the test unless Open fails and says all of the words.
func refused(t *testing.T, path string, opts Options, words ...string) {
	t.Helper()
	j, err := Open(t.Context(), path, opts)
	if err == nil {
		j.Close()
		t.Fatalf("got no error, want one that says %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("got error %q, want it to say %q", err, word)
		}
	}
}

func appendText(t *testing.T, j *Journal, text string) journal.Appended {
	t.Helper()
	appended, err := j.Append(t.Context(), incoming(text))
	if err != nil {
		t.Fatal(err)
	}
	return appended
}

func incoming(text string) journal.Incoming {
	return journal.Incoming{Body: []byte(text), Received: time.Now(), Fingerprint: fingerprint([]byte(text))}
}

func countEvents(t *testing.T, j *Journal) int64 {
	t.Helper()
	counts, err := j.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts.Events
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// execute changes a closed journal behind its back.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesASecondWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	first := open(t, path, Options{})
	refused(t, path, Options{}, "journal.db", "in use by another ppmrelay")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, Options{})
}

func TestOpenRefusesAnotherTenant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	for _, opts := range []Options{{}, {Tenant: "contoso"}, {Tenant: "contoso"}, {}, {ReadOnly: true}, {Tenant: "contoso", ReadOnly: true}} {
		if err := open(t, path, opts).Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, readOnly := range []bool{false, true} {
		refused(t, path, Options{Tenant: "fabrikam", ReadOnly: readOnly}, `tenant "contoso"`, `"fabrikam"`)
	}
	open(t, path, Options{Tenant: "contoso"})
}

func TestOpenRefusesTablesOfANewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	open(t, path, Options{}).Close()
	execute(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	for _, readOnly := range []bool{false, true} {
		refused(t, path, Options{ReadOnly: readOnly}, "version 99", "newer ppmrelay")
	}
}

func TestReadingRefusesWhatIsNoJournal(t *testing.T) {
	dir := t.TempDir()
	refused(t, filepath.Join(dir, "missing.db"), Options{ReadOnly: true}, "missing.db", "there is no file")
	if got := filesIn(t, dir); len(got) != 0 {
		t.Errorf("got files %v, want none: looking makes nothing", got)
	}

	older := filepath.Join(dir, "older.db")
	execute(t, older, `CREATE TABLE something (x)`)
	refused(t, older, Options{ReadOnly: true}, "version 0", "ppmrelay serve")

	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other, []byte(strings.Repeat("this is a text. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		refused(t, other, Options{ReadOnly: readOnly}, "other.db", "not a database")
	}
	refused(t, filepath.Join(dir, "no", "folder.db"), Options{}, "folder.db")
}

func TestReadingBesideTheWriter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	writer := open(t, path, Options{Tenant: "contoso"})
	appendText(t, writer, "one")
	reader := open(t, path, Options{Tenant: "contoso", ReadOnly: true})
	for want := int64(1); want < 4; want++ {
		if got := countEvents(t, reader); got != want {
			t.Errorf("got %d events, want %d", got, want)
		}
		appendText(t, writer, strings.Repeat("more", int(want)))
	}
	if _, err := reader.Append(t.Context(), incoming("x")); !errors.Is(err, errReadOnly) {
		t.Errorf("got error %v, want %v", err, errReadOnly)
	}
	if err := reader.SetTarget(t.Context(), journal.TargetState{Target: "a"}); !errors.Is(err, errReadOnly) {
		t.Errorf("got error %v, want %v", err, errReadOnly)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	appendText(t, writer, "last")
}

func TestReadingLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	writer := open(t, path, Options{})
	appendText(t, writer, "one")
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, dir)
	if want := []string{"journal.db", "journal.db.lock"}; !slices.Equal(before, want) {
		t.Errorf("got files %v after closing, want %v: everything is in the file", before, want)
	}
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	reader := open(t, path, Options{ReadOnly: true})
	if got := countEvents(t, reader); got != 1 {
		t.Errorf("got %d events, want 1", got)
	}
	during := filesIn(t, dir)
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	for _, got := range [][]string{during, filesIn(t, dir)} {
		if want := []string{"journal.db"}; !slices.Equal(got, want) {
			t.Errorf("got files %v, want %v", got, want)
		}
	}
}

func TestOnlyTheOwnerCanRead(t *testing.T) {
	dir := t.TempDir()
	j := open(t, filepath.Join(dir, "journal.db"), Options{})
	appendText(t, j, "one")
	for _, name := range filesIn(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm() & 0o077; got != 0 && !strings.HasSuffix(name, ".lock") {
			t.Errorf("%s: got the rights %v, want none for others", name, info.Mode())
		}
	}
}

func TestOpenTakesAnyPath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"a b.db", "50%.db", "x?mode=memory", "#1.db", "größe ’.db", "a&b=c;d.db", "%41.db", "file:x.db"} {
		j := open(t, name, Options{})
		appendText(t, j, "one")
		j.Close()
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("got %v, want a file of that name", err)
		}
		j = open(t, filepath.Join(dir, name), Options{ReadOnly: true})
		if got := countEvents(t, j); got != 1 {
			t.Errorf("%s: got %d events, want 1", name, got)
		}
		j.Close()
	}
}

func TestEverySettingCounts(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	appendText(t, j, "one")
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "wal_autocheckpoint": "0",
		"journal_size_limit": "67108864", "cache_size": "-8192", "query_only": "0", "page_size": "4096",
	} {
		var got string
		if err := j.writer.conn.conn.QueryRowContext(t.Context(), `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s of the writer: got %s (%v), want %s", pragma, got, err, want)
		}
	}
	for pragma, want := range map[string]string{"query_only": "1", "busy_timeout": "5000"} {
		var got string
		if err := j.readers.QueryRowContext(t.Context(), `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s of a reader: got %s (%v), want %s", pragma, got, err, want)
		}
	}
	if _, err := j.readers.ExecContext(t.Context(), `DELETE FROM events`); err == nil {
		t.Error("got no error from a reader that deletes, want one")
	}
}

func TestCommitsThatAreNotDurableAreRefused(t *testing.T) {
	for _, name := range []string{
		":memory:",
		filepath.Join(t.TempDir(), "a.db") + "?_pragma=journal_mode(DELETE)&_pragma=synchronous(FULL)",
		filepath.Join(t.TempDir(), "b.db") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)",
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			db, err := sql.Open("sqlite", name)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := checkDurable(t.Context(), conn); err == nil || !strings.Contains(err.Error(), "would not be durable") {
				t.Errorf("got error %v, want one that says why", err)
			}
		})
	}
}

// The whole of it runs inside a bubble of testing/synctest, which fails when a goroutine is left behind.
func TestNothingRunsOnAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		for range 3 {
			j, err := Open(t.Context(), path, Options{Tenant: "contoso"})
			if err != nil {
				t.Fatal(err)
			}
			appendText(t, j, time.Now().String())
			countEvents(t, j)
			time.Sleep(time.Hour)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnIdleWriterEmptiesTheWAL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		for range 2 {
			appendText(t, j, time.Now().String())
			if size := walSize(t, path); size == 0 {
				t.Error("got an empty WAL, want what was just written")
			}
			time.Sleep(2 * idleAfter)
			synctest.Wait()
			if size := walSize(t, path); size != 0 {
				t.Errorf("got a WAL of %d bytes, want none", size)
			}
		}
		j.Close()
	})
}

func walSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
