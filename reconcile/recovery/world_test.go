package recovery_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
	tenant "github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// world is a tenant, a journal, and what stands between them: a relay that plans and tells, and the recovery under test.
// Nothing of it uses a network, so that time can be made up.
type world struct {
	*testing.T
	tenant  *tenant.Server
	store   *sqlite.Journal
	path    string
	reader  recovery.Reader
	paper   *paper
	rec     *recovery.Recovery
	mortal  *mortal                                // what the next start keeps its journal in; nil = a journal that does not die
	covered func() bool                            // whether events come; nil = they do
	keeps   func(*sqlite.Journal) recovery.Journal // the same, of any kind; nil = as it is
	log     bytes.Buffer                           // what recovery says; to be read when all is still
	end     func()                                 // stops what start started; nil when nothing runs

	mu    sync.Mutex
	lost  func(event.Type) bool // events that do not arrive; nil = all do
	hold  bool                  // events arrive later, see release
	held  []journal.Incoming
	asked int  // requests to the API
	pages bool // lists say that there are more of them
	body  int
	wakes func()
}

func newWorld(t *testing.T, entities []tenant.Entity, switches tenant.Switches) *world {
	t.Helper()
	w := &world{T: t, path: filepath.Join(t.TempDir(), "journal.db"), paper: &paper{}}
	w.tenant = tenant.New(tenant.Options{Entities: entities, Client: &http.Client{Transport: door{w}}, Switches: switches})
	for _, kind := range event.Types() {
		w.tenant.AddWebhook(tenant.Webhook{
			EventTypes: []string{string(kind)}, URL: "http://relay.local/events/" + kind.Entity() + "/" + kind.Action(),
		})
	}
	w.reader = ppm.NewClient(&http.Client{Transport: api{w}}, "http://ppm.local", tenant.DefaultTenant, "v1.0", tenant.DefaultToken)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.tenant.Run(ctx)
	}()
	t.Cleanup(func() {
		if w.end != nil {
			w.stop()
		}
		cancel()
		<-done
	})
	return w
}

// start starts the relay on its journal.
func (w *world) start() {
	w.Helper()
	store, err := sqlite.Open(context.WithoutCancel(w.Context()), w.path, sqlite.Options{})
	if err != nil {
		w.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	every := func(event.Event) (string, error) { return "", nil }
	relay, err := delivery.New(delivery.Config{
		Journal: store, Logger: log, Routes: []delivery.Route{{Name: "all", Target: "paper", Match: every, Words: w.paper}},
		Targets: []delivery.Target{{ID: "paper", Lane: "paper", Most: 500, Sink: w.paper}},
	})
	if err != nil {
		w.Fatal(err)
	}
	var kept recovery.Journal = store
	if w.mortal != nil {
		w.mortal.Journal = store
		kept = w.mortal
	}
	if w.keeps != nil {
		kept = w.keeps(store)
	}
	rec := recovery.New(recovery.Config{Journal: kept, Reader: w.reader, Wake: relay.Wake, Covered: w.covered, Logger: slog.New(slog.NewTextHandler(&w.log, nil))})
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = relay.Run(ctx) })
	running.Go(func() { rec.Run(ctx) })
	w.mu.Lock()
	w.store, w.rec = store, rec
	w.mu.Unlock()
	w.end = func() {
		cancel()
		running.Wait()
		if err := store.Close(); err != nil {
			w.Error(err)
		}
	}
	w.wakes = relay.Wake
}

// stop stops the relay. Events that come meanwhile are lost.
func (w *world) stop() {
	w.mu.Lock()
	w.store = nil
	w.mu.Unlock()
	w.end()
	w.end = nil
}

// lose says which events do not arrive from now on.
func (w *world) lose(which func(event.Type) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost = which
}

func everything(event.Type) bool { return true }

// missed loses events while do happens, and says so, as whoever notices does.
func (w *world) missed(do func()) {
	w.Helper()
	since := time.Now()
	w.lose(everything)
	do()
	w.settle()
	w.lose(nil)
	gap := journal.Gap{Cause: journal.CauseMissing, Since: since, Until: time.Now(), Detail: "no webhook brought them"}
	if err := w.rec.Record(w.Context(), gap); err != nil {
		w.Fatal(err)
	}
}

// settle waits until the tenant has nothing to deliver and everything is planned.
func (w *world) settle() {
	w.Helper()
	if err := w.tenant.Idle(w.Context()); err != nil {
		w.Fatal(err)
	}
	time.Sleep(10 * time.Second)
}

