package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
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
	book    *labelBook    // what they follow
	kit     *kit          // what they reach the outside with
	chat    *slack.Client // nil where nothing is told in Slack
}

// assembler turns a configuration into parts, and goes on after a fault, so that all are told at once.
type assembler struct {
	cfg    *config.Config
	log    *slog.Logger
	words  *templates.Words
	book   *labelBook // nil = the words stay as they are
	faults config.Errors
	parts  parts
	place  string // of the route that is being added
	named  []namedField
	tables []writtenTable

	kit       *kit
	templates map[string]*templates.Template // compiled, by name; what is broken is left out, with what includes it
	broken    map[string]bool                // templates, by name
	known     map[string]bool                // targets that are there
	slack     *slack.Client                  // nil until a route needs it
	google    *sheets.Client                 // nil until a route needs it
}

// assemble compiles templates and conditions and makes a sink for each target. Nothing is connected to yet. An error is
// a config.Errors.
func assemble(ctx context.Context, cfg *config.Config, log *slog.Logger) (*parts, error) {
	return assembleAfter(ctx, nil, cfg, log)
}

// assembleAfter is assemble for a configuration that follows another one, of which it keeps the kit.
func assembleAfter(ctx context.Context, before *kit, cfg *config.Config, log *slog.Logger) (*parts, error) {
	a, err := assembled(ctx, before, cfg, log)
	if err != nil {
		return nil, err
	}
	if len(a.faults) > 0 {
		return nil, a.faults.Sorted()
	}
	return &a.parts, nil
}

// assembled is assemble with all that was found on the way, also where something is wrong.
func assembled(ctx context.Context, before *kit, cfg *config.Config, log *slog.Logger) (*assembler, error) {
	a := &assembler{cfg: cfg, log: log, known: map[string]bool{}, kit: before.next()}
	words, book, err := newWordsResting(cfg, restWhere(before != nil && before.made != nil), a.kit.member())
	if err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	a.words, a.book, a.parts.book = words, book, book
	a.compileTemplates(nil)
	a.noteTemplates()
	conditions, faults := words.Whens(conditionsOf(cfg))
	for i, route := range cfg.Routes {
		a.place = fmt.Sprintf("routes[%d]", i)
		if faults[i] != nil {
			a.fault(route.When, faults[i])
		}
		a.noteCondition(route, conditions[i])
		a.route(ctx, route, conditions[i])
	}
	a.ops()
	a.parts.kit, a.parts.chat = a.kit.settled(), a.slack
	return a, nil
}

// conditionsOf returns the conditions of the routes, in their order.
func conditionsOf(cfg *config.Config) []string {
	all := make([]string, len(cfg.Routes))
	for i, route := range cfg.Routes {
		all[i] = route.When.Value
	}
	return all
}

// route adds a route and, the first time, its target. When is nil where it has no condition, or one that is broken.
func (a *assembler) route(ctx context.Context, route config.Route, when *templates.Condition) {
	target, words := a.sink(ctx, route)
	if target == nil {
		return
	}
	if !a.known[target.ID] {
		a.known[target.ID] = true
		a.parts.targets = append(a.parts.targets, *target)
	}
	a.parts.routes = append(a.parts.routes, delivery.Route{
		Name: route.Name, Target: target.ID, Match: matching(route, when, a.book), Words: words, Urgent: route.Slack != nil && bool(route.Slack.Urgent),
	})
}

// match compiles what a route takes.
func (a *assembler) match(route config.Route) (delivery.Match, error) {
	if route.When.Value == "" {
		return matching(route, nil, a.book), nil
	}
	when, err := a.words.When(route.When.Value)
	if err != nil {
		return nil, err
	}
	return matching(route, when, a.book), nil
}

// matching returns what a route takes; when is nil where it has no condition.
func matching(route config.Route, when *templates.Condition, book *labelBook) delivery.Match {
	now := book.condition(when)
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
		holds, err := now().Holds(e)
		if err == nil && !holds {
			return "its condition does not hold: " + route.When.Value, nil
		}
		return "", err
	}
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
		taken := typesTaken(route.Events)
		if taken == nil {
			return nil
		}
		types = append(types, taken...)
	}
	return types
}

// typesTaken returns the event types that patterns take; none where they take events of unknown type, too, or nothing
// that can be named.
func typesTaken(patterns []config.Pattern) []event.Type {
	if takes(patterns, "") {
		return nil
	}
	return slices.DeleteFunc(event.Types(), func(t event.Type) bool { return !takes(patterns, t) })
}

// fault notes what is wrong inside a text of the configuration, at its place in the file.
func (a *assembler) fault(text config.Text, err error) {
	found := templates.Errors(err)
	if len(found) == 0 {
		a.faultAt(a.place, err)
	}
	for _, fault := range found {
		message, hint := fault.Text, fault.Hint
		if hint == "" {
			message, hint = plain(fault.Text)
		}
		a.faults = append(a.faults, a.cfg.FaultAt(text, fault.Line, fault.Column, message, hint))
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
