package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// 600 edits of 150 projects by 40 people come at once. A chat that takes one message each second is up to date within
// a minute, an urgent event in between is told at once, and every edit has its row.
func TestABurstIsToldWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const entities, edits = 150, 4
		chat, sheet := &target{}, &target{}
		r := newRig(t, nil)
		urgent := func(e event.Event) (string, error) {
			if e.Entity.ID == "urgent" {
				return "", nil
			}
			return "not urgent", nil
		}
		all := func(event.Event) (string, error) { return "", nil }
		words := delivery.Messages(scribe{}, func(string) bool { return false })
		d, err := delivery.New(delivery.Config{
			Journal: r.store, Logger: slog.New(slog.DiscardHandler),
			Routes: []delivery.Route{
				{Name: "urgent", Target: "chat", Match: urgent, Words: words, Urgent: true},
				{Name: "chat", Target: "chat", Match: all, Words: words},
				{Name: "sheet", Target: "sheet", Match: all, Words: delivery.Rows(scribe{})},
			},
			Targets: []delivery.Target{
				{ID: "chat", Lane: "chat", Most: 500, Sink: oneByOne{chat}, Pace: everySecond()},
				{ID: "sheet", Lane: "sheet", Most: 500, Sink: sheet, Pace: everySecond()},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		add := func(n int, line string) {
			if _, err := r.store.Append(t.Context(), sent(n, line)); err != nil {
				t.Error(err)
			}
		}
		for edit := range edits {
			var all sync.WaitGroup
			for entity := range entities {
				line := fmt.Sprintf("w p%d S%d S%d %ds %d", entity, edit, edit+1, edit, entity%40)
				all.Go(func() { add(edit*entities+entity, line) })
			}
			all.Wait()
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(1500 * time.Millisecond)
		add(entities*edits, "w urgent A B 0s x")
		d.Wake()
		time.Sleep(2 * time.Second)
		if story, err := r.store.Story(t.Context(), entities*edits+1); err != nil || story.Deliveries[0].State != journal.Delivered {
			t.Errorf("got %+v (%v), want the urgent event told after 2 s", story.Deliveries, err)
		}
		time.Sleep(time.Minute)
		counts, err := r.store.Count(t.Context())
		if err != nil || counts.Deliveries[journal.Pending] != 0 || counts.Deliveries[journal.Delivered] != 2*(entities*edits+1) {
			t.Errorf("got %v (%v), want all delivered within a minute", counts.Deliveries, err)
		}
		if len(chat.calls()) > 60 || sheet.count() != entities*edits+1 {
			t.Errorf("got %d messages and %d rows, want at most 60 and %d", len(chat.calls()), sheet.count(), entities*edits+1)
		}
		t.Logf("%d events: %d messages, %d batches of rows", entities*edits, len(chat.calls()), len(sheet.calls()))
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// everySecond gives leave once a second.
func everySecond() func(context.Context) error {
	next := time.Now()
	return func(ctx context.Context) error {
		wait := time.NewTimer(time.Until(next))
		defer wait.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-wait.C:
			next = now.Add(time.Second)
			return nil
		}
	}
}
