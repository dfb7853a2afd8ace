package control

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// daemon answers with what a test gives it, and keeps what it was asked.
type daemon struct {
	replayed Replayed
	asked    any
	err      error
	hang     bool // until the asking ends
}

func (d *daemon) Replay(ctx context.Context, ask Replay) (Replayed, error) {
	d.asked = ask
	if d.hang {
		<-ctx.Done()
		return Replayed{}, ctx.Err()
	}
	return d.replayed, d.err
}

func (d *daemon) Release(_ context.Context, ask Release) (Released, error) {
	d.asked = ask
	return Released{Released: ask.Numbers}, d.err
}

func (d *daemon) Backup(_ context.Context, ask Backup) (BackedUp, error) {
	d.asked = ask
	return BackedUp{File: ask.File, Bytes: 4096}, d.err
}

func (d *daemon) Webhooks(_ context.Context, ask Webhooks) (WebhooksDone, error) {
	d.asked = ask
	return WebhooksDone{Used: 13, Steps: []WebhookStep{{Action: "keep", Type: "Idea:Created"}}}, d.err
}

// start serves a daemon and returns where.
func start(t *testing.T, d Daemon) string {
	t.Helper()
	socket := filepath.Join(short(t), "j.db.sock")
	listener, err := Listen(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	server := Server(d, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving ended with %v", err)
		}
	})
	return socket
}

// short is a folder whose path leaves room for a socket's name, unlike that of a test with a long name.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "control") //nolint:usetesting // TempDir is what is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestEachVerb(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	d := &daemon{replayed: Replayed{
		Events: 40, Targets: []Target{{"slack:C0123456789", 37}}, Waiting: []int64{2}, Untaken: []int64{7},
	}}
	client := NewClient(start(t, d))
	replay := Replay{Numbers: []int64{1, 2}, Filter: &Filter{Type: "Project:Updated", State: "buried", Since: at}, Dry: true}
	for _, test := range []struct {
		name      string
		ask       any
		want, got func() (any, error)
	}{
		{"replay", replay, func() (any, error) { return d.replayed, nil }, func() (any, error) { return client.Replay(t.Context(), replay) }},
		{
			"release",
			Release{Numbers: []int64{3}},
			func() (any, error) { return Released{Released: []int64{3}}, nil },
			func() (any, error) { return client.Release(t.Context(), Release{Numbers: []int64{3}}) },
		},
		{
			"backup",
			Backup{File: "/b"},
			func() (any, error) { return BackedUp{File: "/b", Bytes: 4096}, nil },
			func() (any, error) { return client.Backup(t.Context(), Backup{File: "/b"}) },
		},
		{
			"webhooks",
			Webhooks{Types: []string{"Idea:Created"}},
			func() (any, error) {
				return WebhooksDone{Used: 13, Steps: []WebhookStep{{Action: "keep", Type: "Idea:Created"}}}, nil
			},
			func() (any, error) { return client.Webhooks(t.Context(), Webhooks{Types: []string{"Idea:Created"}}) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, _ := test.want()
			got, err := test.got()
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			if !reflect.DeepEqual(d.asked, test.ask) {
				t.Errorf("the daemon was asked %+v, want %+v", d.asked, test.ask)
			}
		})
	}
	d.err = errors.New("event 9: not in the journal")
	if _, err := client.Replay(t.Context(), Replay{}); err == nil || err.Error() != d.err.Error() {
		t.Errorf("got %v, want the daemon's own words", err)
	}
}

func TestRunning(t *testing.T) {
	if !NewClient(start(t, &daemon{})).Running(t.Context()) {
		t.Error("got that nobody listens")
	}
	dead := filepath.Join(short(t), "dead.sock")
	leaveSocket(t, dead)
	if NewClient(dead).Running(t.Context()) {
		t.Error("got that a process listens that died")
	}
}

func TestWhoeverAsksMayGoAway(t *testing.T) {
	client := NewClient(start(t, &daemon{hang: true}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.Replay(ctx, Replay{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time is over", err)
	}
}

// What the client never sends is refused in words, and the daemon is not asked.
func TestRefusedRequests(t *testing.T) {
	d := &daemon{}
	socket := start(t, d)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	defer client.CloseIdleConnections()
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		say                      string
	}{
		{"a verb of another version", http.MethodPost, "/restore", "{}", 404, "another version"},
		{"a field of another version", http.MethodPost, "/replay", `{"colour":"x"}`, 400, "another version"},
		{"no JSON", http.MethodPost, "/replay", "numbers=1", 400, "does not understand"},
		{"two objects", http.MethodPost, "/release", "{}{}", 400, "follows"},
		{"too large", http.MethodPost, "/replay", `{"numbers":[` + strings.Repeat("1,", maxAsk/2) + `1]}`, 400, "too much"},
		{"a look", http.MethodGet, "/replay", "", 404, "does not know"},
	} {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, "http://x"+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || !strings.Contains(string(text), test.say) {
				t.Errorf("got %d %s, want %d and %q", response.StatusCode, text, test.status, test.say)
			}
		})
	}
	if d.asked != nil {
		t.Errorf("the daemon was asked %+v", d.asked)
	}
}

func TestNobodyListens(t *testing.T) {
	dir := short(t)
	dead := filepath.Join(dir, "dead.sock")
	leaveSocket(t, dead)
	for name, socket := range map[string]string{"no file": filepath.Join(dir, "none.sock"), "a process that died": dead} {
		if _, err := NewClient(socket).Backup(t.Context(), Backup{}); !errors.Is(err, ErrNoDaemon) {
			t.Errorf("%s: got %v, want %v", name, err, ErrNoDaemon)
		}
	}
	long := filepath.Join(dir, strings.Repeat("x", 108))
	if _, err := NewClient(long).Backup(t.Context(), Backup{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("a long path: got %v, want %v", err, ErrTooLong)
	}
	if _, err := Listen(t.Context(), long); !errors.Is(err, ErrTooLong) {
		t.Errorf("a long path: got %v, want %v", err, ErrTooLong)
	}
}

// leaveSocket leaves what a process leaves that is killed.
func leaveSocket(t *testing.T, path string) {
	t.Helper()
	listener, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	unix, ok := listener.(*net.UnixListener)
	if !ok {
		t.Fatalf("got a %T", listener)
	}
	unix.SetUnlinkOnClose(false)
	if err := unix.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSocketIsPrivateAndReplaced(t *testing.T) {
	dir := short(t)
	path := filepath.Join(dir, "j.db.sock")
	leaveSocket(t, path)
	old := syscall.Umask(0)
	listener, err := Listen(t.Context(), path)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v after a good end, want no file", err)
	}
	if err := os.WriteFile(path, []byte("somebody's own"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is no socket") {
		t.Errorf("got %v, want that the file is no socket", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "somebody's own" {
		t.Errorf("the file holds %q", text)
	}
}

func TestEmptyFilter(t *testing.T) {
	if !(Filter{}).Empty() || (Filter{Since: time.Unix(1, 0)}).Empty() {
		t.Error("got an empty filter that is not, or the reverse")
	}
}
