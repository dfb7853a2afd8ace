package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

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
	defer l.dawdle() // after it happened, or did not
	return "there", l.operate("perform "+l.target, func() error {
		l.landLate()
		l.inspect(effect)
		l.effects[effect.ID], l.places[effect.ID] = effect, l.target
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
	case landsLate:
		if l.target != tableTarget { // whose sinks make sure that this cannot be
			l.underway[effect.ID] = l.target
		}
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
	l.dawdle()
	return found, l.operate("recall "+l.target, func() error {
		look := looksWell
		if l.looked < len(l.Looks) {
			look = l.Looks[l.looked]
		}
		l.looked++
		happened := l.landed[effect.ID]
		switch {
		case look == lookFails && l.bug != takesAFailedLookForDidNot:
			return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "the look failed")
		case look == cannotTell && l.bug != takesCannotTellForDidNot:
			found = sinks.Recollection{Happened: sinks.CannotTell, Reason: sinks.ReasonPermission}
			if l.target == resendTarget {
				l.permit(effect)
				l.resent[effect.ID] = l.target
			}
		case look == looksWell && happened:
			found = sinks.Recollection{Happened: sinks.Did, Receipt: "there"}
		case look == looksWell:
			found = sinks.Recollection{Happened: sinks.DidNot, Late: l.underway[effect.ID] != ""}
			l.permit(effect)
		default:
			found = sinks.Recollection{Happened: sinks.DidNot} // one of the bugs
		}
		if found.Happened != sinks.CannotTell {
			delete(l.resent, effect.ID)
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
	first := effect.Events[0]
	if _, number := l.lookUp(first); l.target == "a" && l.urgent[number] && len(effect.Events) > 1 && !l.unordered[first] { // a replay is not
		l.fault("effect %s tells %d events at once, and the first is urgent", effect.ID, len(effect.Events))
	}
	l.inspectVersion(effect)
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
	l.landed[effect.ID] = true
	last := map[string]int64{}
	for _, item := range items {
		l.told[l.target] = append(l.told[l.target], item.Events...)
	}
	for _, id := range l.told[l.target] {
		if l.unordered[id] {
			continue // told more than once
		}
		entity, number := l.lookUp(id)
		if number <= last[entity] {
			l.fault("at %s event %d of %s stands behind event %d", l.target, number, entity, last[entity])
		}
		last[entity] = number
	}
}

// lookUp finds an event by its id, also one whose acknowledgement was lost with the process.
func (l liar) lookUp(id string) (entity string, number int64) {
	if entry, ok := l.found[id]; ok {
		return entry.Entity.ID, entry.Number
	}
	all, err := l.Events(context.Background(), journal.Filter{Limit: 1000})
	if err != nil {
		l.fault("listing events: %v", err)
	}
	for _, s := range all {
		if s.Entry.ID == id {
			l.found[id] = s.Entry
			return s.Entry.Entity.ID, s.Entry.Number
		}
	}
	l.fault("event %s is told, and is not in the journal", id)
	return "", 0
}

// landAll makes stand what is still on its way after the last life, also at targets that were told nothing more.
func (p *process) landAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, target := range targetNames() {
		liar{process: p, target: target}.landLate()
	}
}

// landLate makes stand what was on its way when the look did not see it, or could not look. It is called when the target
// is told something again, or nothing any more, so that the end of those effects is in the journal.
func (l liar) landLate() {
	for id, target := range l.resent {
		if target == l.target {
			delete(l.resent, id)
			if l.landed[id] {
				l.double(id)
			}
		}
	}
	for id, target := range l.underway {
		if effect := l.effects[id]; target == l.target && l.may[target+" "+effect.Events[0]] {
			delete(l.underway, id)
			l.double(id)
			l.land(effect)
		}
	}
}

// double notes that what an effect told may stand once more than it should, which the journal must count.
func (l liar) double(id string) {
	l.doubled[id] = true
	for _, event := range l.effects[id].Events {
		l.unordered[event] = true
		l.extra[l.target+" "+event]++
	}
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

// Told answers as a table does at target c, as a chat elsewhere.
func (l liar) Told(_ context.Context, events []string, since time.Time) (told []string, err error) {
	return told, l.operate("told "+l.target, func() error {
		for _, id := range events {
			if slices.Contains(l.told[l.target], id) && (l.target == tableTarget || !since.IsZero()) && l.bug != doesNotLookBeforeAReplay {
				told = append(told, id)
			}
		}
		return nil
	})
}
