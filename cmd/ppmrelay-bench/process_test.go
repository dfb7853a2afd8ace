package main

import (
	"strings"
	"testing"
)

// A server that ends instead of listening is an error with the last thing it said, not a wait without end.
func TestLaunchOfWhatDoesNotListen(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"echo no room on the disk >&2; exit 3": "no room on the disk",
		"exit 0":                               "did not start",
	} {
		p, err := launch(t.Context(), "sh", "-c", script)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: got %v, %v, want an error with %q", script, p, err, want)
		}
	}
}

// What a server uses and takes is told while it runs, and its end is waited for.
func TestProcess(t *testing.T) {
	t.Parallel()
	const listens = `{"msg":"starting"}` + "\n" + `{"msg":"listening","events":"127.0.0.1:4711"}`
	p, err := launch(t.Context(), "sh", "-c", "trap 'exit 0' TERM; echo '"+listens+`' >&2; while :; do :; done`)
	if err != nil {
		t.Fatal(err)
	}
	if p.address != "127.0.0.1:4711" {
		t.Errorf("got the address %q", p.address)
	}
	for {
		used, err := p.cpu()
		if err != nil {
			t.Fatal(err)
		}
		if used > 0 {
			break
		}
	}
	now, most, err := p.memory()
	if err != nil || now <= 0 || most < now {
		t.Errorf("got %v of at most %v MB, %v", now, most, err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("got %v at the end", err)
	}
	if _, err := p.cpu(); err == nil {
		t.Error("got the time of a process that has ended")
	}
}

func TestStopOfWhatEndsBadly(t *testing.T) {
	t.Parallel()
	const script = `trap 'echo the journal is damaged >&2; exit 1' TERM; echo '{"msg":"listening","events":"x"}' >&2; while :; do :; done`
	p, err := launch(t.Context(), "sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err == nil || !strings.Contains(err.Error(), "the journal is damaged") {
		t.Errorf("got %v, want the last line of its log", err)
	}
}
