package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// hanging is a daemon in the middle of a message to a Slack that never answers.
type hanging struct {
	process *exec.Cmd
	log     bytes.Buffer  // complete when logged is closed
	logged  chan struct{} // when the process has ended
	events  string        // address of the public listener
	journal string
}

// hang starts a daemon, lets it begin a message, and returns when Slack has got it.
func hang(t *testing.T, flags ...string) *hanging {
	t.Helper()
	arrived, over := make(chan struct{}, 16), make(chan struct{})
	slack := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-over
	}))
	t.Cleanup(func() {
		close(over)
		slack.CloseClientConnections()
		slack.Close()
	})
	dir := t.TempDir()
	h := &hanging{journal: filepath.Join(dir, "ppmrelay.db"), logged: make(chan struct{})}
	h.start(t, append([]string{"serve", "--log-format", "json", "--config", writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), `
server: { listen: "127.0.0.1:0", secrets: [`+secret+`] }
console: { listen: "127.0.0.1:0" }
slack: { token: xoxb-1, api_url: "`+slack.URL+`/" }
routes:
  - { name: team, events: ["*"], slack: { channel: C0123456789 } }
`)}, flags...))
	if status := send(t, "http://"+h.events+"/events/Project/Updated", string(eventBody(1))); status != http.StatusAccepted {
		t.Fatalf("got %d, want %d", status, http.StatusAccepted)
	}
	select {
	case <-arrived:
	case <-time.After(20 * time.Second):
		t.Fatal("no message arrives")
	}
	return h
}

// start starts the program and waits until it listens.
func (h *hanging) start(t *testing.T, args []string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	h.process = exec.Command(path, args...)
	stderr, err := h.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.process.Process.Kill() })
	listening := make(chan string, 1)
	go func() {
		defer close(h.logged)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(&h.log, lines.Text())
			var line struct{ Msg, Events string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
				listening <- line.Events
			}
		}
	}()
	select {
	case h.events = <-listening:
	case <-time.After(30 * time.Second):
		t.Fatal("the daemon does not listen after 30 s")
	}
}

// send posts a body as PPM Express does, and returns the status of the answer.
func send(t *testing.T, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func (h *hanging) signal(t *testing.T) {
	t.Helper()
	if err := h.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// wait returns the exit code, and how long the process took to end.
func (h *hanging) wait(t *testing.T) (code int, took time.Duration) {
	t.Helper()
	begin := time.Now()
	select {
	case <-h.logged:
	case <-time.After(30 * time.Second):
		t.Fatal("the daemon does not end")
	}
	took = time.Since(begin)
	exit, ended := errors.AsType[*exec.ExitError](h.process.Wait())
	if !ended {
		return 0, took
	}
	return exit.ExitCode(), took
}

// intact demands that the journal is whole and has the message open, for the next start to look up.
func (h *hanging) intact(t *testing.T) {
	t.Helper()
	j, err := sqlite.Open(t.Context(), h.journal, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("got %q, %v, want that nothing is wrong", findings, err)
	}
	open, err := j.OpenEffects(t.Context())
	if err != nil || len(open) != 1 || len(open[0].Deliveries) != 1 {
		t.Errorf("got open effects %+v, %v, want the one message", open, err)
	}
	if counts, err := j.Count(t.Context()); err != nil || counts.Events != 1 || counts.Deliveries[journal.Delivered] != 0 {
		t.Errorf("got %+v, %v, want one event that is not told", counts, err)
	}
}

// A stop lets a message end that has begun, and a request that is on its way, but not for ever:
//
//	POST chat.postMessage …………………  SIGTERM   5 s: requests are cut off   2 s more: the attempt is given up   exit 0
//	POST /events, half a body ……………    ^
func TestStopHasABound(t *testing.T) {
	t.Parallel()
	h := hang(t, "--grace", "2s")
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", h.events)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n", secret)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(connection).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("got %q, %v, want that the body is waited for", line, err)
	}
	h.signal(t)
	code, took := h.wait(t)
	if code != exitFine {
		t.Errorf("got exit code %d, want %d:\n%s", code, exitFine, h.log.String())
	}
	if least, most := 2*time.Second, requestGrace+2*time.Second+5*time.Second; took < least || took > most {
		t.Errorf("it took %s, want %s to %s", took, least, most)
	}
	if !strings.Contains(h.log.String(), "connections were cut off") {
		t.Errorf("got the log\n%s\nwant that the request was cut off", h.log.String())
	}
	h.intact(t)
}

// However many parts hang, a stop takes no longer, and the last step to begin is the first to end.
func TestStopsShareTheirBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var steps stops
		var order []string
		for _, name := range []string{"journal", "commands", "events"} {
			steps.add(name, func(ctx context.Context) error {
				order = append(order, name)
				if name != "journal" {
					<-ctx.Done()
					return context.Cause(ctx)
				}
				return nil
			})
		}
		begin := time.Now()
		err := steps.run(slog.New(slog.DiscardHandler))
		if took := time.Since(begin); took != requestGrace {
			t.Errorf("it took %s, want %s", took, requestGrace)
		}
		if want := []string{"events", "commands", "journal"}; !slices.Equal(order, want) {
			t.Errorf("got the order %v, want %v", order, want)
		}
		if err == nil || !strings.Contains(err.Error(), "stopping events: requests are still being answered") {
			t.Errorf("got %v, want what hung", err)
		}
	})
}

// A second signal does not wait for anything, and loses nothing.
func TestSecondSignalLeavesAtOnce(t *testing.T) {
	t.Parallel()
	h := hang(t)
	h.signal(t)
	// As soon as nobody listens any more, the first signal has arrived. The attempt still has its 15 s.
	deadline := time.Now().Add(10 * time.Second)
	for connection, err := net.DialTimeout("tcp", h.events, time.Second); err == nil; connection, err = net.DialTimeout("tcp", h.events, time.Second) {
		connection.Close()
		if time.Now().After(deadline) {
			t.Fatal("the first signal changes nothing")
		}
		<-time.After(10 * time.Millisecond)
	}
	h.signal(t)
	code, took := h.wait(t)
	if code != exitFailed || took > 5*time.Second {
		t.Errorf("got exit code %d after %s, want %d at once", code, took, exitFailed)
	}
	if !strings.Contains(h.log.String(), "leaving at once") {
		t.Errorf("got the log\n%s\nwant that it leaves at once", h.log.String())
	}
	h.intact(t)
}
