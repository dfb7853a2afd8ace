package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
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

// conf is what a test reloads: words of one version, for the targets of a rig that it names.
func (r *rig) conf(version int, names ...string) (routes []delivery.Route, targets []delivery.Target) {
	for _, name := range names {
		routes = append(routes, delivery.Route{
			Name: "to-" + name, Target: name, Match: func(event.Event) (string, error) { return "", nil }, Words: singly{version},
		})
		targets = append(targets, delivery.Target{
			ID: name, Lane: name, Most: r.most, Sink: r.targets[name], Service: r.service, Resend: r.resend, Fallback: singly{-version},
		})
	}
	return routes, targets
}

// reloading delivers with version 1 of the named targets until the returned function is called.
func (r *rig) reloading(names ...string) (d *delivery.Delivery, reload func(version int, names ...string), stop func()) {
	r.Helper()
	routes, targets := r.conf(1, names...)
	d, err := delivery.New(delivery.Config{Journal: r.counted(), Routes: routes, Targets: targets, Logger: r.log, Grace: 10 * time.Second})
	if err != nil {
		r.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	reload = func(version int, names ...string) {
		r.Helper()
		routes, targets := r.conf(version, names...)
		if err := d.Reload(ctx, routes, targets); err != nil {
			r.Errorf("reload of version %d: %v", version, err)
		}
	}
	return d, reload, func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("got error %v, want none", err)
		}
	}
}

// busy counts what is asked of a journal beside its queues.
type busy struct {
	journal.Journal

	writes, looks *atomic.Int64
}

func (b busy) SetTarget(ctx context.Context, s journal.TargetState) error {
	b.writes.Add(1)
	return b.Journal.SetTarget(ctx, s)
}

func (b busy) Settle(ctx context.Context, s journal.Settlement) error {
	b.writes.Add(1)
	return b.Journal.Settle(ctx, s)
}

func (b busy) OpenEffects(ctx context.Context) ([]journal.Effect, error) {
	b.looks.Add(1)
	return b.Journal.OpenEffects(ctx)
}

func (r *rig) counted() delivery.Journal {
	if r.counts == nil {
		return r.store
	}
	return *r.counts
}

// versions returns which version told each event of a target, in order.
func (s *target) versions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.by)
}

func (r *rig) told(name string, want ...string) {
	r.Helper()
	if got := r.targets[name].versions(); !slices.Equal(got, want) {
		r.Errorf("%s was told by the versions %v, want %v", name, got, want)
	}
}

// A target that hangs goes on with what it has begun. Nobody else waits for it, not even for the new words.
func TestAReloadWaitsForNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		r := newRig(t, map[string]*target{"hangs": {perform: func(context.Context) error { <-hang; return nil }}, "well": {}, "new": {}})
		d, reload, stop := r.reloading("hangs", "well")
		r.append(1, appendStep{})
		d.Wake()
		synctest.Wait()
		reload(2, "hangs", "well", "new")
		r.append(2, appendStep{})
		d.Wake()
		synctest.Wait()
		r.told("well", "1", "2")
		r.told("new", "2")
		r.told("hangs")
		close(hang)
		synctest.Wait()
		r.told("hangs", "1", "2") // what had begun is as it was
		stop()
	})
}

// What was planned by a route is told in the words of its route as they are when it is composed; without the route, in
// those of last resort.
func TestWhatWaitsIsToldInTheNewWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{act: func(sinks.Effect) error { return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "down") }}
		r := newRig(t, map[string]*target{"a": a})
		d, reload, stop := r.reloading("a")
		r.append(1, appendStep{})
		d.Wake()
		synctest.Wait()
		reload(2, "a")
		a.change(func(s *target) { s.act = nil })
		time.Sleep(time.Minute)
		r.told("a", "2")

		a.change(func(s *target) {
			s.act = func(sinks.Effect) error { return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "down") }
		})
		r.append(2, appendStep{})
		d.Wake()
		synctest.Wait()
		routes, targets := r.conf(3, "a")
		routes[0].Name = "renamed"
		if err := d.Reload(t.Context(), routes, targets); err != nil {
			t.Error(err)
		}
		a.change(func(s *target) { s.act = nil })
		time.Sleep(time.Minute)
		r.append(3, appendStep{})
		d.Wake()
		synctest.Wait()
		r.told("a", "2", "-3", "3")
		stop()
	})
}

