package main

import (
	"context"
	"os"
	"runtime"
	"sync"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// The floor's measures, those of the journal's writer.
const maxBatch = 512

// floor is the least that a durable journal can do: it appends bodies to a file, one fsync for all that wait together.
// It cannot tell a new event from an old one, and finds nothing again.
type floor struct {
	file    *os.File
	queue   chan *line
	stopped sync.WaitGroup
	last    int64
}

// line is a body on its way into the file.
type line struct {
	body   []byte
	number int64
	err    error
	done   chan struct{}
}

func openFloor(path string) (*floor, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // a path of our own
	if err != nil {
		return nil, err
	}
	f := &floor{file: file, queue: make(chan *line, maxBatch)}
	f.stopped.Go(f.run)
	return f, nil
}

// Append returns when the body is on the disk.
func (f *floor) Append(_ context.Context, in journal.Incoming) (journal.Appended, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return journal.Appended{}, err
	}
	l := &line{body: in.Body, done: make(chan struct{})}
	f.queue <- l
	<-l.done
	return journal.Appended{Number: l.number, ID: id.String()}, l.err
}

// run takes one, lets the others run, takes what waits, writes once, syncs once, answers: the journal's writer does the
// same, so that the difference is what SQLite costs.
func (f *floor) run() {
	var text []byte
	for first := range f.queue {
		runtime.Gosched()
		batch := f.fill([]*line{first})
		text = text[:0]
		for _, l := range batch {
			text = append(append(text, l.body...), '\n')
		}
		_, err := f.file.Write(text)
		if err == nil {
			err = f.file.Sync()
		}
		for _, l := range batch {
			f.last++
			l.number, l.err = f.last, err
			close(l.done)
		}
	}
}

// fill takes what waits, without waiting itself.
func (f *floor) fill(batch []*line) []*line {
	for len(batch) < maxBatch {
		select {
		case l, ok := <-f.queue:
			if !ok {
				return batch
			}
			batch = append(batch, l)
		default:
			return batch
		}
	}
	return batch
}

// Close must come after the last Append.
func (f *floor) Close() error {
	close(f.queue)
	f.stopped.Wait()
	return f.file.Close()
}
