package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

func sampleDraft(t *testing.T) *draft {
	t.Helper()
	body, err := os.ReadFile("../../samples/Project-Updated.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDraft(body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Every event is another one to the journal, can be read, and is about one of the entities.
func TestDraft(t *testing.T) {
	t.Parallel()
	d := sampleDraft(t)
	fingerprints, ids := map[string]bool{}, map[string]bool{}
	body := bytes.Clone(d.text)
	const count = 3 * entities
	for range count {
		d.next(body)
		e, err := ppm.Peek(body, event.TypeOf(event.Project, event.Updated))
		if err != nil {
			t.Fatal(err)
		}
		fingerprints[string(e.Fingerprint)], ids[e.Entity.ID] = true, true
		if strings.Count(string(body), e.Entity.ID) != 3 {
			t.Fatalf("the entity's id %s is not everywhere in %s", e.Entity.ID, body)
		}
	}
	if len(fingerprints) != count || len(ids) != entities {
		t.Errorf("got %d events of %d entities, want %d of %d", len(fingerprints), len(ids), count, entities)
	}
	if len(body) != len(d.text) || !json.Valid(body) {
		t.Errorf("the body has become %s", body)
	}
}

func TestDraftOfSomethingElse(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{
		``, `{}`, `{"MessageId":"0a9c3d5e-7b1f-4e26-8d40-b2c3d4e5f601","Data":{"Id":"x"}}`,
		`{"MessageId":"0a9c3d5e-7b1f-4e26-8d40-b2c3d4e5f601","Data":{"Id":"28e92b4c-3b0c-4100-83c8-80231b62efcb","TimeStamp":"yesterday"}}`,
	} {
		if _, err := newDraft([]byte(sample)); err == nil {
			t.Errorf("%s: got no error", sample)
		}
	}
}

// serveWith runs the real handlers over an Appender.
func serveWith(t *testing.T, into handlers.Appender) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	receiver, err := handlers.NewReceiver(handlers.Config{Secrets: []string{secret}, Log: log}, into, func() {})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(receiver.Public())
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// What the clients count is what the floor has on the disk, each event once.
func TestClientsAgainstTheFloor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "floor")
	f, err := openFloor(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := gather(t.Context(), serveWith(t, f), 7, sampleDraft(t))
	if err != nil {
		t.Fatal(err)
	}
	took, err := all.post(times(100))
	all.leave()
	if err != nil || len(took) != 100 {
		t.Fatalf("got %d times and %v, want 100", len(took), err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	different := map[string]bool{}
	for body := range strings.Lines(string(text)) {
		if !json.Valid([]byte(body)) {
			t.Fatalf("%q is no event", body)
		}
		different[body] = true
	}
	if len(different) != 100 {
		t.Errorf("got %d different events in the file, want 100", len(different))
	}
}

// An event that was not acknowledged ends the measurement: it must not count.
func TestRefusedEventIsAnError(t *testing.T) {
	t.Parallel()
	all, err := gather(t.Context(), serveWith(t, refusing{}), 2, sampleDraft(t))
	if err != nil {
		t.Fatal(err)
	}
	defer all.leave()
	if _, err := all.post(until(time.Now().Add(time.Minute))); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v, want the answer 503", err)
	}
}

type refusing struct{}

func (refusing) Append(context.Context, journal.Incoming) (journal.Appended, error) {
	return journal.Appended{}, errors.New("no")
}

// The floor shares commits, and answers only what it has written.
func TestFloorWritesTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "floor")
	f, err := openFloor(path)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			got, err := f.Append(t.Context(), journal.Incoming{Body: []byte("x")})
			if err != nil || got.Number == 0 || got.ID == "" {
				t.Errorf("got %+v, %v", got, err)
			}
			if info, err := os.Stat(path); err != nil || info.Size() < 2*got.Number {
				t.Errorf("answered %d before it was written: %v, %v", got.Number, info, err)
			}
		})
	}
	wait.Wait()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
