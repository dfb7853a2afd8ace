package main

import (
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// What programs read. Fields are added, never renamed.
type gapOut struct {
	Number int64         `json:"number"` // 0 while it goes on, or is not written down yet
	Cause  journal.Cause `json:"cause"`
	Types  []event.Type  `json:"types"` // empty = all
	Why    string        `json:"why"`
	Since  time.Time     `json:"since"`
	Until  time.Time     `json:"until,omitzero"`
	Kind   string        `json:"entity_kind,omitempty"` // of a broken chain
	Entity string        `json:"entity_id,omitempty"`
	Event  int64         `json:"event,omitempty"`
	Closed time.Time     `json:"closed,omitzero"`
	Sweep  int64         `json:"sweep,omitempty"`
	Found  string        `json:"found"`
}

type hiddenOut struct {
	Kind  string    `json:"kind"`
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
}

// silentOut is a field that changes without events: that alone is no gap any more.
type silentOut struct {
	Kind  string `json:"kind"`
	Field string `json:"field"`
	Times int    `json:"times"`
}

type gapsOut struct {
	Gaps      []gapOut    `json:"gaps"`
	Hidden    []hiddenOut `json:"no_longer_visible"`
	Silent    []silentOut `json:"silent_fields"`
	Unfound   []string    `json:"cannot_be_found"`
	LastSweep any         `json:"last_sweep"`
}

func (r gapReport) out() gapsOut {
	out := gapsOut{Gaps: []gapOut{}, Hidden: []hiddenOut{}, Silent: []silentOut{}, Unfound: unfindable()}
	for i := range r.gaps {
		g := &r.gaps[i]
		types := g.Types
		if types == nil {
			types = []event.Type{}
		}
		out.Gaps = append(out.Gaps, gapOut{
			g.Number, g.Cause, types, gapWhy(g), g.Since, g.Until, g.Entity.Kind, g.Entity.ID, g.Event, g.Closed, g.Sweep, r.fate(g),
		})
	}
	for i := range r.hidden {
		e := &r.hidden[i]
		out.Hidden = append(out.Hidden, hiddenOut{e.Entity.Kind, e.Entity.ID, e.Entity.Name, e.Hidden})
	}
	for _, s := range r.silent {
		out.Silent = append(out.Silent, silentOut(s))
	}
	if len(r.newest) > 0 {
		out.LastSweep = sweepOut(r.newest[0])
	}
	return out
}
