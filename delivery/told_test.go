package delivery_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// Where a look is refused, a target waits, unless it shall be told again: then that is counted once, and said once, when
// it is there. Refused credentials are waited for in any case.
func TestARefusedLookWaitsUnlessResent(t *testing.T) {
	permission := sinks.Fail(sinks.Park, sinks.ReasonPermission, "no history")
	tests := []struct {
		name    string
		blind   error
		resend  bool
		refused int // attempts of the replay before one is taken
		told    int
		doubles int64
	}{
		{"it waits", permission, false, 0, 1, 0},
		{"it is told again", permission, true, 0, 2, 1},
		{"it is told again after some attempts", permission, true, 3, 2, 1},
		{"it cannot be told again either", permission, true, 1000, 1, 0},
		{"as a stop", sinks.Fail(sinks.Stop, sinks.ReasonPermission, "no history"), true, 0, 2, 1},
		{"the token is refused", sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "revoked"), true, 0, 1, 0},
		{"the look only failed", sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "no connection"), true, 0, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &target{table: true}
				r := newRig(t, map[string]*target{"a": a})
				r.resend = tt.resend
				var said notes
				r.log = slog.New(slog.NewTextHandler(&said, nil))
				r.append(1, appendStep{})
				d, stop := r.run()
				time.Sleep(time.Second)
				left := tt.refused
				a.change(func(s *target) {
					s.blind = tt.blind
					s.act = func(sinks.Effect) error {
						if left--; left >= 0 {
							return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "no connection")
						}
						return nil
					}
				})
				if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				stop()
				counts, err := r.store.Count(t.Context())
				if err != nil || a.count() != tt.told || counts.Doubles != tt.doubles {
					t.Errorf("got %d told, %d possible doubles (%v), want %d, %d", a.count(), counts.Doubles, err, tt.told, tt.doubles)
				}
				if n := strings.Count(said.String(), "a possible double"); int64(n) != tt.doubles {
					t.Errorf("got %d possible doubles in the log, want %d:\n%s", n, tt.doubles, said.String())
				}
			})
		})
	}
}

// A possible double is one also when its answer is lost, and the next start finds out that it is there.
func TestAPossibleDoubleOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{}
		r := newRig(t, map[string]*target{"a": a})
		r.resend = true
		r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		a.change(func(s *target) {
			s.blind = sinks.Fail(sinks.Park, sinks.ReasonPermission, "no history")
			s.perform = func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}
		})
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		stop()
		a.recall = sinks.Recollection{Happened: sinks.Did, Receipt: "there"}
		_, stop = r.run()
		time.Sleep(time.Second)
		stop()
		counts, err := r.store.Count(t.Context())
		if err != nil || counts.Doubles != 1 || counts.Deliveries[journal.Delivered] != 2 {
			t.Errorf("got %+v (%v), want one possible double, and all delivered", counts, err)
		}
	})
}

// A look that one target is refused is no reason to stop its neighbours, which can be told without one.
func TestARefusedLookHarmsNoNeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blind := sinks.Fail(sinks.Stop, sinks.ReasonPermission, "missing_scope (needed: channels:history)")
		r := newRig(t, map[string]*target{"a": {table: true, blind: blind}, "b": {}})
		r.service = "chat"
		number := r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{number}, Target: "a"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		next := r.append(2, appendStep{})
		d.Wake()
		time.Sleep(time.Minute)
		r.want(next, "a pending", "b delivered")
		if state := r.state("a"); state.Hold != journal.Parked {
			t.Errorf("got %+v, want it parked", state)
		}
		stop()
	})
}
