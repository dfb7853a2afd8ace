package recovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Journal is the part of the journal that recovery needs.
type Journal interface {
	journal.Recoverer
	Entity(ctx context.Context, id string) (journal.EntityState, error)
	Recollect(ctx context.Context, name string) ([]byte, error)
	Remember(ctx context.Context, name string, value []byte) error
}

// Reader is what recovery asks of PPM Express. Each call hands over its elements one at a time. Its errors are
// *ppm.CallError, or those of each.
type Reader interface {
	Projects(ctx context.Context, each func(ppm.Element) error) error
	Ideas(ctx context.Context, each func(ppm.Element) error) error
	Programs(ctx context.Context, each func(ppm.Element) error) error
	Portfolios(ctx context.Context, each func(ppm.Element) error) error
	Tasks(ctx context.Context, project string, each func(ppm.Element) error) error
	KeyDates(ctx context.Context, project string, each func(ppm.Element) error) error
}

// Timing says how long things take. Zero fields have the defaults.
type Timing struct {
	Pace   time.Duration // from the begin of one request to that of the next; 700 ms
	Again  time.Duration // between the two readings of a suspect, and until a broken chain is looked at; 60 s
	Settle time.Duration // from the end of a gap to the sweep for it, so that what is only late arrives; 10 s
	Beat   time.Duration // of the heart; 30 s
	First  time.Duration // how long the first reading waits for events to come; 1 min
	Retry  time.Duration // after a failure, doubled with each, up to 60 times as long; 5 s
}

func (t Timing) withDefaults() Timing {
	fill := func(d *time.Duration, usual time.Duration) {
		if *d == 0 {
			*d = usual
		}
	}
	fill(&t.Pace, 700*time.Millisecond)
	fill(&t.Again, time.Minute)
	fill(&t.Settle, 10*time.Second)
	fill(&t.Beat, 30*time.Second)
	fill(&t.First, time.Minute)
	fill(&t.Retry, 5*time.Second)
	return t
}

// Config is what a Recovery needs.
type Config struct {
	Journal Journal
	Reader  Reader      // nil: nothing can be read, gaps stay open
	Wake    func()      // there are new events to plan; it must not block
	Covered func() bool // whether events come; the first reading waits for it, as long as Timing says. Nil = they do
	Logger  *slog.Logger
	Timing  Timing
}

// Recovery records gaps and closes them. Its methods may be called at any time from anywhere; Run once.
type Recovery struct {
	journal Journal
	reader  Reader // that is asked by the sweep under way
	wake    func()
	covered func() bool
	began   time.Time // when Run did
	log     *slog.Logger
	timing  Timing
	started chan struct{} // there may be something to sweep for
	last    time.Time     // when the last request began
	steps   int           // that were done, and are not done again: stages, projects, rounds
	failing failing

	wishing  sync.Mutex // held while wishes are read, written, or granted; before mu
	recalled bool       // the journal said which there are

	mu      sync.Mutex
	uses    Reader         // that is to be asked; nil = nothing can be read
	other   chan struct{}  // closed when another one is
	held    []journal.Gap  // that could not be written yet
	asked   []wish         // in their order
	sweep   *journal.Sweep // under way; nil = none
	begun   time.Time      // when this process took it up
	before  int            // its requests then
	trouble string         // why it does not go on; empty = it does
	since   time.Time
	lines   []Line // of the last rehearsal
}

// New returns a Recovery that does nothing before Run.
func New(config Config) *Recovery {
	return &Recovery{
		journal: config.Journal, uses: config.Reader, other: make(chan struct{}), wake: config.Wake, covered: config.Covered, log: config.Logger, timing: config.Timing.withDefaults(),
		started: make(chan struct{}, 1),
	}
}

// Run records that this program did not run before, if so, keeps its heart beating, and makes the sweeps that are
// needed, until ctx ends. It is to begin as soon as events are taken.
func (r *Recovery) Run(ctx context.Context) {
	r.began = time.Now()
	var running sync.WaitGroup
	running.Go(func() { r.keep(ctx) })
	running.Go(func() { r.readings(ctx) })
	running.Wait()
}

// Read makes another reader the one that is asked from now on; nil: nothing can be read. It does not wait. A sweep that is
// under way goes on with it where it stands.
func (r *Recovery) Read(reader Reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.uses = reader
	close(r.other)
	r.other = make(chan struct{})
}

// asks returns who is to be asked, and what is closed when that changes.
func (r *Recovery) asks() (Reader, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.uses, r.other
}

// readings makes sweeps, with one reader after the other, until ctx ends.
func (r *Recovery) readings(ctx context.Context) {
	for ctx.Err() == nil {
		reader, other := r.asks()
		r.forget()
		running, stop := context.WithCancel(ctx)
		var sweeping sync.WaitGroup
		if r.reader = reader; reader != nil {
			sweeping.Go(func() { r.sweeps(running) })
		}
		select {
		case <-ctx.Done():
		case <-other:
		}
		stop()
		sweeping.Wait()
	}
}

// KnownSince returns when PPM Express began to be read, or to tell: what changed since, and was told by nobody, was missed.
// Zero means that nothing is known yet.
func (r *Recovery) KnownSince(ctx context.Context) (time.Time, error) {
	at, err := r.journal.KnownSince(ctx)
	if errors.Is(err, journal.ErrNotFound) {
		return time.Time{}, nil
	}
	return at, err
}

// Record writes a gap down. Where that fails it is the caller's to try again.
func (r *Recovery) Record(ctx context.Context, gap journal.Gap) error {
	if err := r.journal.RecordGap(ctx, gap); err != nil {
		return fmt.Errorf("recording a gap: %w", err)
	}
	r.look()
	return nil
}

// Missed notes a gap without waiting for the journal, which may be what fails.
func (r *Recovery) Missed(gap journal.Gap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.held {
		h := &r.held[i]
		if h.Cause == gap.Cause && len(h.Types) == 0 == (len(gap.Types) == 0) && (len(h.Types) == 0 || h.Types[0] == gap.Types[0]) {
			h.Detail = gap.Detail
			if gap.Since.Before(h.Since) {
				h.Since = gap.Since
			}
			if gap.Until.After(h.Until) {
				h.Until = gap.Until
			}
			return
		}
	}
	r.held = append(r.held, gap)
}

// look makes the sweeper look whether something is to be done.
func (r *Recovery) look() {
	select {
	case r.started <- struct{}{}:
	default: // it will look anyway
	}
}

// rest waits, and reports whether ctx still runs.
func rest(ctx context.Context, while time.Duration) bool {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
