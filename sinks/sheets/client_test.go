package sheets

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/sinktest"
)

// offline makes a sink that can reach nobody.
func offline(tb testing.TB) *Sink {
	tb.Helper()
	s, err := New(Config{Spreadsheet: book, Tab: tab}, columns(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{
		{Tab: tab},
		{Spreadsheet: "https://docs.google.com/spreadsheets/d/1Ab/edit", Tab: tab},
		{Spreadsheet: book},
		{Spreadsheet: book, Tab: " x"},
		{Spreadsheet: book, Tab: "a\nb"},
		{Spreadsheet: book, Tab: strings.Repeat("x", 101)},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v: got no error", c)
		}
		if _, err := New(c, nil, nil); err == nil {
			t.Errorf("New with %+v: got no error", c)
		}
	}
	for _, cols := range [][]Column{{{}}, {{Header: "a "}}, {{Header: "a"}, {Header: "a"}}, {{Header: "a\nb"}}} {
		if _, err := New(Config{Spreadsheet: book, Tab: tab}, cols, nil); err == nil {
			t.Errorf("columns %+v: got no error", cols)
		}
	}
	s, err := New(Config{Spreadsheet: book, Tab: tab}, []Column{{Header: keyHeader}, {Header: "a"}}, nil)
	if err != nil || len(s.columns) != 2 || s.columns[0].Header != keyHeader {
		t.Errorf("a key column with a place: got %+v, error %v, want it there", s, err)
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	server := google.New(google.Options{})
	good := map[string]string{}
	if err := json.Unmarshal(server.Credentials("http://127.0.0.1:1"), &good); err != nil {
		t.Fatal(err)
	}
	secret := good["private_key"][40:80]
	bad := map[string]func(map[string]string){
		"type":    func(m map[string]string) { m["type"] = "authorized_user" },
		"email":   func(m map[string]string) { delete(m, "client_email") },
		"token":   func(m map[string]string) { delete(m, "token_uri") },
		"no key":  func(m map[string]string) { delete(m, "private_key") },
		"cut key": func(m map[string]string) { m["private_key"] = m["private_key"][:200] },
		"damaged": func(m map[string]string) {
			m["private_key"] = strings.Replace(m["private_key"], secret[:8], "AAAAAAAA", 1)
		},
	}
	for name, spoil := range bad {
		file := maps.Clone(good)
		spoil(file)
		data, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = NewClient(t.Context(), ClientConfig{Credentials: data})
		if err == nil {
			t.Errorf("%s: got no error", name)
			continue
		}
		sinktest.AssertNoSecret(t, name, err.Error(), secret, secret[8:])
	}
	if _, err := NewClient(t.Context(), ClientConfig{Credentials: []byte("not JSON " + secret)}); err == nil {
		t.Error("no JSON: got no error")
	}
	client, err := NewClient(t.Context(), ClientConfig{Credentials: server.Credentials("http://127.0.0.1:1")})
	if err != nil || client.Email() != google.Email {
		t.Errorf("the good file: got %v and %v", client, err)
	}
}

// TestNoSecretInErrors: a token server, and an API, that send back what was sent to them.
func TestNoSecretInErrors(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 418, 429, 500, 302} {
		for _, where := range []string{"/token", "/v4/"} {
			w := newWorld(t, unlimited())
			var sent []string
			w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, where) {
					w.ServeHTTP(rw, r)
					return
				}
				body, _ := io.ReadAll(r.Body)
				sent = append(sent, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
				if where == "/token" {
					_, assertion, _ := strings.Cut(string(body), "assertion=")
					assertion, _, _ = strings.Cut(assertion, "&")
					sent = append(sent, assertion)
				}
				rw.Header().Set("Location", "http://127.0.0.1:1/")
				rw.WriteHeader(status)
				_, _ = io.WriteString(rw, r.Header.Get("Authorization")+string(body))
			})
			s := w.sink(t)
			effect := compose(t, s, item(1, "x"))
			_, err := s.Perform(t.Context(), effect)
			if err == nil {
				t.Fatalf("%s %d: got no error", where, status)
			}
			if class := sinks.Classify(err).Class; class == sinks.Unsure || class == sinks.Void {
				t.Errorf("%s %d: got class %v (%v), want one that says that nothing happened", where, status, class, err)
			}
			sinktest.AssertNoSecret(t, "error", err.Error(), sent...)
			if !slices.ContainsFunc(sent, func(s string) bool { return s != "" }) {
				t.Error("nothing secret was sent: the test proves nothing")
			}
		}
	}
}

