package main

import (
	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/sinks/file"
	"github.com/ppmrelay/ppmrelay/templates"
)

// most is how many deliveries one effect covers at the most; sinks take fewer where a write has no room for more.
const most = 500

// sink makes the target of a route and the words it is told in, or notes why not. This is the one place that knows all
// sinks.
func (a *assembler) sink(route config.Route) (*delivery.Target, delivery.Words) {
	switch {
	case route.File != nil:
		return a.file(route)
	default:
		return nil, nil
	}
}

func (a *assembler) file(route config.Route) (*delivery.Target, delivery.Words) {
	table := a.table(route.File.TableConfig)
	if table == nil {
		return nil, nil
	}
	sink, err := file.New(file.Config{Path: a.cfg.Resolve(route.File.Path)}, headers(table))
	if err != nil {
		a.fault(config.Text{}, err)
		return nil, nil
	}
	id := "file:" + route.File.Path // as written: --config may be spelt in many ways
	return &delivery.Target{ID: id, Lane: id, Most: most, Sink: sink}, delivery.Rows(rowMaker{table: table, log: a.log, route: route.Name})
}

// table compiles the columns of a route.
func (a *assembler) table(cfg config.TableConfig) *templates.Table {
	columns := make([]templates.Column, len(cfg.Columns))
	places := map[string]config.Text{}
	for i, column := range cfg.Columns {
		columns[i] = templates.Column{Header: column.Header, Value: column.Value.Value, Type: cellType(column.Type)}
		places[column.Header] = column.Value
	}
	table, err := a.words.Table(templates.PerRow(cfg.Rows), columns)
	if err == nil {
		return table
	}
	for _, fault := range templates.Faults(err) {
		a.fault(places[fault.Template], fault)
	}
	if len(templates.Faults(err)) == 0 {
		a.fault(config.Text{}, err)
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
