package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks/sheets"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
	"github.com/ppmrelay/ppmrelay/templates"
)

// parts is what a configuration amounts to: who is told what, and in which words.
type parts struct {
	routes  []delivery.Route
	targets []delivery.Target
}

// assembler turns a configuration into parts, and goes on after a fault, so that all are told at once.
type assembler struct {
	cfg    *config.Config
	log    *slog.Logger
	words  *templates.Words
	faults config.Errors
	parts  parts
	place  string // of the route that is being added

	templates map[string]*templates.Template // compiled, by name; what is broken is left out, with what includes it
	broken    map[string]bool                // templates, by name
	known     map[string]bool                // targets that are there
	slack     *slack.Client                  // nil until a route needs it
	google    *sheets.Client                 // nil until a route needs it
}

// assemble compiles templates and conditions and makes a sink for each target. Nothing is connected to yet. An error is
// a config.Errors.
func assemble(ctx context.Context, cfg *config.Config, log *slog.Logger) (*parts, error) {
	a := &assembler{cfg: cfg, log: log, known: map[string]bool{}}
	words, err := templates.New(display(cfg))
	if err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	a.words = words
	a.compileTemplates(nil)
	for i, route := range cfg.Routes {
		a.place = fmt.Sprintf("routes[%d]", i)
		a.route(ctx, route)
	}
	if len(a.faults) > 0 {
		return nil, a.faults.Sorted()
	}
	return &a.parts, nil
}

// route adds a route and, the first time, its target.
func (a *assembler) route(ctx context.Context, route config.Route) {
	target, words := a.sink(ctx, route)
	match, err := a.match(route)
	if err != nil {
		a.fault(route.When, err)
	}
	if target == nil || match == nil {
		return
	}
	if !a.known[target.ID] {
		a.known[target.ID] = true
		a.parts.targets = append(a.parts.targets, *target)
	}
	a.parts.routes = append(a.parts.routes, delivery.Route{
		Name: route.Name, Target: target.ID, Match: match, Words: words, Urgent: route.Slack != nil && bool(route.Slack.Urgent),
	})
}

// match compiles what a route takes.
func (a *assembler) match(route config.Route) (delivery.Match, error) {
	var when *templates.Condition
	if route.When.Value != "" {
		var err error
		if when, err = a.words.When(route.When.Value); err != nil {
			return nil, err
		}
	}
	events := fmt.Sprintf("takes %s only", joined(route.Events))
	return func(e event.Event) (string, error) {
		if saysNothing(e) {
			return "it names no webhook and no entity: a call that tries the address, not an event", nil
		}
		if !takes(route.Events, e.Type) {
			return events, nil
		}
		if when == nil {
			return "", nil
		}
		holds, err := when.Holds(e)
		if err == nil && !holds {
			return "its condition does not hold: " + route.When.Value, nil
		}
		return "", err
	}, nil
}

// saysNothing reports whether a body was read that is no event. Whether PPM Express calls an address while it is
// registered, and with what, is not published; of its events, each names the webhook that it is for.
func saysNothing(e event.Event) bool {
	return e.WebhookID == "" && e.MessageID == "" && e.Entity.ID == "" && len(e.Attributes) == 0 && len(e.Before) == 0
}

// typesOf returns the event types that a template can meet: those of the routes that use it, or all where one takes
// events of unknown type, or none uses it.
func (a *assembler) typesOf(template string) []event.Type {
	var types []event.Type
	for _, route := range a.cfg.Routes {
		if route.Slack == nil || route.Slack.Template != template {
			continue
		}
		if takes(route.Events, "") {
			return nil
		}
		for _, t := range event.Types() {
			if takes(route.Events, t) {
				types = append(types, t)
			}
		}
	}
	return types
}

// fault notes what is wrong inside a text of the configuration, at its place in the file.
func (a *assembler) fault(text config.Text, err error) {
	found := templates.Errors(err)
	if len(found) == 0 {
		a.faultAt(a.place, err)
	}
	for _, fault := range found {
		line, column := text.At(max(fault.Line, 1), max(fault.Column, 1))
		message, hint := plain(fault.Text)
		a.faults = append(a.faults, a.cfg.Fault(line, column, message, hint))
	}
}

// faultAt notes what is wrong with the value at a path of the configuration.
func (a *assembler) faultAt(path string, err error) {
	line, column := a.cfg.Place(path)
	a.faults = append(a.faults, a.cfg.Fault(line, column, err.Error(), ""))
}

func display(cfg *config.Config) templates.Display {
	links := map[string]string{}
	if cfg.PPMExpress != nil {
		for kind, link := range cfg.PPMExpress.Links {
			links[kind] = string(link)
		}
	}
	zone := time.UTC
	if cfg.Display.TimeZone.Location != nil {
		zone = cfg.Display.TimeZone.Location
	}
	return templates.Display{Zone: zone, Labels: cfg.Display.Labels, Ignore: cfg.Display.Ignore, Links: links}
}

func takes(patterns []config.Pattern, t event.Type) bool {
	for _, pattern := range patterns {
		if pattern.Match(t) {
			return true
		}
	}
	return false
}

func joined(patterns []config.Pattern) string {
	all := make([]string, len(patterns))
	for i, pattern := range patterns {
		all[i] = string(pattern)
	}
	return strings.Join(all, ", ")
}
