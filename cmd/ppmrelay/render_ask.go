package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/templates"
)

// rendering is what a configuration makes of an event.
type rendering struct {
	happening

	cfg     *config.Config
	reasons reasonsJSON       // of the routes that were asked for
	told    map[string]spoken // by route; what --template makes of the event has none
	faults  config.Errors
}

// spoken is what a target would be told: a message, or rows below headers.
type spoken struct {
	text    string // of the notification, escaped for Slack
	blocks  []map[string]any
	headers []templates.Column // of a table; nil of a message
	rows    []event.Row
	skip    string // why nothing is told all the same
}

// render reads everything anew and asks each route. The error is about the event or what was typed; what is wrong with
// the configuration is part of the rendering, unless nothing can be made of it.
func (r *renderer) render(ctx context.Context) (*rendering, error) {
	w, err := r.readWords(r.file)
	if err != nil {
		return nil, err
	}
	return r.renderWith(ctx, w)
}

func (r *renderer) renderWith(ctx context.Context, w *wordsOf) (*rendering, error) {
	h, err := r.happening(ctx, w.cfg)
	if err != nil {
		return nil, err
	}
	shown := &rendering{happening: h, cfg: w.cfg, told: map[string]spoken{}}
	if r.template != "" {
		err = r.renderTemplate(w, shown)
	} else {
		err = r.renderRoutes(w, shown)
	}
	shown.faults = w.all()
	return shown, err
}

// renderTemplate says the event in one template, whatever the routes say.
func (r *renderer) renderTemplate(w *wordsOf, shown *rendering) error {
	template, err := w.template(r.template)
	if err != nil || template == nil {
		return err
	}
	said, err := w.say(shown.Event, w.messages(template))
	shown.told[""] = said
	return err
}

// renderRoutes shows what the routes make of the event.
func (r *renderer) renderRoutes(w *wordsOf, shown *rendering) error {
	if err := w.ask(shown, r.file); err != nil {
		return err
	}
	return r.only(shown)
}

// listener is a route as it is asked about any number of events.
type listener struct {
	config.Route

	place  string // its path in the configuration
	target string
	match  delivery.Match // nil when something is wrong with the route
	voice  voice
}

// listeners are the routes in the order of the file. What is wrong with them is noted the first time.
func (w *wordsOf) listeners() []listener {
	if w.listening == nil {
		for i, route := range w.cfg.Routes {
			w.place = fmt.Sprintf("routes[%d]", i)
			l := listener{Route: route, place: w.place, target: targetOf(route), voice: w.voiceOf(route)}
			if l.target != "" && len(route.Events) > 0 && !slices.Contains(route.Events, "") && !w.isWrong(w.place+".when") {
				var err error
				if l.match, err = w.match(route); err != nil {
					w.fault(route.When, err)
				}
			}
			w.listening = append(w.listening, l)
		}
	}
	return w.listening
}

// ask asks every route in order, as planning does: the first that takes an event owns its target.
func (w *wordsOf) ask(shown *rendering, file string) error {
	story := journal.Story{Entry: journal.Entry{Number: shown.Number, ID: shown.ID, Planned: true, Late: shown.Late, Incoming: journal.Incoming{
		Type: shown.Type, Entity: shown.Entity, Received: shown.Received,
	}}}
	owner := map[string]string{}
	for _, l := range w.listeners() {
		w.place = l.place
		why := w.refusal(l, shown.Event)
		if first := owner[l.target]; why == "" && first != "" {
			why = "told by route " + first
		}
		if why != "" {
			story.Verdicts = append(story.Verdicts, journal.Verdict{Route: l.Name, Reason: why})
			continue
		}
		owner[l.target] = l.Name
		said, err := w.say(shown.Event, l.voice)
		if err != nil {
			return fmt.Errorf("route %s: %w", l.Name, err)
		}
		shown.told[l.Name] = said
		state := journal.Delivered
		if said.skip != "" {
			state = journal.Skipped
		}
		story.Deliveries = append(story.Deliveries, journal.DeliveryStory{Route: l.Name, Target: l.target, State: state, Reason: said.skip})
	}
	shown.reasons = explain(w.cfg, file, story)
	return nil
}

// only leaves the reasons of the one route that was asked for.
func (r *renderer) only(shown *rendering) error {
	if r.route == "" {
		return nil
	}
	var names []string
	for _, route := range shown.cfg.Routes {
		names = append(names, route.Name)
	}
	if !slices.Contains(names, r.route) {
		hint := "there are " + strings.Join(names, ", ")
		if near := config.Nearest(r.route, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return wrong(fmt.Errorf("--route %q: there is no route of this name; %s", r.route, hint))
	}
	shown.reasons.Routes = slices.DeleteFunc(shown.reasons.Routes, func(reason reasonJSON) bool { return reason.Route != r.route })
	return nil
}

// targetOf names the target of a route, as its queue is named.
func targetOf(route config.Route) string {
	switch {
	case route.Slack != nil:
		return "slack:" + route.Slack.Channel
	case route.Sheet != nil:
		return "sheet:" + route.Sheet.Spreadsheet + "/" + route.Sheet.Tab
	case route.File != nil:
		return "file:" + filepath.Clean(route.File.Path)
	default:
		return ""
	}
}

// refusal says why a route does not take an event, or nothing when it does. A route that has no target, or takes nothing
// that can be named, is not asked.
func (w *wordsOf) refusal(l listener, e event.Event) string {
	if l.match == nil {
		return "not asked: something is wrong with the route"
	}
	why, err := l.match(e)
	if err != nil { // a broken condition must not cost a message
		w.fault(l.When, err)
		return ""
	}
	return why
}

// isWrong reports whether a value that was written is told to be wrong.
func (w *wordsOf) isWrong(path string) bool {
	line, column := w.cfg.Place(path)
	if above, at := w.cfg.Place(w.place); above == line && at == column {
		return false // it was not written
	}
	return slices.ContainsFunc(w.told, func(f config.Fault) bool { return f.Line == line && f.Column == column })
}
