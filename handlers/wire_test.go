package handlers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// pipes is a listener without a network, so that time in a test can be fake.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error { close(p.done); return nil }

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial serves the handler as in production, and returns a function that opens connections to it.
func dial(t *testing.T, s *setup) func() net.Conn {
	t.Helper()
	listener := pipes{make(chan net.Conn), make(chan struct{})}
	server := Server(s.Public(), s.Receiver.log)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return func() net.Conn {
		ours, theirs := net.Pipe()
		listener.conns <- theirs
		t.Cleanup(func() { _ = ours.Close() })
		return ours
	}
}

const head = "POST /events/Project/Updated HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer " + secret + "\r\n"

// A body that stops coming is given up, nothing of it is kept, and the sender is told.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sent string
		status     int // 0 = hung up on
		after      time.Duration
	}{
		{"headers stop", "POST /events HTTP/1.1\r\nHost: rel", 0, 20 * time.Second},
		{"body stops", head + "Content-Length: 10\r\n\r\n{", http.StatusRequestTimeout, 30 * time.Second},
		{"chunks stop", head + "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a", http.StatusRequestTimeout, 30 * time.Second},
		{"whole", head + "Content-Length: 2\r\n\r\n{}", http.StatusAccepted, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var appends atomic.Int32
				s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
					appends.Add(1)
					return accept(ctx, in)
				}))
				start, conn := time.Now(), dial(t, s)()
				if _, err := io.WriteString(conn, test.sent); err != nil {
					t.Fatal(err)
				}
				status := 0
				if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
					status = response.StatusCode
					_ = response.Body.Close()
				}
				if took := time.Since(start); status != test.status || took != test.after {
					t.Errorf("got %d after %v, want %d after %v", status, took, test.status, test.after)
				}
				if got, want := appends.Load() == 1, test.status == http.StatusAccepted; got != want {
					t.Errorf("appended: got %v, want %v", got, want)
				}
			})
		})
	}
}

// Over a real connection: a sender that breaks off in the middle of its body.
func TestTornBodies(t *testing.T) {
	t.Parallel()
	large := strings.Repeat(" ", smallLimit)
	tests := []struct {
		name, sent string
		status     int
	}{
		{"cut before its length", head + "Content-Length: 100\r\n\r\n{}", http.StatusBadRequest},
		{"nothing of it came", head + "Content-Length: 100\r\n\r\n", http.StatusBadRequest},
		{"cut in a chunk", head + "Transfer-Encoding: chunked\r\n\r\n64\r\n{}", http.StatusBadRequest},
		{"cut between chunks", head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", http.StatusBadRequest},
		{"malformed chunk", head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n", http.StatusBadRequest},
		{"length and chunks", head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", http.StatusAccepted},
		{"two lengths", head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", http.StatusBadRequest},
		{"length too large, nothing sent", head + "Content-Length: 99999999\r\n\r\n", http.StatusRequestEntityTooLarge},
		{"chunks too large", head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s{}", smallLimit+9, large), http.StatusRequestEntityTooLarge},
		{"no body", head + "\r\n", http.StatusAccepted},
		{"large headers", head + "X: " + strings.Repeat("x", 32<<10) + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		{"whole in chunks", head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", http.StatusAccepted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var appends atomic.Int32
			s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
				appends.Add(1)
				return accept(ctx, in)
			}))
			if got := overTCP(t, s, test.sent); got != test.status {
				t.Errorf("got %d, want %d", got, test.status)
			}
			if got, want := appends.Load() == 1, test.status == http.StatusAccepted; got != want {
				t.Errorf("appended: got %v, want %v", got, want)
			}
		})
	}
}

// overTCP sends bytes, ends the sending side of the connection, and returns the status of the answer.
func overTCP(t *testing.T, s *setup, sent string) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := Server(s.Public(), s.Receiver.log)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	conn, err := net.DialTCP("tcp", nil, listener.Addr().(*net.TCPAddr)) //nolint:errcheck // what a TCP listener has
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Once the body is there, a sender that hangs up changes nothing: the event is appended and delivery is told.
func TestSenderGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen error
		s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
			time.Sleep(time.Second)
			seen = ctx.Err()
			return accept(ctx, in)
		}))
		conn := dial(t, s)()
		if _, err := io.WriteString(conn, head+"Content-Length: 2\r\n\r\n{}"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if seen != nil || s.woken() != 1 {
			t.Errorf("append saw %v and delivery was woken %d times, want nothing and once", seen, s.woken())
		}
	})
}

// A journal that nothing can interrupt (a disk that hangs) keeps nobody waiting longer than patience. When it comes back,
// delivery hears of the event, and its sender, who comes again, that it is there.
func TestHangingJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		there := false
		s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
			if there {
				return journal.Appended{Number: 1, ID: "original", Duplicate: true}, nil
			}
			time.Sleep(time.Hour)
			there = true
			return accept(ctx, in)
		}))
		start := time.Now()
		w := serve(s.Public(), request(t, "/events/Project/Updated", "{}"))
		if took := time.Since(start); w.Code != http.StatusServiceUnavailable || took != DefaultPatience {
			t.Errorf("got %d after %v, want 503 after %v", w.Code, took, DefaultPatience)
		}
		if s.woken() != 0 {
			t.Error("delivery was woken for an event that is not there")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if s.woken() != 1 {
			t.Errorf("got %d wake-ups after the journal came back, want 1", s.woken())
		}
		w = serve(s.Public(), request(t, "/events/Project/Updated", "{}"))
		if w.Code != http.StatusOK || idOf(t, w) != "original" || s.woken() != 1 {
			t.Errorf("got %d %s and %d wake-ups, want 200 and no other", w.Code, w.Body, s.woken())
		}
	})
}

// A journal that is slow is waited for, but not for ever; one that refuses is not waited for at all.
func TestSlowJournal(t *testing.T) {
	t.Parallel()
	full := errors.New("disk is full at /var/lib/secret-place")
	tests := []struct {
		name   string
		takes  time.Duration
		fails  error
		status int
		after  time.Duration
	}{
		{"at once", 0, nil, http.StatusAccepted, 0},
		{"slow", 4900 * time.Millisecond, nil, http.StatusAccepted, 4900 * time.Millisecond},
		{"too slow", time.Hour, nil, http.StatusServiceUnavailable, DefaultPatience},
		{"refuses", 0, full, http.StatusServiceUnavailable, 0},
		{"closed", 0, journal.ErrClosed, http.StatusServiceUnavailable, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
					select {
					case <-time.After(test.takes):
					case <-ctx.Done():
						return journal.Appended{}, fmt.Errorf("appending: %w", ctx.Err())
					}
					if test.fails != nil {
						return journal.Appended{}, test.fails
					}
					return accept(ctx, in)
				}))
				start := time.Now()
				w := serve(s.Public(), request(t, "/events/Project/Updated", "{}"))
				if took := time.Since(start); w.Code != test.status || took != test.after {
					t.Errorf("got %d after %v, want %d after %v", w.Code, took, test.status, test.after)
				}
				if w.Code != http.StatusServiceUnavailable {
					return
				}
				if got := w.Header().Get("Retry-After"); got != "30" {
					t.Errorf("Retry-After: got %q, want 30", got)
				}
				if strings.Contains(w.Body.String(), "disk") {
					t.Errorf("the answer %q tells about the inside", w.Body)
				}
				if lines := s.log.lines("could not be written down"); len(lines) != 1 {
					t.Errorf("log: got %q, want one line", lines)
				}
			})
		})
	}
}
