package delivery

import (
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// bulk is from how many entities on an edit by one person is told in one message.
const bulk = 10

// Reasons why an event is not told by a target that would take it.
const (
	nothingTold = "nothing changed that is told"
	takenBack   = "every change was taken back by a later one"
)

// MessageMaker puts changes into messages.
type MessageMaker interface {
	// Message tells what happened to one entity.
	Message(net event.Net) event.Message
	// Bulk tells what one person changed in many entities of one type.
	Bulk(nets []event.Net) event.Message
}

// RowMaker puts an event into rows; none when there is nothing to tell.
type RowMaker interface {
	Rows(e event.Event) []event.Row
}

// Messages returns the words of a chat. Changes that wait together are told as one, entity by entity: from before the
// first to after the last. A person's edit of many entities is one message. Ignore says which fields are never told.
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
	runs := runsOf(events)
	bulks := bulksOf(runs)
	var all []Said
	told := map[bulkKey]int{} // where in all its message stands
	nets := map[bulkKey][]event.Net{}
	for _, run := range runs {
		net := event.NetOf(run.events, w.ignore)
		said := Said{Item: sinks.Item{Events: ids(run.events)}}
		switch {
		case len(net.Changes) == 0 && run.compared():
			said.Skip = nothingTold
			if net.TakenBack > 0 {
				said.Skip = takenBack
			}
		case run.alone && run.byOne() && bulks[run.key()]:
			key := run.key()
			if nets[key] == nil {
				told[key] = len(all)
				all = append(all, Said{})
			}
			nets[key] = append(nets[key], net)
			at := told[key]
			all[at].Events = append(all[at].Events, said.Events...)
			continue
		default:
			said.Message = w.maker.Message(net)
		}
		all = append(all, said)
	}
	for key, at := range told {
		all[at].Message = w.maker.Bulk(nets[key])
		if len(nets[key]) == 1 { // the others had nothing to tell
			all[at].Message = w.maker.Message(nets[key][0])
		}
	}
	return all
}

// run is what one message can tell: consecutive updates of an entity, or one event of any other type.
type run struct {
	events []event.Event
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
		if open != nil && open.first().Type == e.Type && e.Type.Action() == event.Updated {
			open.events = append(open.events, e)
			continue
		}
		next := &run{events: []event.Event{e}, alone: open == nil}
		all = append(all, next)
		if id == "" {
			continue // nobody knows whether two of these are the same
		}
		if open != nil {
			open.alone = false
		}
		last[id] = next
	}
	return all
}

// bulkKey is what the edits of a bulk have in common.
type bulkKey struct {
	kind event.Type
	by   event.Person
}

func (r run) key() bulkKey { return bulkKey{kind: r.first().Type, by: r.first().Initiator} }

// bulksOf finds the edits of many entities by one person.
func bulksOf(runs []*run) map[bulkKey]bool {
	counts := map[bulkKey]int{}
	for _, r := range runs {
		if r.alone && r.first().Type.Action() == event.Updated && r.byOne() {
			counts[r.key()]++
		}
	}
	bulks := map[bulkKey]bool{}
	for key, n := range counts {
		bulks[key] = n >= bulk
	}
	return bulks
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
