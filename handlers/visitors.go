package handlers

import (
	"container/list"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxConnections is how many connections a listener has at the same time. A connection that only waits costs about 35
// KB, and one of the file descriptors that the journal and the targets need, too.
const maxConnections = 1000

// How long nobody is sent away after the latest progress. A stranger needs the time from connecting to the secret; a
// known sender may be waiting for the journal.
const (
	strangerGrace = 100 * time.Millisecond
	knownGrace    = 2 * DefaultPatience
	roomEvery     = 10 * time.Millisecond // how often room is looked for where nobody can be sent away yet
)

// visitors are the connections of a listener, at most a limit of them. When there is no room for who comes, the one goes
// that has shown no progress for the longest time (a request begun, an answer sent), and as long as there are strangers,
// it is one of them. Who comes waits only for the grace of those who are there. A listener that stops accepting instead
// (golang.org/x/net/netutil) would let strangers who do nothing shut everybody else out.
type visitors struct {
	limit int
	log   *slog.Logger

	mu        sync.Mutex
	places    map[net.Conn]*visitor
	strangers *list.List // of visitors without a valid secret yet, the longest without progress first
	known     *list.List // of the others, in the same order
	sentAway  int64      // not in the log yet
	logged    time.Time  // when the log last spoke of them
}

// visitor is one connection.
type visitor struct {
	conn    net.Conn
	in      *list.List
	element *list.Element
	since   time.Time // the latest progress
}

// visitorKey is where the context of a request keeps what recognises its connection.
type visitorKey struct{}

func newVisitors(limit int, log *slog.Logger) *visitors {
	return &visitors{limit: limit, log: log, places: map[net.Conn]*visitor{}, strangers: list.New(), known: list.New()}
}

// enter is the server's ConnContext: it makes room for a new connection. The server accepts no other until it returns.
func (v *visitors) enter(ctx context.Context, conn net.Conn) context.Context {
	for !v.admit(ctx, conn) {
		timer := time.NewTimer(roomEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return context.WithValue(ctx, visitorKey{}, func() { v.recognise(conn) })
}

// admit gives a connection a place, and reports whether there was one.
func (v *visitors) admit(ctx context.Context, conn net.Conn) bool {
	now := time.Now()
	v.mu.Lock()
	leaving := v.leaving(now)
	if leaving == nil && len(v.places) >= v.limit && ctx.Err() == nil {
		v.mu.Unlock()
		return false
	}
	var count int64
	if leaving != nil {
		v.remove(leaving)
		count = v.unlogged(now)
	}
	visitor := &visitor{conn: conn, in: v.strangers, since: now}
	visitor.element = v.strangers.PushBack(visitor)
	v.places[conn] = visitor
	v.mu.Unlock()
	if leaving != nil {
		_ = leaving.conn.Close() // its own goroutine sees that, and ends
	}
	if count > 0 {
		v.log.WarnContext(ctx, "connections were closed to make room for others", "count", count, "limit", v.limit)
	}
	return true
}

// leaving returns who has to go, nil where there is room or nobody can be sent away yet. The caller holds the lock.
func (v *visitors) leaving(now time.Time) *visitor {
	if len(v.places) < v.limit {
		return nil
	}
	from, grace := v.strangers, strangerGrace
	if from.Len() == 0 {
		from, grace = v.known, knownGrace
	}
	first, ok := from.Front().Value.(*visitor)
	if !ok || now.Sub(first.since) < grace {
		return nil
	}
	return first
}

// unlogged counts one more who had to go, and returns how many the log should speak of now. The caller holds the lock.
func (v *visitors) unlogged(now time.Time) int64 {
	v.sentAway++
	if now.Sub(v.logged) < turnedAwayEvery {
		return 0
	}
	count := v.sentAway
	v.sentAway, v.logged = 0, now
	return count
}

// moved is the server's ConnState: it notes progress, and the end.
func (v *visitors) moved(conn net.Conn, state http.ConnState) {
	v.mu.Lock()
	defer v.mu.Unlock()
	visitor := v.places[conn]
	if visitor == nil {
		return // sent away
	}
	switch state {
	case http.StateActive, http.StateIdle:
		visitor.since = time.Now()
		visitor.in.MoveToBack(visitor.element)
	case http.StateClosed, http.StateHijacked:
		v.remove(visitor)
	case http.StateNew:
	}
}

func (v *visitors) remove(visitor *visitor) {
	visitor.in.Remove(visitor.element)
	delete(v.places, visitor.conn)
}

// recognise notes that a connection has brought a valid secret.
func (v *visitors) recognise(conn net.Conn) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if visitor := v.places[conn]; visitor != nil && visitor.in != v.known {
		v.strangers.Remove(visitor.element)
		visitor.since = time.Now()
		visitor.in, visitor.element = v.known, v.known.PushBack(visitor)
	}
}

// recognised notes that the connection of a request has brought a valid secret.
func recognised(ctx context.Context) {
	if note, ok := ctx.Value(visitorKey{}).(func()); ok {
		note()
	}
}
