package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// habits are how people of a tenant work.
type habits struct {
	name    string
	perHour map[event.Type]float64 // events in an hour of work
	weekend float64                // share of an hour of work
	night   bool                   // statuses are recalculated every night
	bulk    bool                   // now and then somebody edits 500 projects
	closed  bool                   // in holidays nobody works, else one in ten
}

func tenants() []habits {
	busy := map[event.Type]float64{
		"Project:Updated": 6, "Task:Updated": 12, "Task:Created": 4, "KeyDate:Updated": 3, "Idea:Created": 0.5, "Idea:Updated": 1,
		"Project:Created": 0.1, "Task:Deleted": 0.4, "KeyDate:Created": 0.6, "KeyDate:Deleted": 0.05, "Idea:Deleted": 0.02, "Project:Deleted": 0.02,
	}
	return []habits{
		{name: "busy", perHour: busy, closed: true},
		{name: "busy, with nights", perHour: busy, night: true, closed: true},
		{name: "busy, someone is always there", perHour: busy, night: true, bulk: true},
		{name: "busy all week", perHour: busy, weekend: 0.3},
		{name: "medium", perHour: map[event.Type]float64{"Project:Updated": 0.6, "Task:Updated": 1, "KeyDate:Updated": 0.2, "Idea:Created": 0.06}, bulk: true, closed: true},
		{name: "medium, with nights", perHour: map[event.Type]float64{"Project:Updated": 0.6, "Task:Updated": 1, "KeyDate:Updated": 0.2, "Idea:Created": 0.06}, night: true},
		{name: "three a week", perHour: map[event.Type]float64{"Project:Updated": 0.05, "Task:Updated": 0.025}, closed: true},
		{name: "three a month", perHour: map[event.Type]float64{"Project:Updated": 0.015}},
	}
}

// isHoliday: two weeks at Christmas, two in August, a long weekend in May.
func isHoliday(at time.Time) bool {
	d := at.YearDay()
	return d > 355 || d < 5 || d >= 215 && d < 229 || d >= 128 && d < 133
}

// hour returns the events of an hour.
func (h habits) hour(random *rand.Rand, at time.Time) []event.Type {
	var all []event.Type
	work := 0.0
	if at.Hour() >= 8 && at.Hour() < 18 {
		work = 0.3 + 0.7*random.Float64()
		if wd := at.Weekday(); wd == time.Saturday || wd == time.Sunday {
			work *= h.weekend
		}
		if isHoliday(at) && h.closed {
			work = 0
		} else if isHoliday(at) {
			work *= 0.1
		}
	}
	for _, t := range event.Types() {
		for rate := h.perHour[t] * work; rate > 0; rate-- {
			if random.Float64() < rate {
				all = append(all, t)
			}
		}
	}
	if h.night && at.Hour() == 0 {
		all = append(all, "Task:Updated", "KeyDate:Updated", "Project:Updated")
	}
	if h.bulk && work > 0 && random.IntN(400) == 0 {
		all = append(all, slices.Repeat([]event.Type{"Project:Updated"}, 500)...)
	}
	return all
}

// live lets hours pass in a rhythm, leaves out what stops, and returns when the first alarm came.
func (h habits) live(seed uint64, years int, stops func(event.Type, time.Time) bool) (alarm time.Time, why string) {
	random := rand.New(rand.NewPCG(seed, 1))
	var r rhythm
	start := time.Date(2025, 1, 8, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(seed%365))
	for at := start; at.Before(start.AddDate(years, 0, 0)); at = at.Add(time.Hour) {
		for _, t := range h.hour(random, at) {
			if !stops(t, at) {
				r.hear(t, at.Add(time.Duration(random.IntN(3600))*time.Second))
			}
		}
		if r.pass(at.Add(time.Hour)); at.Hour()%6 != 0 {
			continue
		}
		if _, why := r.silent(); why != "" {
			return at, why
		}
		for _, t := range event.Types() {
			if _, why := r.silentType(t); why != "" {
				return at, string(t) + ": " + why
			}
		}
	}
	return time.Time{}, ""
}

// lives is how many tenants of each kind live for two years: more in a soak.
func lives() uint64 {
	if os.Getenv("PPMRELAY_SOAK") != "" {
		return 60
	}
	return 2
}

