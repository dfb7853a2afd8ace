package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	realppm "github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// Registrations are removed and corrupted at random while people edit, the API is slow and fails, and the relay is
// stopped and started. In the end the newest value of everything that people changed is told, nothing is told twice, and
// what cannot be found is exactly what is said of it.
func TestTheStoryOfMissedChanges(t *testing.T) {
	if raced.On {
		t.Skip("it plays with the whole program for half a minute")
	}
	rounds, changes, seed := 10, 15, uint64(20261126)
	if soak := os.Getenv("PPMRELAY_SOAK"); soak != "" {
		rounds, changes = 200, 85 // with a third of them once more after mending, and half while nothing runs: 20,000 and more
		if n, err := strconv.ParseUint(soak, 10, 64); err == nil && n > 1 {
			rounds, seed = 20, n // a short one with another seed
		}
	}
	m := newRescue(t, seed)
	for round := range rounds {
		m.round(round, changes)
	}
	m.mend()
	m.compare()
	m.byHand()
}

// rescue is a tenant whose changes often do not arrive, and the whole program that has to find them.
type rescue struct {
	*testing.T
	sandbox *sandbox.Sandbox
	board   *fault.Board
	door    *door
	chance  *rand.Rand
	people  []event.Person
	dir     string
	log     *daemonLog
	stop    func()

	value   int
	changed map[string]change // the newest change of each entity, by id
	deleted map[string]bool   // ids of what was deleted, and of what was below it
	made    map[string]bool
}

// change is a name that an entity got, which none ever had before.
type change struct {
	kind, id, value string
	listed          bool // the API lists it
}

func newRescue(t *testing.T, seed uint64) *rescue {
	t.Helper()
	m := prepareRescue(t, seed)
	m.start()
	m.swept()
	return m
}

