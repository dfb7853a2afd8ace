package reconcile

import (
	"context"
	"errors"
	"fmt"
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
	Former   string        // optional: the public_url that a live reload has just given up
	Memory   Memory
	Schedule cron.Schedule                    // when passes are made, beside the one at the start
	Gap      func(context.Context, Gap) error // optional: takes a gap that is over; called again until it returns nil
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

	passing  sync.Mutex // held during a pass: there is never more than one
	state    state
	known    bool  // the state was read
	unsaved  error // why the state could not be written
	creating bool  // this pass has created something
	asked    bool  // whose token it is, since the start
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
func New(config Config) *Reconciler { return &Reconciler{config: config} }

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
		if how.byHand {
			r.state.Unseen, r.state.Blind = nil, 0
		}
		r.work(ctx, how, &report)
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
	if len(how.only) > 0 {
		report.Steps = slices.DeleteFunc(report.Steps, func(s Step) bool { return !slices.Contains(how.only, s.Type) })
	}
	if how.dry {
		return
	}
	r.settle(report.Steps, time.Now())
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

// Last returns the last pass that was not broken off; the zero Report before the first.
func (r *Reconciler) Last() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// Tally counts the passes since the start.
func (r *Reconciler) Tally() Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally
}

// Problems returns what is wrong with the webhooks since the last pass, for /readyz. None means that all is well, or
// that no pass has ended yet.
func (r *Reconciler) Problems() []Problem {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.problems)
}

// tell keeps a report, and logs what is new in it.
func (r *Reconciler) tell(ctx context.Context, report Report) {
	log := r.config.Logger
	for _, step := range report.Done {
		switch w := step.Webhook; step.Action {
		case Create:
			log.InfoContext(ctx, "webhook registered", "type", step.Type, "webhook_id", w.ID, "url", w.Address())
		case Replace:
			log.InfoContext(ctx, "webhook replaced", "type", step.Type, "webhook_id", step.Wanted.ID, "replaced_id", w.ID, "reason", step.Why)
		case Remove:
			log.InfoContext(ctx, "webhook removed", "type", step.Type, "webhook_id", w.ID, "reason", step.Why)
		case Keep, Leave, NoRoom, Foreign:
		}
	}
	if ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	before := r.problems
	found := problemsOf(report, before, r.worries(report.Ended, report)...)
	r.last, r.problems = report, found
	r.tally = r.tally.and(report)
	r.mu.Unlock()
	for _, problem := range found {
		if !slices.ContainsFunc(before, problem.same) {
			log.WarnContext(ctx, "webhooks need attention", "problem", problem.Why)
		}
	}
	if len(before) > 0 && len(found) == 0 {
		log.InfoContext(ctx, "webhooks are in order again", "since", before[0].Since.UTC().Format(time.RFC3339))
	}
}

// and counts one pass more.
func (t Tally) and(report Report) Tally {
	if report.Failed != nil {
		t.Bad++
		return t
	}
	t.Good++
	t.LastGood = report.Ended
	return t
}

// tellRenamed says once of each webhook that it is not listed as it was created.
func (r *Reconciler) tellRenamed(ctx context.Context, steps []Step) {
	var types []event.Type
	note := ""
	for _, step := range steps {
		if step.Action == Keep && step.Why != "" && !slices.Contains(r.renamed, step.Webhook.ID) {
			r.renamed = append(r.renamed, step.Webhook.ID)
			types, note = append(types, step.Type), step.Why
		}
	}
	if len(types) > 0 {
		r.config.Logger.WarnContext(ctx, "webhooks are listed in another form than they were created in", "types", join(types), "note", note)
	}
}

// cronLog writes what the library says: nothing but panics.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, _ string, details ...any) {
	l.log.Error("a pass over the webhooks ended with an error in this program", "error", err, "details", fmt.Sprint(details...))
}
