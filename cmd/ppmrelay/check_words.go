package main

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// faultsOfWords returns what is wrong with the templates and conditions of a configuration that has faults already, as
// far as it could be read. Nothing is made of it. What is told to be wrong already is not looked at again.
func faultsOfWords(cfg *config.Config, told config.Errors) config.Errors {
	a := &assembler{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	words, err := templates.New(display(cfg))
	if err != nil {
		a.faultAt("ppm_express.links", err)
		return a.faults
	}
	a.words = words
	a.compileTemplates(told)
	for _, route := range cfg.Routes {
		if isWhole(route.When, told) {
			_, err := words.When(route.When.Value)
			a.note(route.When, err)
		}
		for _, table := range tablesOf(route) {
			a.columns(table, told)
		}
	}
	return a.faults
}

// compileTemplates compiles the templates of messages. In the place of one that is wrong stands another, so that those
// that include it are not called wrong, and what is wrong with the others is told as well.
func (a *assembler) compileTemplates(told config.Errors) {
	wrong := map[string]bool{}
	for name, text := range a.cfg.Templates {
		wrong[name] = !isWhole(text, told)
	}
	for {
		compiled, err := a.words.CompileAll(a.textsBut(wrong))
		if err == nil {
			maps.DeleteFunc(compiled, func(name string, _ *templates.Template) bool { return wrong[name] })
			a.templates = compiled
			return
		}
		before := len(a.faults)
		for _, fault := range templates.Errors(err) {
			if text, ours := a.cfg.Templates[fault.Template]; ours && !wrong[fault.Template] {
				a.fault(text, fault)
			}
		}
		for _, fault := range templates.Errors(err) {
			wrong[fault.Template] = true
		}
		if len(a.faults) == before {
			a.faultAt("templates", err)
			return
		}
	}
}

// textsBut returns the templates by name, with a harmless one in the place of each that is wrong.
func (a *assembler) textsBut(wrong map[string]bool) []templates.Text {
	var all []templates.Text
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Templates)) {
		if wrong[name] && slices.Contains(templates.BuiltinNames(), name) {
			continue // the built-in one stands there
		}
		text := templates.Text{Name: name, Text: "-", Part: true}
		if !wrong[name] {
			text.Text, text.Types = a.cfg.Templates[name].Value, a.typesOf(name)
			text.Part = !slices.ContainsFunc(a.cfg.Routes, func(r config.Route) bool { return r.Slack != nil && r.Slack.Template == name })
		}
		all = append(all, text)
	}
	return all
}

// columns looks at each column alone: what they are to each other is no matter of words.
func (a *assembler) columns(table config.TableConfig, told config.Errors) {
	for _, column := range table.Columns {
		if column.Header == "" || !isWhole(column.Value, told) {
			continue
		}
		_, err := a.words.Table(templates.PerRow(table.Rows), []templates.Column{
			{Header: column.Header, Value: column.Value.Value, Type: event.CellType(column.Type)},
		})
		a.note(column.Value, err)
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
		return f.Line == text.Line && f.Column == text.Column
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
