package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// place is a channel, a tab or a file as it stands there. What is told carries a mark: a message the id of its effect, a
// row its key.
type place struct {
	chat   bool
	first  map[string]int      // where each mark stands first, from the top; -1 where a person moved it
	times  map[string]int      // how often each mark was told
	told   map[string][]string // by mark, the ids of events that its message names
	events map[string]bool     // ids that the messages name
}

// look reads what stands at a target, and takes account of what persons did there.
func (a *auditor) look(s *sandbox.Sandbox, target string) *place {
	p := &place{first: map[string]int{}, times: map[string]int{}, told: map[string][]string{}, events: map[string]bool{}}
	kind, name, _ := strings.Cut(target, ":")
	switch kind {
	case "slack":
		p.chat = true
		p.channel(s.Slack.Messages(name))
		a.Messages += len(p.first)
	case "sheet":
		spreadsheet, tab, _ := strings.Cut(name, "/")
		if title := a.tabs[target]; title != "" {
			tab = title
		}
		a.Rows += p.table(keyCells(s, spreadsheet, tab))
	default:
		a.Rows += p.table(fileRows(filepath.Join(a.dir, name)))
	}
	for _, mark := range a.moved[target] {
		p.first[mark] = -1
	}
	if a.sorted[target] {
		for mark := range p.first {
			p.first[mark] = -1
		}
	}
	for _, mark := range a.gone[target] {
		p.first[mark] = -1
		p.times[mark]++
	}
	return p
}

// find returns where the first thing stands that tells a claim's event, and whether there is one.
func (p *place) find(c claim) (at int, stands bool) {
	mark := c.id + "/1"
	if p.chat {
		mark = c.effect
	}
	if at, stands = p.first[mark]; stands || !p.chat || c.effect != "" {
		return at, stands
	}
	return -1, p.events[c.id] // found there by a look, not told by this journal
}

func (p *place) add(mark string, at int) {
	if p.times[mark] == 0 {
		p.first[mark] = at
	}
	p.times[mark]++
}

// marks returns all marks, from top to bottom.
func (p *place) marks() []string {
	return slices.SortedFunc(maps.Keys(p.first), func(x, y string) int { return cmp.Compare(p.first[x], p.first[y]) })
}

// channel reads messages. A long one without blocks is split by Slack: its parts carry no mark.
func (p *place) channel(messages []slack.Message) {
	for at, m := range messages {
		effect := effectOf(m)
		if effect != "" {
			p.add(effect, at)
		}
		if m.Metadata == nil {
			continue
		}
		told, _ := m.Metadata.EventPayload["event_ids"].([]any)
		for _, id := range told {
			if id, ok := id.(string); ok {
				p.events[id] = true
				p.told[effect] = append(p.told[effect], id)
			}
		}
	}
}

// table reads rows below their headers, and returns how many have a key.
func (p *place) table(rows [][]string) (keyed int) {
	if len(rows) == 0 {
		return 0
	}
	key := slices.Index(rows[0], sinks.KeyHeader)
	for at, row := range rows[1:] {
		if key >= 0 && key < len(row) && row[key] != "" {
			p.add(row[key], at)
			keyed++
		}
	}
	return keyed
}

// keyCells returns the column of a tab that holds the keys of rows, with its header on top; nothing where there is none.
func keyCells(s *sandbox.Sandbox, spreadsheet, tab string) (rows [][]string) {
	key := -1
	for n, cells := range s.Google.Cells(spreadsheet, tab) {
		text := func(column int) string {
			if column < 0 || column >= len(cells) {
				return ""
			}
			cell := cells[column]
			if cell == nil || cell.UserEnteredValue == nil || cell.UserEnteredValue.StringValue == nil {
				return ""
			}
			return *cell.UserEnteredValue.StringValue
		}
		for column := 0; n == 0 && key < 0 && column < len(cells); column++ {
			if text(column) == sinks.KeyHeader {
				key = column
			}
		}
		if key < 0 {
			return nil
		}
		rows = append(rows, []string{text(key)})
	}
	return rows
}

// effectOf returns the effect that a message carries, in its metadata or its first block.
func effectOf(m slack.Message) string {
	if m.Metadata != nil {
		if id, ok := m.Metadata.EventPayload["effect_id"].(string); ok {
			return id
		}
	}
	if len(m.Blocks) == 0 {
		return ""
	}
	id, _ := m.Blocks[0]["block_id"].(string)
	effect, ours := strings.CutPrefix(id, "ppm:")
	if !ours {
		return ""
	}
	return effect
}

// fileRows reads a file that the relay writes, as a table with headers; nothing where it is not there. A line that
// cannot be read has no key.
func fileRows(path string) [][]string {
	data, err := os.ReadFile(path) //nolint:gosec // named by the configuration
	if err != nil {
		return nil
	}
	if filepath.Ext(path) == ".csv" {
		reader := csv.NewReader(bytes.NewReader(data))
		reader.FieldsPerRecord = -1
		rows, _ := reader.ReadAll() // what comes before a fault
		return rows
	}
	rows := [][]string{{sinks.KeyHeader}}
	for line := range bytes.Lines(data) {
		var row map[string]any
		_ = json.Unmarshal(line, &row)
		key, _ := row[sinks.KeyHeader].(string)
		rows = append(rows, []string{key})
	}
	return rows
}
