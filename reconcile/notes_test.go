package reconcile

import (
	"context"
	"errors"
	"sync"

	"github.com/ppmrelay/ppmrelay/journal"
)

// notes are a Memory that can be given to the next process.
type notes struct {
	mu     sync.Mutex
	values map[string][]byte
	broken bool // nothing more can be written
}

func (n *notes) breakDown(broken bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.broken = broken
}

func (n *notes) Recollect(_ context.Context, name string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	value, ok := n.values[name]
	if !ok {
		return nil, journal.ErrNotFound
	}
	return value, nil
}

func (n *notes) Remember(_ context.Context, name string, value []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.broken {
		return errors.New("the disk is full")
	}
	if n.values == nil {
		n.values = map[string][]byte{}
	}
	n.values[name] = value
	return nil
}
