package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// ErrStop is the cause with which attempts are cancelled that outlast Config.Grace after a stop.
var ErrStop = errors.New("ppmrelay is stopping")

// Journal is the part of the journal that delivery needs.
type Journal interface {
	Unplanned(ctx context.Context, limit int) ([]journal.Entry, error)
	Plan(ctx context.Context, plans []journal.Planned) error
	Entity(ctx context.Context, id string) (journal.EntityState, error)
	Previous(ctx context.Context, entity string, before int64, limit int) ([]journal.Entry, error)
	Recovered(ctx context.Context, entity string, limit int) ([]journal.Entry, error)
	Story(ctx context.Context, number int64) (journal.Story, error)
	Replay(ctx context.Context, plans []journal.Planned) ([]journal.NewDelivery, error)
	Targets(ctx context.Context) ([]journal.TargetState, error)
	SetTarget(ctx context.Context, state journal.TargetState) error
	Queue(ctx context.Context, target string, limit int) ([]journal.Waiting, error)
	End(ctx context.Context, at time.Time, endings []journal.Ending) error
	Begin(ctx context.Context, effect journal.Effect) error
	OpenEffects(ctx context.Context) ([]journal.Effect, error)
	Settle(ctx context.Context, settlement journal.Settlement) error
}

// Words puts events into what a target is told. It never fails: what cannot be said well is said plainly.
type Words interface {
	// Say tells events of one target and route, oldest first. Every event is in exactly one of the answers; all
	// events of an entity that are told are told in their order.
	Say(events []event.Event) []Said
}

// Said is something to tell, or the reason why nothing is.
type Said struct {
	sinks.Item

	Skip string // why Item.Events are not told; empty = they are
}

// Route decides which events a target is told, and in which words. The first route in order that takes an event owns
// its target for that event.
type Route struct {
	Name   string
	Target string
	Match  Match
	Words  Words
	Urgent bool // told before everything else of the target, behind what waits of the same entity, and never merged
	Own    bool // asked about what the relay says of itself, and about nothing else; all others are asked about all else
}

// Match says why a route does not take an event, in plain words; nothing when it does. An error means that this could
// not be decided: then the event is told, since a broken condition must not cost a message.
type Match func(e event.Event) (why string, err error)

// Target is one place to tell things to: a channel, a tab, a file. Its lane and its service follow from its ID.
type Target struct {
	ID       string                      // how the journal names it: "slack:C0123456789"
	Lane     string                      // what takes one request at a time: "sheet:1AbC"
	Service  string                      // what its credentials open: "slack"; it stops as a whole. Empty = the ID
	Most     int                         // most deliveries in one effect, above 0
	Resend   bool                        // where nobody can tell whether an attempt happened, tell it again: it may double
	Pace     func(context.Context) error // returns when the next write is allowed; nil = at once
	Fallback Words                       // for deliveries whose route left the configuration; nil = those of its first route
	Sink     sinks.Sink                  // in a reload: the same one = reached as before
}

// Config is what New needs.
type Config struct {
	Journal Journal
	Routes  []Route
	Targets []Target
	Logger  *slog.Logger
	Grace   time.Duration // how long running attempts may go on after a stop; 0 = 20 s
}

// Delivery plans and delivers. Run it once; Reload gives it other routes and targets while it runs.
type Delivery struct {
	journal Journal
	log     *slog.Logger
	grace   time.Duration
	wake    chan struct{} // to the planner: there are new events

	scheme   atomic.Pointer[scheme]
	planning chan struct{} // has room for whoever plans and commits by a scheme, or puts another in its place
	resumed  chan struct{} // closed when what an earlier process left is taken over
	start    func(*lane)   // starts a lane; nil before the first one runs, and when no more may. Changed in planning

	faults faults
}

// New builds the lanes. Every route's target must be among the targets.
func New(cfg Config) (*Delivery, error) {
	d := &Delivery{
		journal: cfg.Journal, log: cfg.Logger, grace: cfg.Grace, wake: make(chan struct{}, 1),
		planning: make(chan struct{}, 1), resumed: make(chan struct{}),
	}
	if d.grace == 0 {
		d.grace = 20 * time.Second
	}
	first, orders, err := d.design(&scheme{}, cfg.Routes, cfg.Targets)
	if err != nil {
		return nil, err
	}
	d.put(first, orders)
	return d, nil
}

// Wake tells the planner that there are new events. It never blocks.
func (d *Delivery) Wake() { nudge(d.wake) }

// Run resumes what an earlier process left, then plans and delivers until ctx ends. From then on nothing new is begun;
// running attempts may finish within the grace period, then they are cancelled with ErrStop and stay open for the next
// start to look up. Run returns when every lane has ended.
func (d *Delivery) Run(ctx context.Context) error {
	if err := d.resume(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped before anything was begun: the next start resumes
		}
		return fmt.Errorf("resuming deliveries: %w", err)
	}
	attempts, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stopGrace := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d.grace, func() { cancel(ErrStop) })
		context.AfterFunc(attempts, func() { timer.Stop() })
	})
	defer stopGrace()

	var running sync.WaitGroup
	running.Go(func() { d.planAll(ctx) })
	d.start = func(l *lane) { running.Go(func() { l.run(ctx, attempts) }) }
	for _, l := range d.scheme.Load().lanes {
		d.start(l)
	}
	close(d.resumed)
	<-ctx.Done()
	d.planning <- struct{}{}
	d.start = nil // what is waited for below must not become more
	<-d.planning
	running.Wait()
	return nil
}

// nudge makes sure that whoever waits on c looks once more.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// pause waits, and reports whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// persist repeats a write to the journal until it succeeds, since what it writes has already happened. It gives up
// when ctx ends, or when the journal refuses for good: then the next start finds the effect open and looks it up.
func (d *Delivery) persist(ctx context.Context, what string, write func(context.Context) error) error {
	for failures := 1; ; failures++ {
		err := write(context.WithoutCancel(ctx))
		if err == nil {
			return nil
		}
		d.log.ErrorContext(ctx, "the journal refuses a write", "write", what, "failures", failures, "error", err)
		if errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrClosed) || !pause(ctx, backoff(failures)) {
			return err
		}
	}
}
