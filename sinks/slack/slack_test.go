package slack

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/ppmrelay/ppmrelay/event"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	channel = "C0123456789"
	token   = "xoxb-not-to-be-seen"
)

// workspace is a stand-in for Slack with one channel, and a client of it over loopback HTTP.
type workspace struct {
	*sandbox.Server

	client *Client
	sink   *Sink
}

// open starts a workspace. Without a Late of its own, a message may be late for 60 ms only.
func open(t *testing.T, options sandbox.Options) workspace {
	t.Helper()
	options.Token = token
	if options.Channels == nil {
		options.Channels = []sandbox.Channel{{ID: channel, Name: "delivery"}}
	}
	slack := sandbox.New(options)
	server := httptest.NewServer(slack)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if alive := append(slack.Alive(), slack.StrayLinks()...); len(alive) > 0 {
			t.Errorf("messages ring or lead elsewhere: %q", alive)
		}
	})
	client := NewClient(Options{Token: token, URL: server.URL + "/api", Late: 60 * time.Millisecond})
	client.looks.SetLimit(rate.Inf) // the time is real
	t.Cleanup(client.http.CloseIdleConnections)
	return workspace{Server: slack, client: client, sink: New(client, channel)}
}

// answering is a client of a server that always gives the same answer.
func answering(t *testing.T, status int, header http.Header, body string) *Client {
	t.Helper()
	return served(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
}

func served(t *testing.T, handler http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client := NewClient(Options{Token: token, URL: server.URL + "/api/", Late: time.Millisecond})
	client.looks.SetLimit(rate.Inf) // the time is real
	t.Cleanup(client.http.CloseIdleConnections)
	return client
}

// wired is a client of a handler over pipes, for bubbles of synctest: real sockets would stop their clock.
func wired(t *testing.T, handler http.Handler, options Options) *Client {
	t.Helper()
	listener := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	options.URL = "http://slack.test/api/"
	client := NewClient(options)
	client.http.Transport = &http.Transport{DialContext: listener.dial}
	t.Cleanup(func() {
		client.http.CloseIdleConnections()
		_ = server.Close()
		<-done
	})
	return client
}

type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// item is something to tell about an entity.
func item(name string) sinks.Item {
	return sinks.Item{Events: []string{newID()}, Message: event.Message{
		Head:    ":pencil2: Project *" + name + "* was updated",
		Lines:   []string{"Status: On track → At risk"},
		Context: "By Anna Doe",
		Text:    "Project " + name + " was updated. Status: On track → At risk",
	}}
}

// effectOf composes items as delivery does. All of them must fit.
func effectOf(t *testing.T, sink *Sink, plain bool, items ...sinks.Item) sinks.Effect {
	t.Helper()
	content, taken, err := sink.Compose(items, plain)
	if err != nil || taken != len(items) {
		t.Fatalf("composing %d items: got %d taken, error %v", len(items), taken, err)
	}
	effect := sinks.Effect{ID: newID(), Content: content, Started: time.Now()}
	for _, item := range items {
		effect.Events = append(effect.Events, item.Events...)
	}
	return effect
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// wantHappened recalls an effect and checks the answer.
func wantHappened(t *testing.T, sink *Sink, effect sinks.Effect, want sinks.Happened) sinks.Recollection {
	t.Helper()
	got, err := sink.Recall(t.Context(), effect)
	if err != nil {
		t.Fatalf("recalling: %v", err)
	}
	if got.Happened != want {
		t.Errorf("recalling: got %d (%s %s), want %d", got.Happened, got.Reason, got.Detail, want)
	}
	return got
}

// wantFailure checks an error's class and reason, and that it shows neither token nor line breaks.
func wantFailure(t *testing.T, err error, class sinks.Class, reason sinks.Reason) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %v, %s", class, reason)
	}
	failure := sinks.Classify(err)
	if failure.Class != class || failure.Reason != reason {
		t.Errorf("got %v, %s (%v), want %v, %s", failure.Class, failure.Reason, err, class, reason)
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", failure)} {
		if strings.Contains(text, token) || strings.ContainsAny(text, "\r\n") {
			t.Errorf("the error shows what it must not: %q", text)
		}
	}
}

// busy asks everybody to wait.
func busy(seconds string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(http.StatusTooManyRequests)
	})
}
