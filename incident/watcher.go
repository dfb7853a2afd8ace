package incident

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Defaults of Config.
const (
	DefaultEvery   = 5 * time.Second
	DefaultLasting = 30 * time.Second
	DefaultLate    = 20 * time.Second
)

// Journal is the part of the journal that a Watcher needs.
type Journal interface {
	Append(ctx context.Context, in journal.Incoming) (journal.Appended, error)
	Story(ctx context.Context, number int64) (journal.Story, error)
	Backlogs(ctx context.Context) ([]journal.Backlog, error)
	SetIncident(ctx context.Context, in journal.Incident) error
	Incidents(ctx context.Context, filter journal.IncidentFilter) ([]journal.Incident, error)
}

// Config is what New needs. Zero durations have defaults.
type Config struct {
	Journal Journal
	Look    func(ctx context.Context) Sight
	Begins  func(p Problem, waiting int64) Words                         // says a problem; waiting is what waits for its parts
	Ends    func(key string, parts []string, peak, waiting int64) []Line // what is said of its end; peak is the most that waited
	Listens func() string                                                // who is told now; empty = nobody, nil = never anybody
	Wake    func()                                                       // there is a new event
	Logger  *slog.Logger
	Every   time.Duration // between two looks
	Lasting time.Duration // how long a problem must be there, or gone, to count
	Late    time.Duration // from when on news that silences its listener is none any more, see Message.Stale
}

// Watcher watches what is wrong. Run it once.
type Watcher struct {
	config Config
	loaded bool
	coming map[string]time.Time // by key, since when a problem is seen that does not count yet

	mu       sync.Mutex
	open     map[string]*incident // by key
	happened []Problem            // since the last look
}

// incident is one that lasts.
type incident struct {
	row     journal.Incident
	notes   notes
	gone    time.Time // since when it is not seen; zero = it is
	mute    time.Time // before then its key has been told too often
	counted time.Time // when it was last counted what waits
	stored  bool      // as it is
	unheard string    // why it cannot be told; logged once
}

// New makes a watcher. Nothing is looked at yet.
func New(config Config) *Watcher {
	if config.Every <= 0 {
		config.Every = DefaultEvery
	}
	if config.Lasting <= 0 {
		config.Lasting = DefaultLasting
	}
	if config.Late <= 0 {
		config.Late = DefaultLate
	}
	if config.Listens == nil {
		config.Listens = func() string { return "" }
	}
	return &Watcher{config: config, coming: map[string]time.Time{}, open: map[string]*incident{}}
}

// Run looks at once and then again and again, until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	ticker := time.NewTicker(w.config.Every)
	defer ticker.Stop()
	for {
		w.look(ctx, time.Now().UTC())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Happened has the next look see something that has happened, and that no look finds any more.
func (w *Watcher) Happened(p Problem) {
	p.Once = true
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happened = append(w.happened, p)
}

// Open returns the incidents that last, the oldest first, as they are known in memory.
func (w *Watcher) Open() []journal.Incident {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []journal.Incident
	for _, o := range w.open {
		all = append(all, o.row)
	}
	slices.SortFunc(all, func(a, b journal.Incident) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// look compares what is wrong now with what was.
func (w *Watcher) look(ctx context.Context, now time.Time) {
	if !w.load(ctx) {
		return // the next look tries again
	}
	sight := w.config.Look(ctx)
	if ctx.Err() != nil {
		return // who is stopping sees badly
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	problems := merged(append(slices.Clone(w.happened), sight.Problems...))
	w.happened = nil
	for _, key := range slices.Sorted(maps.Keys(problems)) {
		w.meet(ctx, problems[key], now)
	}
	unseen := func(key string) bool {
		_, seen := problems[key]
		return !seen && !slices.ContainsFunc(sight.Blind, func(begin string) bool { return strings.HasPrefix(key, begin) })
	}
	maps.DeleteFunc(w.coming, func(key string, _ time.Time) bool { return unseen(key) })
	waiting := w.waiting(ctx)
	for _, key := range slices.Sorted(maps.Keys(w.open)) {
		o := w.open[key]
		if !o.notes.Once && now.Sub(o.counted) >= time.Minute {
			o.counted, o.notes.Peak = now, max(o.notes.Peak, waiting(o.notes.Parts))
		}
		if unseen(key) && o.gone.IsZero() {
			o.gone = now
		}
		if unseen(key) && now.Sub(o.gone) >= w.config.Lasting {
			w.end(ctx, o, now, waiting)
			continue
		}
		w.keep(ctx, o)
		w.begin(ctx, o, now, problems[key], waiting)
	}
}

// load takes over what lasted when an earlier process ended, once.
func (w *Watcher) load(ctx context.Context) bool {
	if w.loaded {
		return true
	}
	const all = 10_000
	rows, err := w.config.Journal.Incidents(ctx, journal.IncidentFilter{Open: true, Limit: all})
	if err != nil {
		w.config.Logger.WarnContext(ctx, "what was wrong before cannot be read", "error", err)
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, row := range rows {
		if w.open[row.Key] == nil { // the newest
			o := &incident{row: row, notes: readNotes(row.Notes), stored: true}
			o.notes.Listener = cmp.Or(o.notes.Listener, w.config.Listens()) // older rows do not say
			w.open[row.Key] = o
		}
	}
	w.loaded = true
	return true
}

// meet makes an incident of a problem as soon as it counts as one.
func (w *Watcher) meet(ctx context.Context, p Problem, now time.Time) {
	if o := w.open[p.Key]; o != nil {
		o.gone = time.Time{}
		o.row.Why = w.why(p)
		for _, part := range p.Parts {
			if !slices.Contains(o.notes.Parts, part) {
				o.notes.Parts = append(o.notes.Parts, part)
			}
		}
		return
	}
	first, known := w.coming[p.Key]
	if !known {
		first = now
		w.coming[p.Key] = now
	}
	if !p.Since.IsZero() && p.Since.Before(first) {
		first = p.Since.UTC()
	}
	if !p.Once && now.Sub(first) < w.config.Lasting {
		return
	}
	id, err := uuid.NewV7()
	if err != nil {
		return // no chance at all just now
	}
	delete(w.coming, p.Key)
	title, why := w.words(p, 0).Title, w.why(p)
	w.open[p.Key] = &incident{
		row:   journal.Incident{ID: id.String(), Key: p.Key, Part: p.Part, Title: title, Why: why, Since: first},
		notes: notes{Parts: p.Parts, Once: p.Once, Count: p.Count},
	}
	w.config.Logger.WarnContext(ctx, "something is wrong", "incident", id, "key", p.Key, "title", title, "reason", why)
}

// words says a problem.
func (w *Watcher) words(p Problem, waiting int64) Words {
	if p.Words.Title != "" {
		return p.Words
	}
	return w.config.Begins(p, waiting)
}

// why says why a problem is there, as people are told: without what changes from one look to the next.
func (w *Watcher) why(p Problem) string {
	for _, line := range w.words(p, 0).Lines {
		if line.Label == labelWhy {
			return line.Text
		}
	}
	return p.Why
}

// waiting returns what counts the deliveries that wait for parts. It reads the journal the first time.
func (w *Watcher) waiting(ctx context.Context) func(parts []string) int64 {
	read := sync.OnceValue(func() []journal.Backlog {
		all, _ := w.config.Journal.Backlogs(ctx) // a journal that cannot be read is a problem of its own
		return all
	})
	return func(parts []string) (total int64) {
		for _, backlog := range read() {
			if slices.Contains(parts, backlog.Target) {
				total += backlog.Waiting
			}
		}
		return total
	}
}
