package incident

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// rig is a watcher over a real journal, and a world in which things are wrong.
type rig struct {
	*testing.T

	mu       sync.Mutex // held by the test but while it waits, and by what the watcher calls
	file     string
	store    *sqlite.Journal
	problems map[string]Problem // by key
	blind    []string
	deaf     bool // nobody is to be told
	channel  string
	broken   *broken
	log      bytes.Buffer
	watcher  *Watcher
	stop     func()
}

// broken is a journal of which some calls fail.
type broken struct {
	*sqlite.Journal

	mu            *sync.Mutex
	appends, sets error
}

func (b *broken) fails(err *error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return *err
}

func (b *broken) Append(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
	if err := b.fails(&b.appends); err != nil {
		return journal.Appended{}, err
	}
	return b.Journal.Append(ctx, in)
}

func (b *broken) SetIncident(ctx context.Context, in journal.Incident) error {
	if err := b.fails(&b.sets); err != nil {
		return err
	}
	return b.Journal.SetIncident(ctx, in)
}

// Write takes the watcher's log.
func (r *rig) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(line)
}

// play runs a test in a bubble of time, with a watcher that has looked once.
func play(t *testing.T, test func(*rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, file: filepath.Join(t.TempDir(), "journal.db"), problems: map[string]Problem{}}
		r.mu.Lock()
		r.start()
		defer r.end()
		test(r)
	})
}

// start begins as a new process does.
func (r *rig) start() {
	r.Helper()
	store, err := sqlite.Open(r.Context(), r.file, sqlite.Options{})
	if err != nil {
		r.Fatal(err)
	}
	r.store, r.broken = store, &broken{Journal: store, mu: &r.mu}
	r.watcher = New(Config{
		Journal: r.broken, Logger: slog.New(slog.NewTextHandler(r, nil)),
		Listens: func() string {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.deaf {
				return ""
			}
			return "slack:" + r.channel
		},
		Look: func(context.Context) Sight {
			r.mu.Lock()
			defer r.mu.Unlock()
			seen := Sight{Blind: r.blind}
			for _, p := range r.problems {
				seen.Problems = append(seen.Problems, p)
			}
			return seen
		},
		Begins: func(p Problem, waiting int64) Words {
			words := Words{Title: p.Key + " stopped", Over: p.Key + " goes on", Lines: []Line{{"Why", p.Why}, {"Means", fmt.Sprintf("%d wait", waiting)}}}
			if strings.HasPrefix(p.Key, "slack") {
				words.Silences = "slack:"
			}
			return words
		},
		Ends: func(_ string, _ []string, peak, waiting int64) []Line {
			return []Line{{"Means", fmt.Sprintf("%d waited, %d wait", peak, waiting)}}
		},
	})
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.watcher.Run(ctx)
	}()
	r.stop = func() {
		cancel()
		<-done
	}
	r.pass(time.Second)
}

// end ends as a process that is told to.
func (r *rig) end() {
	r.Helper()
	r.mu.Unlock()
	r.stop()
	r.mu.Lock()
	if err := r.store.Close(); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) wrong(p Problem)  { r.problems[p.Key] = p }
func (r *rig) right(key string) { delete(r.problems, key) }

func (r *rig) pass(d time.Duration) {
	r.mu.Unlock()
	time.Sleep(d)
	r.mu.Lock()
}

// told returns what the events say, oldest first: "Stopped google stopped | Why: quota | Means: 0 wait".
func (r *rig) told() []string {
	r.Helper()
	found, err := r.store.Events(r.Context(), journal.Filter{Limit: 1000})
	if err != nil {
		r.Fatal(err)
	}
	var all []string
	for _, s := range slices.Backward(found) {
		m := r.message(s.Entry.Number)
		text := []string{string(m.Phase) + " " + m.Title}
		for _, l := range m.Lines {
			text = append(text, l.Label+": "+l.Text)
		}
		all = append(all, strings.Join(text, " | "))
	}
	return all
}

// message reads the message of an event, as delivery does.
func (r *rig) message(number int64) Message {
	r.Helper()
	story, err := r.store.Story(r.Context(), number)
	if err != nil {
		r.Fatal(err)
	}
	e, err := ppm.Decode(story.Entry.Body, story.Entry.Type)
	if err != nil {
		r.Fatal(err)
	}
	m, ok := Read(e)
	if !ok || !e.Type.Own() || e.Entity.ID != "" || e.Entity.Name != m.Title {
		r.Errorf("got %+v, want an event of our own that names no entity", e)
	}
	return m
}

func (r *rig) want(lines ...string) {
	r.Helper()
	if got := r.told(); !slices.Equal(got, lines) {
		r.Errorf("got told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func (r *rig) rows() []journal.Incident {
	r.Helper()
	rows, err := r.store.Incidents(r.Context(), journal.IncidentFilter{Limit: 1000})
	if err != nil {
		r.Fatal(err)
	}
	return rows
}
