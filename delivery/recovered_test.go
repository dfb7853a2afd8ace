package delivery_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// heads makes messages that say only how many entities they tell.
type heads struct{}

func (heads) Message(net event.Net) event.Message {
	return event.Message{Head: fmt.Sprintf("%s of %d events, recovered %v", net.Last().Entity.ID, len(net.Events), net.Last().Recovered)}
}

func (heads) Bulk(nets []event.Net) event.Message {
	return event.Message{Head: fmt.Sprintf("%d entities, recovered %v", len(nets), nets[0].Last().Recovered)}
}

func changed(n int, kind event.Type, entity string, recovered bool) event.Event {
	value := func(n int) event.Attributes {
		return event.Attributes{{Name: "Budget", Value: event.Value{Kind: event.Number, Text: strconv.Itoa(n)}}}
	}
	e := event.Event{Number: int64(n), ID: strconv.Itoa(n), Type: kind, Entity: event.Ref{ID: entity}, Attributes: value(n + 1), Recovered: recovered}
	if kind.Action() == event.Updated {
		e.Before = value(n)
	}
	return e
}

func said(events []event.Event) (all []string) {
	for _, s := range delivery.Messages(heads{}, nil).Say(events) {
		all = append(all, s.Message.Head)
	}
	slices.Sort(all)
	return all
}

// What was found later comes at once: many are one message, whatever they are, apart from what people did.
func TestManyRecoveredEventsAreOneMessage(t *testing.T) {
	var events []event.Event
	for i := range 12 {
		events = append(events, changed(i, "Project:Updated", fmt.Sprint("p", i), true), changed(i+20, "Task:Created", fmt.Sprint("t", i), true))
	}
	for i := range 9 {
		events = append(events, changed(i+40, "Project:Updated", fmt.Sprint("x", i), false))
	}
	got := said(events)
	if len(got) != 11 || got[0] != "12 entities, recovered true" || got[1] != "12 entities, recovered true" {
		t.Errorf("got %q, want two messages for what was recovered, and one for each other change", got)
	}
}

// An update that begins elsewhere than the state ended shows that something is missing, wherever it ends itself.
func TestABrokenChainIsNoted(t *testing.T) {
	for line, want := range map[string]string{
		"w1 p A C 9s": "",
		"w1 p B C 9s": "Stage",
		"w1 p B A 9s": "Stage", // back to what is known
		"w1 p - C 9s": "",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, map[string]*target{"a": {}})
			r.play(sent(1, "w1 p X A 0s"), sent(2, line))
			gaps, err := r.store.Gaps(t.Context(), true, 10)
			if err != nil || len(gaps) != min(len(want), 1) || want != "" && !strings.HasSuffix(gaps[0].Detail, ": "+want) {
				t.Errorf("%s: got %+v, %v, want a gap of %q", line, gaps, err, want)
			}
		})
	}
}

