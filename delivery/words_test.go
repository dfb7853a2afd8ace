package delivery_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
)

// scribe writes down what it was asked to tell.
type scribe struct{}

func (scribe) Message(net event.Net) event.Message {
	var changes []string
	for _, c := range net.Changes {
		changes = append(changes, c.Before.Text+">"+c.After.Text)
	}
	return event.Message{Text: net.Last().Type.Action() + " " + net.Last().Entity.ID + " " + strings.Join(changes, ",")}
}

func (scribe) Bulk(nets []event.Net) event.Message {
	return event.Message{Text: fmt.Sprintf("bulk of %d", len(nets))}
}

func (scribe) Rows(e event.Event) []event.Row {
	if e.Before == nil {
		return nil
	}
	return []event.Row{{Key: e.ID + "/1"}}
}

// ev makes an event: "Updated p1 A B Anna" is project p1 from A to B.
func ev(n int, script string) event.Event {
	word := strings.Fields(script + " - - - -")
	e := event.Event{
		Number: int64(n), ID: fmt.Sprintf("e%d", n), Type: event.TypeOf(event.Project, word[0]),
		Entity: event.Ref{ID: word[1]}, Occurred: time.Unix(int64(n), 0), Received: time.Unix(int64(n), 0),
		Initiator:  event.Person{Name: word[4]},
		Attributes: event.Attributes{{Name: "Stage", Value: event.Value{Kind: event.Text, Text: word[3]}}},
	}
	if word[0] == event.Updated && word[2] != "?" {
		e.Before = event.Attributes{{Name: "Stage", Value: event.Value{Kind: event.Text, Text: word[2]}}}
	}
	if word[1] == "-" {
		e.Entity.ID = ""
	}
	return e
}

func TestMessagesTellWhatIsLeft(t *testing.T) {
	edits := func(n int, by string) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("Updated q%d A B %s", i, by))
		}
		return all
	}
	each := func(n int, words string) (all []string) { // every one by another person
		for i := range n {
			all = append(all, fmt.Sprintf(strings.ReplaceAll(words, "#", "%[1]d"), i))
		}
		return all
	}
	tests := []struct {
		name   string
		events []string
		want   []string // told texts, or skip reasons in brackets, each with its events
	}{
		{"one event", []string{"Updated p1 A B"}, []string{"Updated p1 A>B e1"}},
		{"two edits of one entity are one", []string{"Updated p1 A B", "Updated p1 B C"}, []string{"Updated p1 A>C e1 e2"}},
		{
			"an entity in between does not part them",
			[]string{"Updated p1 A B", "Updated p2 A B", "Updated p1 B C"},
			[]string{"Updated p1 A>C e1 e3", "Updated p2 A>B e2"},
		},
		{"there and back is skipped", []string{"Updated p1 A B", "Updated p1 B A"}, []string{"(every change was taken back by a later one) e1 e2"}},
		{"nothing that is told is skipped", []string{"Updated p1 A A"}, []string{"(nothing changed that is told) e1"}},
		{
			"an update that does not say what was before is told",
			[]string{"Updated p1 ? B"},
			[]string{"Updated p1  e1"},
		},
		{
			"a creation stays apart",
			[]string{"Created p1", "Updated p1 A B", "Updated p1 B C", "Deleted p1"},
			[]string{"Created p1  e1", "Updated p1 A>C e2 e3", "Deleted p1  e4"},
		},
		{"entities without an id are never merged", []string{"Updated - A B", "Updated - B C"}, []string{"Updated  A>B e1", "Updated  B>C e2"}},
		{"nine edits are nine", edits(9, "Anna"), []string{"Updated q0 A>B e1", "9"}},
		{"ten edits by one person are a bulk", edits(10, "Anna"), []string{"bulk of 10 e1 e2 e3 e4 e5 e6 e7 e8 e9 e10"}},
		{
			"ten edits by two are not", append(edits(5, "Anna"), "Updated x A B Ben", "Updated y A B Ben", "Updated z A B Ben", "Updated v A B Ben", "Updated w A B Ben"),
			[]string{"Updated q0 A>B e1", "10"},
		},
		{
			"what was created in the same breath is told apart from the bulk", append([]string{"Created q0"}, edits(11, "Anna")...),
			[]string{"Created q0  e1", "Updated q0 A>B e2", "bulk of 10 e3 e4 e5 e6 e7 e8 e9 e10 e11 e12"},
		},
		{
			"an edit without effect is not counted as told by a bulk", append(edits(10, "Anna"), "Updated r A A Anna"),
			[]string{"bulk of 10 e1 e2 e3 e4 e5 e6 e7 e8 e9 e10", "(nothing changed that is told) e11"},
		},
		{"an edit without effect makes no bulk", append(edits(9, "Anna"), "Updated r A A Anna"), []string{"Updated q0 A>B e1", "10"}},
		{"thirty edits by thirty people are told one by one", each(30, "Updated q# A B P#"), []string{"Updated q0 A>B e1", "30"}},
		{"more than a chat takes are told at once", each(31, "Updated q# A B P#"), []string{"bulk of 31 " + upTo(31), "1"}},
		{
			"even then an entity's events are told in their order",
			slices.Concat(each(30, "Created q#"), each(30, "Updated q# A B P#"), each(2, "Deleted z#")),
			[]string{"bulk of 30 " + upTo(30), "4"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var events []event.Event
			for i, script := range tt.events {
				events = append(events, ev(i+1, script))
			}
			said := delivery.Messages(scribe{}, func(string) bool { return false }).Say(events)
			var got []string
			var told []string
			for _, s := range said {
				text := s.Message.Text
				if s.Skip != "" {
					text = "(" + s.Skip + ")"
				}
				got = append(got, text+" "+strings.Join(s.Events, " "))
				told = append(told, s.Events...)
			}
			if last := tt.want[len(tt.want)-1]; len(last) <= 2 { // only the number of messages matters
				if strconv.Itoa(len(got)) != last || got[0] != tt.want[0] {
					t.Errorf("got %d messages, the first %q, want %s, %q", len(got), got[0], last, tt.want[0])
				}
			} else if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			slices.Sort(told)
			if all := len(slices.Compact(told)); all != len(events) || len(told) != len(events) {
				t.Errorf("got %d events in the answers, %d of them different, want each of %d once", len(told), all, len(events))
			}
		})
	}
}

