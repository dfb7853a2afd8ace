package fault

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// kept are the requests whose effect is still to come. The zero value is ready.
type kept struct {
	mu      sync.Mutex
	waiting []*parcel // in the order in which they were kept
	landed  int
	closed  bool
	landing sync.WaitGroup
}

// parcel is one request that is kept.
type parcel struct {
	land  func()
	timer *time.Timer
}

// keep lets a request land after a time. A timer waits for that, so that nothing runs in between.
func (k *kept) keep(delay time.Duration, land func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return
	}
	p := &parcel{land: land}
	p.timer = time.AfterFunc(delay, func() { k.arrive(p) })
	k.waiting = append(k.waiting, p)
}

// arrive serves a request that still waits, and reports whether it did.
func (k *kept) arrive(p *parcel) bool {
	k.mu.Lock()
	i := slices.Index(k.waiting, p)
	if i < 0 {
		k.mu.Unlock()
		return false
	}
	k.waiting = slices.Delete(k.waiting, i, i+1)
	k.landing.Add(1)
	k.mu.Unlock()
	defer k.landing.Done()
	p.timer.Stop()
	serveToNobody(p.land)
	k.mu.Lock()
	k.landed++
	k.mu.Unlock()
	return true
}

// serveToNobody ends where a server would close the connection.
func serveToNobody(land func()) {
	defer func() {
		if cause := recover(); cause != nil && cause != http.ErrAbortHandler { //nolint:errorlint // it is panicked with itself
			panic(cause)
		}
	}()
	land()
}

func (k *kept) count() (waiting, landed int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.waiting), k.landed
}

// Land lets everything land now that is kept to land late, in the order in which it was sent, and returns how much that
// was.
func (b *Board) Land() int {
	b.kept.mu.Lock()
	waiting := slices.Clone(b.kept.waiting)
	b.kept.mu.Unlock()
	landed := 0
	for _, p := range waiting {
		if b.kept.arrive(p) {
			landed++
		}
	}
	return landed
}

// Close drops what is kept to land late, and waits for what is just landing.
func (b *Board) Close() {
	b.kept.mu.Lock()
	b.kept.closed = true
	for _, p := range b.kept.waiting {
		p.timer.Stop()
	}
	b.kept.waiting = nil
	b.kept.mu.Unlock()
	b.kept.landing.Wait()
}
