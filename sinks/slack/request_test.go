package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

var update = flag.Bool("update", false, "write what is expected anew")

// TestRequests compares what Slack gets with testdata.
func TestRequests(t *testing.T) {
	t.Parallel()
	hostile := sinks.Item{Events: []string{"e1"}, Message: event.Message{
		Head: "Project *&lt;!channel&gt; &amp; @here* was updated",
		Text: "Project <!channel> & @here was updated",
	}}
	first := item("Alpha")
	first.Events = []string{"e2", "e3"}
	second := item("Beta")
	second.Events = []string{"e4"}
	for name, test := range map[string]struct {
		items []sinks.Item
		plain bool
	}{
		"change":  {[]sinks.Item{first}, false},
		"several": {[]sinks.Item{first, second}, false},
		"hostile": {[]sinks.Item{hostile}, false},
		"plain":   {[]sinks.Item{hostile}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			client := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = request(t, r)
				_, _ = w.Write([]byte(`{"ok":true,"ts":"1700000000.000100"}`))
			}))
			sink := New(client, channel)
			effect := effectOf(t, sink, test.plain, test.items...)
			effect.ID = "0190c0de-0000-7000-8000-000000000001"
			if _, err := sink.Perform(t.Context(), effect); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// request writes a request so that people can read it: what of its headers matters, and its form.
func request(t *testing.T, r *http.Request) string {
	t.Helper()
	if err := r.ParseForm(); err != nil {
		t.Error(err)
	}
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "%s %s\nContent-Type: %s\n", r.Method, r.URL, r.Header.Get("Content-Type"))
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		_, _ = fmt.Fprintf(&out, "Idempotency-Key: %s\n", key) // makes net/http send a POST again
	}
	names := make([]string, 0, len(r.Form))
	for name := range r.Form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := r.Form.Get(name)
		var indented bytes.Buffer
		if json.Indent(&indented, []byte(value), "", "  ") == nil {
			value = indented.String()
		}
		_, _ = fmt.Fprintf(&out, "\n%s:\n%s\n", name, strings.ReplaceAll(value, token, "(token)"))
	}
	return out.String()
}
