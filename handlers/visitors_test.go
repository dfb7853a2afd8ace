package handlers

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// house serves the handler with room for so many connections, and returns it with a function that opens them.
func house(t *testing.T, s *setup, limit int) (*visitors, func() net.Conn) {
	t.Helper()
	listener := pipes{make(chan net.Conn), make(chan struct{})}
	server := Server(s.Public(), s.Receiver.log)
	open := newVisitors(limit, s.Receiver.log)
	server.ConnContext, server.ConnState = open.enter, open.moved
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return open, func() net.Conn {
		ours, theirs := net.Pipe()
		listener.conns <- theirs
		t.Cleanup(func() { _ = ours.Close() })
		time.Sleep(strangerGrace) // until it is inside, and may be sent away
		return ours
	}
}

// ask sends a request and returns the status, 0 when the server has hung up.
func ask(t *testing.T, conn net.Conn, request string) int {
	t.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		return 0
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	synctest.Wait() // until the connection is idle
	return response.StatusCode
}

const (
	askHealth = "GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n"
	askEvent  = head + "Content-Length: 2\r\n\r\n{}"
	late      = "nothing, but it waits until it is inside"
	slowHead  = "POST /events HTTP/1.1\r\nHost: rel"
)

// Each case opens connections in a house with room for three, does something on each as it comes, and says which of
// them are still served in the end.
func TestWhoHasToGo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		does []string // on each connection; empty = nothing
		want []int    // what each is answered then
	}{
		{"as many as there is room for", []string{"", "", ""}, []int{200, 200, 200}},
		{"the first of strangers who only wait", []string{"", "", "", "", ""}, []int{0, 0, 200, 200, 200}},
		{"a slow one before those that came later", []string{slowHead, "", "", ""}, []int{0, 200, 200, 200}},
		{"strangers before one with the secret", []string{askEvent, "", "", "", ""}, []int{200, 0, 0, 200, 200}},
		{"strangers who ask are still strangers", []string{askEvent, askHealth, askHealth, askHealth}, []int{200, 0, 200, 200}},
		{"one with the secret where all have it", []string{askEvent, askEvent, askEvent, late}, []int{0, 200, 200, 200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, open := house(t, newSetup(t, appendFunc(accept)), 3)
				var conns []net.Conn
				for _, does := range test.does {
					conn := open()
					conns = append(conns, conn)
					switch does {
					case late:
						time.Sleep(knownGrace)
					case "", slowHead:
						_, _ = io.WriteString(conn, does)
					default:
						if status := ask(t, conn, does); status != 200 && status != 202 {
							t.Fatalf("connection %d: got %d", len(conns), status)
						}
					}
				}
				time.Sleep(knownGrace)
				for i, conn := range conns {
					if got := ask(t, conn, askHealth); got != test.want[i] {
						t.Errorf("connection %d: got %d, want %d", i+1, got, test.want[i])
					}
				}
			})
		})
	}
}

// Progress counts, not age: of three strangers the one goes that did nothing since.
func TestProgressKeepsAConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, open := house(t, newSetup(t, appendFunc(accept)), 3)
		first, second, _ := open(), open(), open()
		if got := ask(t, first, askHealth); got != http.StatusOK {
			t.Fatalf("got %d", got)
		}
		open()
		if a, b := ask(t, first, askHealth), ask(t, second, askHealth); a != http.StatusOK || b != 0 {
			t.Errorf("got %d and %d, want 200 and to be hung up on", a, b)
		}
	})
}

// Nobody is sent away in the middle of a request: who comes waits, and gets the place of who has ended.
func TestWhoComesWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
			time.Sleep(DefaultPatience - time.Second)
			return accept(ctx, in)
		}))
		_, open := house(t, s, 1)
		first := open()
		answers := make(chan int, 1)
		go func() {
			defer first.Close()
			answers <- ask(t, first, askEvent)
		}()
		synctest.Wait()
		start := time.Now()
		if got := ask(t, open(), askHealth); got != http.StatusOK || time.Since(start) < DefaultPatience-time.Second {
			t.Errorf("got %d after %v, want 200 after the first has ended", got, time.Since(start))
		}
		if got := <-answers; got != http.StatusAccepted {
			t.Errorf("the first: got %d, want 202", got)
		}
	})
}

