package reconcile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// How soon a pass that failed is made again: the pause doubles from the first to the last. The schedule may be sooner.
const (
	firstPause = 10 * time.Second
	lastPause  = 5 * time.Minute
)

// Config is what a Reconciler needs. What is not called optional is required.
type Config struct {
	Registry Registry
	Wanted   []ppm.Webhook // as Wanted makes them
	Secrets  []string      // optional: all that are accepted; the first is that of Wanted
	Former   []string      // optional: each public_url that live reloads have given up
	Memory   Memory
	Turn     *sync.Mutex                              // optional: held during a pass, by all that share the memory
	Schedule cron.Schedule                            // when passes are made, beside the one at the start
	Gap      func(context.Context, Gap) error         // takes a gap that is over; called again until it returns nil; nil = the next Reconciler hands it on
	Known    func(context.Context) (time.Time, error) // optional: since when changes can be missed, for types of which events never came; zero = not yet
	Logger   *slog.Logger
}

// Report is what became of a pass.
type Report struct {
	Began  time.Time
	Ended  time.Time
	Used   int    // webhooks of the tenant, before the pass
	Steps  []Step // the plan; nil when the list could not be read
	Done   []Step // what was carried out; of Create, Webhook is what was created; of Replace, Wanted is
	Failed error  // nil when every step was carried out
}

// Reconciler makes passes. Its methods may be called at any time from anywhere. What it knows is in its Memory: another
// one, with another Config, goes on where it stopped.
type Reconciler struct {
	config Config

	passing  *sync.Mutex // held during a pass: there is never more than one
	state    state
	known    bool     // the state was read
	left     []string // addresses that a reload gave up since the last pass
	unsaved  error    // why the state could not be written
	creating bool     // this pass has created something
	asked    bool     // whose token it is, since the start
	renamed  []string

	mu       sync.Mutex
	last     Report
	tally    Tally
	problems []Problem
}

// Tally counts the passes that were not broken off.
type Tally struct {
	Good     int64 // every step was carried out
	Bad      int64
	LastGood time.Time // when the last of the good ones ended; zero before
}

// New returns a reconciler that has not made a pass yet.
func New(config Config) *Reconciler {
	return &Reconciler{config: config, passing: cmp.Or(config.Turn, new(sync.Mutex))}
}

// Run makes a pass, and then one whenever the schedule says so, until ctx ends and the last pass with it. A pass that
// is due while another is under way, or waits to be made again, is left out.
func (r *Reconciler) Run(ctx context.Context) {
	// In this order: a panic that came through SkipIfStillRunning of v3.0.1 would make it skip for ever.
	job := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(cronLog{r.config.Logger})).
		Then(cron.FuncJob(func() { r.passes(ctx) }))
	schedule := cron.New()
	schedule.Schedule(Spread(EveryDay(r.config.Schedule)), job)
	schedule.Start()
	job.Run()
	<-ctx.Done()
	<-schedule.Stop().Done()
}

// passes makes one pass, and others as long as it fails for a reason that may pass by itself.
func (r *Reconciler) passes(ctx context.Context) {
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, lastPause) {
		report := r.Pass(ctx)
		failed, ok := errors.AsType[*ppm.CallError](report.Failed)
		if !ok || !failed.Temporary() {
			return
		}
		if !r.wait(ctx, pause, failed.RetryAfter) {
			return
		}
	}
}

// wait waits for the pause or until the schedule is due, whatever is sooner, but never less than was asked for. It
// reports whether ctx is still alive.
func (r *Reconciler) wait(ctx context.Context, pause, asked time.Duration) bool {
	if due := r.config.Schedule.Next(time.Now()); !due.IsZero() {
		pause = min(pause, time.Until(due))
	}
	timer := time.NewTimer(max(pause, asked))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// request is what a pass is asked to do.
type request struct {
	byHand bool
	dry    bool
	only   []event.Type // nil = all
}

// Pass makes one pass and returns what became of it. What a pass that ctx broke off found out is not kept.
func (r *Reconciler) Pass(ctx context.Context) Report { return r.pass(ctx, request{}) }

// Apply makes a pass because a person asks for it: that may also delete what was registered under a former address,
// whatever it was replaced before, and create once more what was created and never listed. Types narrow it; none = all.
func (r *Reconciler) Apply(ctx context.Context, types ...event.Type) Report {
	return r.pass(ctx, request{byHand: true, only: types})
}

// Plan returns what Pass would do, or what Apply would do. Nothing is changed.
func (r *Reconciler) Plan(ctx context.Context, byHand bool) Report {
	return r.pass(ctx, request{byHand: byHand, dry: true})
}

func (r *Reconciler) pass(ctx context.Context, how request) Report {
	r.passing.Lock()
	defer r.passing.Unlock()
	report := Report{Began: time.Now()}
	report.Failed = r.recollect(ctx)
	if report.Failed == nil {
		r.creating = false
		r.state.notAfter(time.Now().Round(0))
		if how.byHand {
			r.state.Unseen, r.state.Blind = nil, 0
		}
		r.work(ctx, how, &report)
	}
	if len(r.left) > 0 && !how.dry && ctx.Err() == nil {
		r.left = nil // whether what is there at the next pass brought anything since, nobody knows
		r.save(ctx)
	}
	report.Ended = time.Now()
	if !how.dry {
		r.tellRenamed(ctx, report.Steps)
		r.tell(ctx, report)
	}
	return report
}

// work is the pass itself.
func (r *Reconciler) work(ctx context.Context, how request, report *Report) {
	registered, err := r.list(ctx)
	report.Used = len(registered)
	if err != nil {
		report.Failed = r.explain(ctx, err, how)
		return
	}
	report.Steps = Plan(r.situation(registered, how))
	if !how.dry {
		r.settle(report.Steps, time.Now()) // all types, whichever are asked for
	}
	if len(how.only) > 0 {
		report.Steps = slices.DeleteFunc(report.Steps, func(s Step) bool { return !slices.Contains(how.only, s.Type) })
	}
	if how.dry {
		return
	}
	if err = r.unlisted(report.Steps); err == nil {
		report.Done, err = r.apply(ctx, report.Steps, registered)
	}
	if r.creating {
		if listed, err := r.config.Registry.Webhooks(ctx); err == nil { // else the next pass sees
			r.see(listed)
		}
	}
	if ctx.Err() == nil {
		r.askToken(ctx)
		r.state.Last = time.Now()
	}
	r.handOn(ctx)
	r.tidy(time.Now())
	r.save(ctx)
	report.Failed = r.explain(ctx, err, how)
}

// unlisted is why nothing more is created, if that is so.
func (r *Reconciler) unlisted(steps []Step) error {
	creates := func(s Step) bool { return s.Action == Create || s.Action == Replace }
	if len(r.state.Unseen) == 0 || !slices.ContainsFunc(steps, creates) {
		return nil
	}
	if r.state.Blind == 0 && time.Since(r.state.Unseen[0].Created) > staleMost { // it may have been deleted before anybody looked
		r.state.Unseen, r.state.Blind = nil, 1
		return nil
	}
	types := make([]event.Type, len(r.state.Unseen))
	for i, known := range r.state.Unseen {
		types[i] = known.Type
	}
	return errors.New("PPM Express said that webhooks were created for " + join(types) + ", but lists none of them, neither by id " +
		"nor by address; no more are created until one of them is listed or a person asks for it: see ppmrelay webhooks list, then ppmrelay webhooks apply")
}
