package selftest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/selftest"
)

const listens = `echo '{"msg":"something"}' >&2
echo 'no JSON' >&2
echo '{"msg":"listening","events":"127.0.0.1:1","console":"127.0.0.1:2"}' >&2
`

const endless = "while :; do sleep 0.02; done\n"

// program writes a shell script that is run instead of the daemon.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "daemon")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(t *testing.T, ctx context.Context, script string) (*selftest.Daemon, *bytes.Buffer) { //nolint:revive // t comes first
	t.Helper()
	var log bytes.Buffer
	d, err := selftest.Start(ctx, program(t, script), "some.yaml", &log)
	if err != nil {
		t.Fatal(err)
	}
	return d, &log
}

func TestDaemonListensAndStops(t *testing.T) {
	d, log := start(t, t.Context(), `echo "$@" >&2
trap 'echo stopping >&2; exit 0' TERM
`+listens+endless)
	if err := d.Listening(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.Events != "http://127.0.0.1:1" || d.Console != "http://127.0.0.1:2" {
		t.Errorf("got %s and %s", d.Events, d.Console)
	}
	if err := d.Stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if got := log.String(); !strings.HasPrefix(got, "serve --config some.yaml") || !strings.HasSuffix(got, "stopping\n") {
		t.Errorf("got the log %q", got)
	}
	if err := d.Kill(); err == nil {
		t.Error("killing what has ended: want an error")
	}
}

func TestDaemonIsKilled(t *testing.T) {
	d, _ := start(t, t.Context(), "trap '' TERM INT\n"+listens+endless)
	if err := d.Listening(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Kill(); err != nil {
		t.Errorf("killing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d, _ = start(t, ctx, "trap '' TERM INT\n"+listens+endless)
	cancel()
	select {
	case <-d.Ended():
	case <-time.After(10 * time.Second):
		t.Error("it lives on after the context has ended")
	}
}

func TestDaemonThatDoesNotStart(t *testing.T) {
	d, log := start(t, t.Context(), "echo wrong configuration >&2; exit 2")
	if err := d.Listening(t.Context()); err == nil || !strings.Contains(err.Error(), "before it listened") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "wrong configuration") {
		t.Errorf("got the log %q", log)
	}
	if _, err := selftest.Start(t.Context(), filepath.Join(t.TempDir(), "none"), "some.yaml", log); err == nil {
		t.Error("a program that is not there: want an error")
	}
}

func TestDaemonThatEndsBadly(t *testing.T) {
	d, _ := start(t, t.Context(), "trap 'exit 3' TERM\n"+listens+endless)
	if err := d.Listening(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v, want exit status 3", err)
	}
}
