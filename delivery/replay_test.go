package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// A chat says it again, a table has it once, and what still waits is left alone.
func TestAReplayTellsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := func(sinks.Effect) error { return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "down") }
		r := newRig(t, map[string]*target{"chat": {}, "down": {act: down}, "sheet": {table: true}})
		r.targets["sheet"].act = func(e sinks.Effect) error {
			if told, err := r.targets["sheet"].Told(t.Context(), e.Events, time.Time{}); err != nil || len(told) > 0 {
				t.Error("a row is written twice")
			}
			return nil
		}
		numbers := []int64{r.append(1, appendStep{}), r.append(2, appendStep{Entity: 1})}
		d, stop := r.run()
		time.Sleep(time.Second)
		want := "{[{chat 2} {sheet 2}] [1 2] []}"
		for _, dry := range []bool{true, false} {
			got, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: append(numbers, numbers...), Dry: dry})
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("dry %v: got %v (%v), want %s", dry, got, err, want)
			}
		}
		time.Sleep(time.Second)
		if chat, sheet := r.targets["chat"].count(), r.targets["sheet"].count(); chat != 4 || sheet != 2 {
			t.Errorf("got %d messages and %d rows, want 4 and 2", chat, sheet)
		}
		if got := strings.Join(r.fates(1), ", "); !strings.Contains(got, "sheet delivered it is there already") {
			t.Errorf("got %s, want the sheet to have it already", got)
		}
		stop()
	})
}

// What was buried for a cause that is mended is written by a replay, since it never was there.
func TestAReplayWritesWhatWasBuried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sheet := &target{table: true, act: func(sinks.Effect) error { return sinks.Fail(sinks.Bury, sinks.ReasonContent, "too long") }}
		r := newRig(t, map[string]*target{"sheet": sheet})
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		sheet.change(func(s *target) { s.act = nil })
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		r.want(1, "sheet buried content-refused: too long", "sheet delivered")
		stop()
	})
}

// A replay of what was buried says nothing again where it was told, and one to a target nothing elsewhere.
func TestAReplayCanBeNarrowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(sinks.Effect) error { return sinks.Fail(sinks.Bury, sinks.ReasonContent, "too long") }
		r := newRig(t, map[string]*target{"chat": {}, "other": {act: refuse}})
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		for _, test := range []struct {
			ask  delivery.ReplayRequest
			want string
		}{
			{delivery.ReplayRequest{}, "{[{chat 1} {other 1}] [] []}"},
			{delivery.ReplayRequest{State: journal.Buried}, "{[{other 1}] [] []}"},
			{delivery.ReplayRequest{State: journal.Delivered}, "{[{chat 1}] [] []}"},
			{delivery.ReplayRequest{State: journal.Skipped}, "{[] [] []}"},
			{delivery.ReplayRequest{Target: "chat"}, "{[{chat 1}] [] []}"},
			{delivery.ReplayRequest{Target: "chat", State: journal.Buried}, "{[] [] []}"},
		} {
			test.ask.Numbers, test.ask.Dry = []int64{1}, true
			if got, err := d.Replay(t.Context(), test.ask); err != nil || fmt.Sprint(got) != test.want {
				t.Errorf("%+v: got %v (%v), want %s", test.ask, got, err, test.want)
			}
		}
		_, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}, Target: "chart"})
		if want := `the configuration has no target "chart": it has chat, other`; !errors.Is(err, delivery.ErrNoTarget) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		stop()
	})
}

// Whoever asks for a target that no route takes the event for is told so, although another route takes it.
func TestAReplayToATargetThatDoesNotTakeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"chat": {}, "other": {}})
		for i := range r.routes {
			if r.routes[i].Target == "other" {
				r.routes[i].Match = func(event.Event) (string, error) { return "takes others only", nil }
			}
		}
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		for to, want := range map[string]string{"other": "{[] [] [1]}", "chat": "{[{chat 1}] [] []}", "": "{[{chat 1}] [] []}"} {
			got, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}, Target: to, Dry: true})
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("to %q: got %v (%v), want %s", to, got, err, want)
			}
		}
		stop()
	})
}

// A replay goes by today's routes.
func TestAReplayAsksTodaysRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		var takes atomic.Bool
		r.routes[0].Match = func(event.Event) (string, error) {
			if takes.Load() {
				return "", nil
			}
			return "not yet", nil
		}
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		got, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}})
		if want := "{[] [] [1]}"; err != nil || fmt.Sprint(got) != want {
			t.Errorf("got %v (%v), want %s", got, err, want)
		}
		takes.Store(true)
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		r.want(1, "a delivered", "a: not yet")
		stop()
	})
}

func TestAReplaySaysWhatItCannotDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		r.append(1, appendStep{})
		broken := incoming(2, appendStep{})
		broken.Body, broken.Quarantine = []byte("{"), "unexpected end"
		if _, err := r.store.Append(t.Context(), broken); err != nil {
			t.Fatal(err)
		}
		d, stop := r.run()
		time.Sleep(time.Second)
		for number, want := range map[int64]string{
			2: "event 2 is in quarantine, its body cannot be read: unexpected end",
			3: "event 3 is not in the journal",
		} {
			if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1, number}}); err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		time.Sleep(time.Second)
		if got := r.targets["a"].count(); got != 1 {
			t.Errorf("got %d told, want nothing replayed beside what cannot be", got)
		}
		stop()
	})
}