// prepareRescue is a rescue before the first start.
func prepareRescue(t *testing.T, seed uint64) *rescue {
	t.Helper()
	small := ppm.NewSmall()
	m := &rescue{
		T: t, board: fault.NewBoard(), door: newDoor(), chance: rand.New(rand.NewPCG(seed, 1)), people: small.People, dir: t.TempDir(),
		log: &daemonLog{}, stop: func() {}, changed: map[string]change{}, deleted: map[string]bool{}, made: map[string]bool{},
	}
	m.log.listening = m.door.leadTo
	entities := small.Entities
	for i := range 3 {
		entities = append(entities, ppm.Entity{
			Kind: event.KeyDate, ID: fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", i),
			Parent: event.Ref{Kind: ppm.Portfolio, ID: entities[0].ID}, Attributes: map[string]any{"Name": fmt.Sprintf("Board meeting %d", i)},
		})
	}
	var err error
	m.sandbox, err = sandbox.Start(t.Context(), sandbox.Options{
		PPM:    ppm.Options{Entities: entities, Board: m.board, Client: &http.Client{Transport: m.door}, Seed: seed},
		Slack:  slack.Options{Unlimited: true},
		Google: google.Options{ReadsPerMinute: -1, WritesPerMinute: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Writes to the sheet keep their pace in the long form: a spreadsheet has room for the fences of some 900 in a quarter of
	// an hour.
	pace := "google: { per_minute: 6000, cred"
	if os.Getenv("PPMRELAY_SOAK") != "" {
		pace = "google: { cred"
	}
	text := strings.NewReplacer("slack: { token", "slack: { late: 400ms, burst: 1000, token", "google: { cred", pace).
		Replace(sandboxConfigEvery(m.sandbox, "@every 1h", "127.0.0.1:0", "127.0.0.1:0"))
	writeFile(t, filepath.Join(m.dir, "ppmrelay.yaml"), text)
	t.Cleanup(func() {
		m.stop()
		if err := m.sandbox.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log:\n%s", lastLines(m.log.String(), 60))
		}
	})
	return m
}

func lastLines(text string, most int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// start launches the program, and waits for its webhooks.
func (m *rescue) start() {
	m.Helper()
	m.launch()
	m.until("webhooks are registered", func() bool { return m.pass() == "" })
}

// launch runs the program in this process, with a shorter patience than people need.
func (m *rescue) launch() {
	m.Helper()
	a := &app{out: m.log, err: m.log, env: os.LookupEnv, timing: recovery.Timing{
		Pace: time.Millisecond, Again: 700 * time.Millisecond, Settle: 300 * time.Millisecond, Beat: 300 * time.Millisecond, First: time.Second, Retry: 50 * time.Millisecond,
	}}
	root := a.root()
	root.SetArgs([]string{"serve", "--config", filepath.Join(m.dir, "ppmrelay.yaml"), "--log-format", "json"})
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.Context()))
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	m.stop = func() {
		m.door.shut()
		cancel()
		if err := <-ended; err != nil {
			m.Errorf("serve ended with %v", err)
		}
	}
	m.until("it listens", m.door.open)
}

// until waits for something.
func (m *rescue) until(what string, there func() bool) {
	m.Helper()
	patience := time.Minute
	if os.Getenv("PPMRELAY_SOAK") != "" {
		patience = 20 * time.Minute // a channel takes one message a second
	}
	for deadline := time.Now().Add(patience); !there(); {
		if time.Now().After(deadline) {
			m.Fatalf("still not: %s; the last pass says %q", what, m.pass())
		}
		<-time.After(20 * time.Millisecond)
	}
}

// client asks the program as commands do.
func (m *rescue) client() *control.Client {
	return control.NewClient(control.SocketOf(filepath.Join(m.dir, "ppmrelay.db")))
}

// pass makes a pass over the webhooks, and returns why not all of it was done.
func (m *rescue) pass() string {
	var ask control.Webhooks
	for _, t := range event.Types() {
		ask.Types = append(ask.Types, string(t))
	}
	done, err := m.client().Webhooks(m.Context(), ask)
	if err != nil {
		return err.Error()
	}
	return done.Failed
}

// round does harm, lets people edit meanwhile, and mends what can be mended.
func (m *rescue) round(round, changes int) {
	m.Helper()
	if m.chance.IntN(2) == 0 {
		m.trouble(uint64(round))
	}
	if m.chance.IntN(4) == 0 {
		m.stop()
		m.edits(changes / 2)
		m.start()
	}
	m.harm()
	m.edits(changes)
	m.idle()
	m.until("the webhooks are well again", func() bool { return m.pass() == "" && m.covered() })
	m.edits(changes / 3)
	m.idle()
	m.board.Repair()
	if round%3 == 2 {
		m.swept()
	}
}

// trouble makes the API slow, and lets one request in five fail.
func (m *rescue) trouble(seed uint64) {
	kinds := []fault.Kind{fault.Before, fault.Reset, fault.TooMany.With("0.05"), fault.AfterCut, fault.AfterHTML, fault.Slow.With("20ms")}
	for _, endpoint := range []string{"projects", "ideas", "tasks", "keydates", "programs", "portfolios"} {
		m.board.Draw(endpoint, seed, fault.Evenly(0.2, kinds...)...)
	}
}

// harm takes registrations away, or makes them useless. Their addresses stay: there is no call that changes them.
func (m *rescue) harm() {
	for _, w := range m.sandbox.PPM.Webhooks() {
		switch m.chance.IntN(6) {
		case 0, 1:
			m.sandbox.PPM.RemoveWebhook(w.ID)
		case 2:
			m.sandbox.PPM.ChangeWebhook(w.ID, func(w *ppm.Webhook) { w.HTTPVerb = "GET" })
		case 3:
			m.sandbox.PPM.ChangeWebhook(w.ID, func(w *ppm.Webhook) { w.EventTypes = []string{"Resource:Updated"} })
		}
	}
}

// covered reports whether each type has a webhook that leads here.
func (m *rescue) covered() bool {
	covered := map[string]bool{}
	for _, w := range m.sandbox.PPM.Webhooks() {
		if strings.Contains(w.URL, "/events/") {
			covered[w.EventTypes[0]] = true
		}
	}
	return len(covered) == len(event.Types())
}

func (m *rescue) idle() {
	m.Helper()
	if err := m.sandbox.PPM.Idle(m.Context()); err != nil {
		m.Fatal(err)
	}
}

// edits makes changes, most of them updates.
func (m *rescue) edits(n int) {
	m.Helper()
	for range n {
		switch m.chance.IntN(20) {
		case 0:
			m.create()
		case 1:
			m.remove()
		default:
			m.update()
		}
	}
}

// next returns a value that was never used.
func (m *rescue) next() string {
	m.value++
	return fmt.Sprintf("value %d", m.value)
}

func (m *rescue) who() event.Person { return m.people[m.chance.IntN(len(m.people))] }

func (m *rescue) one(kind string) (ppm.Entity, bool) {
	all := m.sandbox.PPM.Entities(kind)
	if len(all) == 0 {
		return ppm.Entity{}, false
	}
	return all[m.chance.IntN(len(all))], true
}

func (m *rescue) update() {
	m.Helper()
	kind := []string{event.Project, event.Project, event.Task, event.KeyDate, event.KeyDate, event.Idea}[m.chance.IntN(6)]
	e, ok := m.one(kind)
	if !ok {
		return
	}
	c := change{kind, e.ID, m.next(), e.Parent.Kind != ppm.Portfolio}
	changes := map[string]any{"Name": c.value}
	if m.chance.IntN(3) == 0 && kind != event.Task {
		changes["Description"] = "Text of " + c.value
	}
	if err := m.sandbox.PPM.Edit(kind, e.ID, changes, m.who()); err != nil {
		m.Fatal(err)
	}
	m.changed[e.ID] = c
}

func (m *rescue) create() {
	project, ok := m.one(event.Project)
	if !ok {
		return
	}
	e := ppm.Entity{Kind: []string{event.Project, event.Task, event.KeyDate, event.Idea}[m.chance.IntN(4)], Attributes: map[string]any{
		"Name": m.next(),
	}}
	if e.Kind == event.Task || e.Kind == event.KeyDate {
		e.Parent = event.Ref{Kind: event.Project, ID: project.ID}
	}
	made := m.sandbox.PPM.Create(e, m.who())
	m.made[made.ID] = true
	m.changed[made.ID] = change{e.Kind, made.ID, fmt.Sprintf("value %d", m.value), true}
}

func (m *rescue) remove() {
	m.Helper()
	kind := []string{event.Task, event.KeyDate, event.Idea, event.Project}[m.chance.IntN(4)]
	e, ok := m.one(kind)
	if !ok || kind == event.Project && len(m.sandbox.PPM.Entities(kind)) < 6 {
		return
	}
	for _, below := range append(m.sandbox.PPM.Entities(event.Task), m.sandbox.PPM.Entities(event.KeyDate)...) {
		if below.Parent.ID == e.ID {
			m.deleted[below.ID] = true
		}
	}
	m.deleted[e.ID] = true
	if err := m.sandbox.PPM.Delete(kind, e.ID, m.who()); err != nil {
		m.Fatal(err)
	}
}

// swept waits until every gap is closed and nothing is under way.
func (m *rescue) swept() {
	m.Helper()
	m.until("every gap is closed", func() bool {
		state, err := m.client().Recovery(m.Context(), control.Recovery{})
		if err != nil || state.Waiting > 0 || len(state.Sweeps) == 0 || state.Sweeps[0].Ended.IsZero() {
			return false
		}
		return len(m.read(func(j *sqlite.Journal) ([]journal.Gap, error) { return j.Gaps(m.Context(), true, 1000) })) == 0
	})
}

func (m *rescue) read(ask func(*sqlite.Journal) ([]journal.Gap, error)) []journal.Gap {
	m.Helper()
	store, err := sqlite.Open(m.Context(), filepath.Join(m.dir, "ppmrelay.db"), sqlite.Options{ReadOnly: true})
	if err != nil {
		m.Fatal(err)
	}
	defer store.Close()
	gaps, err := ask(store)
	if err != nil {
		m.Fatal(err)
	}
	return gaps
}

// mend makes everything work, and waits until all is told.
func (m *rescue) mend() {
	m.Helper()
	m.board.Repair()
	m.until("the webhooks are well again", func() bool { return m.pass() == "" && m.covered() })
	m.idle()
	m.swept()
	m.until("everything is told", func() bool {
		counts := count(m.T, filepath.Join(m.dir, "ppmrelay.db"))
		return unended(counts) == 0 && counts.Open == 0
	})
}

// toldAll is what was told in the end.
type toldAll struct {
	values map[string]map[string]int // by entity: how often each value was told as the new one
	last   map[string]string         // by entity: the value that was told as the newest
	news   map[string]int            // how often an entity was told as created
	gone   map[string]bool           // entities that were told as deleted
	found  int                       // events that were recovered
}

// compare holds what stands in Slack and in the sheet against what people did.
func (m *rescue) compare() {
	m.Helper()
	store, err := sqlite.Open(m.Context(), filepath.Join(m.dir, "ppmrelay.db"), sqlite.Options{ReadOnly: true})
	if err != nil {
		m.Fatal(err)
	}
	defer store.Close()
	found, err := newAuditor(m.sandbox).all(m.Context(), store, m.sandbox)
	if err != nil || !found.clean() {
		m.Errorf("got %+v, %v, want that what is claimed stands there once", found, err)
	}
	s := m.told(store)
	for id, values := range s.values {
		for value, times := range values {
			if times > 1 {
				m.Errorf("%s of %s was told %d times:\n%s", value, id, times, m.history(store, id))
			}
		}
	}
	for id, times := range s.news {
		if times > 1 {
			m.Errorf("%s was told as created %d times:\n%s", id, times, m.history(store, id))
		}
	}
	m.newestTold(s)
	m.unfound(store, s)
	m.Logf("%d changes, %d told as recovered, %d entities deleted, %d events in the journal", m.value, s.found, len(m.deleted), found.Events)
	if s.found == 0 {
		m.Error("nothing was recovered")
	}
}

// newestTold demands that the newest value of all that is there was told, but for what the API does not list.
func (m *rescue) newestTold(s toldAll) {
	m.Helper()
	for id, c := range m.changed {
		if m.deleted[id] {
			continue
		}
		if c.listed && s.last[id] != c.value {
			m.Errorf("%s %s: got %q as the newest value that was told, want %q", c.kind, id, s.last[id], c.value)
		}
		if arrived := m.arrived(id); !c.listed && (s.last[id] == c.value) != arrived {
			m.Errorf("%s %s, which the API does not list: got %q told, want %q told exactly if its event arrived: %v", c.kind, id, s.last[id], c.value, arrived)
		}
	}
}

// arrived reports whether the newest event of an entity was taken.
func (m *rescue) arrived(id string) (taken bool) {
	for _, d := range m.sandbox.PPM.Deliveries() {
		if d.Entity.ID == id && d.Entity.Name == m.changed[id].value && strings.Contains(d.URL, "/events/") {
			taken = taken || d.Status == http.StatusAccepted
		}
	}
	return taken
}

// unfound demands that what is said to be no longer visible is exactly what was deleted without a word.
func (m *rescue) unfound(store *sqlite.Journal, s toldAll) {
	m.Helper()
	var out struct {
		Hidden []struct{ ID string } `json:"no_longer_visible"`
	}
	code, text := m.command("gaps", "list", "--json", "--limit", "5")
	if err := json.Unmarshal([]byte(text), &out); err != nil || code != exitFine {
		m.Fatalf("gaps list: got %d, %v, %q", code, err, text)
	}
	got, want := map[string]bool{}, map[string]bool{}
	for _, h := range out.Hidden {
		got[h.ID] = true
	}
	for id := range m.deleted {
		known := !m.made[id] || s.last[id] != "" // of what came and went within a gap nobody ever knew
		if known && !s.gone[id] && !m.ofPortfolio(id) {
			want[id] = true
		}
	}
	for id := range want {
		if !got[id] {
			m.Errorf("%s was deleted without a word, and is not called invisible:\n%s", id, m.history(store, id))
		}
	}
	for id := range got {
		if !want[id] {
			m.Errorf("%s is called invisible, and was not deleted without a word:\n%s", id, m.history(store, id))
		}
	}
}

// history is everything that the journal has of an entity, newest first.
func (m *rescue) history(store *sqlite.Journal, id string) string {
	m.Helper()
	found, err := store.Events(m.Context(), journal.Filter{Entity: id})
	if err != nil {
		m.Fatal(err)
	}
	var out strings.Builder
	for _, s := range found {
		e := s.Entry
		fmt.Fprintf(&out, "  %d %s %q occurred %s received %s late %v recovered %v %v\n", e.Number, e.Type, e.Entity.Name,
			e.Occurred.Format("15:04:05.000000"), e.Received.Format("15:04:05.000000"), e.Late, e.Recovered, s.States)
	}
	return out.String()
}

func (m *rescue) ofPortfolio(id string) bool {
	return strings.HasPrefix(id, "00000000-0000-4000-8000-")
}

func (m *rescue) command(args ...string) (code int, out string) {
	var text strings.Builder
	code = run(m.Context(), append(args, "--config", filepath.Join(m.dir, "ppmrelay.yaml")), &text, &text)
	return code, text.String()
}

// told reads what was told, in the order in which it holds.
func (m *rescue) told(store *sqlite.Journal) toldAll {
	m.Helper()
	s := toldAll{values: map[string]map[string]int{}, last: map[string]string{}, news: map[string]int{}, gone: map[string]bool{}}
	var all []event.Event
	err := eachStory(m.Context(), store, func(story journal.Story) {
		e, err := decoded(story.Entry)
		if err != nil {
			m.Fatal(err)
		}
		var told []string
		for _, d := range story.Deliveries {
			if d.State == journal.Delivered {
				told = append(told, d.Route)
			}
		}
		slices.Sort(told)
		switch {
		case len(told) == 0:
		case slices.Equal(told, []string{"delivery-team", "pmo-log"}):
			all = append(all, e)
		default:
			m.Errorf("event %d (%s of %q, recovered %v) was told by %q, want it in Slack and in the sheet", e.Number, e.Type, e.Entity.Name, e.Recovered, told)
		}
	})
	if err != nil {
		m.Fatal(err)
	}
	slices.SortFunc(all, func(a, b event.Event) int {
		if order := a.When().Compare(b.When()); order != 0 {
			return order
		}
		return int(a.Number - b.Number)
	})
	for _, e := range all {
		s.take(e)
	}
	return s
}

func (s *toldAll) take(e event.Event) {
	id := e.Entity.ID
	if e.Recovered {
		s.found++
	}
	switch e.Type.Action() {
	case event.Created:
		s.news[id]++
		a, _ := e.Attributes.Get("Name")
		s.last[id] = a.Value.Text
	case event.Deleted:
		s.gone[id] = true
	}
	for _, c := range event.Changes(e, nil) {
		if c.Field != "Name" {
			continue
		}
		if s.values[id] == nil {
			s.values[id] = map[string]int{}
		}
		s.values[id][c.After.Text]++
		s.last[id] = c.After.Text
	}
}

// byHand is what a person does: sees the gaps, and asks for a reading.
func (m *rescue) byHand() {
	m.Helper()
	code, text := m.command("gaps", "list", "--limit", "1000")
	for _, want := range []string{"no webhook brought them", "ppmrelay did not run", "closed: ", "What no reading can find: key dates of programs"} {
		if code != exitFine || !strings.Contains(text, want) {
			m.Errorf("gaps list: got %d and\n%s\nwant %q", code, text, want)
		}
	}
	events := count(m.T, filepath.Join(m.dir, "ppmrelay.db")).Events
	for _, ask := range []struct {
		args []string
		want string
	}{
		{[]string{"backfill", "--dry"}, "0 differ from what is known. Nothing was told or changed"},
		{[]string{"backfill"}, "0 told as updated and 0 as created"},
		{[]string{"backfill", "--as-baseline"}, "0 became known, and nobody was told."},
		{[]string{"backfill", "--dry", "--json"}, `"differ": 0,`},
	} {
		if code, text := m.command(ask.args...); code != exitFine || !strings.Contains(text, ask.want) {
			m.Errorf("%q: got %d and\n%s\nwant %q", ask.args, code, text, ask.want)
		}
	}
	if code, text := m.command("backfill", "--dry", "--as-baseline"); code != exitWrong || !strings.Contains(text, "nothing to rehearse") {
		m.Errorf("got %d, %q, want that this cannot be asked for", code, text)
	}
	if after := count(m.T, filepath.Join(m.dir, "ppmrelay.db")).Events; after != events {
		m.Errorf("got %d events, want the %d that were there", after, events)
	}
}

func decoded(entry journal.Entry) (event.Event, error) {
	e, err := realppm.Decode(entry.Body, entry.Type)
	e.Number, e.Received, e.Recovered = entry.Number, entry.Received, entry.Recovered
	return e, err
}
