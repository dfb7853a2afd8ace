package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// An urgent event overtakes a queue that would take minutes. What waits of its own entity goes before it, in one message
// of its own; nothing else does, and nothing is merged with it.
func TestAnUrgentEventOvertakesAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context) error {
			time.Sleep(time.Second)
			return nil
		}
		a := &target{perform: slow}
		r := newRig(t, map[string]*target{"a": a})
		urgent := func(e event.Event) (string, error) {
			if strings.Contains(e.Entity.Name, "urgent") {
				return "", nil
			}
			return "not urgent", nil
		}
		r.routes = []delivery.Route{
			{Name: "urgent", Target: "a", Match: urgent, Words: byEntity{}, Urgent: true},
			{Name: "a", Target: "a", Match: func(event.Event) (string, error) { return "", nil }, Words: byEntity{}},
		}
		d, err := delivery.New(delivery.Config{
			Journal: r.store, Routes: r.routes, Logger: slog.New(slog.DiscardHandler),
			Targets: []delivery.Target{{ID: "a", Lane: "a", Most: 100, Sink: oneByOne{a}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		add := func(n, entity int, words string) {
			in := incoming(n, appendStep{Entity: entity})
			in.Body = []byte(strings.Replace(string(in.Body), `"Name":"told"`, `"Name":"`+words+`"`, 1))
			got, err := r.store.Append(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			names[got.ID] = fmt.Sprint(entity, words)
			d.Wake()
		}
		for n := range 60 {
			add(n, n, "x")
		}
		add(60, 58, "y")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(3500 * time.Millisecond)
		add(61, 58, "urgent")
		add(62, 58, "urgent")
		add(63, 59, "z")
		time.Sleep(3 * time.Second)
		var got []string
		for _, events := range a.calls()[4:] {
			var one []string
			for _, id := range events {
				one = append(one, names[id])
			}
			got = append(got, strings.Join(one, "+"))
		}
		if want := []string{"58x+58y", "58urgent", "58urgent"}; !slices.Equal(got, want) {
			t.Errorf("got %q after the first four, want %q", got, want)
		}
		time.Sleep(time.Minute)
		if a.count() != 64 {
			t.Errorf("got %d told, want all 64", a.count())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What is replayed is old: it is told together, and keeps nothing new from its turn.
func TestAReplayIsNeverUrgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		r.routes[0].Urgent = true
		var numbers []int64
		for n := range 60 {
			numbers = append(numbers, r.append(n, appendStep{Entity: n}))
		}
		d, stop := r.run()
		time.Sleep(10 * time.Second)
		before := len(r.targets["a"].calls())
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: numbers}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if n := len(r.targets["a"].calls()) - before; before != 60 || n != 6 {
			t.Errorf("got %d messages, and %d for the replay, want 60, and 6 of ten events each", before, n)
		}
		if n := r.targets["a"].count(); n != 120 {
			t.Errorf("got %d events told, want all twice", n)
		}
		stop()
	})
}

// oneByOne takes one item for each effect, as a chat does.
type oneByOne struct{ sinks.Sink }

func (o oneByOne) Compose(items []sinks.Item, plain bool) (content []byte, taken int, err error) {
	content, _, err = o.Sink.Compose(items[:1], plain)
	return content, 1, err
}
