package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// The largest WAL that is left alone. SQLite cuts the file back to it.
const walLimit = 64 << 20

// openForWriting takes the lock, brings the file up to date and starts the writer.
func (j *Journal) openForWriting(ctx context.Context, opts Options) (err error) {
	if j.lock, err = takeLock(ctx, j.path); err != nil {
		return err
	}
	salvaging, err := j.mayOpen(ctx, opts)
	if err != nil {
		return err
	}
	if err := prepare(ctx, j.path, opts.Tenant); err != nil {
		return err
	}
	if j.readers, err = openReaders(j.path, false); err != nil {
		return err
	}
	w := newWriter(j.path, opts.Logger)
	if err := w.reopen(ctx, true); err != nil {
		return err
	}
	j.writer = w
	if salvaging {
		if err := w.conn.noteSalvage(ctx); err != nil {
			return err
		}
	}
	// Not before SQLite has made the index anew: one of an earlier life of the machine would be believed.
	if err := note(j.lock.Path(), bootID()); err != nil {
		return err
	}
	if err := j.keep(ctx); err != nil {
		return err
	}
	if w.files, err = identify(j.path); err != nil {
		return err
	}
	go w.run(context.WithoutCancel(ctx))
	return nil
}

// keep holds the WAL's index open until the journal is closed.
func (j *Journal) keep(ctx context.Context) (err error) {
	if j.keeper, err = j.readers.Conn(ctx); err != nil {
		return err
	}
	var version int
	return j.keeper.QueryRowContext(ctx, `PRAGMA schema_version`).Scan(&version) // only a read opens the WAL
}

// openForReading opens an existing journal. A file without a WAL is one that nobody has open: it is read as it stands,
// because the files that SQLite would put beside it could belong to the wrong user. Beside a WAL that nobody has open
// SQLite makes the index anew, so that what the old one knows is looked at before.
func (j *Journal) openForReading(ctx context.Context, opts Options) error {
	if _, err := os.Stat(j.path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no file %s", j.path)
		}
		return err
	}
	if err := j.inspectIdle(); err != nil {
		return err
	}
	_, err := os.Stat(j.path + "-wal")
	if j.readers, err = openReaders(j.path, errors.Is(err, fs.ErrNotExist)); err != nil {
		return err
	}
	provider, err := newProvider(j.readers)
	if err != nil {
		return err
	}
	have, want, err := versions(ctx, j.readers, provider)
	switch {
	case err != nil:
		return err
	case have < want:
		return fmt.Errorf("its tables are of version %d, this ppmrelay reads %d: start ppmrelay serve once", have, want)
	}
	return checkTenant(ctx, j.readers, opts.Tenant)
}

// create makes an empty file that only its owner can read: it will hold what people wrote. SQLite gives the files that
// it puts beside it the same rights.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path comes from whoever runs this
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// openWritable opens the file for one connection that writes. Each pragma counts for a connection, so all of them stand
// in the name. Checkpoints are the writer's own business.
func openWritable(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, url.Values{
		"mode":    {"rw"},
		"_txlock": {"immediate"},
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "wal_autocheckpoint(0)",
			fmt.Sprintf("journal_size_limit(%d)", walLimit), "cache_size(-8192)", "temp_store(2)",
		},
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// openReaders opens a pool of connections that cannot write.
func openReaders(path string, alone bool) (*sql.DB, error) {
	values := url.Values{
		"mode":        {"ro"},
		"_query_only": {"1"},
		"_pragma":     {"busy_timeout(5000)", "cache_size(-2048)", "temp_store(2)"},
	}
	if alone {
		values.Set("immutable", "1")
	}
	db, err := sql.Open("sqlite", dsn(path, values))
	if err != nil {
		return nil, err
	}
	const readers = 5 // one of them is the keeper
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db, nil
}

func dsn(path string, values url.Values) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: values.Encode()}).String()
}

// checkDurable refuses a connection whose commits could be lost: a file system or a build may have overruled the
// settings.
func checkDurable(ctx context.Context, conn *sql.Conn) error {
	var mode string
	var sync int
	if err := conn.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&sync); err != nil {
		return err
	}
	if mode != "wal" || sync != 2 {
		return fmt.Errorf("commits would not be durable: journal_mode is %s, not wal, or synchronous is %d, not 2", mode, sync)
	}
	return nil
}
