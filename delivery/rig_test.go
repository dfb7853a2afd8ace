package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
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
	"github.com/ppmrelay/ppmrelay/sinks"
)

// target is a sink that does what perform or act says, and remembers what it was asked.
type target struct {
	mu       sync.Mutex
	told     []string
	by       []string   // the version that made each row of an item that was told
	looks    int        // of Recall
	attempts [][]string // events of each attempt
	asked    []time.Time
	perform  func(ctx context.Context) error
	act      func(effect sinks.Effect) error
	recall   sinks.Recollection
	table    bool  // what it has already it need not be told again
	blind    error // of Told
	down     error // of Recall
}

func (s *target) Compose(items []sinks.Item, _ bool) ([]byte, int, error) {
	content, err := json.Marshal(items)
	return content, len(items), err
}

func (s *target) Perform(ctx context.Context, effect sinks.Effect) (sinks.Receipt, error) {
	s.mu.Lock()
	s.attempts = append(s.attempts, effect.Events)
	act := s.act
	s.mu.Unlock()
	if act != nil {
		if err := act(effect); err != nil {
			return "", err
		}
	}
	if s.perform != nil {
		if err := s.perform(ctx); err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, effect.Events...)
	var items []sinks.Item
	if err := json.Unmarshal(effect.Content, &items); err != nil {
		return "", err
	}
	for _, item := range items {
		for _, row := range item.Rows {
			s.by = append(s.by, row.Key)
		}
	}
	return "there", nil
}

func (s *target) Recall(context.Context, sinks.Effect) (sinks.Recollection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	return s.recall, s.down
}

func (s *target) Told(_ context.Context, events []string, since time.Time) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, since)
	if s.blind != nil || !s.table {
		return nil, s.blind
	}
	return slices.DeleteFunc(slices.Clone(events), func(id string) bool { return !slices.Contains(s.told, id) }), nil
}

// change changes what the target does while it is in use.
func (s *target) change(how func(s *target)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(s)
}

func (s *target) calls() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.attempts)
}

func (s *target) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.told)
}

// rig is a journal and what a test delivers from it.
type rig struct {
	*testing.T
	store   *sqlite.Journal
	targets map[string]*target
	routes  []delivery.Route
	log     *slog.Logger
	most    int
	service string // of all targets; empty = each its own
	resend  bool
	whole   bool  // all events are there before it runs
	counts  *busy // nil = nobody counts
}

// whole is a journal to which nothing is appended any more: when once everything was planned, it is not searched again.
// In tests that last for hours nearly all the time would be spent on that.
type whole struct {
	delivery.Journal

	planned bool // only the planner asks
}

func (w *whole) Unplanned(ctx context.Context, limit int) (entries []journal.Entry, err error) {
	if !w.planned {
		entries, err = w.Journal.Unplanned(ctx, limit)
		w.planned = err == nil && len(entries) == 0
	}
	return entries, err
}

func newRig(t *testing.T, targets map[string]*target) *rig {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	r := &rig{T: t, store: store, targets: targets, log: slog.New(slog.DiscardHandler), most: 10}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		r.routes = append(r.routes, delivery.Route{Name: name, Target: name, Match: func(event.Event) (string, error) { return "", nil }, Words: singly{}})
	}
	return r
}

// run delivers until the returned function is called, which returns when everything has stopped.
func (r *rig) run() (*delivery.Delivery, func()) {
	r.Helper()
	cfg := delivery.Config{Journal: r.store, Routes: r.routes, Logger: r.log, Grace: 10 * time.Second}
	if r.whole {
		cfg.Journal = &whole{Journal: r.store}
	}
	for name, sink := range r.targets {
		cfg.Targets = append(cfg.Targets, delivery.Target{
			ID: name, Lane: name, Most: r.most, Sink: sink, Service: r.service, Resend: r.resend,
		})
	}
	d, err := delivery.New(cfg)
	if err != nil {
		r.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return d, func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("got error %v, want none", err)
		}
	}
}

func (r *rig) append(n int, step appendStep) int64 {
	r.Helper()
	got, err := r.store.Append(r.Context(), incoming(n, step))
	if err != nil {
		r.Fatal(err)
	}
	return got.Number
}

// fates returns "target state reason" of every delivery and verdict of an event, sorted.
func (r *rig) fates(number int64) []string {
	r.Helper()
	story, err := r.store.Story(r.Context(), number)
	if err != nil {
		r.Fatal(err)
	}
	var all []string
	for _, d := range story.Deliveries {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Target, d.State, d.Reason)))
	}
	for _, v := range story.Verdicts {
		all = append(all, v.Route+": "+v.Reason)
	}
	slices.Sort(all)
	return all
}

// state returns what the journal remembers of a target's queue.
func (r *rig) state(target string) journal.TargetState {
	r.Helper()
	states, err := r.store.Targets(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	for _, state := range states {
		if state.Target == target {
			return state
		}
	}
	return journal.TargetState{}
}

func (r *rig) want(number int64, want ...string) {
	r.Helper()
	if got := r.fates(number); !slices.Equal(got, want) {
		r.Errorf("event %d: got %q, want %q", number, got, want)
	}
}

// notes is a log that can be read while it is written.
type notes struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notes) Write(line []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(line)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}
