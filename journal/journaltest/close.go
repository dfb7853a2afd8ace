package journaltest

import (
	"errors"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func closeChecks() []check {
	return []check{
		{"everything is there after closing and opening", reopenKeeps},
		{"numbers go on after opening", numbersGoOn},
		{"a closed journal answers that it is closed", closedAnswers},
		{"closing finishes what was taken", closingFinishes},
	}
}

func reopenKeeps(r *rig) {
	t := r.t
	r.must(r.Settle(t.Context(), r.settlement(r.begun("told", 3), journal.Told)))
	r.must(r.Settle(t.Context(), r.settlement(r.begun("unsure", 2), journal.BecameUnsure)))
	r.must(r.Settle(t.Context(), r.settlement(r.begun("refused", 2), journal.Refused)))
	r.begun("open", 2)
	r.planned("waiting", "told", "open")
	r.add()
	r.must(r.SetTarget(t.Context(), journal.TargetState{Target: "waiting", Hold: journal.Parked, Until: r.now, Reason: "x"}))
	before := r.everything()
	for range 3 {
		r.reopen()
		same(t, "the journal", r.everything(), before)
	}
}

func numbersGoOn(r *rig) {
	t := r.t
	var last int64
	for range 5 {
		number := r.add().Number
		if number <= last {
			t.Errorf("got number %d after %d, want a greater one", number, last)
		}
		last = number
		r.reopen()
	}
}

func closedAnswers(r *rig) {
	t := r.t
	effect := r.begun("a", 1)
	r.must(r.Close())
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"Append":      func() error { _, err := r.Append(ctx, r.incoming()); return err },
		"Unplanned":   func() error { _, err := r.Unplanned(ctx, 1); return err },
		"Plan":        func() error { return r.Plan(ctx, []journal.Planned{planOf(1)}) },
		"Entity":      func() error { _, err := r.Entity(ctx, "x"); return err },
		"Targets":     func() error { _, err := r.Targets(ctx); return err },
		"SetTarget":   func() error { return r.SetTarget(ctx, journal.TargetState{Target: "a"}) },
		"Queue":       func() error { _, err := r.Queue(ctx, "a", 1); return err },
		"End":         func() error { return r.End(ctx, r.now, []journal.Ending{{Delivery: 1, State: journal.Skipped}}) },
		"Begin":       func() error { return r.Begin(ctx, r.effect("b")) },
		"OpenEffects": func() error { _, err := r.OpenEffects(ctx); return err },
		"Settle":      func() error { return r.Settle(ctx, r.settlement(effect, journal.Told)) },
		"Events":      func() error { _, err := r.Events(ctx, journal.Filter{}); return err },
		"Story":       func() error { _, err := r.Story(ctx, 1); return err },
		"Count":       func() error { _, err := r.Count(ctx); return err },
		"Previous":    func() error { _, err := r.Previous(ctx, "x", 9, 1); return err },
		"Replay":      func() error { _, err := r.Replay(ctx, []journal.Planned{planOf(1, "a")}); return err },
		"Release":     func() error { _, err := r.Release(ctx, 1, r.incoming()); return err },
		"Restored":    func() error { _, err := r.Restored(ctx, r.now); return err },
		"Recollect":   func() error { _, err := r.Recollect(ctx, "x"); return err },
		"Remember":    func() error { return r.Remember(ctx, "x", []byte("y")) },
		"Incidents":   func() error { _, err := r.Incidents(ctx, journal.IncidentFilter{}); return err },
		"SetIncident": func() error { return r.SetIncident(ctx, r.incident("x")) },
		"Backlogs":    func() error { _, err := r.Backlogs(ctx); return err },
		"Trim": func() error {
			_, err := r.Trim(ctx, journal.Policy{Now: r.now, Events: 1, Memory: 1, Size: 1})
			return err
		},
		"Close": func() error { return r.Close() },
	} {
		if err := call(); !errors.Is(err, journal.ErrClosed) {
			t.Errorf("%s: got error %v, want %v", name, err, journal.ErrClosed)
		}
	}
}

func closingFinishes(r *rig) {
	t := r.t
	const callers = 16
	events := make([][]journal.Incoming, callers)
	for i := range events {
		for range 200 {
			events[i] = append(events[i], r.incoming())
		}
	}
	var mu sync.Mutex
	acknowledged := make(map[int64]string)
	begun := make(chan struct{})
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n, in := range events[i] {
				appended, err := r.Append(t.Context(), in)
				if errors.Is(err, journal.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged[appended.Number] = in.MessageID
				mu.Unlock()
				if i == 0 && n == 0 {
					close(begun)
				}
			}
		})
	}
	select {
	case <-begun:
	case <-time.After(time.Minute):
		t.Fatal("got no answer within a minute")
	}
	closed := r.Journal
	r.must(closed.Close())
	all.Wait()
	r.Journal = r.open(t, r.dir)
	if got := r.counts().Events; got != int64(len(acknowledged)) {
		t.Errorf("got %d events, want the %d that were acknowledged", got, len(acknowledged))
	}
	for number, message := range acknowledged {
		if got := r.story(number).Entry.MessageID; got != message {
			t.Errorf("event %d: got %q, want %q", number, got, message)
		}
	}
}