// TestNoFalseAlarm: nights, weekends, holidays, small tenants, bulk edits: in hundreds of years nothing is called silent.
func TestNoFalseAlarm(t *testing.T) {
	raced.Calculates(t)
	for _, h := range tenants() {
		t.Run(h.name, func(t *testing.T) {
			alarms := 0
			for seed := range lives() {
				at, why := h.live(seed, 2, func(event.Type, time.Time) bool { return false })
				if why != "" {
					alarms++
					t.Logf("seed %d, %s: %s", seed, at.Format(time.DateOnly), why)
				}
			}
			if alarms > 0 {
				t.Errorf("got %d alarms in %d years, want none", alarms, 2*lives())
			}
		})
	}
}

// TestRealStops: a stop is found within the time that the manual names.
func TestRealStops(t *testing.T) {
	raced.Calculates(t)
	for _, test := range []struct {
		tenant string
		stops  event.Type // empty = all
		within time.Duration
	}{
		{"busy", "Project:Updated", 14 * day},
		{"busy", "Task:Updated", 14 * day},
		{"busy, with nights", "Task:Created", 14 * day},
		{"busy, someone is always there", "KeyDate:Updated", 14 * day},
		{"medium", "Project:Updated", 35 * day},
		{"medium, with nights", "Task:Updated", 35 * day},
		{"busy", "", 28 * day},
		{"busy, with nights", "", 9 * day},
		{"busy all week", "", 28 * day},
		{"medium", "", 35 * day},
	} {
		t.Run(fmt.Sprint(test.tenant, " ", test.stops), func(t *testing.T) {
			h := tenants()[slices.IndexFunc(tenants(), func(h habits) bool { return h.name == test.tenant })]
			var slowest time.Duration
			for seed := range lives() {
				stop := time.Date(2025, 1, 8, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(seed%365)+100+int(seed*17%365))
				for isHoliday(stop) || isHoliday(stop.Add(test.within)) || isHoliday(stop.Add(test.within/2)) {
					stop = stop.Add(day)
				}
				at, why := h.live(seed, 2, func(kind event.Type, at time.Time) bool {
					return at.After(stop) && (test.stops == "" || kind == test.stops)
				})
				if why == "" || at.Before(stop) {
					t.Fatalf("seed %d: got an alarm at %s (%s), want one after %s", seed, at, why, stop)
				}
				slowest = max(slowest, at.Sub(stop))
			}
			t.Logf("found within %s", slowest)
			if slowest > test.within {
				t.Errorf("got %s, want at most %s", slowest, test.within)
			}
		})
	}
}

// shelf is a journal of what a test puts on it.
type shelf struct{ entries []journal.Entry }

func (s *shelf) put(t event.Type, webhook string) {
	s.entries = append(s.entries, journal.Entry{
		Number: int64(len(s.entries) + 1), Incoming: journal.Incoming{Type: t, WebhookID: webhook, Received: time.Now()},
	})
}

func (s *shelf) Events(_ context.Context, f journal.Filter) ([]journal.Summary, error) {
	var page []journal.Summary
	for _, e := range slices.Backward(s.entries) {
		if len(page) < f.Limit && !e.Received.Before(f.Since) && (f.Until.IsZero() || e.Received.Before(f.Until)) && (f.Before == 0 || e.Number < f.Before) {
			page = append(page, journal.Summary{Entry: e})
		}
	}
	return page, nil
}

// TestSilenceIsToldOnce: over restarts and downtimes, and over when an event comes.
func TestSilenceIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrivals, memory, log := &shelf{}, recorded(t, "Webhook-of-Project:Updated", "Webhook-of-Task:Updated"), &logged{}
		s := NewSilence(arrivals, memory, slog.New(slog.NewTextHandler(log, nil)))
		look := func() {
			t.Helper()
			if err := s.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		hours := func(n int, types ...event.Type) {
			for range n {
				for _, kind := range types {
					arrivals.put(kind, "Webhook-of-"+string(kind))
				}
				time.Sleep(time.Hour)
				look()
			}
		}
		hours(24*40, "Project:Updated", "Task:Updated")
		if p := s.Problems(); len(p) != 0 {
			t.Fatalf("got %v, want none", p)
		}
		hours(60, "Project:Updated")
		s = NewSilence(arrivals, memory, slog.New(slog.NewTextHandler(log, nil)))
		hours(60, "Project:Updated")
		p := s.Problems()
		if len(p) != 1 || !strings.Contains(p[0].Why, "Task:Updated") || log.count("an unusual silence") != 1 {
			t.Errorf("got %v and %s, want one, told once", p, &log.text)
		}
		hours(1, "Project:Updated", "Task:Updated")
		if p := s.Problems(); len(p) != 0 || log.count("an unusual silence is over") != 1 {
			t.Errorf("got %v, want that it is over", p)
		}

		time.Sleep(90 * day) // nobody looks
		look()
		if p := s.Problems(); len(p) != 0 {
			t.Errorf("got %v, want that only time counts in which somebody listened", p)
		}
		hours(24 * 30)
		if p := s.Problems(); len(p) != 1 || !strings.Contains(p[0].Why, "server.public_url") {
			t.Errorf("got %v, want that nothing comes at all", p)
		}
		firsts, all, err := Firsts(t.Context(), memory, arrivals)
		if err != nil || !all || len(firsts) != 2 || firsts["webhook-of-task:updated"].IsZero() {
			t.Errorf("got %v, %v, want the first event of each webhook", firsts, err)
		}
	})
}

