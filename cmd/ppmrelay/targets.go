package main

import (
	"context"
	"fmt"
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
	template := a.templates[route.Slack.Template]
	if template == nil && route.Slack.Template != "" {
		return nil, nil // noted when it was compiled
	}
	return a.channel(route.Slack.Channel, route.Slack.WhenUnsure, route.Name), a.chat(template, route.Name)
}

// channel makes a target of a channel in Slack, for a route.
func (a *assembler) channel(channel string, whenUnsure config.WhenUnsure, route string) *delivery.Target {
	if a.slack == nil {
		options := slack.Options{
			Token: a.cfg.Slack.Token.Reveal(), URL: string(a.cfg.Slack.APIURL), Burst: int(a.cfg.Slack.Burst),
			Late: time.Duration(a.cfg.Slack.Late),
		}
		a.slack, _ = kept(a.kit, fmt.Sprintf("%#v", options), func() (*slack.Client, error) { return slack.NewClient(options), nil })
	}
	id := "slack:" + channel
	sink, _ := kept(a.kit, fmt.Sprintf("%p %s", a.slack, channel), func() (*slack.Sink, error) { return slack.New(a.slack, channel), nil })
	return &delivery.Target{
		ID: id, Lane: id, Service: "slack", Most: most, Resend: whenUnsure == config.UnsureResend,
		Pace: a.slack.Pace(channel), Sink: sink,
		Fallback: ownWords{own: a.opsWords(), others: a.chat(nil, route)},
	}
}

// chat are the words of a template, or the built-in ones where it is nil. They follow the tenant's labels.
func (a *assembler) chat(template *templates.Template, route string) delivery.Words {
	return a.book.labelled(func(words *templates.Words) delivery.Words {
		maker := messageMaker{Words: words, log: a.log, route: route}
		if template != nil {
			maker.template = template.In(words)
		}
		return delivery.Messages(maker, words.Ignored)
	})
}

func (a *assembler) toSheet(ctx context.Context, route config.Route) (*delivery.Target, delivery.Words) {
	table := a.table(route.Events, route.Sheet.TableConfig, templates.DefaultColumns)
	if a.google == nil {
		reach := sheets.ClientConfig{
			Credentials: []byte(a.cfg.Google.Credentials.Reveal()), Endpoint: string(a.cfg.Google.Endpoint), PerMinute: int(a.cfg.Google.PerMinute),
		}
		var err error
		a.google, err = kept(a.kit, fmt.Sprintf("%q %q %d", reach.Credentials, reach.Endpoint, reach.PerMinute), func() (*sheets.Client, error) { return sheets.NewClient(ctx, reach) })
		if err != nil {
			a.faultAt("google.credentials", err)
			return nil, nil
		}
	}
	if table == nil {
		return nil, nil
	}
	columns := sheetColumns(table)
	sink, err := kept(a.kit, fmt.Sprintf("%p %#v %#v", a.google, route.Sheet.Config, columns), func() (*sheets.Sink, error) {
		return sheets.New(route.Sheet.Config, columns, a.google)
	})
	if err != nil {
		a.faultAt(a.place, err)
		return nil, nil
	}
	return &delivery.Target{
		ID: "sheet:" + route.Sheet.Spreadsheet + "/" + route.Sheet.Tab, Lane: "sheet:" + route.Sheet.Spreadsheet,
		Service: "google", Most: most, Pace: a.google.Pace, Sink: sink,
	}, a.rows(table, route)
}

// rows are the words of a table, which follow the tenant's labels.
func (a *assembler) rows(table *templates.Table, route config.Route) delivery.Words {
	a.noteTable(table, route)
	return a.book.labelled(func(words *templates.Words) delivery.Words {
		return delivery.Rows(rowMaker{table: table.In(words), log: a.log, route: route.Name})
	})
}

func sheetColumns(table *templates.Table) []sheets.Column {
	var all []sheets.Column
	for _, column := range table.Headers() {
		all = append(all, sheets.Column{Header: column.Header, Type: column.Type, Width: column.Width, Format: column.Format})
	}
	return all
}

func (a *assembler) toFile(route config.Route) (*delivery.Target, delivery.Words) {
	table := a.table(route.Events, route.File.TableConfig, fileColumns)
	if table == nil {
		return nil, nil
	}
	path, columns := a.cfg.Resolve(route.File.Path), headers(table)
	sink, err := kept(a.kit, fmt.Sprintf("%s %q", path, columns), func() (*file.Sink, error) {
		return file.New(file.Config{Path: path}, columns)
	})
	if err != nil {
		a.faultAt(a.place, err)
		return nil, nil
	}
	id := "file:" + filepath.Clean(route.File.Path) // not where it leads: --config may be spelt in many ways
	return &delivery.Target{ID: id, Lane: id, Most: most, Sink: sink}, a.rows(table, route)
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
func (a *assembler) table(events []config.Pattern, cfg config.TableConfig, builtin func(templates.PerRow) []templates.Column) *templates.Table {
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
	table, err := a.words.Table(perRow, columns, typesTaken(events)...)
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
