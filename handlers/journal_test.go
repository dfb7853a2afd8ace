package handlers

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// openJournal opens a real journal in a file of the test's own.
func openJournal(tb testing.TB) *sqlite.Journal {
	tb.Helper()
	j, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "journal.db"), sqlite.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = j.Close() }) // closed already where the test needs that
	return j
}

// entries returns everything the journal holds, bodies included, oldest first.
func entries(t *testing.T, j *sqlite.Journal) []journal.Entry {
	t.Helper()
	list, err := j.Events(t.Context(), journal.Filter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	var all []journal.Entry
	for i := range list {
		story, err := j.Story(t.Context(), list[len(list)-1-i].Entry.Number)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, story.Entry)
	}
	return all
}

func sample(tb testing.TB, name string) string {
	tb.Helper()
	body, err := os.ReadFile(filepath.Join("..", "samples", name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// kept is what the journal is expected to hold after a request.
type kept struct {
	kind       event.Type
	entity     string // its name
	quarantine string // part of the reason
}

// Every answer of the public listener, over a journal in a real file.
func TestAnswers(t *testing.T) {
	t.Parallel()
	updated, created := sample(t, "Project-Updated.json"), sample(t, "Project-Created.json")
	const portal, newborn = "Customer Portal", "Artificial Intelligence"
	tests := []struct {
		name   string
		path   string
		body   string
		header map[string]string
		before string // a body that is there already
		status int
		kept   *kept // what is new; nil = nothing
	}{
		{name: "an event", path: "/events/Project/Updated", body: updated, status: 202, kept: &kept{kind: "Project:Updated", entity: portal}},
		{name: "a path in another case", path: "/events/PROJECT/updated", body: updated, status: 202, kept: &kept{kind: "Project:Updated", entity: portal}},
		{name: "a type that nobody knows", path: "/events/Risk/Escalated", body: updated, status: 202, kept: &kept{kind: "Risk:Escalated", entity: portal}},
		{name: "no type, told by the shape", path: "/events", body: updated, status: 202, kept: &kept{kind: "Project:Updated", entity: portal}},
		{name: "no type, not told by the shape", path: "/events", body: created, status: 202, kept: &kept{kind: "", entity: newborn}},
		{name: "the path beats the shape", path: "/events/Idea/Created", body: updated, status: 202, kept: &kept{kind: "Idea:Created", entity: portal}},
		{name: "the same event", path: "/events/Project/Updated", body: updated, before: updated, status: 200},
		{name: "the same event by another path", path: "/events", body: updated, before: updated, status: 200},
		{name: "the same event in other words", path: "/events/Project/Updated", body: "\n" + updated + " ", before: updated, status: 200},
		{name: "another event", path: "/events/Project/Created", body: created, before: updated, status: 202, kept: &kept{kind: "Project:Created", entity: newborn}},
		{name: "nothing tells it from another", path: "/events", body: "{}", before: "{}", status: 202, kept: &kept{}},
		{
			name: "another content type", path: "/events/Project/Updated", body: updated, status: 202,
			header: map[string]string{"Content-Type": "image/png"}, kept: &kept{kind: "Project:Updated", entity: portal},
		},
		{
			name: "identity is no encoding", path: "/events/Project/Updated", body: "{", status: 202,
			header: map[string]string{"Content-Encoding": "identity"}, kept: &kept{kind: "Project:Updated", quarantine: "the JSON ends early"},
		},
		{
			name: "compressed", path: "/events/Project/Updated", body: gzipped(t, updated), status: 202,
			header: map[string]string{"Content-Encoding": "gzip"}, kept: &kept{kind: "Project:Updated", quarantine: "content encoding"},
		},
		{name: "empty", path: "/events/Task/Created", body: "", status: 202, kept: &kept{kind: "Task:Created", quarantine: "empty"}},
		{name: "empty again", path: "/events/Task/Created", body: "", before: "", status: 200},
		{name: "a list", path: "/events", body: "[" + updated + "]", status: 202, kept: &kept{quarantine: "a list"}},
		{name: "cut off", path: "/events/Project/Updated", body: updated[:500], status: 202, kept: &kept{kind: "Project:Updated", quarantine: "ends early"}},
		{name: "cut off again", path: "/events/Project/Updated", body: updated[:500], before: updated[:500], status: 200},
		{name: "cut off elsewhere", path: "/events/Project/Updated", body: updated[:501], before: updated[:500], status: 202, kept: &kept{kind: "Project:Updated", quarantine: "ends early"}},
		{name: "as large as the limit", path: "/events", body: updated + strings.Repeat(" ", smallLimit-len(updated)), status: 202, kept: &kept{kind: "Project:Updated", entity: portal}},
		{name: "one byte larger", path: "/events", body: updated + strings.Repeat(" ", smallLimit+1-len(updated)), status: 413},
		{name: "a wrong secret", path: "/events/Project/Updated", body: updated, header: map[string]string{"Authorization": "Bearer " + secret + "x"}, status: 401},
		{name: "no secret", path: "/events", body: updated, header: map[string]string{"Authorization": ""}, status: 401},
		{name: "no such path", path: "/events/Project", body: updated, status: 404},
		{name: "no type in the path", path: "/events/Project/a:b", body: updated, status: 404},
		{name: "not for posting", path: "/healthz", body: updated, status: 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := openJournal(t)
			s := newSetup(t, j)
			original := ""
			if test.status == http.StatusOK || test.before != "" {
				original = idOf(t, serve(s.Public(), request(t, "/events/Project/Updated", test.before)))
			}
			before := entries(t, j)
			r := request(t, test.path, test.body)
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			w := serve(s.Public(), r)
			if w.Code != test.status {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, test.status)
			}
			if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
				t.Errorf("content type: got %q, want JSON", got)
			}
			if w.Code == http.StatusRequestEntityTooLarge && w.Header().Get("Connection") != "close" {
				t.Error("the rest of a body that is too large is waited for")
			}
			if w.Code == http.StatusOK && idOf(t, w) != original {
				t.Errorf("got id %s, want the original's %s", idOf(t, w), original)
			}
			expectKept(t, entries(t, j)[len(before):], test.kept, test.body, w)
			if got, want := s.woken(), len(entries(t, j)); got != want {
				t.Errorf("got %d wake-ups for %d events", got, want)
			}
			if log := s.log.String(); strings.Contains(log, portal) || strings.Contains(log, secret) {
				t.Errorf("the log %q repeats the body or the secret", log)
			}
		})
	}
}

