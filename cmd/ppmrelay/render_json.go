package main

import (
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
)

// renderedJSON is a rendering as programs read it. Fields are added, never renamed.
type renderedJSON struct {
	Source     string        `json:"source"` // the file, the sample, or the event of the journal
	Type       event.Type    `json:"type"`
	Name       string        `json:"name"`
	Occurred   time.Time     `json:"occurred,omitzero"`
	Everywhere []string      `json:"everywhere"` // what holds for all routes
	Routes     []askedJSON   `json:"routes"`
	Template   *toldJSON     `json:"template,omitempty"` // with --template, in the place of routes
	Faults     config.Errors `json:"faults"`
}

// askedJSON is what one route says.
type askedJSON struct {
	Route  string `json:"route"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	When   string `json:"when,omitempty"`
	Taken  bool   `json:"taken"`
	Target string `json:"target,omitempty"`
	Reason string `json:"reason,omitempty"`

	Told *toldJSON `json:"told,omitempty"` // nil where the route does not take the event
}

// toldJSON is what is told: text and blocks of a message, or columns and rows.
type toldJSON struct {
	Skipped string           `json:"skipped,omitempty"` // why nothing is told
	Text    string           `json:"text,omitempty"`
	Blocks  []map[string]any `json:"blocks,omitempty"`
	Columns []columnJSON     `json:"columns,omitempty"`
	Rows    [][]cellJSON     `json:"rows,omitempty"`
}

type columnJSON struct {
	Header string         `json:"header"`
	Type   event.CellType `json:"type"` // "auto" where each cell has the type of its value
}

type cellJSON struct {
	event.Cell

	Shown string `json:"shown"` // as a person reads it
}

// json puts a rendering into the form for programs.
func (s *rendering) json() renderedJSON {
	made := renderedJSON{
		Source: s.source, Type: s.Type, Name: s.Entity.Name, Occurred: s.Occurred, Everywhere: s.reasons.Everywhere,
		Routes: []askedJSON{}, Faults: s.faults,
	}
	if made.Everywhere == nil {
		made.Everywhere = []string{}
	}
	if made.Faults == nil {
		made.Faults = config.Errors{}
	}
	if said, ok := s.told[""]; ok {
		made.Template = said.json()
	}
	for _, reason := range s.reasons.Routes {
		asked := askedJSON{
			Route: reason.Route, File: reason.File, Line: reason.Line, When: reason.When, Taken: reason.Taken,
			Target: reason.Target, Reason: reason.Reason,
		}
		if said, ok := s.told[reason.Route]; ok {
			asked.Told = said.json()
		}
		made.Routes = append(made.Routes, asked)
	}
	return made
}

func (w spoken) json() *toldJSON {
	made := &toldJSON{Skipped: w.skip, Text: w.text, Blocks: w.blocks}
	for _, header := range w.headers {
		made.Columns = append(made.Columns, columnJSON{header.Header, event.CellType(or(string(header.Type), "auto"))})
	}
	for _, row := range w.rows {
		cells := make([]cellJSON, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = cellJSON{Cell: cell, Shown: shownCell(cell)}
		}
		made.Rows = append(made.Rows, cells)
	}
	return made
}
