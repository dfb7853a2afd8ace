package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

const (
	spreadsheet = "bench-spreadsheet-1"
	tab         = "Changes"
)

// vendors are the stand-ins of Slack and Google in this process, with the vendors' quotas.
type vendors struct {
	slack  *slack.Server
	google *google.Server

	channels            []string
	atSlack, atGoogle   host
	slackURL, googleURL string
}

// host serves one stand-in, with times when nothing listens at its address. It counts the answers that say 429.
type host struct {
	handler http.Handler
	address string
	server  *http.Server
	tooMany atomic.Int64
}

// newVendors starts stand-ins with so many channels.
func newVendors(ctx context.Context, channels int) (*vendors, error) {
	v := &vendors{google: google.New(google.Options{})}
	var all []slack.Channel
	for i := range channels {
		all = append(all, slack.Channel{ID: fmt.Sprintf("C0BENCH%04d", i+1), Name: fmt.Sprintf("team-%02d", i+1)})
		v.channels = append(v.channels, all[i].ID)
	}
	v.slack = slack.New(slack.Options{Channels: all})
	v.google.AddSpreadsheet(spreadsheet, "Portfolio")
	v.atSlack.handler, v.atGoogle.handler = v.slack, v.google
	v.atSlack.address, v.atGoogle.address = "127.0.0.1:0", "127.0.0.1:0"
	if err := v.up(ctx); err != nil {
		return nil, errors.Join(err, v.down())
	}
	v.slackURL, v.googleURL = "http://"+v.atSlack.address+"/api/", "http://"+v.atGoogle.address+"/"
	return v, nil
}

func (v *vendors) up(ctx context.Context) error {
	return errors.Join(v.atSlack.up(ctx), v.atGoogle.up(ctx))
}

func (v *vendors) down() error { return errors.Join(v.atSlack.down(), v.atGoogle.down()) }

func (h *host) up(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", h.address)
	if err != nil {
		return err
	}
	h.address = listener.Addr().String()
	h.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(listener) }() // it ends by Close
	return nil
}

// down refuses connections, and breaks those that are there.
func (h *host) down() error {
	if h.server == nil {
		return nil
	}
	return h.server.Close()
}

// ServeHTTP serves the stand-in and counts.
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.handler.ServeHTTP(counter{w, &h.tooMany}, r)
}

// counter sees the status of an answer.
type counter struct {
	http.ResponseWriter

	tooMany *atomic.Int64
}

// WriteHeader counts 429.
func (c counter) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		c.tooMany.Add(1)
	}
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a stand-in reach the connection.
func (c counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// homeFor makes the folder of a daemon that tells each team's projects to its channel, and everything to the sheet where
// there is to be one.
func (b *bench) homeFor(ctx context.Context, v *vendors, withSheet bool) (string, error) {
	dir, err := b.home(ctx)
	if err != nil {
		return "", err
	}
	credentials, err := json.Marshal(string(v.google.Credentials(v.googleURL)))
	if err != nil {
		return "", err
	}
	base, _, _ := strings.Cut(fmt.Sprintf(configuration, secret), "routes:")
	var text strings.Builder
	fmt.Fprintf(&text, "%sslack: { token: %s, api_url: %q }\ngoogle: { credentials: %s, endpoint: %q }\nroutes:\n",
		base, slack.DefaultToken, v.slackURL, credentials, v.googleURL)
	for i, channel := range v.channels {
		condition := fmt.Sprintf("after(\"Team\") == %q", teamOf(i, len(v.channels)))
		if len(v.channels) == 1 {
			condition = "true" // everything
		}
		fmt.Fprintf(&text, "  - { name: team-%02d, events: [\"*\"], when: '%s', slack: { channel: %s } }\n", i+1, condition, channel)
	}
	if withSheet {
		fmt.Fprintf(&text, "  - { name: log, events: [\"*\"], sheet: { spreadsheet: %s, tab: %s } }\n", spreadsheet, tab)
	}
	return dir, os.WriteFile(configOf(dir), []byte(text.String()), 0o600)
}

func journalOf(dir string) string { return filepath.Join(dir, "journal.db") }
