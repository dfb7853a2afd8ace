package main

import (
	"os"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/incident"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/templates"
)

// ops adds what tells the operators' channel: a route that takes what the relay says of itself, and nothing else.
func (a *assembler) ops() {
	if a.cfg.Ops == nil {
		return
	}
	target := a.channel(a.cfg.Ops.Channel, config.UnsurePark, config.OpsRoute)
	if !a.known[target.ID] {
		a.known[target.ID] = true
		a.parts.targets = append(a.parts.targets, *target)
	}
	a.parts.routes = append(a.parts.routes, delivery.Route{
		Name: config.OpsRoute, Target: target.ID, Words: a.opsWords(), Own: true,
		Match: func(event.Event) (string, error) { return "", nil },
	})
}

func (a *assembler) opsWords() opsWords {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return opsWords{words: a.words, from: "ppmrelay on " + host}
}

// opsWords puts what the relay says of itself into messages.
type opsWords struct {
	words *templates.Words
	from  string // who says it
}

// Say tells each incident once. Where its end waits beside its beginning, as they do when the channel could not be told,
// one message says both.
func (w opsWords) Say(events []event.Event) []delivery.Said {
	var all []*opsNews
	for _, e := range events {
		m, _ := incident.Read(e)
		at := slices.IndexFunc(all, func(n *opsNews) bool { return n.message.Incident == m.Incident })
		if m.Phase != incident.Over || at < 0 {
			all = append(all, &opsNews{message: m, events: []string{e.ID}, received: e.Received})
			continue
		}
		all[at].over(m)
		all[at].events, all[at].received = append(all[at].events, e.ID), e.Received
	}
	said := make([]delivery.Said, len(all))
	for i, news := range all {
		if m := news.message; m.Phase == incident.Stopped && !m.Stale.IsZero() && time.Now().After(m.Stale) {
			news.late(time.Now())
		}
		said[i].Item = sinks.Item{Events: news.events, Message: w.words.Note(w.note(news))}
	}
	return said
}

func (w opsWords) note(news *opsNews) templates.Note {
	m := news.message
	note := templates.Note{
		Emoji: opsEmoji(m.Phase), Title: m.Title, Rest: m.Rest, Since: m.Since, Until: m.Until, From: w.from, At: news.received,
	}
	if m.Phase == incident.Noticed {
		note.Since = time.Time{} // it has happened, and does not last
	}
	for _, line := range m.Lines {
		note.Lines = append(note.Lines, templates.NoteLine(line))
	}
	return note
}

func opsEmoji(phase incident.Phase) string {
	switch phase {
	case incident.Stopped:
		return "no_entry"
	case incident.Over:
		return "white_check_mark"
	default:
		return "warning"
	}
}

// opsNews is what one message tells of an incident.
type opsNews struct {
	message  incident.Message
	events   []string
	received time.Time
}

// over makes the news of a beginning that of its end. Why it was there was not told yet.
func (n *opsNews) over(end incident.Message) {
	end.Lines = append(onlyWhy(n.message.Lines), end.Lines...)
	n.message = end
}

// late makes news of a beginning, which arrives because it is over, say that.
func (n *opsNews) late(now time.Time) {
	n.message.Phase, n.message.Title, n.message.Rest, n.message.Until = incident.Over, n.message.Over, "", now
	n.message.Lines = append(onlyWhy(n.message.Lines), incident.Line{Label: "Means", Text: "what has waited is told now, late and in order; nothing is lost"})
}

func onlyWhy(lines []incident.Line) []incident.Line {
	return slices.DeleteFunc(slices.Clone(lines), func(l incident.Line) bool { return l.Label != "Why" })
}

// ownWords says what the relay says of itself in its own words, and all else in others.
type ownWords struct {
	own, others delivery.Words
}

func (w ownWords) Say(events []event.Event) []delivery.Said {
	isOwn := func(e event.Event) bool { return e.Type.Own() }
	own := slices.DeleteFunc(slices.Clone(events), func(e event.Event) bool { return !isOwn(e) })
	if len(own) == 0 {
		return w.others.Say(events)
	}
	others := slices.DeleteFunc(slices.Clone(events), isOwn)
	return append(w.own.Say(own), w.others.Say(others)...)
}