// What a queue waits for is none of a reload's business, and a hundred of them ask nobody for anything.
func TestAReloadCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		patience := sinks.Fail(sinks.Wait, sinks.ReasonRateLimited, "slow down")
		patience.After = 20 * time.Minute
		a := &target{act: func(sinks.Effect) error { return patience }}
		r := newRig(t, map[string]*target{"a": a, "b": {}})
		r.counts = &busy{r.store, new(atomic.Int64), new(atomic.Int64)}
		d, reload, stop := r.reloading("a", "b")
		number := r.append(1, appendStep{})
		d.Wake()
		synctest.Wait()
		writes, looks := r.counts.writes.Load(), r.counts.looks.Load()
		for version := range 100 {
			reload(version, "a", "b")
			time.Sleep(time.Second)
		}
		if w, l := r.counts.writes.Load(), r.counts.looks.Load(); w != writes || l != looks {
			t.Errorf("100 reloads cost %d writes and %d looks for open effects, want none", w-writes, l-looks)
		}
		if got := len(a.calls()); got != 1 {
			t.Errorf("got %d attempts within the time that was asked for, want 1", got)
		}
		a.change(func(s *target) { s.act = nil })
		time.Sleep(20 * time.Minute)
		r.want(number, "a delivered", "b delivered")
		r.told("a", "99")
		stop()
	})
}

// What waits for a person is tried at once where the configuration says something else of how it is reached, and not
// sooner than otherwise where it does not.
func TestWhatIsReachedAnotherWayIsTriedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, class := range []sinks.Class{sinks.Park, sinks.Stop} {
			refuses := func(sinks.Effect) error { return sinks.Fail(class, sinks.ReasonCredentials, "revoked") }
			r := newRig(t, map[string]*target{"a": {act: refuses}, "b": {act: refuses}})
			r.service = "chat"
			d, reload, stop := r.reloading("a", "b")
			number := r.append(1, appendStep{})
			d.Wake()
			time.Sleep(time.Second)
			before := len(r.targets["a"].calls())
			reload(2, "a", "b")
			time.Sleep(time.Second)
			if got := len(r.targets["a"].calls()); got != before {
				t.Errorf("%s: got %d attempts by the same sink, want %d", class, got, before)
			}
			r.targets = map[string]*target{"a": {}, "b": {}}
			reload(3, "a", "b")
			time.Sleep(time.Second)
			r.want(number, "a delivered", "b delivered")
			if state := r.state("b"); state.Hold != "" || len(d.Problems()) != 0 {
				t.Errorf("%s: got %+v and the problems %v, want nothing held", class, state, d.Problems())
			}
			stop()
		}
	})
}

// An effect of which nobody knows whether it happened, at a target that leaves the configuration: it is looked up once.
func TestTheOpenEffectOfATargetThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "down")
		const unsure, skipped = "gone buried unsure, target removed from the configuration", "gone skipped target removed from the configuration"
		tests := []struct {
			found sinks.Recollection
			err   error
			want  string
			said  string
		}{
			{sinks.Recollection{Happened: sinks.Did, Receipt: "there"}, nil, "gone delivered", "skipped=1 buried=0"},
			{sinks.Recollection{Happened: sinks.DidNot}, nil, skipped, "skipped=2 buried=0"},
			{sinks.Recollection{Happened: sinks.DidNot, Late: true}, nil, skipped, "skipped=2 buried=0"},
			{sinks.Recollection{Happened: sinks.CannotTell, Reason: sinks.ReasonPermission}, nil, unsure, "skipped=1 buried=1"},
			{sinks.Recollection{}, down, unsure, "skipped=1 buried=1"},
		}
		for _, test := range tests {
			gone := &target{act: func(sinks.Effect) error { return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer") }, down: down}
			r := newRig(t, map[string]*target{"gone": gone, "stays": {}})
			var said notes
			r.log = slog.New(slog.NewTextHandler(&said, nil))
			r.most = 1
			d, reload, stop := r.reloading("gone", "stays")
			first, second := r.append(1, appendStep{}), r.append(2, appendStep{})
			d.Wake()
			time.Sleep(2500 * time.Millisecond) // between two looks
			looks := 0
			gone.change(func(s *target) { s.recall, s.down, looks = test.found, test.err, s.looks })
			reload(2, "stays")
			time.Sleep(10 * time.Minute) // twice as long as anything is held
			r.want(first, test.want, "stays delivered")
			r.want(second, skipped, "stays delivered")
			gone.change(func(s *target) {
				if s.looks != looks+1 || len(s.attempts) != 1 {
					t.Errorf("%v: got %d looks and %d attempts after the target was gone, want one look", test.found, s.looks-looks, len(s.attempts)-1)
				}
			})
			replay := "ppmrelay events replay --state skipped --to gone"
			if strings.Contains(test.said, "buried=1") {
				replay += " and ppmrelay events replay --state buried --to gone"
			}
			if !strings.Contains(said.String(), test.said) || !strings.Contains(said.String(), replay+`"`) {
				t.Errorf("%v: got the log\n%s\nwant %q and how to replay", test.found, said.String(), test.said)
			}
			counts, err := r.store.Count(t.Context())
			if err != nil || counts.Open != 0 || (counts.Doubles > 0) != test.found.Late {
				t.Errorf("%v: got %+v, %v, want nothing open, and a possible double where one could still appear", test.found, counts, err)
			}
			stop()
		}
	})
}

