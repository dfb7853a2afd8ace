package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// Each listener serves its own table and nothing else, and never redirects.
func TestRoutes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path    string
		public, console int
	}{
		{"GET", "/healthz", 200, 200},
		{"HEAD", "/healthz", 200, 200},
		{"POST", "/healthz", 405, 405},
		{"GET", "/readyz", 404, 200},
		{"HEAD", "/readyz", 404, 200},
		{"GET", "/", 404, 200},
		{"POST", "/", 404, 405},
		{"POST", "/events", 202, 404},
		{"POST", "/events/Project/Updated", 202, 404},
		{"GET", "/events", 405, 404},
		{"PUT", "/events/Project/Updated", 405, 404},
		{"DELETE", "/events/Project/Updated", 405, 404},
		{"OPTIONS", "/events", 405, 404},
		{"BREW", "/events", 405, 404},
		{"CONNECT", "/events", 405, 404},
		{"POST", "/events/", 404, 404},
		{"POST", "/events/Project", 404, 404},
		{"POST", "/events/Project/", 404, 404},
		{"POST", "/events/Project/Updated/", 404, 404},
		{"POST", "/events/Project/Updated/now", 404, 404},
		{"POST", "/events//Updated", 404, 404},
		{"POST", "//events", 404, 404},
		{"POST", "/EVENTS", 404, 404},
		{"POST", "/events/../healthz", 404, 404},
		{"GET", "/healthz/", 404, 404},
		{"GET", "/metrics", 404, 404},
		{"GET", "/debug/pprof/", 404, 404},
		{"GET", "/.env", 404, 404},
	}
	s := newSetup(t, appendFunc(accept))
	public, console := s.Public(), s.Console()
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			for handler, want := range map[http.Handler]int{public: test.public, console: test.console} {
				r := request(t, "/", "{}")
				r.Method, r.URL = test.method, &url.URL{Path: test.path}
				w := serve(handler, r)
				if w.Code != want {
					t.Errorf("got %d %s, want %d", w.Code, w.Body, want)
				}
				if w.Code == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
					t.Error("405 without an Allow header")
				}
				if w.Code >= 400 && !strings.Contains(w.Body.String(), `{"error":"`) {
					t.Errorf("got %d %q, want words", w.Code, w.Body)
				}
				if w.Header().Get("X-Content-Type-Options") != "nosniff" {
					t.Error("an answer lets browsers guess")
				}
			}
		})
	}
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	tests := []struct {
		path string
		want event.Type // empty = 404
	}{
		{"Project/Updated", "Project:Updated"},
		{"project/updated", "Project:Updated"},
		{"KEYDATE/cREATED", "KeyDate:Created"},
		{"Risk/Escalated", "Risk:Escalated"},
		{"risk/ESCALATED", "risk:ESCALATED"},
		{"Project/Archived", "Project:Archived"},
		{"key-date_2/x", "key-date_2:x"},
		{long + "/" + long, event.Type(long + ":" + long)},
		{long + "a/x", ""},
		{"Project:Updated/x", ""},
		{"Project/Up dated", ""},
		{"Project/Updated\n", ""},
		{"Project/\u017fpdated", ""}, // a long s, which folds to s
		{"Tas\u212a/Updated", ""},    // the sign for kelvin, which folds to k
		{"Project/\xff", ""},
		{"Project/\x00", ""},
		{"<b>/x", ""},
		{"./x", ""},
		{"relay.ops/Stopped", ""}, // what the relay says of itself comes from nobody else
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			got := event.Type("nothing was appended")
			s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
				got = in.Type
				return accept(ctx, in)
			}))
			r := request(t, "/", "{}")
			r.URL = &url.URL{Path: "/events/" + test.path}
			w := serve(s.Public(), r)
			switch {
			case test.want == "" && (w.Code != http.StatusNotFound || got != "nothing was appended"):
				t.Errorf("got %d and type %q, want 404 and nothing", w.Code, got)
			case test.want != "" && (w.Code != http.StatusAccepted || got != test.want):
				t.Errorf("got %d and type %q, want 202 and %q", w.Code, got, test.want)
			}
		})
	}
}

// A panic is answered and logged, but what it says about the request is not repeated anywhere.
func TestPanics(t *testing.T) {
	t.Parallel()
	var list []int
	tests := []struct {
		name   string
		panics func()
		logged string
	}{
		{"text", func() { panic("BODY-TEXT") }, `"cause":"string"`},
		{"error", func() { panic(errors.New("BODY-TEXT is odd")) }, `"cause":"*errors.errorString"`},
		{"of the runtime", func() { list[0]++ }, "index out of range"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSetup(t, appendFunc(accept))
			handler := engine(s.Receiver.log, []route{{http.MethodPost, "/", func(*gin.Context) { test.panics() }}})
			w := serve(handler, request(t, "/", "BODY-TEXT"))
			if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "BODY-TEXT") {
				t.Errorf("got %d %s, want 500 without the body", w.Code, w.Body)
			}
			s.expectPanic(t, "a request panicked", test.logged)
		})
	}
}

