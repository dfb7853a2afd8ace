package main

import (
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// TestListKnowsWhatCameJustNow: that a webhook never brought anything is shown as long as none did, and an event is known
// to the command before the daemon, which looks once an hour, has heard it.
func TestListKnowsWhatCameJustNow(t *testing.T) {
	o := newOffice(t, standin.Options{})
	d := &desk{app: &app{}, cfg: o.load(t)}
	store, err := sqlite.Open(t.Context(), journalFile(d.cfg), sqlite.Options{Tenant: tenant(d.cfg)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	const record = `{"records":[{"id":"A","type":"Idea:Created","url":"https://relay.example.com/events/Idea/Created","created":"2026-03-01T08:00:00Z"}]}`
	for name, value := range map[string]string{"webhooks": record, "silence": `{"looked":"2026-03-01T08:30:00Z","rhythm":{}}`} {
		if err := store.Remember(t.Context(), name, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(words string) {
		t.Helper()
		if err := d.recollect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.brought(ppm.Webhook{ID: "a", URL: "https://relay.example.com/events/Idea/Created"}); got != words {
			t.Errorf("got %q, want %q", got, words)
		}
	}
	want("nothing yet, since 2026-03-01 08:00 UTC")
	at := time.Date(2026, 3, 1, 8, 40, 0, 0, time.UTC)
	if _, err := store.Append(t.Context(), journal.Incoming{Body: eventBody(1), Type: "Idea:Created", Received: at, WebhookID: "A"}); err != nil {
		t.Fatal(err)
	}
	want("first event 2026-03-01 08:40 UTC")
}
