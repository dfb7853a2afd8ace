package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/fields"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/templates"
)

// namedField is a place of the configuration that names a field of events.
type namedField struct {
	text config.Text // that holds the place
	use  templates.FieldUse
	of   []string // kinds of entities whose events come there
}

// noteFields keeps where texts that a route uses name fields.
func (a *assembler) noteFields(route config.Route, uses []templates.FieldUse, text func(use templates.FieldUse) config.Text) {
	kinds := kindsTaken(route)
	for _, use := range uses {
		a.named = append(a.named, namedField{text: text(use), use: use, of: kinds})
	}
}

// noteCondition keeps where the condition of a route names fields.
func (a *assembler) noteCondition(route config.Route, when *templates.Condition) {
	if when != nil {
		a.noteFields(route, when.Fields(), func(templates.FieldUse) config.Text { return route.When })
	}
}

// noteTemplates keeps where templates of routes name fields. A part belongs to every route that uses it.
func (a *assembler) noteTemplates() {
	for _, route := range a.cfg.Routes {
		if route.Slack == nil || a.templates[route.Slack.Template] == nil {
			continue
		}
		uses := slices.DeleteFunc(a.templates[route.Slack.Template].Fields(), func(use templates.FieldUse) bool {
			_, ours := a.cfg.Templates[use.Template]
			return !ours // a built-in one
		})
		a.noteFields(route, uses, func(use templates.FieldUse) config.Text { return a.cfg.Templates[use.Template] })
	}
}

// noteTable keeps the columns of a route, and where they name fields.
func (a *assembler) noteTable(table *templates.Table, route config.Route) {
	for _, written := range tablesOf(route) {
		a.tables = append(a.tables, writtenTable{table, written.Columns})
		for _, column := range written.Columns {
			uses := slices.DeleteFunc(table.Fields(), func(use templates.FieldUse) bool { return use.Template != column.Header })
			a.noteFields(route, uses, func(templates.FieldUse) config.Text { return column.Value })
		}
	}
}

// kindsTaken returns the kinds of entities whose events a route takes.
func kindsTaken(route config.Route) []string {
	return slices.DeleteFunc(fields.Kinds(), func(kind string) bool {
		return !slices.ContainsFunc(event.Types(), func(t event.Type) bool { return t.Entity() == kind && takes(route.Events, t) })
	})
}

// fieldWarnings warns of what is wrong with the file of the tenant's fields, and of fields that it does not know.
func (a *assembler) fieldWarnings() config.Errors {
	if a.book == nil {
		return nil // display is wrong
	}
	if err := a.book.unread; err != nil {
		line, column := a.cfg.PlaceOfKey("ppm_express.fields")
		return config.Errors{a.warning(line, column, "the tenant's fields are not used: "+err.Error(), "ppmrelay schema pull fetches them anew")}
	}
	return a.unknownFields(a.book.newest.Load().feed)
}

// unknownFields warns of fields that are named and that the tenant does not have, as far as is known. A kind of entity of
// which nothing is known may have any field.
func (a *assembler) unknownFields(feed *fields.Feed) config.Errors {
	if feed == nil {
		return nil
	}
	type place struct {
		file         string
		line, column int
	}
	kinds := map[place][]string{} // of all routes that a place belongs to
	uses := map[place]namedField{}
	for _, named := range a.named {
		line, column := named.text.At(named.use.Line, named.use.Column)
		at := place{named.text.File, line, column}
		kinds[at], uses[at] = append(kinds[at], named.of...), named
	}
	var warnings config.Errors
	for at, named := range uses {
		if message, hint := unknownField(feed, kinds[at], named.use.Field); message != "" {
			warning := a.cfg.FaultAt(named.text, named.use.Line, named.use.Column, message, hint)
			warning.Warning = true
			warnings = append(warnings, warning)
		}
	}
	return append(warnings, a.unknownInDisplay(feed)...).Sorted()
}

// unknownInDisplay does the same for what is never told, and for labels.
func (a *assembler) unknownInDisplay(feed *fields.Feed) config.Errors {
	var warnings config.Errors
	for i, name := range a.cfg.Display.Ignore {
		path := fmt.Sprintf("display.ignore[%d]", i)
		if message, hint := unknownField(feed, fields.Kinds(), name); message != "" && a.cfg.Written(path) {
			line, column := a.cfg.Place(path)
			warnings = append(warnings, a.warning(line, column, message, hint))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Display.Labels)) {
		kind, field, _ := strings.Cut(name, ".")
		if message, hint := unknownField(feed, []string{kind}, field); message != "" {
			line, column := a.cfg.PlaceOfKey("display.labels." + name)
			warnings = append(warnings, a.warning(line, column, message, hint))
		}
	}
	return warnings
}

func (a *assembler) warning(line, column int, message, hint string) config.Fault {
	fault := a.cfg.Fault(line, column, message, hint)
	fault.Warning = true
	return fault
}

// unknownField says that no entity of these kinds has a field, and what may be meant; nothing when one has, or may have.
func unknownField(feed *fields.Feed, kinds []string, name string) (message, hint string) {
	kinds = slices.DeleteFunc(fields.Kinds(), func(kind string) bool { return !slices.Contains(kinds, kind) })
	var known, others []string
	for _, kind := range fields.Kinds() {
		names := fieldNames(feed, kind)
		has := slices.ContainsFunc(names, func(other string) bool { return fields.Plain(other) == fields.Plain(name) })
		switch {
		case !slices.Contains(kinds, kind):
			if has {
				others = append(others, kindsOf(kind))
			}
		case has || !feed.Knows(kind):
			return "", ""
		default:
			known = append(known, names...)
		}
	}
	if len(kinds) == 0 {
		return "", ""
	}
	message = "no field `" + printable(name) + "` is known of " + listedWords(kinds)
	if near := config.Nearest(fields.Plain(name), known); near != "" {
		return message, "did you mean `" + near + "`?"
	}
	if len(others) > 0 {
		return message, strings.Join(others, " and ") + " have one"
	}
	return message, "if it is new in PPM Express, ppmrelay schema pull fetches it"
}

// listedWords says "projects, ideas and tasks".
func listedWords(kinds []string) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = kindsOf(kind)
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// fieldNames returns every name that a field of a kind can go by: of the built-in attributes, and of what the tenant has.
func fieldNames(feed *fields.Feed, kind string) []string {
	names := ppm.Attributes(kind)
	for _, field := range feed.Fields(kind) {
		names = append(names, field.Names...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