// swept waits until no sweep is under way or needed.
func (w *world) swept() {
	w.Helper()
	for range 200 {
		time.Sleep(20 * time.Second)
		sweeps, err := w.store.Sweeps(w.Context(), 1)
		if err != nil {
			w.Fatal(err)
		}
		open, err := w.store.Gaps(w.Context(), true, 100)
		if err != nil {
			w.Fatal(err)
		}
		if len(sweeps) > 0 && !sweeps[0].Ended.IsZero() && len(open) == 0 && w.rec.Status().Waiting == 0 {
			w.settle()
			return
		}
	}
	w.Fatalf("after %d requests it is not over: %+v", w.requests(), w.rec.Status())
}

// told returns what was told, oldest event first.
func (w *world) told() []event.Event {
	w.Helper()
	var all []event.Event
	seen := map[string]bool{}
	for _, id := range w.paper.written() {
		if seen[id] {
			w.Errorf("event %s was written twice", id)
		}
		seen[id] = true
	}
	for before := int64(0); ; {
		page, err := w.store.Events(w.Context(), journal.Filter{Before: before, Limit: 500})
		if err != nil {
			w.Fatal(err)
		}
		if len(page) == 0 {
			slices.Reverse(all)
			return all
		}
		for _, summary := range page {
			before = summary.Entry.Number
			if !seen[summary.Entry.ID] {
				continue
			}
			story, err := w.store.Story(w.Context(), before)
			if err != nil {
				w.Fatal(err)
			}
			e, err := ppm.Decode(story.Entry.Body, story.Entry.Type)
			if err != nil {
				w.Fatal(err)
			}
			e.Number, e.ID, e.Recovered, e.Missing, e.Late = before, story.Entry.ID, story.Entry.Recovered, story.Entry.Missing, story.Entry.Late
			all = append(all, e)
		}
	}
}

// verdicts returns why events were told to nobody.
func (w *world) verdicts() []string {
	w.Helper()
	var all []string
	page, err := w.store.Events(w.Context(), journal.Filter{Limit: 1000})
	if err != nil {
		w.Fatal(err)
	}
	for _, summary := range page {
		story, err := w.store.Story(w.Context(), summary.Entry.Number)
		if err != nil {
			w.Fatal(err)
		}
		for _, v := range story.Verdicts {
			all = append(all, v.Reason)
		}
	}
	return all
}

// sweepOf returns the newest sweep.
func (w *world) newest() journal.Sweep {
	w.Helper()
	sweeps, err := w.store.Sweeps(w.Context(), 1)
	if err != nil || len(sweeps) == 0 {
		w.Fatalf("got %v, %v, want a sweep", sweeps, err)
	}
	return sweeps[0]
}

// requests returns how many were made so far.
func (w *world) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// budget changes a project's budget to a value that no change before had, and returns it.
func (w *world) budget(id string) int {
	w.Helper()
	w.body++
	value := 1_000_000 + w.body
	w.edit(event.Project, id, map[string]any{"Budget": value})
	return value
}

func (w *world) edit(kind, id string, changes map[string]any) {
	w.Helper()
	time.Sleep(time.Millisecond) // no two changes are of one moment
	if err := w.tenant.Edit(kind, id, changes, anna()); err != nil {
		w.Fatal(err)
	}
}

func anna() event.Person {
	return event.Person{ID: "16facc4a-8b00-4fc6-a873-6dfa72afff85", Name: "Anna Doe", Account: "anna.doe@company.com"}
}

// door is where the tenant's webhooks lead.
type door struct{ *world }

func (d door) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(request.URL.Path, "/")
	kind := event.TypeOf(parts[2], parts[3])
	e, err := ppm.Peek(body, kind)
	if err != nil {
		return nil, err
	}
	in := journal.Incoming{
		Body: body, Received: time.Now(), Type: kind, MessageID: e.MessageID, WebhookID: e.WebhookID, Entity: e.Entity, Parent: e.Parent,
		Initiator: e.Initiator.Name, Occurred: e.Occurred, Fingerprint: e.Fingerprint,
	}
	d.mu.Lock()
	store, lost, hold := d.store, d.lost != nil && d.lost(kind), d.hold
	if hold && !lost {
		d.held = append(d.held, in)
	}
	d.mu.Unlock()
	status := http.StatusServiceUnavailable
	if store != nil && !lost {
		status = http.StatusAccepted
		if !hold {
			if _, err := store.Append(request.Context(), in); err != nil {
				return nil, err
			}
			d.wakes()
		}
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}, Request: request}, nil
}

