package main

import (
	"log/slog"
	"maps"
	"regexp"
	"slices"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// wordsOfFaulty finds what is wrong with the templates and conditions of a configuration that has faults already, as far as
// it could be read. Nothing is made of it. What is told to be wrong already is not looked at again.
func wordsOfFaulty(cfg *config.Config, told config.Errors) *assembler {
	a := &assembler{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	words, book, err := newWords(cfg)
	if err != nil {
		a.faultAt("ppm_express.links", err)
		return a
	}
	a.words, a.book = words, book
	a.compileTemplates(told)
	a.noteTemplates()
	for _, route := range cfg.Routes {
		if isWhole(route.When, told) {
			when, err := words.When(route.When.Value)
			a.note(route.When, err)
			a.noteCondition(route, when)
		}
		for _, table := range tablesOf(route) {
			a.columns(route, table, told)
		}
	}
	return a
}

// compileTemplates makes the templates that can be made. In the place of one that is broken stands another, so that those
// that include it are not called wrong, and what is wrong with the others is told as well; what includes it is left out.
func (a *assembler) compileTemplates(told config.Errors) {
	a.broken = map[string]bool{}
	for name, text := range a.cfg.Templates {
		if !isWhole(text, told) {
			a.broken[name] = true
		}
	}
	for {
		compiled, err := a.words.CompileAll(a.texts())
		if err == nil {
			maps.DeleteFunc(compiled, func(name string, t *templates.Template) bool {
				return a.broken[name] || slices.ContainsFunc(t.Includes(), func(other string) bool { return a.broken[other] })
			})
			a.templates = compiled
			return
		}
		more := false
		var found []*templates.Error
		for _, fault := range templates.Errors(err) {
			if text, ours := a.cfg.Templates[fault.Template]; ours && !a.broken[fault.Template] {
				more = true
				found = append(found, fault)
				if !a.orphan(fault.Template) {
					a.fault(text, fault)
				}
			}
		}
		for _, fault := range found {
			a.broken[fault.Template] = true
		}
		if !more {
			a.faultAt("templates", err)
			return
		}
	}
}

// orphan reports whether a template is included by broken ones alone: what they would give it is not known, so that
// nobody can say whether it is wrong.
func (a *assembler) orphan(name string) bool {
	mention := regexp.MustCompile("template\\s*[\"`]" + regexp.QuoteMeta(name) + "[\"`]")
	found := false
	for other, text := range a.cfg.Templates {
		if other != name && mention.MatchString(text.Value) {
			if !a.broken[other] {
				return false
			}
			found = true
		}
	}
	return found && !a.used(name)
}

// texts are the templates by name, with a harmless one in the place of each that is broken.
func (a *assembler) texts() []templates.Text {
	var all []templates.Text
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Templates)) {
		if a.broken[name] && slices.Contains(templates.BuiltinNames(), name) {
			continue // the built-in one stands there
		}
		text := templates.Text{Name: name, Text: "-", Part: true}
		if !a.broken[name] {
			text = templates.Text{Name: name, Text: a.cfg.Templates[name].Value, Types: a.typesOf(name), Part: !a.used(name)}
		}
		all = append(all, text)
	}
	return all
}

// used reports whether a route uses a template.
func (a *assembler) used(template string) bool {
	return slices.ContainsFunc(a.cfg.Routes, func(r config.Route) bool { return r.Slack != nil && r.Slack.Template == template })
}

// columns looks at each column alone: what they are to each other is no matter of words.
func (a *assembler) columns(route config.Route, table config.TableConfig, told config.Errors) {
	for _, column := range table.Columns {
		if column.Header == "" || !isWhole(column.Value, told) {
			continue
		}
		made, err := a.words.Table(templates.PerRow(table.Rows), []templates.Column{
			{Header: column.Header, Value: column.Value.Value, Type: event.CellType(column.Type)},
		}, typesTaken(route.Events)...)
		a.note(column.Value, err)
		if made != nil {
			a.tables = append(a.tables, writtenTable{made, []config.Column{column}})
			a.noteFields(route, made.Fields(), func(templates.FieldUse) config.Text { return column.Value })
		}
	}
}

// note keeps what has a place inside the text.
func (a *assembler) note(text config.Text, err error) {
	if len(templates.Errors(err)) > 0 {
		a.fault(text, err)
	}
}

// isWhole reports whether a text was read, with nothing told about it.
func isWhole(text config.Text, told config.Errors) bool {
	return text.Value != "" && !slices.ContainsFunc(told, func(f config.Fault) bool {
		return text.File == "" && f.Line == text.Line && f.Column == text.Column
	})
}

func tablesOf(route config.Route) []config.TableConfig {
	var all []config.TableConfig
	if route.Sheet != nil {
		all = append(all, route.Sheet.TableConfig)
	}
	if route.File != nil {
		all = append(all, route.File.TableConfig)
	}
	return all
}
