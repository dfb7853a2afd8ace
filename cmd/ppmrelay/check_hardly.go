package main

import (
	"maps"
	"slices"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/templates"
)

// writtenTable is a table with the columns that it was made of.
type writtenTable struct {
	table   *templates.Table
	columns []config.Column
}

// templateWarnings warns of what counts in templates and columns, and is hardly meant.
func (a *assembler) templateWarnings() config.Errors {
	var all config.Errors
	for _, name := range slices.Sorted(maps.Keys(a.templates)) {
		all = append(all, a.warnings(a.templates[name].Warnings(), func(template string) (config.Text, bool) {
			text, ours := a.cfg.Templates[template]
			return text, ours
		})...)
	}
	for _, written := range a.tables {
		all = append(all, a.warnings(written.table.Warnings(), func(header string) (config.Text, bool) {
			at := slices.IndexFunc(written.columns, func(c config.Column) bool { return c.Header == header })
			if at < 0 {
				return config.Text{}, false
			}
			return written.columns[at].Value, true
		})...)
	}
	return append(all, a.silentTemplates()...).Sorted()
}

// silentTemplates warns of templates that say nothing about some of what a route takes. A condition of the route may be
// what keeps that away.
func (a *assembler) silentTemplates() config.Errors {
	var all config.Errors
	for _, route := range a.cfg.Routes {
		if route.Slack == nil || route.When.Value != "" || a.templates[route.Slack.Template] == nil {
			continue
		}
		if silent := a.templates[route.Slack.Template].Silent(); silent != nil {
			text, ours := a.cfg.Templates[silent.Template]
			all = append(all, a.warnings([]*templates.Error{silent}, func(string) (config.Text, bool) { return text, ours })...)
		}
	}
	return all
}

// warnings puts warnings to their places in the file. Text returns the text of a template, and false where it is not the
// user's.
func (a *assembler) warnings(found []*templates.Error, text func(template string) (config.Text, bool)) config.Errors {
	var all config.Errors
	for _, warning := range found {
		if text, ours := text(warning.Template); ours {
			told := a.cfg.FaultAt(text, warning.Line, warning.Column, warning.Text, "")
			told.Warning = true
			all = append(all, told)
		}
	}
	return all
}
