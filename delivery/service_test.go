package delivery_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// Refused credentials stop every target of the service: one of them tries every five minutes, and its success wakes all.
func TestAStopIsOfTheWholeService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var accepted atomic.Bool
		var tries atomic.Int64
		act := func(sinks.Effect) error {
			if tries.Add(1); !accepted.Load() {
				return sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "the token was revoked")
			}
			return nil
		}
		r := newRig(t, map[string]*target{"a": {act: act}, "b": {act: act}, "c": {act: act}})
		r.service = "chat"
		var said notes
		r.log = slog.New(slog.NewTextHandler(&said, nil))
		d, stop := r.run()
		time.Sleep(time.Second)
		number := r.append(1, appendStep{})
		d.Wake()
		time.Sleep(time.Minute)
		first := tries.Load() // those that were on their way at the same time
		if first < 1 || first > 3 {
			t.Errorf("got %d attempts in the first minute, want 1 to 3", first)
		}
		time.Sleep(20 * time.Minute)
		if got := tries.Load() - first; got != 4 {
			t.Errorf("got %d attempts of three targets in 20 minutes, want one each 5 minutes", got)
		}
		for _, name := range []string{"a", "b", "c"} {
			if state := r.state(name); state.Hold != journal.Stopped || !strings.Contains(state.Reason, "revoked") || !state.Until.After(time.Now()) {
				t.Errorf("%s: got %+v, want it stopped, why, and until when", name, state)
			}
		}
		if problems := d.Problems(); len(problems) != 1 || problems[0].Part != "chat" {
			t.Errorf("got problems %v, want the service", problems)
		}
		accepted.Store(true)
		time.Sleep(5 * time.Minute)
		r.want(number, "a delivered", "b delivered", "c delivered")
		if state := r.state("b"); state.Hold != "" || len(d.Problems()) != 0 {
			t.Errorf("got %+v and problems %v, want nothing held", state, d.Problems())
		}
		if !strings.Contains(said.String(), "a service is told again") {
			t.Errorf("got the log\n%s\nwant it to say that the service goes on", said.String())
		}
		stop()
	})
}

// A stop harms no other service, and a parked target no neighbour.
func TestOneServiceStopsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(class sinks.Class) func(sinks.Effect) error {
			return func(sinks.Effect) error { return sinks.Fail(class, sinks.ReasonPermission, "no") }
		}
		r := newRig(t, map[string]*target{
			"stopped": {act: refuse(sinks.Stop)}, "parked": {act: refuse(sinks.Park)}, "well": {},
		})
		_, stop := r.run()
		for n := range 5 {
			r.append(n, appendStep{})
		}
		time.Sleep(10 * time.Second)
		if got := r.targets["well"].count(); got != 5 {
			t.Errorf("got %d events at the target that works, want 5", got)
		}
		stop()
		// A protected tab is one target of a service, and does not stop its neighbours.
		r.service = "sheet"
		r.targets["stopped"].act = nil
		_, stop = r.run()
		time.Sleep(10 * time.Second)
		if got := r.targets["stopped"].count(); got != 5 {
			t.Errorf("got %d events at the neighbour of a parked target, want 5", got)
		}
		stop()
	})
}

// A target that waits for a reason of its own says that its service is stopped as soon as its own wait is over.
func TestAPauseEndsInsideAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := func(sinks.Effect) error {
			return &sinks.Error{Class: sinks.Wait, Reason: sinks.ReasonRateLimited, After: time.Minute, Err: errors.New("too many requests")}
		}
		refuse := func(sinks.Effect) error {
			return sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "the token was revoked")
		}
		r := newRig(t, map[string]*target{"busy": {act: wait}, "refused": {act: refuse}})
		r.service = "chat"
		r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(2 * time.Minute)
		for _, name := range []string{"busy", "refused"} {
			if state := r.state(name); state.Hold != journal.Stopped || !state.Until.After(time.Now()) {
				t.Errorf("%s: got %+v, want it stopped with its service", name, state)
			}
		}
		stop()
	})
}

// A look that is refused is no proof that the service takes anything again.
func TestARefusedLookEndsNoStop(t *testing.T) {
	for reason, holds := range map[sinks.Reason]journal.Hold{
		sinks.ReasonCredentials: journal.Stopped, sinks.ReasonPermission: "",
	} {
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lost := func(sinks.Effect) error {
					time.Sleep(time.Second) // until the neighbour was told
					return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
				}
				blind := &target{act: lost, recall: sinks.Recollection{Reason: reason, Detail: "no"}}
				r := newRig(t, map[string]*target{"blind": blind, "idle": {}})
				r.service = "chat"
				var said notes
				r.log = slog.New(slog.NewTextHandler(&said, nil))
				number := r.append(1, appendStep{})
				d, stop := r.run()
				time.Sleep(time.Minute)
				r.want(number, "blind unsure no-answer: no answer", "idle delivered")
				r.append(2, appendStep{})
				d.Wake()
				time.Sleep(time.Minute)
				if state := r.state("idle"); state.Hold != holds {
					t.Errorf("got %+v, want hold %q", state, holds)
				}
				if strings.Contains(said.String(), "a service is told again") {
					t.Errorf("got the log\n%s\nwant nothing told again", said.String())
				}
				stop()
			})
		})
	}
}