// expectKept compares what a request left in the journal.
func expectKept(t *testing.T, got []journal.Entry, want *kept, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	if want == nil {
		if len(got) > 0 {
			t.Errorf("got %d new events, want none", len(got))
		}
		return
	}
	if len(got) != 1 {
		t.Fatalf("got %d new events, want 1", len(got))
	}
	entry := got[0]
	if entry.ID != idOf(t, w) || entry.Type != want.kind || entry.Entity.Name != want.entity || string(entry.Body) != body {
		t.Errorf("got %s, type %q, entity %q, %d bytes; want %s, %q, %q, %d bytes as sent",
			entry.ID, entry.Type, entry.Entity.Name, len(entry.Body), idOf(t, w), want.kind, want.entity, len(body))
	}
	if entry.Received.IsZero() || !strings.Contains(entry.Quarantine, want.quarantine) || (entry.Quarantine == "") != (want.quarantine == "") {
		t.Errorf("got received %v and quarantine %q, want a time and %q", entry.Received, entry.Quarantine, want.quarantine)
	}
}

// Every sample, also those that are made to do harm, by a path with a type and by one without: taken, kept byte for
// byte, and known when it comes again.
func TestSamples(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*.json", "hostile/*.json"} {
		found, err := filepath.Glob(filepath.Join("..", "samples", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: got %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	unreadable := map[string]bool{
		"array-of-messages": true, "deep-nesting-12000": true, "empty-body": true, "json-string": true,
		"raw-idea-updated-smart-quote": true, "raw-project-created-missing-brace": true, "truncated": true,
		"two-documents": true, "utf16le": true,
	}
	for _, file := range files {
		for _, path := range []string{"/events/Project/Updated", "/events"} {
			name := strings.TrimSuffix(filepath.Base(file), ".json")
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				body, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				j := openJournal(t)
				s := newSetup(t, j)
				s.door.Store(&door{secrets: s.door.Load().secrets, maxBody: DefaultMaxBody, large: s.door.Load().large})
				first := serve(s.Public(), request(t, path, string(body)))
				again := serve(s.Public(), request(t, path, string(body)))
				all := entries(t, j)
				if first.Code != http.StatusAccepted || all[0].ID != idOf(t, first) || !bytes.Equal(all[0].Body, body) {
					t.Fatalf("got %d %s and %d bytes, want 202 and %d", first.Code, first.Body, len(all[0].Body), len(body))
				}
				if got := all[0].Quarantine != ""; got != unreadable[name] {
					t.Errorf("quarantine: got %q, want some: %v", all[0].Quarantine, unreadable[name])
				}
				if again.Code != http.StatusOK || idOf(t, again) != idOf(t, first) || len(all) != 1 {
					t.Errorf("again: got %d %s and %d events, want 200, the same id and 1", again.Code, again.Body, len(all))
				}
			})
		}
	}
}

// Many deliver one event at once: one is told it is new, all are told its id, and to none is it told before it is there.
func TestDuplicatesAtOnce(t *testing.T) {
	t.Parallel()
	j := openJournal(t)
	s := newSetup(t, j)
	public, body := s.Public(), sample(t, "Task-Updated.json")
	var wait sync.WaitGroup
	answers := make([]*httptest.ResponseRecorder, 32)
	for i := range answers {
		wait.Go(func() {
			answers[i] = serve(public, request(t, "/events/Task/Updated", body))
			if list, err := j.Events(t.Context(), journal.Filter{}); err != nil || len(list) != 1 {
				t.Errorf("at the time of the answer: got %d events, %v, want 1", len(list), err)
			}
		})
	}
	wait.Wait()
	isNew := 0
	for _, w := range answers {
		if idOf(t, w) != idOf(t, answers[0]) {
			t.Errorf("got id %s, want %s", idOf(t, w), idOf(t, answers[0]))
		}
		if w.Code == http.StatusAccepted {
			isNew++
		}
	}
	if isNew != 1 || s.woken() != 1 {
		t.Errorf("got %d times 202 and %d wake-ups, want 1 and 1", isNew, s.woken())
	}
}

// A journal that is closed, as at the end of a stop, refuses; nothing is acknowledged.
func TestClosedJournal(t *testing.T) {
	t.Parallel()
	j := openJournal(t)
	s := newSetup(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	w := serve(s.Public(), request(t, "/events/Task/Updated", "{}"))
	if w.Code != http.StatusServiceUnavailable || s.woken() != 0 {
		t.Errorf("got %d and %d wake-ups, want 503 and none", w.Code, s.woken())
	}
}
