package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// The writer's measures. A batch larger than a few hundred gains nothing, a smaller one costs throughput.
const (
	maxBatch        = 512
	checkpointAfter = 1000            // events, or what weighs as much
	weightOfWrite   = 20              // events that one plan, begin or settlement stands for, in pages of WAL
	idleAfter       = 1 * time.Second // nothing to do: move everything into the file
)

// writer owns the only connection that writes.
type writer struct {
	path    string
	logger  *slog.Logger
	appends chan *appending
	writes  chan *writing
	stopped chan struct{} // closed when everything that was handed over is answered

	files     identity    // what the answers count for
	conn      *connection // nil when the last one failed
	unchecked int         // events since the last checkpoint
	logged    bool        // pages may be in the WAL only
}

// writing is any write but an append.
type writing struct {
	do     func(context.Context, *connection) error
	weight int // in events, of the pages that it writes
	err    error
	done   chan struct{}
}

// batch is what one commit holds.
type batch struct {
	appends []*appending
	write   *writing // at most one, so that appends never wait for many
}

func newWriter(path string, logger *slog.Logger) *writer {
	return &writer{
		path:    path,
		logger:  logger,
		appends: make(chan *appending, maxBatch),
		writes:  make(chan *writing, maxBatch),
		stopped: make(chan struct{}),
	}
}

// run is the writer's goroutine. It ends when both channels are closed and empty.
func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	for {
		b, ok := w.collect()
		if !ok {
			w.checkpoint(ctx, true)
			return
		}
		if len(b.appends) > 0 || b.write != nil {
			w.commit(ctx, b)
		}
		w.checkpoint(ctx, len(b.appends) == 0 && b.write == nil)
	}
}

// collect waits for one write and takes what else is waiting. Letting the others run once before that makes batches
// twice as large: those who were just answered hand over their next write meanwhile. An empty batch means idle.
func (w *writer) collect() (batch, bool) {
	var b batch
	var idle <-chan time.Time
	if w.logged {
		idle = time.After(idleAfter)
	}
	for len(b.appends) == 0 && b.write == nil {
		if w.appends == nil && w.writes == nil {
			return b, false
		}
		select {
		case a, ok := <-w.appends:
			w.take(&b, a, ok)
		case write, ok := <-w.writes:
			w.takeWrite(&b, write, ok)
		case <-idle:
			return b, true
		}
	}
	runtime.Gosched()
	w.fill(&b)
	return b, true
}

// fill takes what waits, without waiting itself.
func (w *writer) fill(b *batch) {
	for len(b.appends) < maxBatch && w.appends != nil {
		select {
		case a, ok := <-w.appends:
			w.take(b, a, ok)
			continue
		default:
		}
		break
	}
	if b.write == nil {
		select {
		case write, ok := <-w.writes:
			w.takeWrite(b, write, ok)
		default:
		}
	}
}

func (w *writer) take(b *batch, a *appending, ok bool) {
	if !ok {
		w.appends = nil
		return
	}
	b.appends = append(b.appends, a)
}

func (w *writer) takeWrite(b *batch, write *writing, ok bool) {
	if !ok {
		w.writes = nil
		return
	}
	b.write = write
}

// commit writes the batch in one transaction and answers. When one of several rows is to blame, each is written in a
// transaction of its own.
func (w *writer) commit(ctx context.Context, b batch) {
	err := w.try(ctx, b)
	if err != nil && faultOfRow(err) && len(b.appends) > 1 {
		for _, a := range b.appends {
			w.commit(ctx, batch{appends: []*appending{a}})
		}
		if b.write != nil {
			w.commit(ctx, batch{write: b.write})
		}
		return
	}
	b.answer(err)
}

// answer wakes everybody who waits for the batch. An error of the commit is everybody's.
func (b batch) answer(err error) {
	for _, a := range b.appends {
		a.err = err
		close(a.done)
	}
	if b.write != nil {
		if err != nil {
			b.write.err = err
		}
		close(b.write.done)
	}
}

