package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// get asks a handler; accept may be empty.
func get(tb testing.TB, handler http.Handler, path, accept string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept", accept)
	return serve(handler, r)
}

func TestReadyz(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	parked := Problem{Part: "slack C0123", Why: "the bot is not a member of the channel", Since: since}
	full := Problem{Part: "journal", Why: "the disk is full", Blocks: true}
	tests := []struct {
		name     string
		problems []Problem
		code     int
		status   string
		lines    []string
	}{
		{"all is well", nil, http.StatusOK, "ready", nil},
		{
			"a target is parked",
			[]Problem{parked},
			http.StatusOK, "ready, with problems",
			[]string{"- slack C0123: the bot is not a member of the channel (since 2026-03-01T12:00:00Z)"},
		},
		{
			"nothing can be taken",
			[]Problem{parked, full},
			http.StatusServiceUnavailable, "not ready",
			[]string{"- slack C0123: the bot", "- journal: the disk is full\n"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSetup(t, appendFunc(accept))
			probe := func(context.Context) []Problem { return test.problems }
			console := s.Console(func(context.Context) []Problem { return nil }, probe)

			plain := get(t, console, "/readyz", "*/*")
			if !strings.HasPrefix(plain.Body.String(), test.status+"\n") || plain.Code != test.code {
				t.Errorf("got %d %q, want %d %q", plain.Code, plain.Body, test.code, test.status)
			}
			for _, line := range test.lines {
				if !strings.Contains(plain.Body.String(), line) {
					t.Errorf("got %q, want %q in it", plain.Body, line)
				}
			}

			var state readiness
			asked := get(t, console, "/readyz", "application/json")
			if err := json.Unmarshal(asked.Body.Bytes(), &state); err != nil {
				t.Fatalf("%q: %v", asked.Body, err)
			}
			if asked.Code != test.code || state.Status != test.status || len(state.Problems) != len(test.problems) {
				t.Errorf("got %d %+v, want %d %q and %v", asked.Code, state, test.code, test.status, test.problems)
			}
			if state.Problems == nil {
				t.Error("problems: got null, want a list")
			}
		})
	}
}

// A refusing journal is not ready for as long as senders were asked to wait, then told as past, then forgotten.
func TestReadyzAfterRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := errors.New("disk is full")
		s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
			if fails != nil {
				return journal.Appended{}, fails
			}
			return accept(ctx, in)
		}))
		public, console := s.Public(), s.Console()
		expect := func(code int, contains string) {
			t.Helper()
			w := get(t, console, "/readyz", "")
			if w.Code != code || !strings.Contains(w.Body.String(), contains) {
				t.Errorf("got %d %q, want %d with %q", w.Code, w.Body, code, contains)
			}
		}
		expect(http.StatusOK, "ready\n")
		serve(public, request(t, "/events", "{}"))
		serve(public, request(t, "/events", "{}"))
		expect(http.StatusServiceUnavailable, "2 events could not be written down")
		time.Sleep(retryAfter)
		expect(http.StatusOK, "2 events could not be written down")
		fails = nil
		serve(public, request(t, "/events", "{}"))
		expect(http.StatusOK, "ready\n")

		serve(public, request(t, "/events", strings.Repeat(" ", smallLimit+1)))
		expect(http.StatusOK, "1 event of more than 65536 bytes refused and lost")
		serve(public, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/events", http.NoBody))
		expect(http.StatusOK, "1 request without a valid secret")
		time.Sleep(turnedAwayFresh)
		if w := get(t, console, "/readyz", ""); strings.Contains(w.Body.String(), "without a valid secret") {
			t.Errorf("got %q an hour later, want nothing about secrets that were wrong", w.Body)
		}
	})
}

// While a secret is replaced, /readyz tells when the old one was last used.
func TestReadyzTellsUseOfSecrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		receiver, err := NewReceiver(Config{Secrets: []string{"new", "old", "older"}, Log: slog.New(slog.DiscardHandler)},
			appendFunc(accept), func() {})
		if err != nil {
			t.Fatal(err)
		}
		use := func(secret string) {
			r := request(t, "/events", "{}")
			r.Header.Set("Authorization", "Bearer "+secret)
			serve(receiver.Public(), r)
		}
		use("old")
		time.Sleep(time.Hour)
		use("new")
		time.Sleep(time.Hour)
		got := get(t, receiver.Console(), "/readyz", "").Body.String()
		for _, want := range []string{
			"secret 1: last used 2000-01-01T01:00:00Z", "secret 2: last used 2000-01-01T00:00:00Z",
			"secret 3: not used since the start at 2000-01-01T00:00:00Z",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("got %q, want %q in it", got, want)
			}
		}
	})
}
