package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// How silence is looked for.
const (
	lookEvery   = time.Hour
	lookBack    = rhythmWeeks * week // at the first look
	unwatched   = 2 * lookEvery      // a longer time between two looks is one in which nobody could have heard anything
	silenceName = "silence"          // in the Memory
	neverMost   = week               // how long all webhooks together may bring nothing before that is told
	firstsMost  = 500                // ids of webhooks that are remembered
)

// Arrivals is what silence needs of the journal: events, newest first.
type Arrivals interface {
	Events(ctx context.Context, filter journal.Filter) ([]journal.Summary, error)
}

// Silence looks for types of events that stop coming although their webhook is registered, by the tenant's own rhythm. Its
// methods may be called at any time from anywhere.
type Silence struct {
	arrivals Arrivals
	memory   Memory
	log      *slog.Logger

	looking sync.Mutex
	known   bool
	state   heard

	mu       sync.Mutex
	problems []Problem
}

// heard is what survives the process. Fields are added, never renamed.
type heard struct {
	Looked time.Time            `json:"looked,omitzero"`
	Number int64                `json:"number,omitempty"` // of the newest event that was heard
	Rhythm rhythm               `json:"rhythm"`
	Firsts map[string]time.Time `json:"firsts,omitempty"` // the first event by each webhook, by lower-case id
}

// NewSilence returns a Silence that has not looked yet.
func NewSilence(arrivals Arrivals, memory Memory, log *slog.Logger) *Silence {
	return &Silence{arrivals: arrivals, memory: memory, log: log}
}

func hear(ctx context.Context, memory Memory) (kept heard, _ error) {
	text, err := memory.Recollect(ctx, silenceName)
	if errors.Is(err, journal.ErrNotFound) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return heard{}, fmt.Errorf("reading what is remembered of the rhythm of events: %w", err)
	}
	return kept, nil
}

// Run looks at once and then every hour, until ctx ends.
func (s *Silence) Run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := s.Look(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "silences could not be looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Look hears what came since the last look, and finds what is silent.
func (s *Silence) Look(ctx context.Context) error {
	s.looking.Lock()
	defer s.looking.Unlock()
	if !s.known {
		kept, err := hear(ctx, s.memory)
		if err != nil {
			return err
		}
		s.state, s.known = kept, true
	}
	now := time.Now().Round(0)
	s.state.notAfter(now)
	known, err := Recollect(ctx, s.memory)
	if err != nil {
		return err
	}
	s.forget(now, known.Records)
	if err := s.listen(ctx, now); err != nil {
		return err
	}
	s.tell(ctx, s.find(now, known.Records))
	text, err := json.Marshal(s.state)
	if err != nil {
		return err
	}
	return s.memory.Remember(ctx, silenceName, text)
}

// forget makes place for webhooks to come. What is not recorded is of one that is gone, unless it was created just now.
func (s *Silence) forget(now time.Time, records []Record) {
	maps.DeleteFunc(s.state.Firsts, func(id string, first time.Time) bool {
		return recordOf(records, id) == nil && now.Sub(first) > day
	})
}

// listen takes in, in their order, the events that came since the last look, a day at a time.
func (s *Silence) listen(ctx context.Context, now time.Time) error {
	from := s.state.Looked
	if from.IsZero() {
		from = now.Add(-lookBack)
	}
	pause := !s.state.Looked.IsZero() && now.Sub(from) > unwatched
	if s.state.Firsts == nil {
		s.state.Firsts = map[string]time.Time{}
	}
	for ; from.Before(now); from = from.Add(day) {
		events, err := s.between(ctx, from.Add(-time.Minute), earliest(from.Add(day), now)) // what was committed late
		if err != nil {
			return err
		}
		for _, e := range events {
			if pause {
				s.state.Rhythm.skip(e.Received)
			}
			pause = false
			s.state.Rhythm.hear(e.Type, e.Received)
			s.state.Number = max(s.state.Number, e.Number)
			if id := strings.ToLower(e.WebhookID); s.state.Firsts[id].IsZero() && len(s.state.Firsts) < firstsMost {
				s.state.Firsts[id] = e.Received
			}
		}
	}
	if pause {
		s.state.Rhythm.skip(now)
	}
	s.state.Rhythm.pass(now)
	s.state.Looked = now
	return nil
}

// between returns the new events that were received in a time and came by a webhook, oldest first. What was found out
// later has none.
func (s *Silence) between(ctx context.Context, since, until time.Time) ([]journal.Entry, error) {
	var all []journal.Entry
	filter := journal.Filter{Since: since, Until: until, Limit: 1000}
	for {
		page, err := s.arrivals.Events(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, summary := range page {
			filter.Before = summary.Entry.Number
			if e := summary.Entry; e.Number > s.state.Number && e.WebhookID != "" {
				all = append(all, e)
			}
		}
		if len(page) < filter.Limit {
			slices.Reverse(all)
			return all, nil
		}
	}
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// find returns what is silent for an unusual time.
func (s *Silence) find(now time.Time, records []Record) []Problem {
	var found []Problem
	add := func(kind, why string) { found = append(found, Problem{Why: why, Since: now, kind: kind}) }
	if last, why := s.state.Rhythm.silent(); why != "" {
		add("silence", fmt.Sprintf("no event has come since %s (%s): if people worked in PPM Express since then, look whether %s",
			stamp(last), why, "it can reach server.public_url"))
		return found
	}
	for _, t := range event.Types() {
		if last, why := s.state.Rhythm.silentType(t); why != "" {
			add("silence "+string(t), fmt.Sprintf("no event of %s has come since %s, while others did (%s): look whether people stopped "+
				"doing that, or whether its webhook works: ppmrelay webhooks list", t, stamp(last), why))
		}
	}
	if since := oldest(records); s.state.Number == 0 && !since.IsZero() && now.Sub(since) > neverMost {
		add("silence of all", fmt.Sprintf("no webhook has ever brought an event, and they are registered since %s: look whether PPM Express can reach server.public_url", stamp(since)))
	}
	return found
}

// oldest is since when something is registered.
func oldest(records []Record) (since time.Time) {
	for _, r := range records {
		if r.Deleted.IsZero() && !r.Created.IsZero() && (since.IsZero() || r.Created.Before(since)) {
			since = r.Created
		}
	}
	return since
}

// Problems returns what is silent.
func (s *Silence) Problems() []Problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// tell keeps what was found, and logs what is new and what is over.
func (s *Silence) tell(ctx context.Context, found []Problem) {
	s.mu.Lock()
	before := s.problems
	for i, p := range found {
		if n := slices.IndexFunc(before, p.same); n >= 0 {
			found[i].Since = before[n].Since
		}
	}
	s.problems = found
	s.mu.Unlock()
	for _, p := range found {
		if !slices.ContainsFunc(before, p.same) {
			s.log.WarnContext(ctx, "an unusual silence", "problem", p.Why)
		}
	}
	for _, p := range before {
		if !slices.ContainsFunc(found, p.same) {
			s.log.InfoContext(ctx, "an unusual silence is over", "since", stamp(p.Since), "problem", p.Why)
		}
	}
}
