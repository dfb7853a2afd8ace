package sheets

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// answering lets the next append be answered so, without being served.
func answering(status int, body string) func(*world) {
	return func(w *world) {
		w.proxy.onAppend(func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
		})
	}
}

// tokens lets the token server answer so, once the token that is there has expired.
func tokens(status int, body string) func(*world) {
	return func(w *world) {
		w.ForgetTokens()
		w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/token" {
				w.ServeHTTP(rw, r)
				return
			}
			rw.Header().Set("Content-Type", "application/json")
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
		})
	}
}

func striking(kind fault.Kind) func(*world) { return func(w *world) { w.proxy.strike(kind) } }

// cause is a way to fail, what it means for rows that were to be written, and how it ends.
type cause struct {
	name   string
	meet   func(*world)
	class  sinks.Class
	reason sinks.Reason
	end    func(*world) // a person, or time, puts it right; nil = nothing is to be done
}

// causes is what every failure of Google means. The texts are Google's own, as others have met them.
func causes() []cause {
	return []cause{
		// Nothing happened, and time helps.
		{"the token server answers 500", tokens(500, "<html>"), sinks.Retry, sinks.ReasonUnreachable, nil},
		{"the token server answers 429", tokens(429, ""), sinks.Retry, sinks.ReasonUnreachable, nil},
		{"409 ABORTED", answering(409, `{"error":{"code":409,"status":"ABORTED"}}`), sinks.Retry, sinks.ReasonServerError, nil},
		{"the tab was deleted a moment ago", func(w *world) { w.DeleteTab(book, tab) }, sinks.Retry, sinks.ReasonTargetGone, nil},
		{"429 RESOURCE_EXHAUSTED", answering(429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}`), sinks.Wait, sinks.ReasonRateLimited, nil},
		{"403 rateLimitExceeded", answering(403, `{"error":{"code":403,"errors":[{"reason":"rateLimitExceeded"}]}}`), sinks.Wait, sinks.ReasonRateLimited, nil},
		{"403 userRateLimitExceeded", answering(403, `{"error":{"code":403,"errors":[{"reason":"userRateLimitExceeded"}]}}`), sinks.Wait, sinks.ReasonRateLimited, nil},
		{"403 RATE_LIMIT_EXCEEDED", answering(403, `{"error":{"code":403,"details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}`), sinks.Wait, sinks.ReasonRateLimited, nil},
		// Nobody knows.
		{"500 INTERNAL", answering(500, `{"error":{"code":500,"message":"Internal error encountered."}}`), sinks.Unsure, sinks.ReasonServerError, nil},
		{"500, applied", striking(fault.After), sinks.Unsure, sinks.ReasonServerError, nil},
		{"502", answering(502, "<html>"), sinks.Unsure, sinks.ReasonServerError, nil},
		{"503 UNAVAILABLE", answering(503, `{"error":{"code":503,"message":"The service is currently unavailable."}}`), sinks.Unsure, sinks.ReasonServerError, nil},
		{"504", answering(504, "<html>"), sinks.Unsure, sinks.ReasonServerError, nil},
		{"408", answering(408, ""), sinks.Unsure, sinks.ReasonNoAnswer, nil},
		{"reset", striking(fault.Reset), sinks.Unsure, sinks.ReasonNoAnswer, nil},
		{"reset, applied", striking(fault.AfterReset), sinks.Unsure, sinks.ReasonNoAnswer, nil},
		{"200 that is no JSON", answering(200, "<html>"), sinks.Unsure, sinks.ReasonBadAnswer, nil},
		{"200 that breaks off", answering(200, `{"replies":[{}`), sinks.Unsure, sinks.ReasonBadAnswer, nil},
		{"200 without replies", answering(200, "{}"), sinks.Unsure, sinks.ReasonBadAnswer, nil},
		{"a redirect", answering(307, ""), sinks.Unsure, sinks.ReasonBadAnswer, nil},
		// The content is refused.
		{"400 on data", answering(400, `{"error":{"code":400,"message":"Your input contains more than the maximum of 50000 characters in a single cell."}}`), sinks.Void, sinks.ReasonContent, nil},
		{"413", answering(413, ""), sinks.Void, sinks.ReasonContent, nil},
		// This spreadsheet or tab is refused, until a person acts.
		{"protected range", func(w *world) { w.Protect(book, tab) }, sinks.Park, sinks.ReasonTargetRefuses, func(w *world) { w.Unprotect(book, tab) }},
		{"a header twice", func(w *world) { w.TypeInto(book, tab, 0, 0, "After") }, sinks.Park, sinks.ReasonTargetRefuses, func(w *world) { w.TypeInto(book, tab, 0, 0, "When") }},
		{"the key column's header is gone", func(w *world) { w.TypeInto(book, tab, 0, 6, "") }, sinks.Park, sinks.ReasonTargetRefuses, func(w *world) { w.TypeInto(book, tab, 0, 6, keyHeader) }},
		{"10,000,000 cells", answering(400, `{"error":{"code":400,"message":"This action would increase the number of cells in the workbook above the limit of 10000000 cells."}}`), sinks.Park, sinks.ReasonTargetRefuses, nil},
		{"no room for metadata", answering(400, `{"error":{"code":400,"message":"Invalid requests[0].createDeveloperMetadata: storage limit exceeded."}}`), sinks.Park, sinks.ReasonTargetRefuses, nil},
		{"403 PERMISSION_DENIED", func(w *world) { w.Share(book, false) }, sinks.Park, sinks.ReasonPermission, func(w *world) { w.Share(book, true) }},
		{"404 NOT_FOUND", answering(404, `{"error":{"code":404,"message":"Requested entity was not found."}}`), sinks.Park, sinks.ReasonTargetGone, nil},
		// The account is refused, in every spreadsheet.
		{"401 after a fresh token", refuseTokens, sinks.Stop, sinks.ReasonCredentials, nil},
		{"invalid_grant, the key is revoked", func(w *world) { w.Revoke() }, sinks.Stop, sinks.ReasonCredentials, func(w *world) { w.Restore() }},
		{"invalid_grant, the clock is wrong", tokens(400, `{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."}`), sinks.Stop, sinks.ReasonCredentials, nil},
		{"invalid_client", tokens(401, `{"error":"invalid_client"}`), sinks.Stop, sinks.ReasonCredentials, nil},
		{"the API is disabled", answering(403, `{"error":{"code":403,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED"}]}}`), sinks.Stop, sinks.ReasonPermission, nil},
		{"a scope is missing", answering(403, `{"error":{"code":403,"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`), sinks.Stop, sinks.ReasonPermission, nil},
		// In no list.
		{"another 4xx", answering(418, ""), sinks.Unknown, sinks.ReasonUnknown, nil},
	}
}

// TestCauses meets each of them between two effects: what it means, that nothing is lost or written twice, and that the
// sink goes on by itself once it is over.
func TestCauses(t *testing.T) {
	t.Parallel()
	for status := range strings.FieldsSeq("400 401 403 404 408 409 413 429 500 502 503 504 invalid_grant") {
		if !slices.ContainsFunc(causes(), func(c cause) bool { return strings.Contains(c.name, status) }) {
			t.Errorf("%s has no row", status)
		}
	}
	for _, tt := range causes() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, unlimited())
			s := w.sink(t)
			first, second := item(1, "first"), item(2, "second")
			tell(t, s, first)
			s.view = nil
			if strings.Contains(tt.name, "a moment ago") {
				if _, err := s.look(t.Context()); err != nil {
					t.Fatal(err)
				}
				tell(t, s, item(1, "goes with the tab"))
				first = sinks.Item{}
			}
			effect := compose(t, s, second)
			tt.meet(w)
			failure := failing(t, s, effect, tt.class)
			if failure.Reason != tt.reason {
				t.Errorf("got reason %s (%v), want %s", failure.Reason, failure.Err, tt.reason)
			}
			if tt.class == sinks.Wait && (failure.After <= 0 || failure.After > 61*time.Second) {
				t.Errorf("got a wait of %v, want one to the next minute", failure.After)
			}
			w.proxy.over(w.Server)
			if tt.end != nil {
				tt.end(w)
			}
			retell(t, s, effect, failure, second)
			w.wantKeys(t, first, second)
		})
	}
}