// TestClasses: what an answer to the rows means.
func TestClasses(t *testing.T) {
	tests := []struct {
		status int
		body   string
		class  sinks.Class
		reason sinks.Reason
	}{
		{400, `{"error":{"code":400,"message":"Your input contains more than the maximum of 50000 characters in a single cell."}}`, sinks.Void, sinks.ReasonContent},
		{401, `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`, sinks.Stop, sinks.ReasonCredentials},
		{403, `{"error":{"code":403,"message":"The caller does not have permission"}}`, sinks.Park, sinks.ReasonPermission},
		{403, `{"error":{"code":403,"errors":[{"reason":"userRateLimitExceeded"}]}}`, sinks.Wait, sinks.ReasonRateLimited},
		{403, `{"error":{"code":403,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED"}]}}`, sinks.Stop, sinks.ReasonPermission},
		{403, `{"error":{"code":403,"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`, sinks.Stop, sinks.ReasonPermission},
		{404, `{"error":{"code":404}}`, sinks.Park, sinks.ReasonTargetGone},
		{408, ``, sinks.Unsure, sinks.ReasonNoAnswer},
		{409, `{"error":{"code":409,"status":"ABORTED"}}`, sinks.Retry, sinks.ReasonServerError},
		{413, ``, sinks.Void, sinks.ReasonContent},
		{418, ``, sinks.Void, sinks.ReasonUnknown},
		{429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}`, sinks.Wait, sinks.ReasonRateLimited},
		{500, `{"error":{"code":500,"message":"Internal error encountered."}}`, sinks.Unsure, sinks.ReasonServerError},
		{502, `<html>`, sinks.Unsure, sinks.ReasonServerError},
		{503, `{"error":{"code":503}}`, sinks.Unsure, sinks.ReasonServerError},
		{307, ``, sinks.Unsure, sinks.ReasonBadAnswer},
	}
	for _, tt := range tests {
		w := newWorld(t, unlimited())
		s := w.sink(t)
		tell(t, s, item(1, "x"))
		w.proxy.onAppend(func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(tt.status)
			_, _ = io.WriteString(rw, tt.body)
		})
		if tt.status == 401 { // asked again with a fresh token
			w.proxy.beforeAppend(w.Revoke)
		}
		failure := failing(t, s, compose(t, s, item(1, "y")), tt.class)
		if failure.Reason != tt.reason {
			t.Errorf("%d %s: got reason %s (%v), want %s", tt.status, tt.body, failure.Reason, failure.Err, tt.reason)
		}
		if tt.class == sinks.Wait && (failure.After <= 0 || failure.After > 61*time.Second) {
			t.Errorf("%d: got a wait of %v, want one to the next minute", tt.status, failure.After)
		}
	}
}

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
		failure := failing(t, s, compose(t, s, item(1, "x")), sinks.Retry)
		if failure.Reason != sinks.ReasonUnreachable {
			t.Errorf("%s: got reason %s (%v), want unreachable", name, failure.Reason, failure.Err)
		}
	}
}

func TestTokenServerThatFails(t *testing.T) {
	w := newWorld(t, unlimited())
	w.Board.Script("token", fault.Before)
	s := w.sink(t)
	failure := failing(t, s, compose(t, s, item(1, "x")), sinks.Retry)
	if failure.Reason != sinks.ReasonUnreachable {
		t.Errorf("got reason %s (%v), want unreachable", failure.Reason, failure.Err)
	}
}

func TestQuota(t *testing.T) {
	w := newWorld(t, google.Options{ReadsPerMinute: -1, WritesPerMinute: 3})
	s := w.sink(t)
	var told []sinks.Item
	for range 5 {
		it := item(1, "x")
		if _, err := s.Perform(t.Context(), compose(t, s, it)); err == nil {
			told = append(told, it)
		} else if sinks.Classify(err).Class != sinks.Wait {
			t.Fatalf("got %v, want an error of class wait", err)
		}
	}
	if len(told) < 2 || len(told) > 4 { // the tab is a write, too; a minute may turn
		t.Errorf("got %d effects through, want 2", len(told))
	}
	w.wantKeys(t, told...)
}

// TestQuietAppend: what one effect costs.
func TestQuietAppend(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	tell(t, s, item(1, "first"))
	cost := func() (reads, writes int) {
		return w.Calls("spreadsheets.get") + w.Calls("values.get") + w.Calls("developerMetadata.search"), w.Calls("batchUpdate")
	}
	reads, writes := cost()
	for range 3 {
		tell(t, s, item(1, "busy"))
	}
	if r, wr := cost(); r-reads != 3 || wr-writes != 3 {
		t.Errorf("three effects in a row: got %d reads and %d writes, want 3 and 3", r-reads, wr-writes)
	}
	s.viewed = s.viewed.Add(-time.Minute)
	reads, writes = cost()
	tell(t, s, item(1, "quiet"))
	if r, wr := cost(); r-reads != 2 || wr-writes != 1 {
		t.Errorf("one after a minute: got %d reads and %d writes, want 2 and 1", r-reads, wr-writes)
	}
}

func TestPace(t *testing.T) {
	credentials := google.New(google.Options{}).Credentials("http://127.0.0.1:1")
	synctest.Test(t, func(t *testing.T) {
		client, err := NewClient(t.Context(), ClientConfig{Credentials: credentials})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for range 55 {
			if err := client.Pace(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !client.writes.Allow() {
				t.Fatal("Pace returned, but a write is not allowed")
			}
		}
		if took := time.Since(begin); took < 59*time.Second || took > 61*time.Second {
			t.Errorf("55 writes took %v, want a minute: 5 at once, then 50 in a minute", took)
		}
		for range 10 {
			if err := client.Pace(t.Context()); err != nil { // looking takes nothing
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); took > 63*time.Second {
			t.Errorf("asking ten times without a write took until %v", took)
		}
	})
}

func TestPatience(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 50, 0, time.UTC)
	for given, want := range map[string]time.Duration{
		"": 11 * time.Second, "7": 7 * time.Second, "-1": 11 * time.Second, "999999": 11 * time.Second, "x": 11 * time.Second,
	} {
		if got := patience(http.Header{"Retry-After": {given}}, now); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", given, got, want)
		}
	}
}

func TestLargeBatches(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	var all []sinks.Item
	for range 700 {
		all = append(all, item(2, "x"))
	}
	for range 60 {
		all = append(all, item(1, strings.Repeat("é", 45_000)))
	}
	writes := 0
	for rest := all; len(rest) > 0; writes++ {
		content, taken, err := s.Compose(rest, false)
		if err != nil {
			t.Fatal(err)
		}
		perform(t, s, sinks.Effect{ID: rest[0].Events[0], Content: content, Started: time.Now()})
		rest = rest[taken:]
	}
	w.wantKeys(t, all...)
	if writes > 10 {
		t.Errorf("got %d writes, want hundreds of rows in each", writes)
	}
	if got := w.LargestWrite(); got > 2_000_000 {
		t.Errorf("the largest write: got %d bytes, want at most 2 MB", got)
	}
}

// TestContentRefused: a cell that Google does not take is a refusal of the content, and so is what nobody composed.
func TestContentRefused(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	effect := compose(t, s, item(1, "x"))
	effect.Content = []byte(strings.Replace(string(effect.Content), `"x"`, `"`+strings.Repeat("x", 50_001)+`"`, 1))
	failure := failing(t, s, effect, sinks.Void)
	if failure.Reason != sinks.ReasonContent {
		t.Errorf("got reason %s, want content-refused", failure.Reason)
	}
	w.wantKeys(t)
	effect.Content = []byte("{}")
	failing(t, s, effect, sinks.Bury)
}
