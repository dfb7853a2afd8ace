package delivery_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/journal"
)

// process is one life: it counts operations and dies at the one that the scenario names. From then on nothing that the
// daemon does reaches the file or a target. Its clock is wrong by jump: what it writes down and reads again is shifted.
type process struct {
	*world
	journal.Journal

	death  death
	ctx    context.Context // of the life
	kill   context.CancelFunc
	daemon atomic.Pointer[delivery.Delivery]
	begun  sync.WaitGroup // reloads
	done   int            // operations
	jump   time.Duration
	disk   *disk // nil unless the whole machine dies
}

func (p *process) dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isDead()
}

func (p *process) isDead() bool { return p.death.Operation > 0 && p.done >= p.death.Operation }

// operate does one operation, unless the process is dead or dies before it.
func (p *process) operate(name string, do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isDead() {
		return errDead
	}
	p.done++
	p.operations++
	p.loadDue()
	if p.isDead() {
		p.kill()
		defer p.disk.fail(p)
		if !p.death.After {
			p.note("died before %s", name)
			return errDead
		}
	}
	if p.fails(name, false) {
		return errDisk
	}
	err := do()
	p.note("%s: %v", name, err)
	if err == nil && p.fails(name, true) {
		return errDisk
	}
	if p.isDead() {
		p.note("died after %s", name)
		return errDead
	}
	if err == nil {
		p.disk.acknowledge(p)
	}
	return err
}

// fails reports whether the current operation is one of the journal that answers with an error.
func (p *process) fails(name string, after bool) bool {
	if slices.Contains([]string{"perform", "recall", "told"}, strings.Fields(name)[0]) {
		return false
	}
	at := slices.IndexFunc(p.Errors, func(d death) bool { return d.Operation == p.done && d.After == after })
	if at < 0 {
		return false
	}
	p.Errors = slices.Delete(slices.Clone(p.Errors), at, at+1)
	p.note("%s: answers with an error, after it happened: %t", name, after)
	return true
}

func (p *process) Append(ctx context.Context, in journal.Incoming) (got journal.Appended, err error) {
	if p.bug == acknowledgesBeforeCommit {
		p.mu.Lock()
		dies := p.done+1 == p.death.Operation
		p.mu.Unlock()
		if dies {
			_ = p.operate("append", func() error { return errDead })
			return journal.Appended{ID: "gone", Number: 1 << 40}, nil
		}
	}
	err = p.operate("append", func() error {
		in.Received = p.written(in.Received)
		got, err = p.Journal.Append(ctx, in)
		return err
	})
	return got, err
}

func (p *process) Plan(ctx context.Context, plans []journal.Planned) error {
	p.dawdle()
	return p.operate("plan", func() error {
		if p.bug == forgetsDeliveriesOfAPlan && len(plans) > 1 {
			plans[len(plans)-1].Deliveries = nil
		}
		for _, plan := range plans {
			// An event that is planned once more was not planned before: that commit did not happen, or the disk has lost it.
			p.urgent[plan.Number] = slices.ContainsFunc(plan.Deliveries, func(d journal.NewDelivery) bool { return d.Urgent })
		}
		return p.Journal.Plan(ctx, plans)
	})
}

func (p *process) Queue(ctx context.Context, target string, limit int) ([]journal.Waiting, error) {
	waiting, err := p.Journal.Queue(ctx, target, limit)
	if p.bug == takesTheNewestFirst {
		slices.Reverse(waiting)
	}
	return waiting, err
}

func (p *process) Begin(ctx context.Context, effect journal.Effect) error {
	return p.operate("begin "+effect.Target, func() error {
		if p.bug == performsBeforeBegin {
			return nil
		}
		effect.Started = p.written(effect.Started)
		err := p.Journal.Begin(ctx, effect)
		if p.bug == settlesBeforePerform && err == nil {
			err = p.Journal.Settle(ctx, journal.Settlement{
				Effect: effect.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: effect.Target},
			})
		}
		return err
	})
}

func (p *process) OpenEffects(ctx context.Context) ([]journal.Effect, error) {
	open, err := p.Journal.OpenEffects(ctx)
	if p.bug != dropsOpenEffectsAtStart {
		for i := range open {
			open[i].Started, open[i].Ended = p.read(open[i].Started), p.read(open[i].Ended)
		}
		return open, err
	}
	for _, effect := range open {
		s := journal.Settlement{
			Effect: effect.ID, Outcome: journal.Refused, Reason: "dropped", At: time.Now(),
			Target: journal.TargetState{Target: effect.Target},
		}
		if effect.Unsure {
			s.Outcome = journal.DidNot
		}
		if err := p.Journal.Settle(ctx, s); err != nil {
			return nil, err
		}
	}
	return nil, err
}

func (p *process) Settle(ctx context.Context, s journal.Settlement) error {
	return p.operate("settle "+string(s.Outcome), func() error {
		if p.bug == settlesBeforePerform || p.bug == performsBeforeBegin {
			return nil
		}
		if s.Outcome == journal.BecameUnsure && p.bug == voidsWhatIsUnsure {
			s.Outcome = journal.Refused
		}
		if s.Outcome == journal.BecameUnsure && p.bug == takesUnsureForTold {
			s.Outcome, s.Reason = journal.Told, ""
		}
		if p.bug == forgetsPossibleDoubles {
			s.Double = false
		}
		if s.Outcome == journal.Abandoned {
			p.abandon(s.Effect)
		}
		s.At, s.Target.Until = p.written(s.At), p.written(s.Target.Until)
		return p.Journal.Settle(ctx, s)
	})
}

// Replay notes, for each delivery that had ended, that its event may be performed once more.
func (p *process) Replay(ctx context.Context, plans []journal.Planned) (made []journal.NewDelivery, err error) {
	return made, p.operate("replay", func() (err error) {
		for _, plan := range plans {
			story, err := p.Story(ctx, plan.Number)
			if err != nil {
				return err
			}
			for _, d := range story.Deliveries {
				if d.State != journal.Pending && d.State != journal.Uncertain {
					p.may[d.Target+" "+story.Entry.ID] = true
				}
			}
			p.unordered[story.Entry.ID] = true
		}
		made, err = p.Journal.Replay(ctx, plans)
		return err
	})
}

func (p *process) Previous(ctx context.Context, entity string, before int64, limit int) ([]journal.Entry, error) {
	if p.bug == forgetsEarlierEvents {
		return nil, nil
	}
	return p.Journal.Previous(ctx, entity, before, limit)
}

func (p *process) End(ctx context.Context, at time.Time, endings []journal.Ending) error {
	if p.bug == leavesWhatWaits && endings[0].Reason == "target removed from the configuration" {
		<-ctx.Done()
		return ctx.Err()
	}
	return p.operate("end", func() error { return p.Journal.End(ctx, p.written(at), endings) })
}

func (p *process) SetTarget(ctx context.Context, state journal.TargetState) error {
	return p.operate("set target", func() error {
		state.Until = p.written(state.Until)
		return p.Journal.SetTarget(ctx, state)
	})
}

func (p *process) Targets(ctx context.Context) ([]journal.TargetState, error) {
	states, err := p.Journal.Targets(ctx)
	for i := range states {
		states[i].Until = p.read(states[i].Until)
	}
	return states, err
}

// written returns what the life's clock calls a moment, read the moment that it means by that.
func (p *process) written(at time.Time) time.Time { return shifted(at, p.jump) }
func (p *process) read(at time.Time) time.Time    { return shifted(at, -p.jump) }

func shifted(at time.Time, by time.Duration) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(by)
}
