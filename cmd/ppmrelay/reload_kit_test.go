package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// A client is kept, with what its vendor asked for, as long as it is reached in the same way; and so is what stands behind
// a target.
func TestWhatAReloadKeeps(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	text := sandboxConfig(s, "127.0.0.1:0", "127.0.0.1:0") + "  - { name: f, events: [\"*\"], file: { path: x.csv, columns: [{ header: A, value: \"{{ .Entity }}\" }] } }\n"
	var before *kit
	load := func(pairs ...string) map[string]sinks.Sink {
		t.Helper()
		cfg, err := config.Parse("ppmrelay.yaml", []byte(strings.NewReplacer(pairs...).Replace(text)), func(string) (string, bool) { return "", false })
		must(t, err)
		parts, err := assembleAfter(t.Context(), before, cfg, slog.New(slog.DiscardHandler))
		must(t, err)
		before = parts.kit
		all := map[string]sinks.Sink{}
		for _, target := range parts.targets {
			all[strings.SplitN(target.ID, ":", 2)[0]] = target.Sink
		}
		return all
	}
	first := load()
	tests := []struct {
		change []string
		others string // the kinds of targets that are reached in another way, or written otherwise
	}{
		{nil, ""},
		{[]string{"time_zone: UTC", "time_zone: Europe/Berlin"}, ""},
		{[]string{"{{ .Entity }}", "{{ .Entity.Name }}"}, ""},
		{[]string{"slack: { token: ", "slack: { burst: 9, token: "}, "slack"},
		{[]string{"token: xoxb", "token: xoxb-another"}, "slack"},
		{[]string{"google: { ", "google: { per_minute: 40, "}, "sheet"},
		{[]string{"header: A", "header: B"}, "file"},
		{[]string{"tab: Changes", "tab: Changes, columns: [{ header: A, value: x }]"}, "sheet"},
	}
	now := first
	for _, test := range tests {
		if test.others != "" {
			now = load() // what a change is compared with
		}
		next := load(test.change...)
		for kind, sink := range next {
			if kept := sink == now[kind]; kept == (kind == test.others) {
				t.Errorf("%q: the sink of %s is kept: %t", test.change, kind, kept)
			}
		}
		if test.others == "" {
			now = next
		}
	}

	load()
	if len(before.made) != 5 || before.before != nil { // two clients, three sinks
		t.Errorf("got a kit of %d and what was before %v, want 5 and nothing", len(before.made), before.before)
	}
	wrong := errors.New("no")
	if _, err := kept(before, "x", func() (int, error) { return 0, wrong }); !errors.Is(err, wrong) || len(before.made) != 5 {
		t.Errorf("got %v and a kit of %d, want the error and nothing kept", err, len(before.made))
	}
}

// The webhooks follow the configuration: another secret is registered, and nothing is asked where they are the same.
func TestWebhooksFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	text := sandboxConfig(s, "127.0.0.1:7", "127.0.0.1:0")
	read := func(text string) *config.Config {
		t.Helper()
		cfg, err := config.Parse("ppmrelay.yaml", []byte(text), func(string) (string, bool) { return "", false })
		must(t, err)
		return cfg
	}
	g := newRegistrar(struct{}{}, read(text), nil, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g.run(ctx)
	}()
	await := func(what string, there func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !there(); <-time.After(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("still not: %s", what)
			}
		}
	}
	at := func(address string) func() bool {
		return func() bool {
			n := 0
			for _, w := range s.PPM.Webhooks() {
				if strings.HasPrefix(w.URL, "http://"+address+"/") {
					n++
				}
			}
			return n == 12
		}
	}
	await("all are registered", at("127.0.0.1:7"))
	first := g.current()
	await("the first pass has ended", func() bool { return !first.Last().Ended.IsZero() })
	g.follow(read(text + "  - { name: f, events: [\"*\"], file: { path: x.csv } }\n"))
	if g.current() != first || len(g.problems(t.Context())) != 0 {
		t.Error("another reconciler for the same webhooks, or problems with them")
	}
	g.follow(read(strings.Replace(text, `"http://127.0.0.1:7"`, `"http://127.0.0.1:8"`, 1)))
	await("the other address is registered", at("127.0.0.1:8"))
	g.follow(read(strings.Replace(text, ppm.DefaultToken, "no-token", 1)))
	await("another token is refused", func() bool { return len(g.problems(t.Context())) > 0 })
	none := read("server: { secrets: [" + secret + "] }\nroutes:\n  - { name: f, events: [\"*\"], file: { path: x.csv } }\n")
	g.follow(none)
	if g.current() != nil || len(g.problems(t.Context())) != 0 {
		t.Error("something is kept registered without the section")
	}
	cancel()
	<-ended
}