// A look that is refused because of the token does not wake a service whose token is refused, also where it shall be told
// again when nobody can tell.
func TestARefusedLookWakesNobody(t *testing.T) {
	for _, resend := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var tries atomic.Int64
			lost := func(sinks.Effect) error { return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer") }
			blind := &target{act: lost, recall: sinks.Recollection{Reason: sinks.ReasonCredentials, Detail: "revoked"}}
			r := newRig(t, map[string]*target{"blind": blind, "refused": {act: func(sinks.Effect) error {
				tries.Add(1)
				return sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "revoked")
			}}})
			r.service, r.resend = "chat", resend
			var said notes
			r.log = slog.New(slog.NewTextHandler(&said, nil))
			r.append(1, appendStep{})
			d, stop := r.run()
			time.Sleep(time.Hour)
			if n := tries.Load(); n > 13 || len(blind.calls()) != 1 {
				t.Errorf("resend %v: got %d tries and %d attempts of the other, want one in 5 minutes at most, and 1", resend, n, len(blind.calls()))
			}
			if state := r.state("blind"); state.Hold != journal.Stopped || len(d.Problems()) != 1 {
				t.Errorf("resend %v: got %+v and %v, want the service stopped", resend, state, d.Problems())
			}
			if strings.Contains(said.String(), "a service is told again") {
				t.Errorf("resend %v: got the log\n%s\nwant nothing told again", resend, said.String())
			}
			stop()
		})
	}
}

// A start tries at once whether the service is well again: one target for all.
func TestAStartTriesAStoppedServiceOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		act := func(sinks.Effect) error {
			tries.Add(1)
			return sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "no")
		}
		r := newRig(t, map[string]*target{"a": {act: act}, "b": {act: act}})
		r.service = "chat"
		number := r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(time.Minute)
		stop()
		tries.Store(0)
		_, stop = r.run()
		time.Sleep(time.Minute)
		if got := tries.Load(); got != 1 {
			t.Errorf("got %d attempts at a start, want 1", got)
		}
		stop()
		r.targets["a"].act, r.targets["b"].act = nil, nil
		_, stop = r.run()
		time.Sleep(time.Second)
		stop()
		r.want(number, "a delivered", "b delivered")
	})
}

// What was held and goes on says so.
func TestATargetThatGoesOnSaysSo(t *testing.T) {
	for _, class := range []sinks.Class{sinks.Retry, sinks.Park, sinks.Unknown} {
		synctest.Test(t, func(t *testing.T) {
			var accepted atomic.Bool
			a := &target{act: func(sinks.Effect) error {
				if !accepted.Load() {
					return sinks.Fail(class, sinks.ReasonUnknown, "archived")
				}
				return nil
			}}
			r := newRig(t, map[string]*target{"a": a})
			var said notes
			r.log = slog.New(slog.NewTextHandler(&said, nil))
			r.append(1, appendStep{})
			_, stop := r.run()
			time.Sleep(time.Minute)
			accepted.Store(true)
			time.Sleep(5 * time.Minute)
			stop()
			if a.count() != 1 || !strings.Contains(said.String(), "a target is told again") {
				t.Errorf("%v: got %d told and the log\n%s\nwant it to say that it goes on", class, a.count(), said.String())
			}
		})
	}
}

// What is buried, and planning that fails, can be seen.
func TestProblemsAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{act: func(sinks.Effect) error { return sinks.Fail(sinks.Bury, sinks.ReasonContent, "too long") }}
		r := newRig(t, map[string]*target{"a": a})
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		if got := d.Problems(); len(got) != 1 || got[0] != (delivery.Problem{
			Key: "buried", Part: "deliveries", Count: 1, Why: "1 were buried since the start, the last one because of content-refused: too long",
		}) {
			t.Errorf("got %v, want what was buried", got)
		}
		if err := r.store.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := d.Problems(); len(got) != 2 || got[0].Part != "planning" || !strings.Contains(got[0].Why, "events are taken, but wait") {
			t.Errorf("got %v, want a failing planner", got)
		}
		stop()
	})
}