// What waits for a target that comes back in time is told; what was skipped before stays so until somebody replays it.
func TestATargetThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		a := &target{perform: func(context.Context) error { <-hang; return nil }}
		r := newRig(t, map[string]*target{"a": a})
		r.most = 1
		var said notes
		r.log = slog.New(slog.NewTextHandler(&said, nil))
		d, reload, stop := r.reloading("a")
		first, second := r.append(1, appendStep{}), r.append(2, appendStep{})
		d.Wake()
		synctest.Wait()
		reload(2) // while the attempt runs
		reload(3, "a")
		close(hang)
		synctest.Wait()
		r.want(first, "a delivered")
		r.want(second, "a delivered")
		r.told("a", "1", "3")
		if strings.Contains(said.String(), "left the configuration") {
			t.Errorf("got the log\n%s\nwant nothing of a target that was never away", said.String())
		}

		patience := sinks.Fail(sinks.Wait, sinks.ReasonRateLimited, "slow down")
		patience.After = 10 * time.Minute
		a.change(func(s *target) { s.act = func(sinks.Effect) error { return patience } })
		third := r.append(3, appendStep{})
		d.Wake()
		synctest.Wait()
		reload(4)
		synctest.Wait()
		r.want(third, "a skipped target removed from the configuration")
		a.change(func(s *target) { s.act = nil })
		reload(5, "a")
		fourth := r.append(4, appendStep{})
		d.Wake()
		time.Sleep(9 * time.Minute)
		r.want(fourth, "a pending") // it asked for patience, whoever was away since
		time.Sleep(2 * time.Minute)
		r.want(fourth, "a delivered")
		replayed, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{third, fourth}, State: journal.Skipped, Target: "a"})
		if err != nil || len(replayed.Targets) != 1 || replayed.Targets[0].Deliveries != 1 {
			t.Errorf("got %+v, %v, want the one that was skipped", replayed, err)
		}
		synctest.Wait()
		r.want(third, "a delivered", "a skipped target removed from the configuration")
		stop()
	})
}

// A target that is held is left like any other: nobody waits for its next try.
func TestATargetThatIsHeldIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{act: func(sinks.Effect) error { return sinks.Fail(sinks.Park, sinks.ReasonTargetGone, "archived") }}
		r := newRig(t, map[string]*target{"a": a, "b": {}})
		d, reload, stop := r.reloading("a", "b")
		first := r.append(1, appendStep{})
		d.Wake()
		synctest.Wait()
		reload(2, "b")
		second := r.append(2, appendStep{})
		d.Wake()
		synctest.Wait()
		r.want(first, "a skipped target removed from the configuration", "b delivered")
		r.want(second, "b delivered")
		if _, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{first}, Target: "a"}); !errors.Is(err, delivery.ErrNoTarget) {
			t.Errorf("got %v, want that there is no such target", err)
		}
		stop()
	})
}

