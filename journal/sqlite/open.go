package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// The largest WAL that is left alone. SQLite cuts the file back to it.
const walLimit = 64 << 20

// migrations is the history of the tables, one file each, applied in the order of their numbers.
//
//go:embed migrations/*.sql
var migrations embed.FS

// openForWriting takes the lock, brings the file up to date and starts the writer.
func (j *Journal) openForWriting(ctx context.Context, opts Options) error {
	lock := flock.New(j.path + ".lock")
	locked, err := lock.TryLock()
	if err != nil {
		return err
	}
	if !locked {
		return errors.New("it is in use by another ppmrelay")
	}
	j.lock = lock
	lost := j.inspect()
	if _, ok := errors.AsType[lostError](lost); lost != nil && (!ok || !opts.Salvage) {
		return lost
	}
	if err := noteBoot(lock.Path()); err != nil {
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
	if lost != nil {
		opts.Logger.ErrorContext(ctx, "journal has lost what it had acknowledged", "path", j.path, "error", lost)
		if err := w.conn.noteSalvage(ctx); err != nil {
			return err
		}
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

// openForReading opens an existing journal, and leaves no trace beside it. A file without a WAL is one that nobody has
// open: it is read as it stands, because the files that SQLite would put beside it could belong to the wrong user.
func (j *Journal) openForReading(ctx context.Context, opts Options) error {
	if _, err := os.Stat(j.path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no file %s", j.path)
		}
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

// prepare makes the file and its tables. Whose file it is, and how new, is looked at before anything is changed.
func prepare(ctx context.Context, path, tenant string) error {
	if err := create(path); err != nil {
		return err
	}
	db, err := openWritable(path)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // whatever matters is committed by then
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	have, _, err := versions(ctx, db, provider)
	if err == nil && have > 0 {
		err = checkTenant(ctx, db, tenant)
	}
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	if tenant == "" {
		return nil
	}
	_, err = db.ExecContext(ctx, `INSERT INTO meta VALUES ('tenant', ?) ON CONFLICT DO NOTHING`, tenant)
	return err
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

func newProvider(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true))
}

// versions returns the version of the tables in the file, 0 when there are none, and the one of this program. It is an
// error when the file is the newer one.
func versions(ctx context.Context, db *sql.DB, provider *goose.Provider) (have, want int64, err error) {
	for _, source := range provider.ListSources() {
		want = max(want, source.Version)
	}
	var tables int
	const isThere = `SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'`
	if err := db.QueryRowContext(ctx, isThere).Scan(&tables); err != nil || tables == 0 {
		return 0, want, err
	}
	const version = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
	if err := db.QueryRowContext(ctx, version).Scan(&have); err != nil {
		return 0, want, err
	}
	if have > want {
		return have, want, fmt.Errorf("its tables are of version %d, written by a newer ppmrelay; this one knows %d", have, want)
	}
	return have, want, nil
}

func checkTenant(ctx context.Context, db *sql.DB, tenant string) error {
	var owner string
	err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'tenant'`).Scan(&owner)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (tenant == "" || owner == tenant) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("it belongs to the tenant %q, not to %q: give every tenant a file of its own", owner, tenant)
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
