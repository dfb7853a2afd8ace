package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// moving is the way from PPM Express to a file, of which the secret and the address can be changed while people edit.
type moving struct {
	tenant    *standin.Server
	board     *fault.Board
	store     *sqlite.Journal
	registrar *registrar
	dir       string
	api       string // address of PPM Express
	home      string // address of the relay
	gaps      []reconcile.Gap
	projects  []string // so many that nobody edits one again while its last edit is on the way
	edits     int
}

func startMoving(t *testing.T, options standin.Options) *moving {
	t.Helper()
	m := &moving{board: fault.NewBoard(), dir: t.TempDir()}
	for i := range 1000 {
		m.projects = append(m.projects, fmt.Sprintf("77777777-0000-4000-8000-%012d", i))
		options.Entities = append(options.Entities, standin.Entity{Kind: "Project", ID: m.projects[i], Attributes: map[string]any{"Name": fmt.Sprint("Project ", i), "Budget": i}})
	}
	options.Board = m.board
	m.tenant = standin.New(options)
	api := httptest.NewServer(m.tenant)
	t.Cleanup(api.Close)
	m.api = api.URL

	log := slog.New(slog.DiscardHandler)
	store, err := sqlite.Open(t.Context(), filepath.Join(m.dir, "ppmrelay.db"), sqlite.Options{Tenant: "contoso", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	m.store = store
	var public http.Handler
	events := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // at two addresses
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/moved")
		public.ServeHTTP(w, r)
	}))
	t.Cleanup(events.Close)
	m.home = events.URL

	cfg := m.config(t, m.home, "secret-of-last-year")
	parts, err := assemble(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	relay, err := delivery.New(delivery.Config{Journal: store, Routes: parts.routes, Targets: parts.targets, Logger: log, Grace: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := handlers.NewReceiver(handlers.Config{
		Secrets: []string{"secret-of-last-year", "secret-of-this-year"}, MaxBody: 1 << 20, Log: log,
	}, store, relay.Wake)
	if err != nil {
		t.Fatal(err)
	}
	public = receiver.Public()
	m.registrar = newRegistrar(struct{}{}, cfg, m, log)
	m.background(t, m.tenant.Run, func(ctx context.Context) { _ = relay.Run(ctx) }, m.registrar.run)
	return m
}

// unregistered takes a gap of the registrar.
func (m *moving) unregistered(_ context.Context, gap reconcile.Gap) error {
	m.gaps = append(m.gaps, gap)
	return nil
}

// KnownSince says that nothing was ever read.
func (m *moving) KnownSince(context.Context) (time.Time, error) { return time.Time{}, nil }

func (m *moving) background(t *testing.T, parts ...func(context.Context)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, run := range parts {
		running.Go(func() { run(ctx) })
	}
	t.Cleanup(func() { stop(); running.Wait() })
}

func (m *moving) config(t *testing.T, home string, secrets ...string) *config.Config {
	t.Helper()
	file := writeFile(t, filepath.Join(m.dir, "ppmrelay.yaml"), fmt.Sprintf(`
server: { public_url: %s, secrets: [%s] }
ppm_express: { url: %s, tenant: contoso, token: %s, reconcile: "@every 1s" }
routes:
  - { name: all, events: ["*"], file: { path: changes.csv, rows: change } }
`, home, strings.Join(secrets, ", "), m.api, standin.DefaultToken))
	cfg, err := config.Load(file, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// edit lets people edit until something is so, one project after the other: each edit gives a budget that no other has.
func (m *moving) edit(t *testing.T, until string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !there(); {
		m.edits++
		err := m.tenant.Edit("Project", m.projects[m.edits%len(m.projects)], map[string]any{"Budget": 1_000_000 + m.edits}, standin.NewSmall().People[0])
		if err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: still not", until)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// told returns how often each budget is in the file, once everything has been told.
func (m *moving) told(t *testing.T) map[int]int {
	t.Helper()
	if err := m.tenant.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; {
		counts, err := m.store.Count(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("got %+v, %v, want everything told", counts, err)
		}
		if settled(counts) {
			break
		}
		<-time.After(100 * time.Millisecond)
	}
	file, err := os.Open(filepath.Join(m.dir, "changes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	counts, after := map[int]int{}, slices.Index(rows[0], "After")
	for _, row := range rows[1:] {
		if n, err := strconv.Atoi(row[after]); err == nil {
			counts[n-1_000_000]++
		}
	}
	return counts
}

// registeredAt counts the webhooks at an address that carry a secret.
func (m *moving) registeredAt(home, secret string) (n int) {
	for _, w := range m.tenant.Webhooks() {
		if strings.HasPrefix(w.URL, home+"/events/") && w.Headers[0].Value == "Bearer "+secret {
			n++
		}
	}
	return n
}

// TestRotationWhileEverybodyWorks: a new secret, then another address, while people edit. For a moment two webhooks tell of
// the same: with the same or another message id, with the same or another time stamp. Nothing is lost, nothing told twice.
func TestRotationWhileEverybodyWorks(t *testing.T) {
	if raced.On {
		t.Skip("people edit faster than this would tell it")
	}
	for name, switches := range map[string]standin.Switches{
		"an id and a time each":  {OwnTimeStamps: true},
		"an id each":             {},
		"one id, a time each":    {SharedMessageID: true, OwnTimeStamps: true},
		"one id and time":        {SharedMessageID: true},
		"masked, listed at once": {HeaderEcho: standin.EchoMasked, OwnTimeStamps: true},
	} {
		t.Run(name, func(t *testing.T) {
			m := startMoving(t, standin.Options{Switches: switches})
			m.edit(t, "the twelve are registered", func() bool { return m.registeredAt(m.home, "secret-of-last-year") == 12 })
			early := m.edits // what was edited before is told to nobody
			m.edit(t, "some edits", func() bool { return m.edits > early+50 })

			slow := fault.Slow.In(50 * time.Millisecond)
			m.board.Always("webhooks.get", slow) // so that both are there for a while
			m.registrar.follow(m.config(t, m.home, "secret-of-this-year", "secret-of-last-year"))
			m.edit(t, "all carry the new secret", func() bool {
				return m.registeredAt(m.home, "secret-of-this-year") == 12 && m.registeredAt(m.home, "secret-of-last-year") == 0
			})
			m.registrar.follow(m.config(t, m.home+"/moved", "secret-of-this-year"))
			m.edit(t, "all are at the new address", func() bool {
				return m.registeredAt(m.home+"/moved", "secret-of-this-year") == 12 && m.registeredAt(m.home, "secret-of-this-year") == 0
			})
			counts := m.told(t)
			for n := early + 1; n <= m.edits; n++ {
				if counts[n] != 1 {
					t.Errorf("edit %d of %d (%d) is told %d times, want once", n, m.edits, early, counts[n])
				}
			}
			twins := 0
			for _, d := range m.tenant.Deliveries() {
				if d.Acknowledged() && d.Type == "Project:Updated" {
					twins++
				}
			}
			t.Logf("%d edits, %d deliveries", m.edits, twins)
			if twins <= m.edits-early {
				t.Errorf("got %d deliveries of %d edits, want that some were told to two webhooks", twins, m.edits)
			}
		})
	}
}

// TestRotationOfAFullTenant: with all places taken, what is edited in the moment without a webhook is not heard of: it is
// in a gap. Nothing is told twice.
func TestRotationOfAFullTenant(t *testing.T) {
	if raced.On {
		t.Skip("people edit faster than this would tell it")
	}
	full := make([]standin.Webhook, 38)
	for i := range full {
		full[i] = flow()
		full[i].ID = fmt.Sprint("f", i)
	}
	m := startMoving(t, standin.Options{Webhooks: full, Switches: standin.Switches{OwnTimeStamps: true}})
	m.edit(t, "the twelve are registered", func() bool { return m.registeredAt(m.home, "secret-of-last-year") == 12 })
	m.board.Always("webhooks.create", fault.Slow.In(30*time.Millisecond))
	m.registrar.follow(m.config(t, m.home, "secret-of-this-year", "secret-of-last-year"))
	m.edit(t, "all carry the new secret", func() bool { return m.registeredAt(m.home, "secret-of-this-year") == 12 })
	last := m.edits
	m.edit(t, "some more", func() bool { return m.edits > last+50 })
	for n, count := range m.told(t) {
		if count != 1 {
			t.Fatalf("edit %d is told %d times, want once", n, count)
		}
	}
	types := 0
	for _, gap := range m.gaps {
		types += len(gap.Types)
		if gap.Until.Sub(gap.Since) > time.Minute || gap.Until.Before(gap.Since) {
			t.Errorf("got gap %+v, want a moment", gap)
		}
	}
	if types != 12 || len(m.tenant.Webhooks()) != 50 {
		t.Errorf("got gaps %+v and %d webhooks, want one of each type, and 50", m.gaps, len(m.tenant.Webhooks()))
	}
}
