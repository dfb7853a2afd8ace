package sheets

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
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

// TestQuota: who sends more than Google allows is told to wait, and nothing is written.
func TestQuota(t *testing.T) {
	hoursAt(t, google.Options{ReadsPerMinute: -1, WritesPerMinute: 3}, 1_000_000, func(t *testing.T, w *world) {
		t.Helper()
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
		s := w.sink(t)
		first, second, third := item(1, "first"), item(1, "second"), item(1, "third")
		tell(t, s, first) // the tab is a write, too
		tell(t, s, second)
		failure := failing(t, s, compose(t, s, third), sinks.Wait)
		if failure.After > 61*time.Second || failure.After < 59*time.Second {
			t.Errorf("got a wait of %v, want one to the next minute", failure.After)
		}
		time.Sleep(failure.After)
		tell(t, s, third)
		w.wantKeys(t, first, second, third)
	})
}

// TestQuietAppend: what one effect costs.
func TestQuietAppend(t *testing.T) {
	hoursAt(t, unlimited(), 1_000_000, func(t *testing.T, w *world) {
		t.Helper()
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
		time.Sleep(time.Minute)
		reads, writes = cost()
		tell(t, s, item(1, "quiet"))
		if r, wr := cost(); r-reads != 2 || wr-writes != 1 {
			t.Errorf("one after a minute: got %d reads and %d writes, want 2 and 1", r-reads, wr-writes)
		}
	})
}

func TestLargeBatches(t *testing.T) {
	raced.Calculates(t)
	w := newWorld(t, unlimited())
	s := w.sink(t)
	var all []sinks.Item
	for range 300 {
		all = append(all, item(2, "x"))
	}
	for range 30 {
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
	if answer, err := s.Recall(t.Context(), effect); err != nil || answer.Happened != sinks.CannotTell || answer.Detail == "" {
		t.Errorf("recalling it: got %+v and %v, want CannotTell with a detail", answer, err)
	}
}
