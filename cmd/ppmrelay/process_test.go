package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// binary builds the real program once for all tests, as the image does: by the Dockerfile's own line.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ppmrelay-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "ppmrelay")
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		command, ok := strings.CutPrefix(line, "RUN ")
		if !ok || !strings.Contains(command, "go build") {
			continue
		}
		command = strings.Replace(command, "-o /ppmrelay", "-o "+path, 1)
		command = strings.Replace(command, "${VERSION}", "v0-test", 1)
		build := exec.Command("sh", "-c", command)
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", command, err, out)
		}
		return path, nil
	}
	return "", errors.New("the Dockerfile builds nothing")
})

// TestMain removes the built program.
func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// daemon is the real program in a process of its own.
type daemon struct {
	t       *testing.T
	cmd     *exec.Cmd
	log     *bytes.Buffer
	logged  chan struct{} // closed when the log has ended
	events  string        // base URL of the public listener
	console string
}

// startDaemon starts serve and waits until it listens.
func startDaemon(t *testing.T, config string) *daemon {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &daemon{t: t, cmd: exec.Command(path, "serve", "--config", config, "--log-format", "json"), log: &bytes.Buffer{}, logged: make(chan struct{})}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	listening := make(chan [2]string, 1)
	go p.read(bufio.NewScanner(stderr), listening)
	select {
	case address := <-listening:
		p.events, p.console = "http://"+address[0], "http://"+address[1]
	case <-p.logged:
		t.Fatalf("the daemon did not start:\n%s", p.log)
	case <-time.After(30 * time.Second):
		t.Fatalf("the daemon does not listen after 30 s")
	}
	return p
}

// read keeps the log, and finds the addresses in it.
func (p *daemon) read(lines *bufio.Scanner, listening chan<- [2]string) {
	defer close(p.logged)
	for lines.Scan() {
		p.log.Write(lines.Bytes())
		p.log.WriteByte('\n')
		var line struct{ Msg, Events, Console string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			listening <- [2]string{line.Events, line.Console}
		}
	}
}

// kill ends the process as a crash would.
func (p *daemon) kill() {
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Errorf("killing: %v", err)
	}
	<-p.logged
	_ = p.cmd.Wait() // it was killed: that is its error
}

// stop asks the process to end, and demands that it does so well.
func (p *daemon) stop() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("stopping: %v", err)
	}
	<-p.logged
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the daemon ended with %v\n%s", err, p.log)
	}
}

// count looks into a journal from outside, as the CLI does.
func count(t *testing.T, file string) journal.Counts {
	t.Helper()
	j, err := sqlite.Open(t.Context(), file, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	counts, err := j.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// client gives up after a while, unlike the default one.
func client() *http.Client { return &http.Client{Timeout: 20 * time.Second} }

// newest returns the story of the newest event, and whether it has ended.
func newest(t *testing.T, file string) (journal.Story, bool) {
	t.Helper()
	j, err := sqlite.Open(t.Context(), file, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	found, err := j.Events(t.Context(), journal.Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || !found[0].Entry.Planned || found[0].States[journal.Pending]+found[0].States[journal.Uncertain] > 0 {
		return journal.Story{}, false
	}
	story, err := j.Story(t.Context(), found[0].Entry.Number)
	if err != nil {
		t.Fatal(err)
	}
	return story, true
}
