// Package sqlite keeps the journal in one SQLite file: the contract of package journal for a single process.
//
// # The life of a write
//
//	caller   compresses the body, hands the write to the writer, waits
//	writer   takes all waiting appends (up to 512) and at most one other write, commits them with one fsync, answers
//	writer   after answering: moves the WAL into the file, a little now and then, all of it when nothing waits
//
// Everything is written through one goroutine and one connection: connections that compete for SQLite's lock sleep in
// its busy loop and starve each other. Reading goes through a small pool of connections that cannot write, and sees
// what is committed.
//
// # Invariants
//
//   - WAL with synchronous=FULL, both read back at start: an answer comes after the fsync of the commit that holds it.
//   - A transaction that fails answers an error to everybody in it, unless one row alone is to blame.
//   - After a failure of the disk the connection is dead. It is replaced only after a checkpoint and a durable probe
//     have succeeded: SQLite's pages in memory may be ones that the kernel has dropped.
//   - An answer counts for the file that bears the journal's name. When that was replaced or removed, nothing is written
//     or read any more; what was acknowledged can still be saved by Backup.
//   - A WAL that has lost commits which were answered is refused, where SQLite would go on without them, see wal.go.
//   - One process at a time writes (a lock on the file FILE.lock). Reading beside it is open to everybody. All names are
//     those of the real file, whatever link it was opened by.
//   - The file belongs to one tenant, for good.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"

	"github.com/ppmrelay/ppmrelay/journal"
)

var _ journal.Journal = (*Journal)(nil)

var errReadOnly = errors.New("it was opened for reading only")

// Options of Open.
type Options struct {
	Tenant   string       // stored when the file is made; a file of another tenant is refused. Empty: not looked at
	Logger   *slog.Logger // nil: nothing is logged
	ReadOnly bool         // for a look beside the process that writes: changes nothing, needs no lock
	Salvage  bool         // opens a journal that lost commits as a backup made at the last one that is left, see Restored
}

// Journal is a journal in a SQLite file. Its methods may be called by several goroutines at once.
type Journal struct {
	path    string
	lock    *flock.Flock // nil when read only
	writer  *writer      // nil when read only
	keeper  *sql.Conn    // nil when read only, see prove
	readers *sql.DB
	bodies  *bodies
	copying sync.Mutex // one backup at a time

	mu     sync.RWMutex // held for reading while a call is handed over or reads
	closed bool
}

// Open opens the journal in the file at path, makes it when it is not there, and brings its tables up to date. It
// refuses a file that another process writes, one of another tenant, one that a newer version has written, and one whose
// WAL has lost commits that were acknowledged or belongs to another file; the last also for reading.
func Open(ctx context.Context, path string, opts Options) (*Journal, error) {
	path, err := RealPath(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	j := &Journal{path: path}
	if j.bodies, err = newBodies(); err != nil {
		return nil, j.fail(err)
	}
	open := j.openForWriting
	if opts.ReadOnly {
		open = j.openForReading
	}
	if err := open(ctx, opts); err != nil {
		return nil, j.fail(errors.Join(err, j.release()))
	}
	return j, nil
}

// Close commits what was handed over, moves everything into the file and closes it. Every later call returns
// journal.ErrClosed.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return journal.ErrClosed
	}
	j.closed = true
	if j.writer != nil {
		close(j.writer.appends)
		close(j.writer.writes)
	}
	j.mu.Unlock()

	if j.writer != nil {
		<-j.writer.stopped
	}
	if err := j.release(); err != nil {
		return j.fail(err)
	}
	return nil
}

// release closes what is open. The readers go first: the last connection that closes a file tidies up its WAL.
func (j *Journal) release() error {
	var errs []error
	if j.keeper != nil {
		errs = append(errs, j.keeper.Close())
	}
	if j.readers != nil {
		errs = append(errs, j.readers.Close())
	}
	if j.writer != nil {
		errs = append(errs, j.writer.drop())
	}
	if j.lock != nil {
		errs = append(errs, j.lock.Unlock())
	}
	return errors.Join(errs...)
}

// fail adds the name of the journal to an error that leaves the package.
func (j *Journal) fail(err error) error {
	if err == nil || errors.Is(err, journal.ErrClosed) {
		return err
	}
	if do := advice(err); do != "" {
		return fmt.Errorf("journal %s: %w; %s", j.path, err, do)
	}
	return fmt.Errorf("journal %s: %w", filepath.Base(j.path), err)
}

// querier is what a read asks.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read lets do see one state of the journal, unless it is closed. Close waits for it.
func (j *Journal) read(ctx context.Context, do func(querier) error) error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return journal.ErrClosed
	}
	if j.writer != nil { // a connection that the pool opens by now would be one to another file
		if err := j.writer.files.check(); err != nil {
			return j.fail(err)
		}
	}
	snapshot, err := j.readers.BeginTx(ctx, nil)
	if err != nil {
		return j.fail(err)
	}
	defer snapshot.Rollback() //nolint:errcheck // nothing was written
	return j.fail(do(snapshot))
}

// list reads all rows of a query.
func list[T any](ctx context.Context, q querier, scan func(scanner, *T) error, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells what matters
	var all []T
	for rows.Next() {
		var one T
		err := scan(rows, &one)
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
		all = append(all, one)
		if err != nil {
			return all, nil
		}
	}
	return all, rows.Err()
}

// readList is a read of one list.
func readList[T any](ctx context.Context, j *Journal, scan func(scanner, *T) error, query string, args ...any) ([]T, error) {
	var all []T
	err := j.read(ctx, func(q querier) (err error) {
		all, err = list(ctx, q, scan, query, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