// refuseTokens lets the API refuse every token, however fresh.
func refuseTokens(w *world) {
	w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.ServeHTTP(rw, r)
			return
		}
		rw.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(rw, `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`)
	})
}

// TestPatience: what a 429 of Google means in time: what it says, else until the quota is new.
func TestPatience(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 50, 0, time.UTC)
	for given, want := range map[string]time.Duration{
		"": 11 * time.Second, "7": 7 * time.Second, "1.5": 1500 * time.Millisecond, "0": 11 * time.Second, "-1": 11 * time.Second,
		"999999": time.Hour, "x": 11 * time.Second, now.Add(9 * time.Second).Format(http.TimeFormat): 9 * time.Second,
	} {
		header := http.Header{"Retry-After": {given}, "Date": {now.Format(http.TimeFormat)}}
		if got := patience(header, now); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", given, got, want)
		}
	}
}

// TestUnreachable: where nobody answers at all, nothing happened; TestCauses has what is answered.
func TestUnreachable(t *testing.T) {
	w := newWorld(t, unlimited())
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, config := range map[string]ClientConfig{
		"the API":          {Credentials: w.Credentials(w.url), Endpoint: closed.URL + "/"},
		"the token server": {Credentials: w.Credentials(closed.URL), Endpoint: w.url + "/"},
		"a name":           {Credentials: w.Credentials(w.url), Endpoint: "http://sheets.invalid/"},
	} {
		client, err := NewClient(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		s := w.sink(t)
		s.client = client
		first := item(1, "x")
		failure := failing(t, s, compose(t, s, first), sinks.Retry)
		if failure.Reason != sinks.ReasonUnreachable {
			t.Errorf("%s: got reason %s (%v), want unreachable", name, failure.Reason, failure.Err)
		}
	}
}

// TestUnknownBeforehand: what is in no list and meets a look is no fault of the rows: the tab waits for a person.
func TestUnknownBeforehand(t *testing.T) {
	w := newWorld(t, google.Options{})
	s := w.sink(t)
	w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			rw.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		w.ServeHTTP(rw, r)
	})
	failure := failing(t, s, compose(t, s, item(1, "x")), sinks.Park)
	if failure.Reason != sinks.ReasonUnknown {
		t.Errorf("got reason %s (%v), want unknown-response", failure.Reason, failure.Err)
	}
}
