package page

import (
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
	slackview "github.com/ppmrelay/ppmrelay/look/slack"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

const (
	firstMessages = 50
	moreMessages  = 100 // with each "earlier"
	mostMessages  = 500
)

// channel is a Slack channel as the page shows it.
type channel struct {
	ID, Name string
	Hint     string // what is odd about it
	Others   []link // all channels, where there are several
	Shown    int
	All      int
	Earlier  string // the address that shows more; empty = none
	Feed     template.HTML
}

// link leads to something else that the page can show.
type link struct {
	Name, Address string
	Here          bool
}

func (p *Page) channel(at address) channel {
	workspace := p.options.Sandbox.Slack
	all := workspace.Channels()
	if len(all) == 0 {
		return channel{Hint: "This workspace has no channels."}
	}
	chosen := all[max(0, slices.IndexFunc(all, func(c slack.Channel) bool { return c.ID == at.query.Get("channel") }))]
	c := channel{ID: chosen.ID, Name: chosen.Name, Hint: hintOf(chosen)}
	for _, other := range all {
		if len(all) > 1 {
			c.Others = append(c.Others, link{"#" + other.Name, at.with("channel", other.ID), other.ID == chosen.ID})
		}
	}
	most := at.number("messages", firstMessages, mostMessages)
	stored, count := workspace.Newest(chosen.ID, most)
	c.Shown, c.All = len(stored), count
	if c.Shown < c.All && most < mostMessages {
		c.Earlier = at.with("messages", strconv.Itoa(min(most+moreMessages, mostMessages)))
	}
	messages := make([]slackview.Message, len(stored))
	for i, m := range stored {
		messages[i] = messageOf(m)
	}
	c.Feed = slackview.Feed(messages, mrkdwn.Reader{Zone: p.options.Zone, Now: time.Now(), Channel: func(id string) string {
		if i := slices.IndexFunc(all, func(c slack.Channel) bool { return c.ID == id }); i >= 0 {
			return all[i].Name
		}
		return ""
	}})
	return c
}

func messageOf(m slack.Message) slackview.Message {
	shown := slackview.Message{TS: m.TS, Text: m.Text, Sender: "A person", App: m.BotID != ""}
	if shown.App {
		shown.Sender = "ppmrelay"
	}
	if len(m.Blocks) > 0 {
		blocks, err := json.Marshal(m.Blocks)
		if err != nil {
			panic(err) // unreachable: they were read from JSON
		}
		shown.Blocks = blocks
	}
	return shown
}

// hintOf says what keeps messages out of a channel.
func hintOf(c slack.Channel) string {
	switch {
	case c.Archived:
		return "archived"
	case c.Outside:
		return "the bot is not a member"
	case c.ReadOnly:
		return "only administrators may post"
	default:
		return ""
	}
}