// release lets arrive what was held back.
func (w *world) release() {
	w.Helper()
	w.mu.Lock()
	held := w.held
	w.held, w.hold = nil, false
	w.mu.Unlock()
	for _, in := range held {
		in.Received = time.Now()
		if _, err := w.store.Append(w.Context(), in); err != nil {
			w.Fatal(err)
		}
	}
	w.wakes()
	w.settle()
}

// api is the tenant's API without a network.
type api struct{ *world }

func (a api) RoundTrip(request *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.asked++
	pages := a.pages
	a.mu.Unlock()
	if pages {
		body := io.NopCloser(strings.NewReader(`{"data":[],"nextLink":"https://x/2"}`))
		return &http.Response{StatusCode: http.StatusOK, Body: body, Header: http.Header{}, Request: request}, nil
	}
	if request.Body == nil {
		request.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	broken := func() (broken bool) {
		defer func() { broken = recover() != nil }()
		a.tenant.ServeHTTP(recorder, request)
		return false
	}()
	if broken {
		return nil, errors.New("connection reset")
	}
	answer := recorder.Result()
	answer.Request = request
	return answer, nil
}

// paper is a place where everything is told, event by event.
type paper struct {
	mu    sync.Mutex
	lines []string
}

func (p *paper) Say(events []event.Event) []delivery.Said {
	all := make([]delivery.Said, len(events))
	for i, e := range events {
		all[i].Events = []string{e.ID}
	}
	return all
}

func (p *paper) Compose(items []sinks.Item, _ bool) ([]byte, int, error) {
	return bytes.Repeat([]byte("x"), len(items)), len(items), nil
}

func (p *paper) Perform(_ context.Context, effect sinks.Effect) (sinks.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, effect.Events...)
	return "there", nil
}

func (p *paper) Recall(context.Context, sinks.Effect) (sinks.Recollection, error) {
	return sinks.Recollection{Happened: sinks.DidNot}, nil
}

func (p *paper) Told(context.Context, []string, time.Time) ([]string, error) { return nil, nil }

func (p *paper) written() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

// small is a tenant with two projects, each with tasks and key dates, an idea, and what the API does not list.
func small() []tenant.Entity {
	project := func(id, name string) tenant.Entity {
		return tenant.Entity{Kind: event.Project, ID: id, Attributes: map[string]any{
			"Name": name, "Budget": 1000, "Manager": tenant.People(anna()), "Idea’s sponsor": nil, "Ratio": 0.1, "Launched": map[string]any{"Id": "x", "Odd": []any{1}},
		}}
	}
	child := func(kind, id, parentKind, parent, source string) tenant.Entity {
		return tenant.Entity{Kind: kind, ID: id, Parent: event.Ref{Kind: parentKind, ID: parent}, Source: source, Attributes: map[string]any{"Name": id}}
	}
	return []tenant.Entity{
		{Kind: tenant.Portfolio, ID: "folio-1", Attributes: map[string]any{"Name": "Digital"}},
		project("project-1", "Customer Portal"), project("project-2", "Payment Gateway"),
		{Kind: event.Idea, ID: "idea-1", Attributes: map[string]any{"Name": "Chat", "Submitter": tenant.People(anna())[0]}},
		child(event.Task, "task-1", event.Project, "project-1", ""),
		child(event.Task, "task-2", event.Project, "project-2", ""),
		child(event.Task, "task-jira", event.Project, "project-1", "Jira"),
		child(event.KeyDate, "date-1", event.Project, "project-1", ""),
		child(event.KeyDate, "date-spo", event.Project, "project-2", "Spo"),
		child(event.KeyDate, "date-folio", tenant.Portfolio, "folio-1", ""),
	}
}

// fields returns what an event changed: "Budget 1000 → 2000".
func fields(e event.Event) []string {
	var all []string
	for _, c := range event.Changes(e, nil) {
		all = append(all, c.Field+" "+c.Before.Text+" → "+c.After.Text)
	}
	return all
}

// summary returns an event in one line.
func summary(e event.Event) string {
	said := string(e.Type) + " " + e.Entity.ID
	if e.Recovered {
		said += " (found later)"
	}
	if changes := fields(e); len(changes) > 0 {
		said += ": " + strings.Join(changes, ", ")
	}
	return said
}

// want compares everything that was told, whatever came first.
func (w *world) want(want ...string) {
	w.Helper()
	var got []string
	for _, e := range w.told() {
		got = append(got, summary(e))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("got told\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