// An event that comes after all and says only what was found is told to nobody; one that changes back what was changed
// meanwhile is, however soon that was.
func TestWhatWasRecoveredIsSaidOnce(t *testing.T) {
	tests := []struct {
		name   string
		events []string // after a recovered change from A to C at 10 s; others that are recovered have no webhook
		want   string   // for each of them "t" (told), or the number of the recovered event that says it
	}{
		{"its event, late", []string{"w1 p A C 9s"}, "2"},
		{"read before it happened, by its time stamp", []string{"w1 p A C 12s"}, "2"},
		{"another value", []string{"w1 p A B 9s"}, "t"},
		{"in two steps", []string{"w1 p A B 8s", "w1 p B C 9s"}, "t 2"},
		{"in two steps, by time stamps after it", []string{"w1 p A B 11s", "w1 p B C 12s"}, "t 2"},
		{"much later", []string{"w1 p B C 16s"}, "t"},
		{"changed and changed back", []string{"w1 p C B 11s", "w1 p B C 13s"}, "t t"},
		{"changed only after it", []string{"w1 p C B 14s", "w1 p A C 12s"}, "t 2"},
		{"changed and changed back, its own event last", []string{"w1 p C B 11s", "w1 p B C 13s", "w1 p A C 9s"}, "t t 2"},
		{"changed back by what was recovered", []string{"w1 p C B 11s", "- p B C 14s", "w1 p B C 15s"}, "t t 4"},
		{"changed back, recovered from a chain", []string{"w1 p D E 30s", "- p C D 29s", "w1 p E D 32s"}, "t t t"},
		{"the same, by one time stamp", []string{"w1 p D E 30s", "- p C D 30s", "w1 p E D 32s"}, "t t t"},
		{"the oldest by time is the newest by number", []string{"w1 p C B 12s", "- p X C 9s", "w1 p B C 14s"}, "t t t"},
		{"all of it late", []string{"w1 p C B 11s", "- p B C 14s", "w1 p C B 12s", "w1 p B C 13s"}, "t t t 4"},
	}
	for _, restarts := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r, last := newRig(t, map[string]*target{"a": {}}), 0
			for i, tt := range tests {
				var waits []journal.Incoming
				begin := last
				for _, line := range append([]string{"w1 p X A 0s", "- p A C 10s"}, tt.events...) {
					last++
					in := sent(last, strings.Replace(line, "p", fmt.Sprint("p", i), 1))
					if in.WebhookID == "" || restarts {
						r.play(waits...)
						waits = nil
					}
					if in.WebhookID == "" {
						r.found(in)
					} else {
						waits = append(waits, in)
					}
				}
				r.play(waits...)
				var got []string
				for n := begin + 3; n <= last; n++ {
					fate := strings.Join(r.fates(int64(n)), ", ")
					if number, said := strings.CutPrefix(fate, ": told as recovered: event "); said {
						original, err := strconv.Atoi(strings.TrimSuffix(number, " says it already"))
						fate = fmt.Sprint(original-begin, err)
					}
					got = append(got, strings.NewReplacer("a delivered", "t", " <nil>", "").Replace(fate))
				}
				if told := strings.Join(got, " "); told != tt.want {
					t.Errorf("%s, restarts %v: got %q, want %q", tt.name, restarts, told, tt.want)
				}
			}
		})
	}
}

// play appends events, and delivers all that waits.
func (r *rig) play(all ...journal.Incoming) {
	r.Helper()
	for _, in := range all {
		if _, err := r.store.Append(r.Context(), in); err != nil {
			r.Fatal(err)
		}
	}
	_, stop := r.run()
	time.Sleep(2 * time.Second)
	stop()
}

// found writes an event that nobody sent.
func (r *rig) found(in journal.Incoming) {
	r.Helper()
	now := time.Now()
	err := r.store.RecordGap(r.Context(), journal.Gap{Cause: journal.CauseChain, Entity: in.Entity, Since: now, Until: now, Due: now, Known: []byte("{}")})
	if err != nil {
		r.Fatal(err)
	}
	newest, err := r.store.Gaps(r.Context(), true, 1)
	if err != nil || len(newest) != 1 {
		r.Fatalf("got %v, %v, want one", newest, err)
	}
	if err := r.store.CloseChain(r.Context(), newest[0].Number, now, "found", []journal.Recovery{{Incoming: in}}, nil); err != nil {
		r.Fatal(err)
	}
}

// A change that nobody sent and one that somebody made are two messages, though they are of one entity.
func TestARecoveredChangeIsToldAlone(t *testing.T) {
	got := said([]event.Event{
		changed(1, "Project:Updated", "p", false), changed(2, "Project:Updated", "p", true), changed(3, "Project:Updated", "p", true),
		changed(4, "Project:Updated", "p", false),
	})
	want := []string{"p of 1 events, recovered false", "p of 1 events, recovered false", "p of 2 events, recovered true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
