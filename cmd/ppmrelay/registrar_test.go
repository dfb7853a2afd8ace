package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

func (o *office) load(t *testing.T) *config.Config {
	t.Helper()
	cfg, err := config.Load(o.config, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestApplyAsksTheDaemon: where one runs, it makes the pass, with what it knows; where it has no tenant, it says so.
func TestApplyAsksTheDaemon(t *testing.T) {
	o := newOffice(t, standin.Options{Webhooks: []standin.Webhook{flow()}})
	cfg := o.load(t)
	log := slog.New(slog.DiscardHandler)
	running := newRegistrar(struct{}{}, cfg, nil, log)
	listener, err := control.Listen(t.Context(), socketOf(cfg))
	if errors.Is(err, control.ErrTooLong) {
		t.Skip("the folder of this test has too long a path for a socket")
	} else if err != nil {
		t.Fatal(err)
	}
	server := control.Server(&operator{registrar: running, log: log}, log)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	out, err := o.webhooks(t, "", "apply", "--json")
	var done control.WebhooksDone
	if err != nil || json.Unmarshal([]byte(out), &done) != nil || len(done.Steps) != 13 || done.Used != 1 || !done.Steps[0].Done || done.Steps[0].New == "" {
		t.Errorf("got %s, %v, want what was done", out, err)
	}
	known, err := reconcile.Recollect(t.Context(), running.memory)
	if err != nil || len(known.Records) != 12 {
		t.Errorf("got %d records in the daemon, %v, want 12", len(known.Records), err)
	}
	out, err = o.webhooks(t, "", "create", "Idea:Created")
	if err != nil || strings.Count(out, "\n") != 1 {
		t.Errorf("got %s, %v, want one line", out, err)
	}
	without := *cfg
	without.PPMExpress = nil
	running.follow(&without)
	if _, err := o.webhooks(t, "", "apply"); code(err) != exitWrong || !strings.Contains(err.Error(), "no section ppm_express") {
		t.Errorf("got %v, want what is missing", err)
	}
}

// TestApplyBesideAJournal: without a daemon the command makes the pass, and takes the journal for that time.
func TestApplyBesideAJournal(t *testing.T) {
	o := newOffice(t, standin.Options{})
	file := filepath.Join(filepath.Dir(o.config), "ppmrelay.db")
	store, err := sqlite.Open(t.Context(), file, sqlite.Options{Tenant: "contoso"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.webhooks(t, "", "apply"); err == nil {
		t.Error("got no error while another process holds the journal and cannot be asked")
	}
	if out, err := o.webhooks(t, "", "plan"); code(err) != exitDifference {
		t.Errorf("got %s, %v, want that looking is possible", out, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := o.webhooks(t, "", "apply"); err != nil || len(o.tenant.Webhooks()) != 12 {
		t.Errorf("got %v and %d webhooks, want 12", err, len(o.tenant.Webhooks()))
	}
}

// TestReloadOfWebhooks: only what concerns webhooks begins a new pass; an address that is given up is cleared.
func TestReloadOfWebhooks(t *testing.T) {
	o := newOffice(t, standin.Options{})
	cfg := o.load(t)
	r := newRegistrar(struct{}{}, cfg, nil, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	count := func(base string) (n int) {
		for _, w := range o.tenant.Webhooks() {
			if strings.HasPrefix(w.URL, base+"/events/") {
				n++
			}
		}
		return n
	}
	wait := func(what string, there func() bool) {
		t.Helper()
		for deadline := time.Now().Add(patience); !there(); <-time.After(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: still not", what)
			}
		}
	}
	wait("registered", func() bool { return count("https://relay.example.com") == 12 })
	same, _ := r.now()
	r.follow(o.load(t))
	if now, _ := r.now(); now != same {
		t.Error("got another reconciler for the same configuration")
	}
	text, err := os.ReadFile(o.config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, o.config, strings.Replace(string(text), "https://relay.example.com", "https://moved.example.com", 1))
	r.follow(o.load(t))
	wait("moved", func() bool {
		return count("https://moved.example.com") == 12 && count("https://relay.example.com") == 0
	})
	if p := r.problems(t.Context()); len(p) != 0 {
		t.Errorf("got %v, want no problem", p)
	}
}

// TestListTellsWhatCame: which of ours has ever brought an event, once somebody has listened.
func TestListTellsWhatCame(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	o := newOffice(t, standin.Options{})
	d := &desk{app: &app{}, cfg: o.load(t), known: reconcile.Known{Last: at, Records: []reconcile.Record{
		{ID: "A", Type: "Idea:Created", URL: "https://relay.example.com/events/Idea/Created", Created: at},
		{ID: "B", Type: "Idea:Updated", URL: "https://relay.example.com/events/Idea/Updated"},
	}}, firsts: map[string]time.Time{"c": at}, heard: true}
	webhook := func(id, url string) string {
		var out strings.Builder
		d.out = &out
		w := standin.Webhook{ID: id, URL: url, EventTypes: []string{"Idea:Created"}, HTTPVerb: http.MethodPost}
		o.tenant.AddWebhook(w)
		one, err := newClient(d.cfg).Webhook(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return d.brought(one)
	}
	for id, want := range map[string]string{"a": "nothing yet, since 2026-03-01 08:00 UTC", "b": "nothing yet", "C": "first event 2026-03-01 08:00 UTC", "d": ""} {
		if got := webhook(id, "https://relay.example.com/events/Idea/Created"); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	if got := webhook("e", "https://flow.example/"); got != "" {
		t.Errorf("got %q of a stranger's, want nothing", got)
	}
}
