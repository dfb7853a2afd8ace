package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// A side's process says where it listens, takes events and ends when it is told to.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, side := range []string{sideJournal, sideFloor} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			read, write := io.Pipe()
			p := &process{logged: make(chan struct{})}
			listening := make(chan string, 1)
			go p.read(read, listening)
			ended := make(chan error, 1)
			go func() {
				ended <- serve(ctx, settings{serve: side, dir: t.TempDir()}, write)
				_ = write.Close()
			}()
			all, err := gather(t.Context(), <-listening, 3, sampleDraft(t))
			if err != nil {
				t.Fatal(err)
			}
			if took, err := all.post(times(30)); err != nil || len(took) != 30 {
				t.Errorf("got %d events and %v, want 30", len(took), err)
			}
			all.leave()
			stop()
			if err := <-ended; err != nil {
				t.Errorf("got %v at the end", err)
			}
			<-p.logged
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		want string // the command, or a part of the error
		code int
	}{
		{"", "go run ./cmd/ppmrelay-bench --rounds 5 --seconds 1", 0},
		{"--rounds 1 --seconds 0.3 --only http", "go run ./cmd/ppmrelay-bench --rounds 1 --seconds 0.3 --only http", 0},
		{"--events 500 --dir /secret/place --markdown", "go run ./cmd/ppmrelay-bench --rounds 5 --seconds 1 --events 500", 0},
		{"--only burst --burst 300 --outage 2s", "go run ./cmd/ppmrelay-bench --rounds 5 --seconds 1 --burst 300 --outage 2s --only burst", 0},
		{"--only hostile --connections 500", "go run ./cmd/ppmrelay-bench --rounds 5 --seconds 1 --connections 500 --only hostile", 0},
		{"--only speed", "http, rss, start, render, check, reload, webhooks, scan, burst, hostile", 2},
		{"--burst 10", "--burst has to be at least 200", 2},
		{"--connections 10", "--connections at least 100", 2},
		{"--outage 0s", "more than 0", 2},
		{"--rounds 0", "more than 0", 2},
		{"more", `unknown argument "more"`, 2},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			s, err := parse(strings.Fields(test.args), &out)
			got := s.command()
			if err != nil {
				got = err.Error()
			}
			if (err != nil) != (test.code != 0) || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if test.code == 0 {
				return
			}
			if code := run(t.Context(), strings.Fields(test.args), &out, &out); code != test.code {
				t.Errorf("got code %d, want %d", code, test.code)
			}
		})
	}
}

func TestUnknownSide(t *testing.T) {
	t.Parallel()
	if err := serve(t.Context(), settings{serve: "both", dir: t.TempDir()}, io.Discard); err == nil {
		t.Error("got no error for a side that is not there")
	}
}
