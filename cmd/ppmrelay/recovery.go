package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/reconcile"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
)

// rescuer finds what changed while no event could tell it.
type rescuer struct {
	*recovery.Recovery

	store metered
	uses  *config.PPMExpress // that it reads by; nil = it cannot
}

// newRescuer reads PPM Express as the configuration says. Where it has no section for it, gaps are recorded and stay open.
func newRescuer(store metered, cfg *config.Config, wake func(), covered func() bool, timing recovery.Timing, log *slog.Logger) *rescuer {
	uses := recovery.Config{Journal: store, Wake: wake, Covered: covered, Logger: log, Timing: timing}
	if cfg.PPMExpress != nil {
		uses.Reader = newClient(cfg)
	}
	return &rescuer{Recovery: recovery.New(uses), store: store, uses: cfg.PPMExpress}
}

// follow makes it read as a configuration says. Where it says nothing new about PPM Express, nothing happens.
func (r *rescuer) follow(cfg *config.Config) {
	if reflect.DeepEqual(cfg.PPMExpress, r.uses) {
		return
	}
	r.uses = cfg.PPMExpress
	if r.uses == nil {
		r.Read(nil)
		return
	}
	r.Read(newClient(cfg))
}

// unregistered takes a gap of the registrar.
func (r *rescuer) unregistered(ctx context.Context, gap reconcile.Gap) error {
	return r.Record(ctx, journal.Gap{
		Cause: journal.CauseMissing, Types: gap.Types, Since: gap.Since, Until: gap.Until, Detail: gap.Cause,
	})
}

// refused takes an event that was answered with 413 or 503.
func (r *rescuer) refused(kind event.Type, at time.Time, why string) {
	gap := journal.Gap{Cause: journal.CauseRefused, Since: at, Until: at, Detail: why}
	if kind != "" {
		gap.Types = []event.Type{kind}
	}
	r.Missed(gap)
}

// problems tells why missed changes are not looked for, and what the last look left out.
func (r *rescuer) problems(ctx context.Context) (all []handlers.Problem) {
	if status := r.Status(); status.Trouble != "" {
		all = append(all, handlers.Problem{
			Key: keyMissed, Part: "missed changes", Why: "looking for them waits, and is tried again: " + status.Trouble, Since: status.Since,
		})
	}
	sweeps, err := r.store.Sweeps(ctx, sweepsSearched)
	if err != nil {
		return all // another probe says that the journal cannot be read
	}
	if left := incomplete(sweeps); left != nil {
		why := strings.Join(leftOut(sweepOut(*left)), "; ") + "; ppmrelay backfill reads it again"
		all = append(all, handlers.Problem{Key: keyLeftOut, Part: "missed changes", Why: why, Since: left.Ended})
	}
	return all
}

// incomplete returns the newest of the sweeps that ended and closed gaps, newest first, if it left something out; else
// nil. An element of a list that is not understood is no loss that anybody could make good.
func incomplete(sweeps []journal.Sweep) *journal.Sweep {
	i := slices.IndexFunc(sweeps, func(s journal.Sweep) bool {
		return !s.Ended.IsZero() && (s.Mode == journal.Compare || s.Mode == journal.Adopt)
	})
	if i < 0 {
		return nil
	}
	if p := sweeps[i].Progress; p.Unreadable == 0 && !p.IdeasRefused && p.Restless == 0 {
		return nil
	}
	return &sweeps[i]
}

const (
	newestSweeps   = 10  // readings that a command hears of
	sweepsSearched = 100 // for the newest one that was no rehearsal
)

// Backfill asks for a reading of all of PPM Express.
func (o *operator) Backfill(ctx context.Context, ask control.Backfill) (control.Backfilling, error) {
	mode := journal.Compare
	switch {
	case ask.AsBaseline && ask.Dry:
		return control.Backfilling{}, control.Usage(errors.New("--as-baseline tells nobody: there is nothing to rehearse with --dry"))
	case ask.AsBaseline:
		mode = journal.Adopt
	case ask.Dry:
		mode = journal.Rehearse
	}
	sweeps, err := o.rescuer.store.Sweeps(ctx, 1)
	if err != nil {
		return control.Backfilling{}, err
	}
	done := control.Backfilling{Mode: string(mode)}
	if len(sweeps) > 0 {
		done.After = sweeps[0].Number
	}
	if err := o.rescuer.Ask(ctx, mode); errors.Is(err, recovery.ErrNoAPI) {
		return done, control.Usage(err)
	} else if err != nil {
		return done, err
	}
	o.log.InfoContext(ctx, "a reading of PPM Express was asked for", "mode", mode)
	return done, nil
}

// Recovery says how the search for missed changes is doing.
func (o *operator) Recovery(ctx context.Context, _ control.Recovery) (control.RecoveryState, error) {
	waiting, err := o.rescuer.Waiting(ctx) // first: what begins meanwhile is in both, rather than in none
	if err != nil {
		return control.RecoveryState{}, err
	}
	sweeps, err := o.rescuer.store.Sweeps(ctx, newestSweeps)
	if err != nil {
		return control.RecoveryState{}, err
	}
	status := o.rescuer.Status()
	state := control.RecoveryState{
		Sweeps: []control.Sweep{}, Waiting: waiting, Rate: status.Rate, Left: status.Left, Trouble: status.Trouble,
		Lines: []control.Difference{},
	}
	for _, s := range sweeps {
		if status.Sweep != nil && status.Sweep.Number == s.Number {
			s.Stage, s.Progress = status.Sweep.Stage, status.Sweep.Progress
		}
		state.Sweeps = append(state.Sweeps, sweepOut(s))
	}
	for _, l := range status.Lines {
		state.Lines = append(state.Lines, control.Difference{Sort: string(l.Sort), Kind: l.Kind, ID: l.ID, Name: l.Name, Fields: l.Fields})
	}
	return state, nil
}

func sweepOut(s journal.Sweep) control.Sweep {
	p := s.Progress
	return control.Sweep{
		Number: s.Number, Mode: string(s.Mode), Stage: string(s.Stage), Began: s.Began, Ended: s.Ended, Requests: p.Requests, Entities: p.Entities,
		Projects: p.Projects, Visited: p.Visited, Unreadable: p.Unreadable, Adopted: p.Adopted, Differ: p.Differ, Updated: p.Updated,
		Created: p.Created, Hidden: p.Hidden, Visible: p.Visible, Odd: p.Odd, Restless: p.Restless, IdeasRefused: p.IdeasRefused,
	}
}

// leftOut says what a reading could not make anything of.
func leftOut(s control.Sweep) (all []string) {
	if s.Unreadable > 0 {
		all = append(all, fmt.Sprintf("the tasks and key dates of %s could not be read", count1(s.Unreadable, "project")))
	}
	if s.IdeasRefused {
		all = append(all, "ideas could not be read")
	}
	if s.Odd > 0 {
		all = append(all, count1(s.Odd, "element")+" of lists could not be understood")
	}
	if s.Restless > 0 {
		all = append(all, fmt.Sprintf("no two readings of %s agreed", count1(s.Restless, "changed item")))
	}
	return all
}
