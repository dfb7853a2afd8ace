package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// ErrStopped is what a reload gets after the end of Run, or of the context.
var ErrStopped = errors.New("nothing is delivered any more")

// scheme is what routes and targets amount to. It is never changed: a reload puts another one in its place.
type scheme struct {
	routes   []Route
	lanes    []*lane          // also those that no target has any more: they wait for one to come back
	at       map[string]*lane // by target
	services []*service
}

// order is what a lane gets to know of one target.
type order struct {
	Target

	service *service
	words   map[string]Words // by route
}

// design makes the next scheme, and what each lane has to be told of it. Lanes and services are kept by name.
func (d *Delivery) design(before *scheme, routes []Route, targets []Target) (*scheme, map[*lane][]order, error) {
	next := &scheme{routes: routes, at: map[string]*lane{}}
	words := map[string]map[string]Words{} // by target, then by route
	for _, target := range targets {
		words[target.ID] = map[string]Words{}
	}
	first := map[string]Words{} // by target, those of its first route
	for _, route := range routes {
		if words[route.Target] == nil {
			return nil, nil, fmt.Errorf("route %s: no target %s", route.Name, route.Target)
		}
		words[route.Target][route.Name] = route.Words
		if first[route.Target] == nil {
			first[route.Target] = route.Words
		}
	}
	lanes, services, orders := map[string]*lane{}, map[string]*service{}, map[*lane][]order{}
	for _, l := range before.lanes {
		lanes[l.name], orders[l] = l, nil
	}
	for _, s := range before.services {
		services[s.name] = s
	}
	for _, target := range targets {
		if at := before.at[target.ID]; at != nil && at.name != target.Lane {
			return nil, nil, fmt.Errorf("target %s: its lane changes from %s to %s", target.ID, at.name, target.Lane)
		}
		l := lanes[target.Lane]
		if l == nil {
			l = &lane{Delivery: d, name: target.Lane, wake: make(chan struct{}, 1)}
			lanes[target.Lane] = l
		}
		name := cmp.Or(target.Service, target.ID)
		s := services[name]
		if s == nil {
			s = &service{name: name}
			services[name] = s
		}
		if target.Fallback == nil {
			target.Fallback = first[target.ID]
		}
		target.Sink = guarded{target.Sink}
		orders[l] = append(orders[l], order{Target: target, service: s, words: words[target.ID]})
		next.at[target.ID] = l
		if !slices.Contains(next.services, s) {
			next.services = append(next.services, s)
		}
	}
	next.lanes = slices.SortedFunc(maps.Values(lanes), func(a, b *lane) int { return cmp.Compare(a.name, b.name) })
	return next, orders, nil
}

// put puts a scheme in the place of the one before, while nothing is planned. From then on everything is planned by the new one, and what was
// planned by the old one is in the journal: so a lane that sees in its queue what the new scheme has planned, or will
// never see any more what the old one has, also sees its order.
func (d *Delivery) put(next *scheme, orders map[*lane][]order) {
	for l, told := range orders {
		l.orders.Store(&told)
	}
	d.scheme.Store(next)
}

// Reload puts other routes and targets in the place of those there are, while deliveries go on. It waits for what is
// being planned, and for nothing else: a lane takes its part when the attempt that it makes has ended, so that one which
// hangs keeps no other from the new routes.
//
//   - What was planned stays planned. It is told in the words of its route as they are when it is composed; where the
//     route is gone, in those of last resort. An effect is composed by one configuration, and then stays as it is.
//   - A target that is there before and after keeps its queue: its order, its pauses, its open effect. One that is held
//     until a person acts is tried at once where its sink is another one.
//   - What waits for a target that is gone is skipped. Its open effect is looked up once, as long as it can be: then it ends
//     as what was found, or is buried.
//   - A target that is new, or back, begins with what the journal knows of it.
//
// The error is one of the configuration, which changes nothing, or ErrStopped.
func (d *Delivery) Reload(ctx context.Context, routes []Route, targets []Target) error {
	select {
	case <-d.resumed:
	case <-ctx.Done():
		return ErrStopped
	}
	select {
	case d.planning <- struct{}{}:
		defer func() { <-d.planning }()
	case <-ctx.Done():
		return ErrStopped
	}
	if d.start == nil {
		return ErrStopped
	}
	before := d.scheme.Load()
	next, orders, err := d.design(before, routes, targets)
	if err != nil {
		return err
	}
	d.put(next, orders)
	for _, l := range next.lanes {
		if !slices.Contains(before.lanes, l) {
			d.start(l)
		}
		nudge(l.wake)
	}
	return nil
}