// recorded is the memory of a relay that created webhooks with these ids.
func recorded(t *testing.T, ids ...string) *notes {
	t.Helper()
	var known state
	for _, id := range ids {
		known.Records = append(known.Records, Record{ID: id, Created: time.Now()})
	}
	text, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	memory := &notes{}
	if err := memory.Remember(t.Context(), stateName, text); err != nil {
		t.Fatal(err)
	}
	return memory
}

// TestFirstsHavePlace: webhooks that are gone are forgotten, so that the first event of a new one is known however many
// there were; and that there were any is not forgotten.
func TestFirstsHavePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrivals, memory := &shelf{}, recorded(t, "stays", "new")
		s := NewSilence(arrivals, memory, slog.New(slog.DiscardHandler))
		look := func() map[string]time.Time {
			t.Helper()
			if err := s.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			firsts, _, err := Firsts(t.Context(), memory, nil)
			if err != nil {
				t.Fatal(err)
			}
			return firsts
		}
		first := time.Now()
		arrivals.put("Idea:Created", "Stays")
		for n := range 2 * firstsMost {
			arrivals.put("Idea:Created", fmt.Sprint("gone-", n))
		}
		time.Sleep(time.Hour)
		if firsts := look(); len(firsts) != firstsMost || !firsts["stays"].Equal(first) {
			t.Errorf("got %d and %v, want %d with the one that was first", len(firsts), firsts["stays"], firstsMost)
		}
		time.Sleep(25 * time.Hour)
		second := time.Now()
		arrivals.put("Idea:Created", "New")
		time.Sleep(time.Hour)
		if firsts := look(); len(firsts) != 2 || !firsts["stays"].Equal(first) || !firsts["new"].Equal(second) {
			t.Errorf("got %v, want the two that are recorded", firsts)
		}
		none := recorded(t, "young")
		heard, err := memory.Recollect(t.Context(), silenceName)
		if err = errors.Join(err, none.Remember(t.Context(), silenceName, heard)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * neverMost)
		s, memory = NewSilence(arrivals, none, slog.New(slog.DiscardHandler)), none
		if firsts := look(); len(firsts) != 0 || len(s.Problems()) != 0 {
			t.Errorf("got %v and %v, want nothing left, and no word that no event has ever come", firsts, s.Problems())
		}
	})
}

// TestNeverAnything: webhooks that are registered for a week and brought nothing at all are told.
func TestNeverAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 1h", standin.Options{})
		s := NewSilence(&shelf{}, r.config.Memory, r.config.Logger)
		r.Pass(t.Context())
		for _, want := range []int{0, 0, 1} {
			if err := s.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p := s.Problems(); len(p) != want || want > 0 && !strings.Contains(p[0].Why, "ever brought an event") {
				t.Errorf("got %v, want %d", p, want)
			}
			time.Sleep(4 * day)
		}
	})
}

// TestFoundOutLaterIsNoArrival: what recovery wrote came by no webhook.
func TestFoundOutLaterIsNoArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrivals := &shelf{}
		arrivals.put("Project:Updated", "")
		time.Sleep(time.Second)
		s := NewSilence(arrivals, &notes{}, slog.New(slog.DiscardHandler))
		if err := s.Look(t.Context()); err != nil || len(s.state.Firsts) != 0 || !s.state.Rhythm.Began.IsZero() {
			t.Errorf("got %+v, %v, want nothing heard", s.state, err)
		}
	})
}
