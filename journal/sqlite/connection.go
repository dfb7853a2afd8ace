package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	engine "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

const pageSize = 4096 // SQLite's default

// connection is the one that writes, with its prepared statements.
type connection struct {
	db         *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt // by their text
	last       int64                // the newest event's number
}

func connect(ctx context.Context, path string) (*connection, error) {
	db, err := openWritable(path)
	if err != nil {
		return nil, err
	}
	c := &connection{db: db, statements: make(map[string]*sql.Stmt)}
	if c.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := checkDurable(ctx, c.conn); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if err := c.row(ctx, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'`).Scan(&c.last); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// close finalises the statements first: a connection with open ones cannot tidy up its WAL.
func (c *connection) close() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, c.conn.Close(), c.db.Close())...)
}

// prove shows that the disk takes and keeps what is written.
func (c *connection) prove(ctx context.Context) error {
	if _, err := c.checkpoint(ctx, "TRUNCATE"); err != nil {
		return err
	}
	return c.transaction(ctx, func() error {
		const probe = `INSERT INTO meta VALUES ('probe', ?1) ON CONFLICT DO UPDATE SET value = ?1`
		_, err := c.exec(ctx, probe, time.Now().UTC().Format(time.RFC3339Nano))
		return err
	})
}

// checkpoint returns how many pages the WAL holds. TRUNCATE does not wait for readers: the writer has better things to
// do, and the next one will do as well.
func (c *connection) checkpoint(ctx context.Context, mode string) (pages int, err error) {
	if mode == "TRUNCATE" {
		if _, err := c.conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
			return 0, err
		}
		defer c.conn.ExecContext(ctx, `PRAGMA busy_timeout = 5000`) //nolint:errcheck // a pragma without input or output
	}
	var busy, moved int
	err = c.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&busy, &pages, &moved)
	return pages, err
}

// transaction commits what do writes, or takes it back. BEGIN and COMMIT are plain statements because sql.Tx starts a
// goroutine for each.
func (c *connection) transaction(ctx context.Context, do func() error) error {
	if _, err := c.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	last := c.last
	err := do()
	if err == nil {
		_, err = c.exec(ctx, `COMMIT`)
	}
	if err == nil {
		return nil
	}
	c.last = last
	// SQLite takes a transaction back by itself after some errors, so that there is nothing left to do.
	if _, rollbackErr := c.conn.ExecContext(ctx, `ROLLBACK`); rollbackErr != nil && faultOfRow(err) {
		return fmt.Errorf("%w: %v", rollbackErr, err) //nolint:errorlint // the second is told, the first decides
	}
	return err
}

// write does what a batch holds. Appends come first. A write that fails is taken back alone.
func (c *connection) write(ctx context.Context, b batch) error {
	if err := c.append(ctx, b.appends); err != nil {
		return err
	}
	if b.write == nil {
		return nil
	}
	if _, err := c.exec(ctx, `SAVEPOINT part`); err != nil {
		return err
	}
	if b.write.err = b.write.do(ctx, c); b.write.err != nil {
		if broken(b.write.err) {
			return b.write.err
		}
		if _, err := c.exec(ctx, `ROLLBACK TO part`); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, `RELEASE part`)
	return err
}

// exec runs a prepared statement and returns how many rows it changed.
func (c *connection) exec(ctx context.Context, query string, args ...any) (int64, error) {
	statement, err := c.prepare(ctx, query) //nolint:sqlclosecheck // kept until the connection is closed
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row runs a prepared query for one row.
func (c *connection) row(ctx context.Context, query string, args ...any) scanner {
	statement, err := c.prepare(ctx, query) //nolint:sqlclosecheck // kept until the connection is closed
	if err != nil {
		return failed{err}
	}
	return statement.QueryRowContext(ctx, args...)
}

func (c *connection) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement, ok := c.statements[query]; ok {
		return statement, nil
	}
	statement, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.statements[query] = statement
	return statement, nil
}

// faultOfRow reports whether an error is about the values or the statement, so that other writes need not suffer.
// Everything else is about the disk, the file or the connection.
func faultOfRow(err error) bool {
	failure, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return false
	}
	switch failure.Code() & 0xff {
	case codes.SQLITE_ERROR, codes.SQLITE_CONSTRAINT, codes.SQLITE_TOOBIG, codes.SQLITE_MISMATCH, codes.SQLITE_RANGE:
		return true
	}
	return false
}

// broken reports whether an error is SQLite's and not about the values written.
func broken(err error) bool {
	_, ok := errors.AsType[*engine.Error](err)
	return ok && !faultOfRow(err)
}
