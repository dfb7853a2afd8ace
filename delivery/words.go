package delivery

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	bulk  = 10 // from how many entities on an edit by one person is told in one message
	flood = 30 // above so many messages at once it does not matter who made the edits: a chat takes one each second
)

// Reasons why an event is not told by a target that would take it.
const (
	nothingTold = "nothing changed that is told"
	takenBack   = "every change was taken back by a later one"
)

// MessageMaker puts changes into messages.
type MessageMaker interface {
	// Message tells what happened to one entity.
	Message(net event.Net) event.Message
	// Bulk tells what was changed in many entities of one type, mostly by one person.
	Bulk(nets []event.Net) event.Message
}

// RowMaker puts an event into rows; none when there is nothing to tell.
type RowMaker interface {
	Rows(e event.Event) []event.Row
}

// Messages returns the words of a chat. Changes that wait together are told as one, entity by entity: from before the
// first to after the last. A person's edit of many entities is one message. Where even so more is to be told than a chat
// takes in a minute, everybody's edits of one type are. Ignore says which fields are never told.
func Messages(maker MessageMaker, ignore func(field string) bool) Words {
	return messages{maker: maker, ignore: ignore}
}

// Rows returns the words of a table: every event on its own, however many wait.
func Rows(maker RowMaker) Words { return rows{maker: maker} }

type rows struct{ maker RowMaker }

func (w rows) Say(events []event.Event) []Said {
	all := make([]Said, 0, len(events))
	for _, e := range events {
		said := Said{Item: sinks.Item{Events: []string{e.ID}, Rows: w.maker.Rows(e)}}
		if len(said.Rows) == 0 {
			said.Skip = nothingTold
		}
		all = append(all, said)
	}
	return all
}

type messages struct {
	maker  MessageMaker
	ignore func(field string) bool
}

func (w messages) Say(events []event.Event) []Said {
	var told []*run
	var skipped []Said
	for _, r := range runsOf(events) {
		r.net = event.NetOf(r.events, w.ignore)
		if why := r.silent(); why != "" {
			skipped = append(skipped, Said{Item: sinks.Item{Events: ids(r.events)}, Skip: why})
			continue
		}
		told = append(told, r)
	}
	var all []Said
	for _, group := range groupsOf(told) {
		all = append(all, w.said(group))
	}
	return append(all, skipped...)
}

// said tells one run, or a bulk of them.
func (w messages) said(group []*run) Said {
	var said Said
	nets := make([]event.Net, len(group))
	for i, r := range group {
		nets[i] = r.net
		said.Events = append(said.Events, ids(r.events)...)
	}
	if len(group) == 1 {
		said.Message = w.maker.Message(nets[0])
	} else {
		said.Message = w.maker.Bulk(nets)
	}
	return said
}

// run is what one message can tell: consecutive updates of an entity, or one event of any other type.
type run struct {
	events []event.Event
	net    event.Net
	nth    int  // of its entity's runs, from 0
	alone  bool // the entity has no other run, so that this one may be told out of turn
}

func (r run) first() event.Event { return r.events[0] }

// runsOf groups events by entity, in the order in which the entities and their runs first appear.
func runsOf(events []event.Event) []*run {
	var all []*run
	last := map[string]*run{} // by entity
	for _, e := range events {
		id := strings.ToLower(e.Entity.ID)
		open := last[id]
		if open != nil && open.first().Type == e.Type && open.first().Recovered == e.Recovered && e.Type.Action() == event.Updated {
			open.events = append(open.events, e)
			continue
		}
		next := &run{events: []event.Event{e}, alone: open == nil}
		all = append(all, next)
		if id == "" {
			continue // nobody knows whether two of these are the same
		}
		if open != nil {
			open.alone, next.nth = false, open.nth+1
		}
		last[id] = next
	}
	return all
}

// silent says why a run is not told, or nothing when it is.
func (r run) silent() string {
	switch {
	case len(r.net.Changes) > 0 || !r.compared():
		return ""
	case r.net.TakenBack > 0:
		return takenBack
	default:
		return nothingTold
	}
}

// compared reports whether the events say what was before, so that no change means that nothing changed.
func (r run) compared() bool {
	for _, e := range r.events {
		if e.Type.Action() != event.Updated || e.Before == nil {
			return false
		}
	}
	return true
}

// bulkKey is what the runs of a bulk have in common.
type bulkKey struct {
	kind      event.Type
	by        event.Person
	nth       int
	recovered bool
}

// groupsOf returns the runs that are told together. A bulk by one person may be told before earlier events of others,
// but not within an entity.
func groupsOf(runs []*run) [][]*run {
	groups := grouped(runs, func(r *run) (bulkKey, bool) {
		first := r.first()
		many := first.Type.Action() == event.Updated || first.Recovered // what was missed comes at once, whatever it is
		return bulkKey{kind: first.Type, by: first.Initiator, recovered: first.Recovered}, r.alone && r.byOne() && many
	})
	if len(groups) <= flood {
		return groups
	}
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b *run) int { return cmp.Compare(a.nth, b.nth) }) // keeps the order of each entity
	return grouped(runs, func(r *run) (bulkKey, bool) {
		return bulkKey{kind: r.first().Type, nth: r.nth, recovered: r.first().Recovered}, true
	})
}

// grouped puts runs together that have the same key, where there are enough of them. Each group stands where its first
// run stood.
func grouped(runs []*run, key func(*run) (bulkKey, bool)) [][]*run {
	counts := map[bulkKey]int{}
	for _, r := range runs {
		if k, ok := key(r); ok {
			counts[k]++
		}
	}
	var groups [][]*run
	place := map[bulkKey]int{}
	for _, r := range runs {
		k, ok := key(r)
		if !ok || counts[k] < bulk {
			groups = append(groups, []*run{r})
			continue
		}
		if _, begun := place[k]; !begun {
			place[k] = len(groups)
			groups = append(groups, nil)
		}
		groups[place[k]] = append(groups[place[k]], r)
	}
	return groups
}

// byOne reports whether one person made all changes of a run.
func (r run) byOne() bool {
	for _, e := range r.events {
		if e.Initiator != r.first().Initiator {
			return false
		}
	}
	return true
}

func ids(events []event.Event) []string {
	all := make([]string, len(events))
	for i, e := range events {
		all[i] = e.ID
	}
	return all
}