// expectPanic looks for one line with a stack that leads to a test, and for nothing that was sent.
func (s *setup) expectPanic(t *testing.T, message, cause string) {
	t.Helper()
	lines := s.log.lines(message)
	if len(lines) != 1 || !strings.Contains(lines[0], cause) || !strings.Contains(lines[0], "_test.go") {
		t.Errorf("log: got %q, want one line with %q and the stack", lines, cause)
	}
	if log := s.log.String(); strings.Contains(log, "BODY-TEXT") || strings.Contains(log, secret) {
		t.Errorf("the log %q repeats the body or the secret", log)
	}
}

// http.ErrAbortHandler is how net/http drops a connection; it is not an error.
func TestAbortPasses(t *testing.T) {
	t.Parallel()
	s := newSetup(t, appendFunc(accept))
	handler := engine(s.Receiver.log, []route{{http.MethodPost, "/", func(*gin.Context) { panic(http.ErrAbortHandler) }}})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // a panic's value, not an error that was returned
			t.Errorf("got panic %v, want %v", got, http.ErrAbortHandler)
		}
		if s.log.String() != "" {
			t.Errorf("log: got %q, want nothing", s.log)
		}
	}()
	serve(handler, request(t, "/", "{}"))
}

// A journal that panics has not written the event down.
func TestPanicWhileAppending(t *testing.T) {
	t.Parallel()
	s := newSetup(t, appendFunc(func(_ context.Context, in journal.Incoming) (journal.Appended, error) {
		panic(string(in.Body))
	}))
	w := serve(s.Public(), request(t, "/events/Task/Created", "BODY-TEXT"))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %v, want 503 and when to come again", w.Code, w.Header())
	}
	s.expectPanic(t, "writing an event down panicked", `"cause":"string"`)
}

// Reading a body is our business: an error of ours in it keeps the event.
func TestPanicWhileReading(t *testing.T) {
	t.Parallel()
	var got journal.Incoming
	s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
		got = in
		return accept(ctx, in)
	}))
	s.decode = func(body []byte, _ event.Type) (journal.Incoming, error) { panic(string(body)) }
	w := serve(s.Public(), request(t, "/events/Task/Created", "BODY-TEXT"))
	if w.Code != http.StatusAccepted || string(got.Body) != "BODY-TEXT" || got.Quarantine == "" || len(got.Fingerprint) != 32 {
		t.Errorf("got %d and %+v, want 202 and a body in quarantine", w.Code, got)
	}
	s.expectPanic(t, "reading a body panicked", `"cause":"string"`)
}

// Whoever knocks without a secret gets a line a minute, not a line a knock, and nobody reads what they sent.
func TestTurnedAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, appendFunc(accept))
		public := s.Public()
		knock := func() {
			t.Helper()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/events/Task/Created", unreadable{t})
			r.Header.Set("Authorization", "Bearer guess")
			w := serve(public, r)
			if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("got %d %v, want 401 and how to authenticate", w.Code, w.Header())
			}
		}
		for range 1000 {
			knock()
		}
		time.Sleep(time.Minute)
		knock()
		lines := s.log.lines("turned away")
		if len(lines) != 2 || !strings.Contains(lines[0], `"count":1,`) || !strings.Contains(lines[1], `"count":1000,`) {
			t.Errorf("log: got %q, want two lines that count 1 and 1000", lines)
		}
		if strings.Contains(s.log.String(), "guess") {
			t.Error("the log repeats a wrong secret")
		}
	})
}

// unreadable is a body that nobody may read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read before the secret was known to be right")
	return 0, errors.New("not for reading")
}

// FuzzRequest: no request gets a 5xx, a redirect or a panic, and only authentic ones are taken.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/events/Project/Updated", "Bearer "+secret, "gzip", "{}")
	f.Add("POST", "/events/%/\x00", "bearer", "", "[")
	f.Add("GET", "/events//..", "", "identity", "\xff\xfe{")
	s := newSetup(f, appendFunc(accept))
	public := s.Public()
	f.Fuzz(func(t *testing.T, method, path, authorization, encoding, body string) {
		r := request(t, "/", body)
		r.Method, r.URL = method, &url.URL{Path: path}
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Content-Encoding", encoding)
		w := serve(public, r)
		if w.Code >= 500 || 300 <= w.Code && w.Code < 400 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if w.Code == http.StatusAccepted && !strings.HasSuffix(authorization, secret) {
			t.Errorf("taken with the header %q", authorization)
		}
	})
}
