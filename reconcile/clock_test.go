package reconcile

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

const year = 365 * day

// putBack makes what is remembered what a clock wrote down that went ahead.
func (n *notes) putBack(t *testing.T, name string, into any, change func()) {
	t.Helper()
	text, err := n.Recollect(t.Context(), name)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
	change()
	if text, err = json.Marshal(into); err == nil {
		err = n.Remember(t.Context(), name, text)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestClockPutBack: what was written down in the future counts as of now.
func TestClockPutBack(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*state, time.Time)
		want   func(*testing.T, *relay)
	}{
		"the token was asked for": {
			change: func(s *state, ahead time.Time) { s.Token.Asked = ahead },
			want: func(t *testing.T, r *relay) {
				t.Helper()
				if n := r.tenant.Calls("me"); n != 2 {
					t.Errorf("got %d questions, want one at each start", n)
				}
			},
		},
		"a type was replaced": {
			change: func(s *state, ahead time.Time) { s.Replaced[event.Types()[0]] = []time.Time{ahead, ahead, ahead} },
			want: func(t *testing.T, r *relay) {
				t.Helper()
				if r.wrong() == "" || len(r.Problems()) != 1 {
					t.Errorf("got problems %v, want a type that is left as it is for a day", r.Problems())
				}
				time.Sleep(day + time.Hour)
				if r.wrong() != "" || len(r.Problems()) != 0 {
					t.Errorf("got %s and %v, want it replaced", r.wrong(), r.Problems())
				}
			},
		},
		"nothing of what was created is listed": {
			change: func(s *state, ahead time.Time) {
				s.Unseen = []Record{{ID: "x", Type: event.Types()[0], Created: ahead}}
			},
			want: func(t *testing.T, r *relay) {
				t.Helper()
				time.Sleep(2 * time.Hour)
				if r.wrong() != "" || len(r.Problems()) != 0 {
					t.Errorf("got %s and %v, want it replaced after an hour", r.wrong(), r.Problems())
				}
			},
		},
		"a webhook was good": {
			change: func(s *state, ahead time.Time) {
				for i := range s.Records {
					s.Records[i].Good, s.Records[i].Seen = ahead, ahead
				}
			},
			want: func(t *testing.T, r *relay) {
				t.Helper()
				kept, err := read(t.Context(), r.notes)
				if err != nil {
					t.Fatal(err)
				}
				for _, known := range kept.Records {
					if known.Good.After(time.Now()) {
						t.Errorf("got good at %s, want nothing in the future", known.Good)
					}
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gaps := &gathered{}
				r := newRelay("@every 30m", standin.Options{})
				r.config.Gap = gaps.take
				r.again(func(*Config) {})
				r.Pass(t.Context())
				var kept state
				r.notes.putBack(t, stateName, &kept, func() {
					if kept.Replaced == nil {
						kept.Replaced = map[event.Type][]time.Time{}
					}
					test.change(&kept, time.Now().Add(year))
				})
				time.Sleep(time.Minute)
				r.tenant.ChangeWebhook(r.tenant.Webhooks()[0].ID, func(w *standin.Webhook) { w.Headers[0].Value = "Bearer of-nobody" })
				r.again(func(*Config) {})
				r.during(t, func() { test.want(t, r) })
				for _, gap := range gaps.all() {
					if gap.Since.After(gap.Until) {
						t.Errorf("got a gap from %s to %s, want its end behind its begin", gap.Since, gap.Until)
					}
				}
			})
		})
	}
}

// TestSilenceAfterTheClockWasPutBack: what comes is heard, and what stops is told, as if the clock had never been ahead.
func TestSilenceAfterTheClockWasPutBack(t *testing.T) {
	raced.Calculates(t)
	synctest.Test(t, func(t *testing.T) {
		shelf, memory := &shelf{}, recorded(t, "w")
		work := func(s *Silence, hours int, comes bool) {
			for range hours {
				if comes {
					shelf.put("Task:Updated", "w")
				}
				time.Sleep(time.Hour)
				if err := s.Look(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		log := slog.New(slog.DiscardHandler)
		s := NewSilence(shelf, memory, log)
		work(s, 10*7*24, true)
		var kept heard
		memory.putBack(t, silenceName, &kept, func() {
			ahead := time.Now().Add(year)
			kept.Looked = ahead
			kept.Rhythm.skip(ahead)
			kept.Rhythm.hear("Task:Updated", ahead)
		})
		s = NewSilence(shelf, memory, log)
		shelf.put("Task:Updated", "late")
		work(s, 1, true)
		if s.state.Firsts["late"].IsZero() {
			t.Error("got nothing of the event that came since, want it heard")
		}
		work(s, 10*7*24, true)
		if p := s.Problems(); len(p) != 0 {
			t.Fatalf("got %v, want no silence", p)
		}
		if n := len(s.state.Rhythm.All.Weeks); n > rhythmWeeks+1 {
			t.Errorf("got %d weeks, want what is older forgotten", n)
		}
		work(s, 30*24, false)
		if p := s.Problems(); len(p) != 1 || !strings.Contains(p[0].Why, "no event has come") {
			t.Errorf("got %v, want the silence", p)
		}
	})
}

// TestASchedulePassesOnWhenTheClockIsPutBack: a pass is waited for by the time that goes by.
func TestASchedulePassesOnWhenTheClockIsPutBack(t *testing.T) {
	for _, spec := range []string{"@every 5m", "*/5 * * * *", "@daily"} {
		next := Spread(EveryDay(parse(t, spec))).Next(time.Now())
		if !strings.Contains(next.String(), " m=") {
			t.Errorf("%s: got %s, want a time that is not of the wall's clock alone", spec, next)
		}
	}
}
