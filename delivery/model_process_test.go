package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// process is one life: it counts operations and dies at the one that the scenario names. From then on nothing that the
// daemon does reaches the file or a target.
type process struct {
	*world
	journal.Journal

	death death
	kill  context.CancelFunc
	done  int // operations
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
	if p.isDead() {
		p.kill()
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
	return err
}

// fails reports whether the current operation is one of the journal that answers with an error.
func (p *process) fails(name string, after bool) bool {
	if strings.HasPrefix(name, "perform") || strings.HasPrefix(name, "recall") {
		return false
	}
	at := slices.Index(p.Errors, death{Operation: p.done, After: after})
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
		got, err = p.Journal.Append(ctx, in)
		return err
	})
	return got, err
}

func (p *process) Plan(ctx context.Context, plans []journal.Planned) error {
	return p.operate("plan", func() error {
		if p.bug == forgetsDeliveriesOfAPlan && len(plans) > 1 {
			plans[len(plans)-1].Deliveries = nil
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
		return p.Journal.Settle(ctx, s)
	})
}

func (p *process) End(ctx context.Context, at time.Time, endings []journal.Ending) error {
	return p.operate("end", func() error { return p.Journal.End(ctx, at, endings) })
}

func (p *process) SetTarget(ctx context.Context, state journal.TargetState) error {
	return p.operate("set target", func() error { return p.Journal.SetTarget(ctx, state) })
}

// liar is a target whose answers follow the script, and whose truth stands in world.told.
type liar struct {
	*process

	target string
}

func (p *process) sink(target string) sinks.Sink { return liar{process: p, target: target} }

// Compose takes three items at the most, so that a rest stays.
func (l liar) Compose(items []sinks.Item, _ bool) (content []byte, taken int, err error) {
	taken = min(3, len(items))
	content, err = json.Marshal(items[:taken])
	return content, taken, err
}

func (l liar) Perform(_ context.Context, effect sinks.Effect) (receipt sinks.Receipt, err error) {
	return "there", l.operate("perform "+l.target, func() error {
		l.inspect(effect)
		action := works
		if l.actions < len(l.Sink) {
			action = l.Sink[l.actions]
		}
		l.actions++
		return l.act(action, effect)
	})
}

func (l liar) act(action act, effect sinks.Effect) error {
	switch action {
	case works:
		l.land(effect)
		return nil
	case happensUnsure:
		l.land(effect)
		return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
	case failsUnsure:
		return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
	default:
	}
	l.permit(effect)
	class := map[act]sinks.Class{
		refusesRetry: sinks.Retry, refusesWait: sinks.Wait, refusesVoid: sinks.Void,
		refusesBury: sinks.Bury, refusesPark: sinks.Park, refusesStop: sinks.Stop,
	}[action]
	return sinks.Fail(class, sinks.ReasonContent, "refused as %s", class)
}

func (l liar) Recall(_ context.Context, effect sinks.Effect) (found sinks.Recollection, err error) {
	return found, l.operate("recall "+l.target, func() error {
		look := looksWell
		if l.looked < len(l.Looks) {
			look = l.Looks[l.looked]
		}
		l.looked++
		happened := slices.Contains(l.told[l.target], effect.Events[0])
		switch {
		case look == lookFails && l.bug != takesAFailedLookForDidNot:
			return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "the look failed")
		case look == cannotTell && l.bug != takesCannotTellForDidNot:
			found = sinks.Recollection{Happened: sinks.CannotTell, Reason: sinks.ReasonPermission}
		case look == looksWell && happened:
			found = sinks.Recollection{Happened: sinks.Did, Receipt: "there"}
		case look == looksWell:
			found = sinks.Recollection{Happened: sinks.DidNot}
			l.permit(effect)
		default:
			found = sinks.Recollection{Happened: sinks.DidNot} // one of the bugs
		}
		return nil
	})
}

// inspect checks what must be true before anything is performed.
func (l liar) inspect(effect sinks.Effect) {
	open, err := l.Journal.OpenEffects(context.Background())
	if err != nil || !slices.ContainsFunc(open, func(e journal.Effect) bool {
		return e.ID == effect.ID && bytes.Equal(e.Content, effect.Content) && !e.Unsure
	}) {
		l.fault("effect %s is performed at %s, but is not open in the journal (%v)", effect.ID, l.target, err)
	}
	for _, id := range effect.Events {
		key := l.target + " " + id
		if may, tried := l.may[key]; tried && !may {
			l.fault("event %s is performed again at %s without DidNot", id, l.target)
		}
		l.may[key] = false
	}
}

// land makes the effect stand at the target, and checks the order.
func (l liar) land(effect sinks.Effect) {
	var items []sinks.Item
	if err := json.Unmarshal(effect.Content, &items); err != nil {
		l.fault("content of effect %s: %v", effect.ID, err)
	}
	last := map[string]int64{}
	for _, item := range items {
		l.told[l.target] = append(l.told[l.target], item.Events...)
	}
	for _, id := range l.told[l.target] {
		entity, number := l.lookUp(id)
		if number <= last[entity] {
			l.fault("at %s event %d of %s stands behind event %d", l.target, number, entity, last[entity])
		}
		last[entity] = number
	}
}

// lookUp finds an event by its id, also one whose acknowledgement was lost with the process.
func (l liar) lookUp(id string) (entity string, number int64) {
	all, err := l.Events(context.Background(), journal.Filter{Limit: 1000})
	if err != nil {
		l.fault("listing events: %v", err)
	}
	for _, s := range all {
		if s.Entry.ID == id {
			return s.Entry.Entity.ID, s.Entry.Number
		}
	}
	l.fault("event %s is told, and is not in the journal", id)
	return "", 0
}

func (l liar) permit(effect sinks.Effect) {
	for _, id := range effect.Events {
		l.may[l.target+" "+id] = true
	}
}

func (w *world) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
	w.note("FAULT "+format, args...)
}

// bug is a mistake that is built into one life.
type bug string

const (
	honest                    bug = ""
	acknowledgesBeforeCommit  bug = "acknowledges before the commit"
	forgetsDeliveriesOfAPlan  bug = "forgets the deliveries of an event that it marks as planned"
	takesTheNewestFirst       bug = "takes the newest first"
	performsBeforeBegin       bug = "performs before the effect is committed"
	settlesBeforePerform      bug = "settles before it performs"
	dropsOpenEffectsAtStart   bug = "drops open effects at start"
	voidsWhatIsUnsure         bug = "voids what is unsure"
	takesUnsureForTold        bug = "takes unsure for told"
	takesAFailedLookForDidNot bug = "takes a failed look for did-not"
	takesCannotTellForDidNot  bug = "takes cannot-tell for did-not"
)

func seededBugs() []bug {
	return []bug{
		acknowledgesBeforeCommit, forgetsDeliveriesOfAPlan, takesTheNewestFirst, performsBeforeBegin,
		settlesBeforePerform, dropsOpenEffectsAtStart, voidsWhatIsUnsure, takesUnsureForTold,
		takesAFailedLookForDidNot, takesCannotTellForDidNot,
	}
}
