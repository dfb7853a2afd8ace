package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/journal"
)

// trims is a journal that keeps what it was asked to forget.
type trims struct {
	mu     sync.Mutex
	asked  []journal.Policy
	events []journal.Summary
	done   journal.Trimmed
	err    error
}

func (t *trims) Events(context.Context, journal.Filter) ([]journal.Summary, error) {
	return t.events, nil
}

func (t *trims) Trim(_ context.Context, policy journal.Policy) (journal.Trimmed, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = append(t.asked, policy)
	return t.done, t.err
}

// answer says what comes next.
func (t *trims) answer(done journal.Trimmed, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done, t.err = done, err
}

func TestForgettingByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &daemonLog{}
		store := &trims{done: journal.Trimmed{Events: 7}}
		tender := newTender(store, config.Journal{Keep: config.Duration(90 * 24 * time.Hour), KeepSize: 1 << 30, Memory: config.Duration(14 * 24 * time.Hour)},
			slog.New(slog.NewTextHandler(log, nil)))
		begin := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			tender.run(ctx)
		}()
		synctest.Wait()
		want := journal.Policy{Now: begin, Events: 90 * 24 * time.Hour, Size: 1 << 30, Memory: 14 * 24 * time.Hour, Least: 100_000}
		if len(store.asked) != 1 || store.asked[0] != want {
			t.Errorf("at the start: got %+v, want %+v", store.asked, want)
		}
		if !strings.Contains(log.String(), "old events were forgotten") || !strings.Contains(log.String(), "events=7") {
			t.Errorf("got the log %q", log.String())
		}
		store.answer(journal.Trimmed{}, errors.New("disk I/O error"))
		time.Sleep(3*time.Hour + time.Second)
		synctest.Wait()
		if len(store.asked) != 4 || !store.asked[3].Now.Equal(begin.Add(3*time.Hour)) {
			t.Errorf("after three hours: got %d times, the last with %+v", len(store.asked), store.asked[len(store.asked)-1])
		}
		if lines := strings.Count(log.String(), "old events could not be forgotten"); lines != 1 {
			t.Errorf("got %d lines about one fault, want 1: %s", lines, log.String())
		}
		problems := tender.problems(t.Context())
		if len(problems) != 1 || !strings.Contains(problems[0].Why, "disk I/O error") || !problems[0].Since.Equal(begin.Add(time.Hour)) || problems[0].Blocks {
			t.Errorf("got %+v, want one problem since an hour after the start", problems)
		}
		store.answer(journal.Trimmed{}, nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		if problems := tender.problems(t.Context()); len(problems) != 0 {
			t.Errorf("got %+v after it went well, want none", problems)
		}
		cancel()
		<-ended
	})
}

// The clock is far ahead for an hour -> history that has ended must not be forgotten for that. Ages count from what came
// last; what comes while the clock is wrong bears the time stamp of another one.
func TestAClockFarAheadForgetsNothing(t *testing.T) {
	right := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	wrong := right.AddDate(10, 0, 0)
	event := func(occurred, received time.Time) journal.Summary {
		return journal.Summary{Entry: journal.Entry{Incoming: journal.Incoming{Occurred: occurred, Received: received}}}
	}
	soon := right.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		clock  time.Time
		events []journal.Summary
		want   time.Time
	}{
		"right":                        {right, []journal.Summary{event(right.Add(-time.Minute), right)}, right},
		"no events":                    {wrong, nil, wrong},
		"a journal that was idle":      {right, []journal.Summary{event(right.AddDate(0, -1, 0), right.AddDate(0, -1, 0))}, right.AddDate(0, -1, 1)},
		"ahead":                        {wrong, []journal.Summary{event(right, right)}, soon},
		"ahead, and events come":       {wrong, []journal.Summary{event(right, wrong), event(right.Add(-time.Hour), right)}, soon},
		"ahead, without a time stamp":  {wrong, []journal.Summary{event(time.Time{}, wrong), event(right, right)}, soon},
		"none has a time stamp":        {wrong, []journal.Summary{event(time.Time{}, right)}, soon},
		"a time stamp from the future": {wrong, []journal.Summary{event(wrong, right)}, soon},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(c.clock))
				store := &trims{events: c.events}
				tender := newTender(store, config.Journal{Keep: config.Duration(90 * 24 * time.Hour)}, slog.New(slog.DiscardHandler))
				tender.once(t.Context())
				if len(store.asked) != 1 || !store.asked[0].Now.Equal(c.want) {
					t.Errorf("got %+v, want ages from %v", store.asked, c.want)
				}
			})
		})
	}
}
