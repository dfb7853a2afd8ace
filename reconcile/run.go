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

	"github.com/ppmrelay/ppmrelay/ppm"
)

// How soon a pass that failed is made again: the pause doubles from the first to the last. The schedule may be sooner.
const (
	firstPause = 10 * time.Second
	lastPause  = 5 * time.Minute
)

// Config is what a Reconciler needs. All of it is required.
type Config struct {
	Registry Registry
	Wanted   []ppm.Webhook // as Wanted makes them
	Schedule cron.Schedule // when passes are made, beside the one at the start
	Logger   *slog.Logger
}

// Report is what became of a pass.
type Report struct {
	Began  time.Time
	Ended  time.Time
	Steps  []Step // the plan; nil when the list could not be read
	Done   []Step // what was created
	Failed error  // nil when every step was carried out
}

// Reconciler makes passes. Its methods may be called at any time from anywhere.
type Reconciler struct {
	config Config

	passing sync.Mutex // held during a pass: there is never more than one
	created made       // by this process
	unseen  made       // of these, what was created last, until one of them is listed
	renamed made       // of these, what is listed under another address and was told

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
	schedule.Schedule(r.config.Schedule, job)
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

// Pass makes one pass and returns what became of it. What a pass that ctx broke off found out is not kept.
func (r *Reconciler) Pass(ctx context.Context) Report {
	r.passing.Lock()
	defer r.passing.Unlock()
	report := Report{Began: time.Now()}
	registered, err := r.config.Registry.Webhooks(ctx)
	if err == nil {
		r.see(registered)
		report.Steps = plan(r.config.Wanted, registered, r.created)
		err = r.unlisted(report.Steps)
	}
	if err == nil {
		report.Done, err = Apply(ctx, r.config.Registry, report.Steps)
		r.remember(ctx, report.Done)
	}
	report.Failed, report.Ended = err, time.Now()
	r.tellRenamed(ctx, report.Steps)
	r.tell(ctx, report)
	return report
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
		log.InfoContext(ctx, "webhook registered", "type", step.Type, "webhook_id", step.Webhook.ID, "url", step.Webhook.Address())
	}
	if ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	before := r.problems
	r.last, r.problems = report, problemsOf(report, before)
	r.tally = r.tally.and(report)
	now := r.problems
	r.mu.Unlock()
	for _, problem := range now {
		if !slices.ContainsFunc(before, problem.same) {
			log.WarnContext(ctx, "webhooks need attention", "problem", problem.Why)
		}
	}
	if len(before) > 0 && len(now) == 0 {
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

// cronLog writes what the library says: nothing but panics.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, _ string, details ...any) {
	l.log.Error("a pass over the webhooks ended with an error in this program", "error", err, "details", fmt.Sprint(details...))
}