// adopt makes the lane's queues follow its newest order. Orders that it had no time for are passed over: a target that
// was away in between has never been away.
func (l *lane) adopt(ctx context.Context) {
	told := l.orders.Swap(nil)
	if told == nil {
		return
	}
	known := map[string]*queue{}
	for _, q := range l.queues {
		known[q.ID] = q
		if !slices.ContainsFunc(*told, func(o order) bool { return o.ID == q.ID }) && !q.leaving {
			q.leaving, q.state.Until = true, time.Time{}
		}
	}
	for _, o := range *told {
		q := known[o.ID]
		if q == nil {
			q = &queue{lane: l, unread: true, state: journal.TargetState{Target: o.ID}}
			l.queues = append(l.queues, q)
		}
		q.obey(ctx, o)
	}
}

// obey makes a queue what the configuration says.
func (q *queue) obey(ctx context.Context, o order) {
	other := q.Sink != nil && (!sameSink(q.Sink, o.Sink) || q.Resend != o.Resend)
	q.Target, q.service, q.words, q.empty = o.Target, o.service, o.words, false
	if q.leaving { // it is back: what it was held for is in the journal
		if q.skipped+q.buried > 0 {
			q.lane.sayGone(ctx, q.ID, q.skipped, q.buried)
		}
		q.leaving, q.unread, q.skipped, q.buried = false, true, 0, 0
	}
	if other && q.state.Hold != journal.Paused {
		q.state.Until = time.Time{}
		q.service.retry()
	}
}

// sameSink reports whether a target is reached as before.
func sameSink(a, b sinks.Sink) bool { return reflect.TypeOf(a).Comparable() && a == b }

// read takes over what the journal knows of a queue that is new to this process, or back. What waited for a person is
// tried at once, as at a start.
func (l *lane) read(ctx context.Context, q *queue) {
	states, err := l.journal.Targets(ctx)
	if err != nil {
		l.hesitate(ctx, q, "targets", err)
		return
	}
	if i := slices.IndexFunc(states, func(s journal.TargetState) bool { return s.Target == q.ID }); i >= 0 {
		q.remember(states[i], time.Now())
	}
	if q.open == nil {
		l.reopen(ctx, q)
	}
	q.unread = false
}

// leave ends, step by step, what is left of a queue whose target is gone.
func (l *lane) leave(ctx, attempts context.Context, q *queue) {
	if q.open != nil {
		l.lookOnce(ctx, attempts, q)
		return
	}
	waiting, err := l.journal.Queue(ctx, q.ID, skipAtOnce)
	if err != nil {
		l.hesitate(ctx, q, "queue", err)
		return
	}
	if l.orders.Load() != nil {
		return // it may be back, and what was just read be planned since
	}
	if len(waiting) > 0 {
		if err := l.skip(ctx, waiting); err != nil {
			l.hesitate(ctx, q, "end", err)
			return
		}
		q.skipped += len(waiting)
		return
	}
	l.queues = slices.DeleteFunc(l.queues, func(other *queue) bool { return other == q })
	l.sayGone(ctx, q.ID, q.skipped, q.buried)
}

// lookOnce ends the open effect of a target that is gone, by what is there. Where that cannot be seen, nobody will look
// again: what it told is buried.
func (l *lane) lookOnce(ctx, attempts context.Context, q *queue) {
	effect := q.open
	found, err := q.Sink.Recall(attempts, sinkEffect(effect))
	if err != nil && attempts.Err() != nil {
		<-ctx.Done() // stopping: the next start ends it
		return
	}
	none := journal.TargetState{Target: q.ID}
	switch {
	case err == nil && found.Happened == sinks.Did:
		l.settle(ctx, q, effect, journal.Settlement{Outcome: journal.Told, Receipt: string(found.Receipt)}, succeed(q))
		return
	case err == nil && found.Happened == sinks.DidNot:
		const why = "the last attempt did not happen, and the target was removed from the configuration"
		l.settle(ctx, q, effect, journal.Settlement{Outcome: journal.DidNot, Reason: why, Double: found.Late}, none)
		return
	}
	if l.adopt(ctx); !q.leaving {
		return // it is back, and is looked at again
	}
	s := abandoned(effect)
	l.settle(ctx, q, effect, s, none)
	q.buried += len(s.Endings)
}

// sayGone tells what became of what waited for a target that left the configuration.
func (d *Delivery) sayGone(ctx context.Context, target string, skipped, buried int) {
	if skipped+buried == 0 {
		d.log.InfoContext(ctx, "a target left the configuration, nothing waited for it", "target", target)
		return
	}
	var replays []string
	if skipped > 0 {
		replays = append(replays, fmt.Sprintf("ppmrelay events replay --state %s --to %s", journal.Skipped, target))
	}
	if buried > 0 {
		replays = append(replays, fmt.Sprintf("ppmrelay events replay --state %s --to %s", journal.Buried, target))
	}
	d.log.WarnContext(ctx, "a target left the configuration, what waited for it is not told", "target", target,
		"skipped", skipped, "buried", buried, "to_tell_it_after_all", "put the target back, then: "+strings.Join(replays, " and "))
}
