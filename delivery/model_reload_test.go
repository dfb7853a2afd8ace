package delivery_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// setup is what the configuration's file says at the moment. A start takes it as it is.
type setup struct {
	version  int
	gone     int // targets, a bit for each
	noUrgent bool
}

func (s setup) has(target string) bool {
	for i, name := range targetNames() {
		if name == target {
			return s.gone>>i&1 == 0
		}
	}
	return false
}

// routes: two routes share target a, so that their deliveries alternate, and one of them is urgent; b and c share a lane;
// b gets nets per entity.
func (p *process) routes(s setup) []delivery.Route {
	takes := func(target, only string) delivery.Match {
		return func(e event.Event) (string, error) {
			if !strings.HasSuffix(e.Entity.ID, only) {
				return "only entity " + only, nil
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if _, before := p.planned[target+" "+e.ID]; !before { // it is asked again for a replay
				p.planned[target+" "+e.ID] = s.version
			}
			return "", nil
		}
	}
	all := []delivery.Route{
		{Name: urgentRoute, Target: "a", Match: takes("a", "1"), Words: p.words(byEntity{s.version}), Urgent: true},
		{Name: "a", Target: "a", Match: takes("a", ""), Words: p.words(singly{s.version})},
		{Name: "b", Target: "b", Match: takes("b", ""), Words: p.words(byEntity{s.version})},
		{Name: "c", Target: "c", Match: takes("c", ""), Words: p.words(singly{s.version})},
	}
	if s.noUrgent {
		all = all[1:]
	}
	var routes []delivery.Route
	for _, route := range all {
		if s.has(route.Target) {
			routes = append(routes, route)
		}
	}
	return routes
}

func (p *process) targets(s setup) []delivery.Target {
	var all []delivery.Target
	for _, name := range targetNames() {
		lane := "lane-a"
		if name != "a" {
			lane = "lane-bc"
		}
		if s.has(name) {
			all = append(all, delivery.Target{ID: name, Lane: lane, Most: 6, Sink: p.sink(name), Resend: name == resendTarget})
		}
	}
	return all
}

// words are what a version says; or, as a bug, what the newest one says.
func (p *process) words(w delivery.Words) delivery.Words {
	if p.bug == readsTheNewestWords {
		return newest{p}
	}
	return w
}

// newest reads the words of the newest version for each event, which takes a moment.
type newest struct{ *process }

func (w newest) Say(events []event.Event) []delivery.Said {
	var all []delivery.Said
	for _, e := range events {
		time.Sleep(time.Second)
		w.mu.Lock()
		version := w.setup.version
		w.mu.Unlock()
		all = append(all, singly{version}.Say([]event.Event{e})...)
	}
	return all
}

// deliver starts the daemon.
func (p *process) deliver(ctx context.Context, done chan<- error) error {
	p.mu.Lock()
	s := p.setup
	p.mu.Unlock()
	daemon, err := delivery.New(delivery.Config{
		Journal: p, Routes: p.routes(s), Targets: p.targets(s), Logger: slog.New(slog.DiscardHandler), Grace: 10 * time.Second,
	})
	if err != nil {
		return err
	}
	p.daemon.Store(daemon)
	go func() { done <- daemon.Run(ctx) }()
	return nil
}

// loadDue begins the reloads whose time has come. The lock of the world is held.
func (p *process) loadDue() {
	for i, r := range p.Reloads {
		if r.Operation <= p.operations && !p.loaded[i] {
			p.loaded[i] = true
			p.begun.Go(func() { p.load(r) })
		}
	}
}

// load saves another configuration, which the daemon takes at once.
func (p *process) load(r reload) {
	p.loading <- struct{}{}
	defer func() { <-p.loading }()
	p.mu.Lock()
	p.setup = setup{version: p.setup.version + 1, gone: r.Gone, noUrgent: r.NoUrgent}
	s := p.setup
	for _, name := range targetNames() {
		p.away[name] = p.away[name] || !s.has(name)
	}
	p.mu.Unlock()
	var err error
	switch daemon := p.daemon.Load(); p.bug {
	case startsAnotherDelivery:
		ended := make(chan error, 1)
		if err = p.deliver(p.ctx, ended); err == nil {
			p.begun.Go(func() {
				if err := <-ended; err != nil {
					p.note("another delivery ended with %v", err)
				}
			})
		}
	case doesNotWaitForThePlanner, plansBeforeLanesKnow:
		err = daemon.ReloadCarelessly(p.routes(s), p.targets(s), p.bug == plansBeforeLanesKnow)
	default:
		err = daemon.Reload(p.ctx, p.routes(s), p.targets(s))
	}
	p.note("reload of version %d without %03b, %t: %v", s.version, s.gone, s.noUrgent, err)
}

// dawdle takes as long as the scenario says.
func (w *world) dawdle() {
	w.mu.Lock()
	slow := 0
	if w.dawdled < len(w.Slow) {
		slow = w.Slow[w.dawdled]
	}
	w.dawdled++
	w.mu.Unlock()
	time.Sleep(time.Duration(slow) * time.Second)
}

// inspectVersion checks that an effect was made by one version, and by none before the one that planned what it tells.
func (l liar) inspectVersion(effect sinks.Effect) {
	var items []sinks.Item
	if err := json.Unmarshal(effect.Content, &items); err != nil {
		l.fault("content of effect %s: %v", effect.ID, err)
		return
	}
	for _, item := range items {
		version, err := strconv.Atoi(item.Rows[0].Key)
		if err != nil || item.Rows[0].Key != items[0].Rows[0].Key {
			l.fault("effect %s is made of the versions %s and %s", effect.ID, items[0].Rows[0].Key, item.Rows[0].Key)
		}
		for _, id := range item.Events {
			if by := l.planned[l.target+" "+id]; version < by {
				l.fault("event %s was planned for %s by version %d, and is told by version %d", id, l.target, by, version)
			}
		}
	}
}

// abandon notes that nobody will look whether an effect happened: what it tells may stand there all the same, and does
// where it was on its way.
func (w *world) abandon(id string) {
	effect, target := w.effects[id], w.places[id]
	late := w.underway[id] != ""
	delete(w.underway, id)
	delete(w.resent, id)
	for _, event := range effect.Events {
		w.extra[target+" "+event]++
		w.unordered[event] = true
	}
	if late {
		w.landed[id] = true
		w.told[target] = append(w.told[target], effect.Events...)
	}
}
