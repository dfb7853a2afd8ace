package slack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestNothingLeftTheHouse: without a connection nothing happened, whatever it failed at.
func TestNothingLeftTheHouse(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String() + "/api/"
	_ = listener.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("stopping"))
	for name, test := range map[string]struct {
		ctx    context.Context
		url    string
		class  sinks.Class
		reason sinks.Reason
	}{
		"nobody listens":   {t.Context(), closed, sinks.Retry, sinks.ReasonUnreachable},
		"no such host":     {t.Context(), "http://slack.invalid/api/", sinks.Retry, sinks.ReasonUnreachable},
		"no certificate":   {t.Context(), strings.Replace(plain.URL, "http:", "https:", 1), sinks.Retry, sinks.ReasonUnreachable},
		"another protocol": {t.Context(), "ftp://127.0.0.1/", sinks.Retry, sinks.ReasonUnreachable},
		"no address":       {t.Context(), "http://user:" + token + "@ /", sinks.Stop, sinks.ReasonUnreachable},
		"stopped":          {cancelled, closed, sinks.Retry, sinks.ReasonInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := New(NewClient(Options{Token: token, URL: test.url}), channel)
			_, err := sink.Perform(test.ctx, effectOf(t, sink, false, item("A")))
			wantFailure(t, err, test.class, test.reason)
		})
	}
}

// TestConnectionLost: what breaks after a connection was there may have happened.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"no answer":     "",
		"half a header": "HTTP/1.1 200 OK\r\nContent-",
		"half a body":   "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int32
			client := served(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				posts.Add(1)
				conn, buffer, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = buffer.WriteString(answer)
				_ = buffer.Flush()
				_ = conn.Close()
			}))
			sink := New(client, channel)
			_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
			wantFailure(t, err, sinks.Unsure, sinks.ReasonNoAnswer)
			if got := posts.Load(); got != 1 {
				t.Errorf("got %d posts, want 1", got)
			}
		})
	}
}

// TestStaleConnection: the server closes a connection that was kept, as the next request comes. The transport may send
// that on another connection only if nothing was written; either way there is one message, or it is unsure.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	posts := make(chan struct{}, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_ = r.ParseForm()
				posts <- struct{}{}
				const body = `{"ok":true,"ts":"1700000000.000100"}`
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			}
			_ = conn.Close() // although it did not say so
		}
	}()
	client := NewClient(Options{Token: token, URL: "http://" + listener.Addr().String()})
	sink := New(client, channel)
	told := 0
	for range 5 {
		_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
		if err == nil {
			told++
		} else if sinks.Classify(err).Class != sinks.Unsure {
			t.Errorf("got %v, want it unsure", err)
		}
	}
	_ = listener.Close()
	<-done
	if len(posts) < told || len(posts) > 5 {
		t.Errorf("got %d posts of 5 attempts, %d of them told", len(posts), told)
	}
}

// TestHTTP2: with Slack itself HTTP/2 is spoken. There, too, a stream that breaks may have happened.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if posts.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		_, _ = fmt.Fprintf(w, `{"ok":true,"ts":"%d.000000"}`, r.ProtoMajor)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := NewClient(Options{Token: token, URL: server.URL})
	client.http.Transport = server.Client().Transport
	sink := New(client, channel)
	_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
	wantFailure(t, err, sinks.Unsure, sinks.ReasonNoAnswer)
	if got := posts.Load(); got != 1 {
		t.Errorf("got %d posts, want 1", got)
	}
	receipt, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
	if err != nil || receipt != channel+" 2.000000" {
		t.Errorf("got %q, error %v, want it posted by HTTP/2", receipt, err)
	}
}
