package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

const secret = "correct-horse-battery-staple"

// appendFunc is an Appender that a test makes misbehave.
type appendFunc func(ctx context.Context, in journal.Incoming) (journal.Appended, error)

func (f appendFunc) Append(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
	return f(ctx, in)
}

// accept is an Appender that takes everything and keeps nothing.
func accept(context.Context, journal.Incoming) (journal.Appended, error) {
	return journal.Appended{Number: 1, ID: uuid.Must(uuid.NewV7()).String()}, nil
}

// logbook collects what is logged. It is safe for concurrent use.
type logbook struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

func (l *logbook) lines(containing string) []string {
	var found []string
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, containing) {
			found = append(found, line)
		}
	}
	return found
}

// setup is a Receiver over into, with one secret and a small limit, that counts its wake-ups.
type setup struct {
	*Receiver

	log   *logbook
	mu    sync.Mutex
	wakes int
}

const smallLimit = 64 << 10

func newSetup(tb testing.TB, into Appender) *setup {
	tb.Helper()
	s := &setup{log: &logbook{}}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	s.Receiver, err = NewReceiver(Config{Secrets: []string{secret}, MaxBody: smallLimit, Log: log}, into, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.wakes++
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (s *setup) woken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wakes
}

// request makes an authentic POST.
func request(tb testing.TB, path, body string) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secret)
	return r
}

// serve answers a request without a network.
func serve(handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// idOf returns the id of an answer to an event that was taken.
func idOf(tb testing.TB, w *httptest.ResponseRecorder) string {
	tb.Helper()
	var answer struct{ ID, Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		tb.Fatalf("answer %q: %v", w.Body, err)
	}
	if answer.ID == "" || answer.Error != "" {
		tb.Fatalf("answer %q, want an id and no error", w.Body)
	}
	return answer.ID
}
