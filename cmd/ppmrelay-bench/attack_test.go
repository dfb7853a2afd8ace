package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
)

// accepting takes every event and keeps none.
type accepting struct{}

func (accepting) Append(context.Context, journal.Incoming) (journal.Appended, error) {
	return journal.Appended{Number: 1, ID: "0190b3c4-0000-7000-8000-000000000001"}, nil
}

// witness is the real server and what its handlers answered.
type witness struct {
	address string
	mu      sync.Mutex
	seen    map[int]int // by status
	dialled int         // connections
}

func newWitness(t *testing.T, into handlers.Appender) *witness {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	receiver, err := handlers.NewReceiver(handlers.Config{Secrets: []string{secret}, Log: log}, into, func() {})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{address: listener.Addr().String(), seen: map[int]int{}}
	public := receiver.Public()
	server := handlers.Server(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		public.ServeHTTP(noting{out, w}, r)
	}), log)
	moved := server.ConnState
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		moved(conn, state)
		if state == http.StateNew {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.dialled++
		}
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return w
}

// noting tells a witness of the status.
type noting struct {
	http.ResponseWriter

	w *witness
}

func (n noting) WriteHeader(status int) {
	n.w.mu.Lock()
	n.w.seen[status]++
	n.w.mu.Unlock()
	n.ResponseWriter.WriteHeader(status)
}

func (n noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// Every kind of hostility does to the real server what it is named for, with all its connections, and ends when it is
// told to.
func TestHostilities(t *testing.T) {
	t.Parallel()
	statuses := map[string][]int{ // that a handler answers
		"slow headers": nil, "slow bodies": {401}, "idle connections": {200}, "header floods": {200},
		"compressed bodies": {202}, "oversized bodies": {413}, "wrong secrets": {401},
	}
	bomb, err := newBomb()
	if err != nil {
		t.Fatal(err)
	}
	kinds := (&attacker{count: leastConnections}).kinds()
	if len(kinds) != len(statuses) {
		t.Fatalf("got %d kinds, want %d", len(kinds), len(statuses))
	}
	for _, named := range kinds {
		t.Run(named.name, func(t *testing.T) {
			t.Parallel()
			w := newWitness(t, accepting{})
			a := &attacker{address: w.address, count: leastConnections, bomb: bomb}
			kind, ok := a.kinds().named(named.name)
			if !ok || kind.connections < 1 {
				t.Fatalf("got %+v, %v", kind, ok)
			}
			ctx, stop := context.WithCancel(t.Context())
			served := func() bool {
				return w.saw(statuses[kind.name]) && (a.answers.Load() > 0 || len(statuses[kind.name]) == 0)
			}
			a.run(ctx, hostilities{kind}, func() { go lingering(ctx, stop, served) })
			most, failed := a.most.Load(), a.failed.Load() // a dial may fail where the machine is too slow to accept in time
			if most < int64(kind.connections)/2 || a.open.Load() != 0 || failed > a.opened.Load()/10 {
				t.Errorf("got %d connections at the most, %d left, %d failed, want %d, 0 and few", most, a.open.Load(), failed, kind.connections)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			got := slices.Sorted(maps.Keys(w.seen))
			got = slices.DeleteFunc(got, func(status int) bool {
				brokenOff, crowded := status == http.StatusBadRequest, status == http.StatusServiceUnavailable && kind.name == "oversized bodies"
				return brokenOff || crowded
			})
			if !slices.Equal(got, statuses[kind.name]) {
				t.Errorf("got the answers %v, want %v", w.seen, statuses[kind.name])
			}
			if (a.answers.Load() > 0) != (len(statuses[kind.name]) > 0) {
				t.Errorf("got %d answers", a.answers.Load())
			}
		})
	}
}

// saw reports whether all of the statuses were answered.
func (w *witness) saw(statuses []int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !slices.ContainsFunc(statuses, func(status int) bool { return w.seen[status] == 0 })
}

// lingering lets an attack go on for a while, and until what it is to bring about has come, however slow the machine is.
func lingering(ctx context.Context, stop context.CancelFunc, come func() bool) {
	defer stop()
	look, enough := time.NewTicker(300*time.Millisecond), time.After(30*time.Second)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-enough:
			return
		case <-look.C:
			if come() {
				return
			}
		}
	}
}

// The manual has a row for each kind, with its connections.
func TestHostilitiesAreInTheManual(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range (&attacker{count: defaultConnections}).kinds() {
		count := strconv.Itoa(kind.connections)
		if len(count) > 3 {
			count = count[:len(count)-3] + "," + count[len(count)-3:]
		}
		if row := fmt.Sprintf("\n| %s: %s", kind.name, count); !strings.Contains(string(page), row) {
			t.Errorf("docs/reliability.md has no row %q", row[1:])
		}
	}
	if !strings.Contains(string(page), "\n| "+everything+" |") {
		t.Errorf("docs/reliability.md has no row for %s", everything)
	}
}

func TestBomb(t *testing.T) {
	t.Parallel()
	bomb, err := newBomb()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(bomb))
	if err != nil {
		t.Fatal(err)
	}
	size, err := io.Copy(io.Discard, reader)
	if err != nil || size != 10<<20 || len(bomb) > 20<<10 {
		t.Errorf("got %d bytes of %d, %v", size, len(bomb), err)
	}
}

// The limit of open files is raised as far as it may be, and never lowered.
func TestRaiseFiles(t *testing.T) {
	t.Parallel()
	var before, after syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	raiseFiles(before.Cur + 1)
	raiseFiles(1)
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &after); err != nil {
		t.Fatal(err)
	}
	if after.Cur < before.Cur || after.Cur == before.Cur && before.Max > before.Cur {
		t.Errorf("got %+v, want more than %+v", after, before)
	}
}

func TestUnknownHostility(t *testing.T) {
	t.Parallel()
	if err := attack(t.Context(), settings{attack: "kindness", connections: leastConnections}, io.Discard); err == nil {
		t.Error("got no error for a kind that is not there")
	}
}

// Nothing listens: that is counted, and no reason to wait for ever.
func TestAttackOnNobody(t *testing.T) {
	t.Parallel()
	a := &attacker{address: "127.0.0.1:1", count: leastConnections}
	kind, _ := a.kinds().named("wrong secrets")
	ctx, stop := context.WithCancel(t.Context())
	a.run(ctx, hostilities{kind}, stop)
	if a.failed.Load() != floods || a.opened.Load() != 0 {
		t.Errorf("got %d failed and %d opened, want %d and 0", a.failed.Load(), a.opened.Load(), floods)
	}
}
