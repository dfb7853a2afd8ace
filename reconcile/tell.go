package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

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
