package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// migrations is the history of the tables, one file each, applied in the order of their numbers.
//
//go:embed migrations/*.sql
var migrations embed.FS

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
