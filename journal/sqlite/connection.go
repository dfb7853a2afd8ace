package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
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
	known
}

// known is what the writer remembers of the tables, to ask for it less often. It goes back with its transaction.
type known struct {
	last int64 // the newest event's number
	mark int64 // low-water mark in microseconds, noMark when nothing was forgotten
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
	if err := c.know(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// know reads what is known.
func (c *connection) know(ctx context.Context) error {
	const last = `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'`
	if err := c.row(ctx, last).Scan(&c.last); err != nil {
		return err
	}
	var err error
	c.mark, err = readMark(ctx, c.conn)
	return err
}

// close finalises the statements first: a connection with open ones cannot tidy up its WAL.
func (c *connection) close() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, c.conn.Close(), c.db.Close())...)
}

// How long prove waits for readers. Those of our own are done within milliseconds; at the start it can be a person's, or a
// tool that makes backups.
const (
	patience      = 2 * time.Second
	firstPatience = time.Minute
)

// prove shows that the disk takes and keeps what is written, and that no commit will rest on what only the kernel's
// memory holds: after an fsync that failed, Linux calls pages clean that are not on the disk, and never writes them again
// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
//
// A checkpoint that empties the WAL proves it all: every commit that SQLite knows is in the file, the file is synced, and
// the next commit begins a WAL that is written anew from its first byte.
//
// A reader can keep the WAL from being emptied. Whether that matters depends on how SQLite came to know its commits.
//   - It counts them itself, each after its fsync: then all that it counts is on the disk, and what a failed commit left
//     behind them is written over by the next one, and synced with it. That is so for as long as the WAL's index in
//     memory lives, and the keeper holds it from the first proof until Close.
//   - It has read them out of the WAL because nobody had the index (at the start, after a crash): then the last ones may
//     be such a failed commit, read from the kernel's memory. If the next commits stood behind them, a power failure
//     would take the ones with the others. So the first proof demands an empty WAL.
func (c *connection) prove(ctx context.Context, first bool, logger *slog.Logger) error {
	wait := patience
	if first {
		wait = 0
	}
	busy, _, err := c.checkpoint(ctx, "TRUNCATE", wait)
	if err == nil && busy && first {
		logger.WarnContext(ctx, "another process reads the journal: waiting for it", "at_most", firstPatience)
		err = c.outwait(ctx)
	}
	if err != nil {
		return err
	}
	return c.transaction(ctx, func() error {
		const probe = `INSERT INTO meta VALUES ('probe', ?1) ON CONFLICT DO UPDATE SET value = ?1`
		_, err := c.exec(ctx, probe, time.Now().UTC().Format(time.RFC3339Nano))
		return err
	})
}

// outwait empties the WAL as soon as nobody reads any more. It waits in steps, so that a stop is not kept waiting.
func (c *connection) outwait(ctx context.Context) error {
	const step = time.Second / 2
	for start := time.Now(); time.Since(start) < firstPatience; {
		busy, _, err := c.checkpoint(ctx, "TRUNCATE", step)
		if err != nil || !busy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(step / 10): // it may be busy for a reason that SQLite does not wait for
		}
	}
	return errors.New("another process reads it, so that its WAL cannot be moved into the file: try again when that is done")
}

// checkpoint moves pages from the WAL into the file, and returns how many the WAL holds. TRUNCATE waits so long for
// readers; busy says that one of them kept it from emptying the WAL.
func (c *connection) checkpoint(ctx context.Context, mode string, wait time.Duration) (busy bool, pages int, err error) {
	if _, err := c.conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, wait.Milliseconds())); err != nil {
		return false, 0, err
	}
	defer c.conn.ExecContext(ctx, `PRAGMA busy_timeout = 5000`) //nolint:errcheck // a pragma without input or output
	var moved int
	err = c.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&busy, &pages, &moved)
	return busy, pages, err
}

// transaction commits what do writes, or takes it back. BEGIN and COMMIT are plain statements because sql.Tx starts a
// goroutine for each.
func (c *connection) transaction(ctx context.Context, do func() error) error {
	if _, err := c.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	before := c.known
	err := do()
	if err == nil {
		_, err = c.exec(ctx, `COMMIT`)
	}
	if err == nil {
		return nil
	}
	c.known = before
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
	before := c.known
	if b.write.err = b.write.do(ctx, c); b.write.err != nil {
		if broken(b.write.err) {
			return b.write.err
		}
		c.known = before
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
	switch codeOf(err) {
	case codes.SQLITE_ERROR, codes.SQLITE_CONSTRAINT, codes.SQLITE_TOOBIG, codes.SQLITE_MISMATCH, codes.SQLITE_RANGE:
		return true
	}
	return false
}

// codeOf returns SQLite's primary code of an error, 0 when it is not SQLite's.
func codeOf(err error) int {
	failure, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return 0
	}
	return failure.Code() & 0xff
}

// broken reports whether an error is SQLite's and not about the values written.
func broken(err error) bool {
	return codeOf(err) != 0 && !faultOfRow(err)
}
