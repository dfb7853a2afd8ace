package main

import (
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// BenchmarkLiveAudit measures a look at 5,000 events that were told to the channel and the sheet: where nothing has
// changed since the last look, where something has, and with nothing kept from before.
func BenchmarkLiveAudit(b *testing.B) {
	s := toldStage(b, 5000)
	if _, err := s.live.lookNow(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, look := range []struct {
		name  string
		audit func() (audit, error)
	}{
		{"unchanged", func() (audit, error) { return s.live.lookNow(b.Context()) }},
		{"changed", func() (audit, error) { return s.live.compare(b.Context()) }},
		{"afresh", func() (audit, error) {
			s.live.record.forget()
			return s.live.compare(b.Context())
		}},
		{"way", func() (audit, error) {
			now, err := (&way{stage: s}).Way(b.Context())
			return audit{Events: now.Journalled, Lost: now.Lost, Doubled: now.Twice}, err
		}},
	} {
		b.Run(look.name, func(b *testing.B) {
			for b.Loop() {
				if found, err := look.audit(); err != nil || !found.clean() || found.Events != 5000 {
					b.Fatalf("got %+v, %v, want that all 5,000 are told", found, err)
				}
			}
		})
	}
}

// toldStage is a stage without a daemon whose journal calls events told, 25 by one effect, as they stand in the places.
func toldStage(b *testing.B, events int) *stage {
	b.Helper()
	s, store := bareStage(b)
	planned(b, store, events, channelTarget, tabTarget)
	for n := 0; n < events; n += 25 {
		settle(b, store, s.begin(b, store, tabTarget, 25))
		settle(b, store, s.begin(b, store, channelTarget, 25))
	}
	return s
}

// bareStage is a stage without a daemon, and its journal.
func bareStage(tb testing.TB) (*stage, *sqlite.Journal) {
	tb.Helper()
	s := &stage{folder: tb.TempDir()}
	var err error
	if s.Sandbox, err = sandbox.Start(tb.Context(), sandbox.Options{Slack: slack.Options{Unlimited: true}}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	if s.store, err = sqlite.Open(tb.Context(), filepath.Join(s.folder, "ppmrelay.db"), sqlite.Options{Tenant: "contoso"}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.store.Close() })
	s.Google.AddTab(sandbox.Spreadsheet, sheetTab)
	s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, 0, 0, sinks.KeyHeader)
	s.live = newLiveAudit(s.Sandbox, s.store, "")
	return s, s.store
}

// planned takes events, many at once, that are to be told to targets.
func planned(tb testing.TB, store *sqlite.Journal, events int, targets ...string) {
	tb.Helper()
	var all sync.WaitGroup
	for n := range events {
		all.Go(func() {
			in := journal.Incoming{
				Body: []byte("{}"), Received: time.Now(), Type: "Project:Updated", MessageID: strconv.Itoa(n),
				Entity: event.Ref{Kind: event.Project, ID: strconv.Itoa(n % 207), Name: "A project"},
			}
			if _, err := store.Append(tb.Context(), in); err != nil {
				tb.Error(err)
			}
		})
		if n%100 == 99 {
			all.Wait()
		}
	}
	all.Wait()
	waiting, err := store.Unplanned(tb.Context(), events)
	if err != nil {
		tb.Fatal(err)
	}
	plans := make([]journal.Planned, len(waiting))
	for i, e := range waiting {
		plans[i].Number = e.Number
		for _, target := range targets {
			plans[i].Deliveries = append(plans[i].Deliveries, journal.NewDelivery{Target: target})
		}
	}
	if err := store.Plan(tb.Context(), plans); err != nil {
		tb.Fatal(err)
	}
}

// begin tells the next deliveries of a target, at most that many, by an effect that stays open.
func (s *stage) begin(tb testing.TB, store *sqlite.Journal, target string, most int) journal.Effect {
	tb.Helper()
	queue, err := store.Queue(tb.Context(), target, most)
	if err != nil || len(queue) == 0 {
		tb.Fatalf("got %d deliveries, %v", len(queue), err)
	}
	effect := journal.Effect{ID: uuid.Must(uuid.NewV7()).String(), Target: target, Started: time.Now()}
	for _, w := range queue {
		effect.Deliveries, effect.Events = append(effect.Deliveries, w.Delivery), append(effect.Events, w.Entry.ID)
	}
	if err := store.Begin(tb.Context(), effect); err != nil {
		tb.Fatal(err)
	}
	if target == channelTarget {
		s.post(tb, effect.ID)
		return effect
	}
	rows := len(s.Google.Cells(sandbox.Spreadsheet, sheetTab))
	for i, w := range queue {
		s.Google.InsertRow(sandbox.Spreadsheet, sheetTab, rows+i)
		s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, rows+i, 0, w.Entry.ID+"/1")
	}
	return effect
}

// settle calls an effect told.
func settle(tb testing.TB, store *sqlite.Journal, effect journal.Effect) {
	tb.Helper()
	settled := journal.Settlement{Effect: effect.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: effect.Target}}
	if err := store.Settle(tb.Context(), settled); err != nil {
		tb.Fatal(err)
	}
}