// try runs one transaction. After any error that is not the fault of a row the connection is given up.
func (w *writer) try(ctx context.Context, b batch) error {
	if w.conn == nil {
		if err := w.files.check(); err != nil {
			return err
		}
		if err := w.reopen(ctx, false); err != nil {
			return err
		}
		w.logger.WarnContext(ctx, "journal can be written again", "path", w.path)
	}
	err := w.conn.transaction(ctx, func() error { return w.conn.write(ctx, b) })
	if err == nil {
		err = w.files.check() // after the commit: it is in these files
		w.rescue(ctx, err)
	}
	if err != nil && !faultOfRow(err) {
		w.logger.ErrorContext(ctx, "journal cannot be written", "path", w.path, "error", err)
		if dropErr := w.drop(); dropErr != nil {
			w.logger.WarnContext(ctx, "closing the journal's connection", "error", dropErr)
		}
		return err
	}
	w.logged = true
	w.unchecked += len(b.appends)
	if b.write != nil {
		w.unchecked += b.write.weight
	}
	return err
}

// reopen replaces the connection. The new one must bring the WAL into the file and commit something before it counts:
// what an earlier failure left in memory is no proof of what is on the disk.
func (w *writer) reopen(ctx context.Context, first bool) error {
	conn, err := connect(ctx, w.path)
	if err != nil {
		return err
	}
	if err := conn.prove(ctx, first, w.logger); err != nil {
		return errors.Join(err, conn.close())
	}
	w.conn = conn
	return nil
}

// rescue moves everything into the file when the WAL, or the file, has lost its name: without a name the WAL is gone
// when the process ends.
func (w *writer) rescue(ctx context.Context, err error) {
	if _, ok := errors.AsType[goneError](err); !ok {
		return
	}
	if _, _, err := w.conn.checkpoint(ctx, "PASSIVE", 0); err != nil {
		w.logger.ErrorContext(ctx, "moving the journal's WAL into the file", "error", err)
	}
}

// drop closes the connection, if there is one.
func (w *writer) drop() error {
	if w.conn == nil {
		return nil
	}
	err := w.conn.close()
	w.conn = nil
	return err
}

// checkpoint moves pages from the WAL into the file, after those who wait were answered: some of them now and then, all
// of them and the WAL's length when there is time or the WAL has grown too long. A failure costs nothing: the WAL holds
// everything, and the next commit tells whether the disk is well.
func (w *writer) checkpoint(ctx context.Context, idle bool) {
	if w.conn == nil || !idle && w.unchecked < checkpointAfter {
		return
	}
	w.unchecked = 0
	if idle {
		w.logged = false
	}
	_, pages, err := w.conn.checkpoint(ctx, "PASSIVE", 0)
	if err == nil && (idle || pages*pageSize > walLimit) {
		_, _, err = w.conn.checkpoint(ctx, "TRUNCATE", 0) // the writer does not wait for readers: the next one will do as well
	}
	if err != nil {
		w.logger.WarnContext(ctx, "moving the journal's WAL into the file", "error", err)
	}
}

// hand gives a write to the writer, unless the context ends first. From then on the write is done whatever becomes of
// its caller.
func hand[T any](ctx context.Context, j *Journal, queue func(*writer) chan T, write T) error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return journal.ErrClosed
	}
	if j.writer == nil {
		return errReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case queue(j.writer) <- write:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write runs do in a transaction of the writer. An error of do takes back what do wrote.
func (j *Journal) write(ctx context.Context, do func(context.Context, *connection) error) error {
	return j.writeHeavy(ctx, weightOfWrite, do)
}

// writeHeavy is write for what is no ordinary write.
func (j *Journal) writeHeavy(ctx context.Context, weight int, do func(context.Context, *connection) error) error {
	w := &writing{do: do, weight: weight, done: make(chan struct{})}
	if err := hand(ctx, j, func(w *writer) chan *writing { return w.writes }, w); err != nil {
		return j.fail(err)
	}
	<-w.done
	return j.fail(w.err)
}
