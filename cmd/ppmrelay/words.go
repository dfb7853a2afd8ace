package main

import (
	"log/slog"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// rowMaker makes rows from a table's templates. A cell that fails says so in its place; the log says why.
type rowMaker struct {
	table *templates.Table
	log   *slog.Logger
	route string
}

func (m rowMaker) Rows(e event.Event) []event.Row {
	rows, err := m.table.Rows(e)
	if err != nil {
		m.log.Warn("a column's template failed", "route", m.route, "event", e.ID, "error", err)
	}
	return rows
}

// messageMaker makes messages from a template of the configuration. One that fails is told in the built-in wording; the
// log says why.
type messageMaker struct {
	*templates.Words

	template *templates.Template // nil = the built-in ones
	log      *slog.Logger
	route    string
}

func (m messageMaker) Message(net event.Net) event.Message {
	if m.template == nil {
		return m.Words.Message(net)
	}
	message, err := m.template.Message(net)
	if err != nil {
		m.log.Warn("a template failed, the built-in wording was used", "route", m.route, "event", net.Last().ID, "error", err)
	}
	return message
}
