package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/incident"
	"github.com/ppmrelay/ppmrelay/templates"
)

// opsEvent is an event of our own as delivery reads it.
func opsEvent(number int64, id string, phase incident.Phase, title, over string, stale time.Duration, lines ...incident.Line) event.Event {
	now := time.Now()
	e := event.Event{
		Number: number, ID: fmt.Sprintf("e%d", number), MessageID: id + "/" + string(phase), Type: event.TypeOf("relay.ops", string(phase)), Occurred: now, Received: now,
	}
	text := func(name, text string) {
		e.Attributes = append(e.Attributes, event.Attribute{Name: name, Value: event.Value{Kind: event.Text, Text: text}})
	}
	text("Name", title)
	for _, l := range lines {
		text(l.Label, l.Text)
	}
	text("Over", over)
	text("Since", strconv.FormatInt(now.Add(-time.Minute).UnixMicro(), 10))
	if stale > 0 {
		text("Stale", strconv.FormatInt(now.Add(stale).UnixMicro(), 10))
	}
	return e
}

func TestOpsWords(t *testing.T) {
	words, err := templates.New(templates.Display{})
	if err != nil {
		t.Fatal(err)
	}
	w := opsWords{words: words, from: "ppmrelay on relay-1"}
	why, means := incident.Line{Label: "Why", Text: "no answer"}, incident.Line{Label: "Means", Text: "40 changes wait"}
	late := incident.Line{Label: "Means", Text: "40 changes waited, told late, in order"}
	stopped := func(number int64, id string) event.Event {
		return opsEvent(number, id, incident.Stopped, "Slack refuses messages", "Slack takes messages again", 20*time.Second, why, means)
	}
	over := func(number int64, id string) event.Event {
		return opsEvent(number, id, incident.Over, "Slack takes messages again", "Slack takes messages again", 0, late)
	}
	for _, c := range []struct {
		name   string
		events func() []event.Event
		after  time.Duration
		want   []string // events: head | lines
	}{
		{"a beginning", func() []event.Event { return []event.Event{stopped(1, "a")} }, 0, []string{
			"e1: :no_entry: *Slack refuses messages* since 23:59 | Why: no answer | Means: 40 changes wait",
		}},
		{"an end", func() []event.Event { return []event.Event{over(1, "a")} }, 0, []string{
			"e1: :white_check_mark: *Slack takes messages again* after 60 s | Means: 40 changes waited, told late, in order",
		}},
		{"both together", func() []event.Event { return []event.Event{stopped(1, "a"), over(2, "a")} }, time.Hour, []string{
			"e1 e2: :white_check_mark: *Slack takes messages again* after 60 s | Why: no answer | Means: 40 changes waited, told late, in order",
		}},
		{"a beginning, when it is over", func() []event.Event { return []event.Event{stopped(1, "a")} }, 11 * time.Minute, []string{
			"e1: :white_check_mark: *Slack takes messages again* after 12 min | Why: no answer | Means: what has waited is told now, late and in order; nothing is lost",
		}},
		{"of several, each in its place", func() []event.Event {
			return []event.Event{stopped(1, "a"), stopped(2, "b"), over(3, "a"), opsEvent(4, "c", incident.Noticed, "A template fails", "", 0)}
		}, 0, []string{
			"e1 e3: :white_check_mark: *Slack takes messages again* after 60 s | Why: no answer | Means: 40 changes waited, told late, in order",
			"e2: :no_entry: *Slack refuses messages* since 23:59 | Why: no answer | Means: 40 changes wait",
			"e4: :warning: *A template fails*",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				events := c.events()
				time.Sleep(c.after)
				var got []string
				for _, said := range w.Say(events) {
					head := said.Message.Head
					if begin := strings.Index(head, "<!date"); begin >= 0 {
						head = head[:begin] + "23:59"
					}
					got = append(got, strings.Join(append([]string{strings.Join(said.Events, " ") + ": " + head}, said.Message.Lines...), " | "))
					if said.Skip != "" || said.Message.Text == "" || !strings.HasPrefix(said.Message.Context, "ppmrelay on relay-1 · ") {
						t.Errorf("got %+v, want it told, by whom", said)
					}
				}
				if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			})
		})
	}
}