// Who leaves by itself makes room, and nothing is kept of anybody.
func TestVisitorsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, appendFunc(accept))
		v, open := house(t, s, 2)
		for range 5 {
			conn := open()
			ask(t, conn, askEvent)
			_ = conn.Close()
			synctest.Wait()
		}
		if len(v.places)+v.strangers.Len()+v.known.Len() != 0 {
			t.Errorf("got %d, %d and %d of those who left, want none", len(v.places), v.strangers.Len(), v.known.Len())
		}
		if lines := s.log.lines("make room"); len(lines) != 0 {
			t.Errorf("got %q in the log, want nothing", lines)
		}
	})
}

// The log speaks of those who had to go at most once a minute, and of all of them.
func TestLogOfThoseWhoHadToGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, appendFunc(accept))
		_, open := house(t, s, 1)
		for range 4 { // three go, the log hears of the first
			open()
		}
		time.Sleep(turnedAwayEvery)
		for range 2 { // the first of them still has room: the idle one has timed out
			open()
		}
		lines := s.log.lines("make room")
		if len(lines) != 2 || !strings.Contains(lines[0], `"count":1`) || !strings.Contains(lines[1], `"count":3`) {
			t.Errorf("got %q, want 1 and then 3 connections", lines)
		}
	})
}

// The real server has the bound, and notes progress: a stranger too many sends the one away who did nothing.
func TestServerHasRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := dial(t, newSetup(t, appendFunc(accept)))
		known, first, second := open(), open(), open()
		if a, b := ask(t, known, askEvent), ask(t, first, askHealth); a != http.StatusAccepted || b != http.StatusOK {
			t.Fatalf("got %d and %d", a, b)
		}
		for range maxConnections - 2 {
			open()
		}
		time.Sleep(2 * strangerGrace)
		for i, want := range []int{200, 200, 0} {
			if got := ask(t, []net.Conn{known, first, second}[i], askHealth); got != want {
				t.Errorf("connection %d: got %d, want %d", i+1, got, want)
			}
		}
		if got := ask(t, open(), askEvent); got != http.StatusAccepted {
			t.Errorf("one more: got %d, want 202", got)
		}
	})
}

func TestRecogniseWhoHasLeft(t *testing.T) {
	t.Parallel()
	v := newVisitors(1, slog.New(slog.DiscardHandler))
	gone, _ := net.Pipe()
	v.recognise(gone)
	v.moved(gone, http.StateClosed)
	recognised(t.Context())
	if v.known.Len() != 0 {
		t.Error("a connection that is gone has a place")
	}
}

// A refused request is answered at once where its body is there, and soon where it never comes.
func TestUnreadBodies(t *testing.T) {
	t.Parallel()
	stranger := " HTTP/1.1\r\nHost: relay\r\nContent-Length: 10\r\n\r\n"
	tests := []struct {
		name, sent string
		status     int
		after      time.Duration
	}{
		{"no secret, no body", "POST /events" + stranger, http.StatusUnauthorized, unreadTimeout},
		{"no secret, half a body", "POST /events" + stranger + "{", http.StatusUnauthorized, unreadTimeout},
		{"no secret, a whole body", "POST /events" + stranger + "{        }", http.StatusUnauthorized, 0},
		{"no such path", "POST /nothing" + stranger, http.StatusNotFound, unreadTimeout},
		{"no such method", "PUT /events" + stranger, http.StatusMethodNotAllowed, unreadTimeout},
		{"a body where none belongs", "GET /healthz" + stranger, http.StatusOK, unreadTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				conn := dial(t, newSetup(t, appendFunc(accept)))()
				start := time.Now()
				got := ask(t, conn, test.sent)
				if took := time.Since(start); got != test.status || took != test.after {
					t.Errorf("got %d after %v, want %d after %v", got, took, test.status, test.after)
				}
			})
		})
	}
}
