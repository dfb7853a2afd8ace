package delivery_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// A target refuses everything for hours, with a code in no list. One is lost at the most, whatever else goes wrong
// meanwhile, and the rest is told when it is well.
func TestAnUnknownRefusalLosesOneAtTheMost(t *testing.T) {
	unknown := sinks.Fail(sinks.Unknown, sinks.ReasonUnknown, "workspace_is_somewhere_else")
	offline := sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "no connection")
	tests := []struct {
		name     string
		between  error // every seventh answer
		restarts bool
	}{
		{name: "nothing else"},
		{name: "a passing fault in between", between: offline},
		{name: "refused credentials in between", between: sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "revoked")},
		{name: "restarts", restarts: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var well atomic.Bool
				answers := 0
				r := newRig(t, map[string]*target{"a": {act: func(sinks.Effect) error {
					if answers++; well.Load() {
						return nil
					}
					if tt.between != nil && answers%7 == 0 {
						return tt.between
					}
					return unknown
				}}})
				for n := range 20 {
					r.append(n, appendStep{})
				}
				r.whole = true
				_, stop := r.run()
				for range 3 {
					time.Sleep(time.Hour)
					if tt.restarts {
						stop()
						_, stop = r.run()
					}
				}
				well.Store(true)
				time.Sleep(time.Hour)
				stop()
				counts, err := r.store.Count(t.Context())
				if got := counts.Deliveries; err != nil || got[journal.Buried] != 1 || got[journal.Delivered] != 19 {
					t.Errorf("got %v (%v), want one buried, and the rest delivered", got, err)
				}
			})
		})
	}
}

// jammed is a journal that can be read at no time between two.
type jammed struct {
	delivery.Journal

	from, until time.Time
}

func (j jammed) Queue(ctx context.Context, target string, limit int) ([]journal.Waiting, error) {
	if now := time.Now(); now.After(j.from) && now.Before(j.until) {
		return nil, errors.New("disk I/O error")
	}
	return j.Journal.Queue(ctx, target, limit)
}

// A fault of the journal is no try: the content is tried three times all the same.
func TestAFaultOfTheJournalIsNoTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{act: func(sinks.Effect) error { return sinks.Fail(sinks.Unknown, sinks.ReasonUnknown, "what_is_this") }}
		r := newRig(t, map[string]*target{"a": a})
		r.append(1, appendStep{})
		d, err := delivery.New(delivery.Config{
			Journal: jammed{r.store, time.Now().Add(2 * time.Minute), time.Now().Add(4 * time.Minute)},
			Logger:  r.log, Routes: r.routes, Targets: []delivery.Target{{ID: "a", Lane: "a", Most: 10, Sink: a}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(time.Hour)
		if n := len(a.calls()); n != 3 {
			t.Errorf("got %d tries, want 3", n)
		}
		r.want(1, "a buried unknown-response: what_is_this")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