func upTo(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("e%d", i+1)
	}
	return strings.Join(all, " ")
}

// Whatever waits, what a chat is told keeps the order of each entity, also where bulks are told out of turn.
func TestMessagesKeepTheOrderOfEntities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 80).Draw(t, "n")
		var events []event.Event
		for i := range n {
			action := rapid.SampledFrom([]string{event.Created, event.Updated, event.Updated, event.Updated, event.Deleted}).Draw(t, "action")
			entity := rapid.IntRange(0, 50).Draw(t, "entity")
			by := rapid.IntRange(0, 3).Draw(t, "by")
			events = append(events, ev(i+1, fmt.Sprintf("%s p%d A%d A%d P%d", action, entity, i%2, (i+entity)%2, by)))
		}
		last, told := map[string]int64{}, 0
		for _, said := range delivery.Messages(scribe{}, func(string) bool { return false }).Say(events) {
			for _, id := range said.Events {
				told++
				e := events[slices.IndexFunc(events, func(e event.Event) bool { return e.ID == id })]
				if said.Skip != "" {
					continue
				}
				if e.Number <= last[e.Entity.ID] {
					t.Fatalf("event %d of %s is told behind event %d", e.Number, e.Entity.ID, last[e.Entity.ID])
				}
				last[e.Entity.ID] = e.Number
			}
		}
		if told != n {
			t.Fatalf("got %d events in the answers, want %d", told, n)
		}
	})
}

func TestRowsTellEveryEvent(t *testing.T) {
	said := delivery.Rows(scribe{}).Say([]event.Event{ev(1, "Updated p1 A B"), ev(2, "Updated p1 B A"), ev(3, "Deleted p1")})
	var got []string
	for _, s := range said {
		got = append(got, fmt.Sprint(s.Events, len(s.Rows), s.Skip))
	}
	want := []string{"[e1]1", "[e2]1", "[e3]0nothing changed that is told"}
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], " ", "")
		want[i] = strings.ReplaceAll(want[i], " ", "")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
