package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// What version 1 of the tables left when its process was killed: 22 bodies, one of them unreadable, eight not planned; of
// the rest two told, eight pending for the file, three claimed by an open effect whose rows stand in changes.csv all the
// same, and everything pending for a file whose folder was missing.
const (
	versionOne = "testdata/version-1"
	oldBodies  = 22
)

// TestUpgrade starts the real daemon on the journal of an older one:
//
//	old daemon:  post post …  rows written  kill -9  |  new daemon: tables brought up to date, recall, plan, drain, stop
//
// It proves that every event, its number, its id and its body are kept, that each is told exactly once, and that what is
// sent again is still recognised.
func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ppmrelay.db")
	unpack(t, filepath.Join(versionOne, "ppmrelay.db.gz"), file)
	writeFile(t, filepath.Join(dir, "changes.csv"), string(mustRead(t, filepath.Join(versionOne, "changes.csv"))))
	if err := os.Mkdir(filepath.Join(dir, "away"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), `
server: { listen: "127.0.0.1:0", secrets: [`+secret+`] }
console: { listen: "127.0.0.1:0" }
journal: { keep: 36500d, memory: 36000d }
routes:
  - { name: csv, events: ["*"], file: { path: changes.csv, rows: event } }
  - { name: away, events: ["*"], when: changed("Budget"), file: { path: away/changes.jsonl, rows: event } }
`)
	if code, _, stderr := ppmrelay(t, "events", "list", "--config", config); code != exitFailed || !strings.Contains(stderr, "start ppmrelay serve once") {
		t.Errorf("a look before: got %d, %s, want that serve brings the tables up to date", code, stderr)
	}
	p := startDaemon(t, config)
	for deadline := time.Now().Add(30 * time.Second); !settled(count(t, file)); {
		if time.Now().After(deadline) {
			t.Fatalf("not drained: %+v", count(t, file))
		}
		<-time.After(20 * time.Millisecond)
	}
	bodies := upgraded(t, file, dir)
	if status := send(t, p.events+"/events/Project/Updated", bodies[1]); status != http.StatusOK {
		t.Errorf("an event of before the upgrade, sent again: got %d, want %d", status, http.StatusOK)
	}
	p.stop()
	if code, stdout, stderr := ppmrelay(t, "journal", "verify", "--config", config); code != exitFine {
		t.Errorf("verify: got %d, %s%s", code, stdout, stderr)
	}
}

// upgraded compares the journal with the older one, and with what was told. It returns the bodies.
func upgraded(t *testing.T, file, dir string) (bodies []string) {
	t.Helper()
	j, err := sqlite.Open(t.Context(), file, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	told := map[string]map[string]int{"csv": {}, "away": {}}
	for name, keys := range map[string][]string{
		"csv": column(t, filepath.Join(dir, "changes.csv"), "Event id"), "away": jsonField(t, filepath.Join(dir, "away", "changes.jsonl"), "Event id"),
	} {
		for _, key := range keys {
			id, _, _ := strings.Cut(key, "/")
			told[name][id]++
		}
	}
	for number := int64(1); number <= oldBodies; number++ {
		story, err := j.Story(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, string(story.Entry.Body))
		want, states := map[string]int{"csv": 1, "away": 1}, []journal.State{journal.Delivered, journal.Delivered}
		if story.Entry.Quarantine != "" {
			want, states = map[string]int{"csv": 0, "away": 0}, nil
		}
		if got := map[string]int{"csv": told["csv"][story.Entry.ID], "away": told["away"][story.Entry.ID]}; !reflect.DeepEqual(got, want) {
			t.Errorf("event %d: told %v times, want %v", number, got, want)
		}
		var got []journal.State
		for _, d := range story.Deliveries {
			got = append(got, d.State)
		}
		if !reflect.DeepEqual(got, states) {
			t.Errorf("event %d: got %v, want %v", number, got, states)
		}
	}
	if counts, err := j.Count(t.Context()); err != nil || counts.Events != oldBodies || counts.Quarantined != 1 {
		t.Errorf("got %+v, %v, want %d events, one in quarantine", counts, err, oldBodies)
	}
	return bodies
}

// unpack makes a file of a compressed one.
func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(data))
}

// jsonField reads a field of every line of a file.
func jsonField(t *testing.T, file, name string) (all []string) {
	t.Helper()
	for line := range bytes.Lines(mustRead(t, file)) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%s: %v in %q", file, err, line)
		}
		text, _ := row[name].(string)
		all = append(all, text)
	}
	return all
}