// What a target was held for is over when what waited for it was skipped, whether it left while the relay ran or between
// two runs. Until then /readyz would show what nobody can mend.
func TestATargetThatComesBackIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		patience := sinks.Fail(sinks.Wait, sinks.ReasonRateLimited, "slow down")
		patience.After = 10 * time.Minute
		for _, failure := range []*sinks.Error{patience, sinks.Fail(sinks.Park, sinks.ReasonTargetGone, "archived")} {
			for _, between := range []bool{false, true} {
				r := newRig(t, map[string]*target{"a": {act: func(sinks.Effect) error { return failure }}, "b": {}})
				d, reload, stop := r.reloading("a", "b")
				r.append(1, appendStep{})
				d.Wake()
				time.Sleep(time.Second)
				if between {
					stop()
					_, reload, stop = r.reloading("b")
				} else {
					reload(2, "b")
				}
				time.Sleep(time.Second)
				reload(3, "a", "b")
				time.Sleep(time.Second)
				if asked := failure == patience; (r.state("a").Hold == journal.Paused) != asked {
					t.Errorf("%v, between %v: got %+v, want only a pause that it asked for to last", failure, between, r.state("a"))
				}
				time.Sleep(10 * time.Minute)
				if got := r.state("a"); got != (journal.TargetState{Target: "a"}) {
					t.Errorf("%v, between %v: got %+v, want nothing held", failure, between, got)
				}
				stop()
			}
		}
	})
}

// interrupted is a journal that calls someone after it ended deliveries.
type interrupted struct {
	journal.Journal

	then func()
}

func (i *interrupted) End(ctx context.Context, at time.Time, endings []journal.Ending) error {
	err := i.Journal.End(ctx, at, endings)
	i.then()
	return err
}

// A target that is back before all that waited for it was skipped: what was skipped by then is told of all the same, once.
func TestATargetThatComesBackMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {act: func(sinks.Effect) error { return sinks.Fail(sinks.Park, sinks.ReasonTargetGone, "archived") }}})
		var said notes
		r.log = slog.New(slog.NewTextHandler(&said, nil))
		store := &interrupted{Journal: r.store}
		routes, targets := r.conf(1, "a")
		d, err := delivery.New(delivery.Config{Journal: store, Routes: routes, Targets: targets, Logger: r.log})
		if err != nil {
			t.Fatal(err)
		}
		store.then = func() {
			store.then = func() {}
			if err := d.Reload(t.Context(), routes, targets); err != nil {
				t.Error(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		number := r.append(1, appendStep{})
		d.Wake()
		synctest.Wait()
		for range 2 {
			if err := d.Reload(ctx, nil, nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		r.want(number, "a skipped target removed from the configuration")
		if got := said.String(); strings.Count(got, "what waited for it is not told") != 1 || !strings.Contains(got, "skipped=1 buried=0") {
			t.Errorf("got the log\n%s\nwant once what was skipped", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestReloadRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		d, reload, stop := r.reloading("a")
		routes, targets := r.conf(2, "a")
		targets[0].Lane = "another"
		if err := d.Reload(t.Context(), routes, targets); err == nil || !strings.Contains(err.Error(), "target a: its lane changes from a to another") {
			t.Errorf("got %v, want that a lane cannot change", err)
		}
		routes[0].Target = "nowhere"
		if err := d.Reload(t.Context(), routes, targets); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("got %v, want which target is not there", err)
		}
		r.append(1, appendStep{})
		d.Wake()
		synctest.Wait()
		r.told("a", "1")
		reload(2, "a")
		stop()
		routes, targets = r.conf(3, "a")
		if err := d.Reload(t.Context(), routes, targets); !errors.Is(err, delivery.ErrStopped) {
			t.Errorf("got %v after the end, want %v", err, delivery.ErrStopped)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("broken off"))
		fresh, err := delivery.New(delivery.Config{Journal: r.store, Routes: routes, Targets: targets, Logger: r.log})
		if err != nil {
			t.Fatal(err)
		}
		if err := fresh.Reload(ctx, routes, targets); !errors.Is(err, delivery.ErrStopped) {
			t.Errorf("got %v before the start, want %v", err, delivery.ErrStopped)
		}
	})
}