// After a backup was restored, whatever waits may have been told since: the target is asked first.
func TestARestoredBackupTellsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := time.Now()
		a := &target{table: true}
		r := newRig(t, map[string]*target{"a": a})
		got, err := r.store.Append(t.Context(), incoming(1, appendStep{}))
		if err != nil {
			t.Fatal(err)
		}
		r.append(2, appendStep{Entity: 1})
		if err := r.store.Plan(t.Context(), []journal.Planned{
			{Number: 1, Deliveries: []journal.NewDelivery{{Target: "a", Route: "a"}}},
			{Number: 2, Deliveries: []journal.NewDelivery{{Target: "a", Route: "a"}}},
		}); err != nil {
			t.Fatal(err)
		}
		a.told = []string{got.ID} // by the process that ran on after the backup was made
		if n, err := r.store.Restored(t.Context(), made); err != nil || n != 2 {
			t.Fatalf("got %d deliveries marked (%v), want 2", n, err)
		}
		_, stop := r.run()
		time.Sleep(time.Second)
		stop()
		r.want(1, "a delivered it is there already")
		r.want(2, "a delivered")
		if a.count() != 2 || len(a.asked) == 0 || !a.asked[0].Equal(made) {
			t.Errorf("got %v told, asked since %v, want each once, asked since %v", a.told, a.asked, made)
		}
	})
}

// While the look before a replay fails nothing is told: the target waits, and says why.
func TestABlindTargetIsToldNothingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{table: true}
		r := newRig(t, map[string]*target{"a": a})
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		a.change(func(s *target) { s.blind = sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "no connection") })
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if state := r.state("a"); state.Hold != journal.Paused || !strings.Contains(state.Reason, "cannot look up what is there") {
			t.Errorf("got %+v, want it paused, and why", state)
		}
		a.change(func(s *target) { s.blind = nil })
		time.Sleep(time.Minute)
		if n := len(a.calls()); n != 1 {
			t.Errorf("got %d attempts, want 1", n)
		}
		r.want(1, "a delivered", "a delivered it is there already")
		stop()
	})
}

// All answers of Recall, and what is counted as a possible double.
func TestRecallDecides(t *testing.T) {
	tests := []struct {
		name    string
		recall  sinks.Recollection
		resend  bool
		want    string // the delivery
		told    int    // attempts that succeeded
		doubles int64
	}{
		{"it happened", sinks.Recollection{Happened: sinks.Did, Receipt: "there"}, false, "a delivered", 0, 0},
		{"it did not", sinks.Recollection{Happened: sinks.DidNot}, false, "a delivered", 1, 0},
		{"it did not, and may come late", sinks.Recollection{Happened: sinks.DidNot, Late: true}, false, "a delivered", 1, 1},
		{"nobody can tell", sinks.Recollection{Reason: sinks.ReasonPermission, Detail: "no history"}, false, "a unsure no-answer: no answer", 0, 0},
		{"nobody can tell, and it shall be told again", sinks.Recollection{Reason: sinks.ReasonPermission}, true, "a delivered", 1, 1},
		{"the credentials are refused, and it would be told again", sinks.Recollection{Reason: sinks.ReasonCredentials}, true, "a unsure no-answer: no answer", 0, 0},
		{"it happened, and would be told again", sinks.Recollection{Happened: sinks.Did}, true, "a delivered", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := true
				a := &target{recall: tt.recall, perform: func(context.Context) error {
					if first {
						first = false
						return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
					}
					return nil
				}}
				r := newRig(t, map[string]*target{"a": a})
				r.resend = tt.resend
				r.append(1, appendStep{})
				_, stop := r.run()
				time.Sleep(time.Minute)
				stop()
				r.want(1, tt.want)
				counts, err := r.store.Count(t.Context())
				if err != nil || counts.Doubles != tt.doubles || a.count() != tt.told {
					t.Errorf("got %d told, %d possible doubles (%v), want %d, %d", a.count(), counts.Doubles, err, tt.told, tt.doubles)
				}
			})
		})
	}
}

// After a long outage nobody waits for the back-off once a look was answered: the target works again.
func TestAnAnsweredLookEndsTheBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{recall: sinks.Recollection{Happened: sinks.DidNot}, down: errors.New("down")}
		a.act = func(sinks.Effect) (failed error) {
			a.change(func(s *target) {
				if s.down != nil {
					failed = sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
				}
			})
			return failed
		}
		r := newRig(t, map[string]*target{"a": a})
		r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(10 * time.Minute) // the pauses are as long as they get
		if n := len(a.calls()); n != 1 {
			t.Errorf("got %d attempts while nobody knows of the first, want 1", n)
		}
		a.change(func(s *target) { s.down = nil })
		time.Sleep(62 * time.Second) // a minute until the next look, and then no other one
		r.want(1, "a delivered")
		stop()
	})
}

// A delivery whose route left the configuration is told in the words of last resort.
func TestAMissingRouteIsToldInOtherWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{}
		r := newRig(t, map[string]*target{"a": a})
		r.append(1, appendStep{})
		if err := r.store.Plan(t.Context(), []journal.Planned{{Number: 1, Deliveries: []journal.NewDelivery{{Target: "a", Route: "gone"}}}}); err != nil {
			t.Fatal(err)
		}
		r.routes[0].Words = wordless{}
		d, err := delivery.New(delivery.Config{
			Journal: r.store, Routes: r.routes, Logger: r.log,
			Targets: []delivery.Target{{ID: "a", Lane: "a", Most: 10, Sink: a, Fallback: singly{}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(time.Second)
		r.want(1, "a delivered")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// wordless has nothing to say.
type wordless struct{}

func (wordless) Say(events []event.Event) (all []delivery.Said) {
	for _, e := range events {
		all = append(all, delivery.Said{Item: sinks.Item{Events: []string{e.ID}}, Skip: "no words"})
	}
	return all
}
