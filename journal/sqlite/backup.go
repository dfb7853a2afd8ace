package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Backup writes a copy of the journal, as it is now, to a file that must not be there yet. Nothing waits for it, but the
// WAL cannot be emptied meanwhile. The copy is on disk when Backup returns, appears under its name only when it is whole,
// and knows when it was made, see Made. It is made from the file that was opened, even when that was replaced or removed
// since: what is left of such a journal can be saved as long as it is open.
//
// Whoever puts the copy in the journal's place removes FILE-wal and FILE-shm first: they belong to what was there before.
func (j *Journal) Backup(ctx context.Context, path string) error {
	j.copying.Lock()
	defer j.copying.Unlock()
	path, err := filepath.Abs(path)
	if err == nil {
		err = j.backup(ctx, path)
	}
	if err != nil && !errors.Is(err, journal.ErrClosed) {
		err = fmt.Errorf("backup to %s: %w", path, err)
	}
	return j.fail(err)
}

func (j *Journal) backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return errors.New("it is there already, and no file is written over")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	partial := path + ".partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a backup that was cut short
		return err
	}
	if err := create(partial); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(partial))
		}
	}()
	made := time.Now() // before the copy begins: whatever is told from now on may be missing in it
	if err := j.copyInto(ctx, partial); err != nil {
		return err
	}
	if err := noteMade(ctx, partial, made); err != nil {
		return err
	}
	if err := syncFile(partial); err != nil {
		return err
	}
	if err := os.Rename(partial, path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// copyInto fills an empty file. SQLite takes that for a change, so the reader that does it is allowed to change things
// for so long; its file is open for reading only.
func (j *Journal) copyInto(ctx context.Context, path string) (err error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return journal.ErrClosed
	}
	reader := j.keeper // is connected to the file that was opened, whatever has its name by now
	if reader == nil {
		if reader, err = j.readers.Conn(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, reader.Close()) }()
	}
	if _, err := reader.ExecContext(ctx, `PRAGMA query_only = 0`); err != nil {
		return err
	}
	_, err = reader.ExecContext(ctx, `VACUUM INTO ?`, path)
	_, after := reader.ExecContext(context.WithoutCancel(ctx), `PRAGMA query_only = 1`)
	return errors.Join(err, after)
}

const noteBackup = `INSERT INTO meta VALUES ('backup', ?1) ON CONFLICT DO UPDATE SET value = ?1`

// noteMade writes into a copy when it was made.
func noteMade(ctx context.Context, path string, made time.Time) (err error) {
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"rw"}, "_pragma": {"synchronous(FULL)"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, noteBackup, made.UTC().Format(time.RFC3339Nano))
	return err
}

// syncFile waits until a file, or the names in a folder, are on disk.
func syncFile(path string) error {
	file, err := os.Open(path) //nolint:gosec // the path comes from whoever runs this
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Made returns when the journal was copied by Backup; zero for one that is no copy, or of which Restored was noted.
func (j *Journal) Made(ctx context.Context) (time.Time, error) {
	var made time.Time
	err := j.read(ctx, func(q querier) error {
		var text string
		err := q.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'backup'`).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			made, err = time.Parse(time.RFC3339Nano, text)
		}
		return err
	})
	return made, err
}
