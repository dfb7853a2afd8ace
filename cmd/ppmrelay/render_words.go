package main

import (
	"encoding/json"
	"fmt"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
	"github.com/ppmrelay/ppmrelay/templates"
)

// voice is how a route says an event.
type voice struct {
	words   delivery.Words
	headers []templates.Column // nil of a message
}

// voiceOf makes the words of a route; none when something is wrong with them.
func (w *wordsOf) voiceOf(route config.Route) voice {
	switch {
	case route.Slack != nil && route.Slack.Template == "":
		return w.messages(nil)
	case route.Slack != nil:
		if template := w.templates[route.Slack.Template]; template != nil {
			return w.messages(template)
		}
		return voice{}
	case route.Sheet != nil:
		return w.rows(route.Events, route.Sheet.TableConfig, templates.DefaultColumns)
	case route.File != nil:
		return w.rows(route.Events, route.File.TableConfig, fileColumns)
	default:
		return voice{}
	}
}

func (w *wordsOf) messages(template *templates.Template) voice {
	return voice{words: delivery.Messages(tryMessages{Words: w.words, template: template, of: w}, w.words.Ignored)}
}

func (w *wordsOf) rows(events []config.Pattern, cfg config.TableConfig, builtin func(templates.PerRow) []templates.Column) voice {
	for _, column := range cfg.Columns {
		if column.Header == "" || !isWhole(column.Value, w.told) {
			return voice{}
		}
	}
	table := w.table(events, cfg, builtin)
	if table == nil {
		return voice{}
	}
	places := map[string]config.Text{}
	for _, column := range cfg.Columns {
		places[column.Header] = column.Value
	}
	return voice{words: delivery.Rows(tryRows{table: table, of: w, places: places}), headers: table.Headers()}
}

// tryMessages makes messages from a template, and tells where it fails.
type tryMessages struct {
	*templates.Words

	template *templates.Template // nil = the built-in ones
	of       *wordsOf
}

func (m tryMessages) Message(net event.Net) event.Message {
	if m.template == nil {
		return m.Words.Message(net)
	}
	message, err := m.template.Message(net)
	for _, fault := range templates.Errors(err) {
		m.of.fault(m.of.cfg.Templates[fault.Template], fault)
	}
	return message
}

// tryRows makes rows, and tells where a column fails.
type tryRows struct {
	table  *templates.Table
	of     *wordsOf
	places map[string]config.Text // by header
}

func (m tryRows) Rows(e event.Event) []event.Row {
	rows, err := m.table.Rows(e)
	for _, fault := range templates.Errors(err) {
		m.of.fault(m.places[fault.Template], fault)
	}
	return rows
}

// say lets words speak, and packs a message as the sink does. Without words nothing is told.
func (w *wordsOf) say(e event.Event, how voice) (spoken, error) {
	if how.words == nil {
		return spoken{skip: "something is wrong with its words"}, nil
	}
	said := how.words.Say([]event.Event{e})[0]
	made := spoken{headers: how.headers, rows: said.Rows, skip: said.Skip}
	if said.Skip != "" || how.headers != nil {
		return made, nil
	}
	content, _, err := slack.New(nil, "").Compose([]sinks.Item{said.Item}, false)
	if err != nil {
		made.skip = err.Error()
		return made, nil //nolint:nilerr // the message has nothing in it: that is what is shown
	}
	var frozen struct {
		Text   string
		Blocks []struct{ Kind, Text string }
	}
	if err := json.Unmarshal(content, &frozen); err != nil {
		return spoken{}, fmt.Errorf("reading a message: %w", err)
	}
	made.text = frozen.Text
	for _, part := range frozen.Blocks {
		made.blocks = append(made.blocks, slackBlock(part.Kind, part.Text))
	}
	return made, nil
}

// slackBlock is a part of a message as Slack's Web API takes it (docs.slack.dev/reference/block-kit/blocks), but for the id
// that the sink gives to the first one.
func slackBlock(kind, text string) map[string]any {
	object := map[string]any{"type": "mrkdwn", "text": text, "verbatim": true}
	switch kind {
	case "section":
		return map[string]any{"type": kind, "text": object}
	case "context":
		return map[string]any{"type": kind, "elements": []any{object}}
	default:
		return map[string]any{"type": kind}
	}
}
