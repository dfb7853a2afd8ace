package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks/file"
	"github.com/ppmrelay/ppmrelay/sinks/sheets"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
	"github.com/ppmrelay/ppmrelay/templates"
)

// most is how many deliveries one effect covers at the most; sinks take fewer where a write has no room for more.
const most = 500

// sink makes the target of a route and the words it is told in, or notes why not. This is the one place that knows all
// sinks.
func (a *assembler) sink(ctx context.Context, route config.Route) (*delivery.Target, delivery.Words) {
	switch {
	case route.Slack != nil:
		return a.toSlack(route)
	case route.Sheet != nil:
		return a.toSheet(ctx, route)
	default:
		return a.toFile(route)
	}
}

func (a *assembler) toSlack(route config.Route) (*delivery.Target, delivery.Words) {
	if a.slack == nil {
		a.slack = slack.NewClient(slack.Options{
			Token: a.cfg.Slack.Token.Reveal(), URL: string(a.cfg.Slack.APIURL), Burst: int(a.cfg.Slack.Burst),
			Late: time.Duration(a.cfg.Slack.Late),
		})
	}
	channel, template := route.Slack.Channel, a.templates[route.Slack.Template]
	if template == nil && route.Slack.Template != "" {
		return nil, nil // noted when it was compiled
	}
	id := "slack:" + channel
	words := messageMaker{Words: a.words, template: template, log: a.log, route: route.Name}
	builtin := messageMaker{Words: a.words, log: a.log}
	return &delivery.Target{
		ID: id, Lane: id, Service: "slack", Most: most, Resend: route.Slack.WhenUnsure == config.UnsureResend,
		Pace: a.slack.Pace(channel), Sink: slack.New(a.slack, channel), Fallback: delivery.Messages(builtin, a.words.Ignored),
	}, delivery.Messages(words, a.words.Ignored)
}

func (a *assembler) toSheet(ctx context.Context, route config.Route) (*delivery.Target, delivery.Words) {
	table := a.table(route.Sheet.TableConfig, templates.DefaultColumns)
	if a.google == nil {
		var err error
		a.google, err = sheets.NewClient(ctx, sheets.ClientConfig{
			Credentials: []byte(a.cfg.Google.Credentials.Reveal()), Endpoint: string(a.cfg.Google.Endpoint), PerMinute: int(a.cfg.Google.PerMinute),
		})
		if err != nil {
			a.faultAt("google.credentials", err)
			return nil, nil
		}
	}
	if table == nil {
		return nil, nil
	}
	sink, err := sheets.New(route.Sheet.Config, sheetColumns(table), a.google)
	if err != nil {
		a.faultAt(a.place, err)
		return nil, nil
	}
	return &delivery.Target{
		ID: "sheet:" + route.Sheet.Spreadsheet + "/" + route.Sheet.Tab, Lane: "sheet:" + route.Sheet.Spreadsheet,
		Service: "google", Most: most, Pace: a.google.Pace, Sink: sink,
	}, delivery.Rows(rowMaker{table: table, log: a.log, route: route.Name})
}

func sheetColumns(table *templates.Table) []sheets.Column {
	var all []sheets.Column
	for _, column := range table.Headers() {
		all = append(all, sheets.Column{Header: column.Header, Type: column.Type, Width: column.Width, Format: column.Format})
	}
	return all
}

func (a *assembler) toFile(route config.Route) (*delivery.Target, delivery.Words) {
	table := a.table(route.File.TableConfig, fileColumns)
	if table == nil {
		return nil, nil
	}
	sink, err := file.New(file.Config{Path: a.cfg.Resolve(route.File.Path)}, headers(table))
	if err != nil {
		a.faultAt(a.place, err)
		return nil, nil
	}
	id := "file:" + filepath.Clean(route.File.Path) // not where it leads: --config may be spelt in many ways
	return &delivery.Target{ID: id, Lane: id, Most: most, Sink: sink}, delivery.Rows(rowMaker{table: table, log: a.log, route: route.Name})
}

// fileColumns are the built-in columns of a file. A file cannot hide an address behind a word, as a sheet does.
func fileColumns(perRow templates.PerRow) []templates.Column {
	columns := templates.DefaultColumns(perRow)
	for i := range columns {
		if columns[i].Type == event.CellLink {
			columns[i].Value = "{{ .Entity.Link }}"
		}
	}
	return columns
}

// table compiles the columns of a route, or the built-in ones.
func (a *assembler) table(cfg config.TableConfig, builtin func(templates.PerRow) []templates.Column) *templates.Table {
	perRow := templates.PerRow(cfg.Rows)
	columns := make([]templates.Column, len(cfg.Columns))
	places := map[string]config.Text{}
	for i, column := range cfg.Columns {
		columns[i] = templates.Column{Header: column.Header, Value: column.Value.Value, Type: event.CellType(column.Type)}
		places[column.Header] = column.Value
	}
	if len(columns) == 0 {
		columns = builtin(perRow)
	}
	table, err := a.words.Table(perRow, columns)
	if err == nil {
		return table
	}
	for _, fault := range templates.Errors(err) {
		a.fault(places[fault.Template], fault)
	}
	if len(templates.Errors(err)) == 0 {
		a.faultAt(a.place, err)
	}
	return nil
}

func headers(table *templates.Table) []string {
	var all []string
	for _, column := range table.Headers() {
		all = append(all, column.Header)
	}
	return all
}
