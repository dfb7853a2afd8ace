// Package slack shows messages as Slack shows them, for a page that includes look.css. It reads what is sent to Slack, or
// what Slack stores: a text and blocks (docs.slack.dev/reference/block-kit/blocks).
//
// # The life of a message
//
// Feed puts messages under the days of the reader and gives each the key of its time stamp; Render makes one of them:
// who and when, then block by block. Texts are read by package mrkdwn; its tree is walked here, and each text is escaped
// where it is written.
//
// # Invariants
//
//   - Every byte of HTML goes through one writer, which escapes texts and the values of attributes. Nothing from outside
//     names an element or an attribute.
//   - What Slack would show and this package cannot draw is said in words; its texts are shown as they were sent.
//   - A mention is a mention: who would be rung by a message sees it.
//   - How wide it is, phone or desktop, is up to the page's stylesheet.
package slack

import (
	"encoding/json"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

// Message is a message as it is sent or stored.
type Message struct {
	TS     string          // Slack's time stamp, seconds and a number behind them: "1644931244.000100"; its key in the channel
	Sender string          // as people are shown it
	App    bool            // an app posted it: the relay
	Text   string          // mrkdwn: shown if there are no blocks
	Blocks json.RawMessage // a list of objects; may be empty
}

// Render makes one message: an article with the key of its time stamp in data-key.
func Render(m Message, reader mrkdwn.Reader) template.HTML {
	w := &writer{reader: reader}
	w.message(m)
	return w.html()
}

// Feed makes the messages of a channel, in their order, with a line above the first one of each of the reader's days.
func Feed(messages []Message, reader mrkdwn.Reader) template.HTML {
	w := &writer{reader: reader}
	day := ""
	for _, m := range messages {
		at, known := m.at()
		if today := reader.Day(at); known && today != day {
			day = today
			w.wrap("div", day, class("sl-day"), attribute{"data-key", "before " + m.TS})
		}
		w.message(m)
	}
	return w.html()
}

// at returns when a message was posted.
func (m Message) at() (at time.Time, known bool) {
	seconds, _, _ := strings.Cut(m.TS, ".")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || unix < 0 || unix > mrkdwn.LastSecond {
		return time.Time{}, false
	}
	return time.Unix(unix, 0), true
}

func (w *writer) message(m Message) {
	w.open("article", class("sl-msg"), attribute{"data-key", m.TS})
	w.avatar(m)
	w.open("div", class("sl-by"))
	w.open("b")
	w.wrap("bdi", m.Sender)
	w.close("b")
	if m.App {
		w.wrap("i", "APP")
	}
	if at, known := m.at(); known {
		w.wrap("time", w.reader.Clock(at), moment(at))
	}
	w.close("div")
	w.open("div")
	w.body(m)
	w.close("div")
	w.close("article")
}

func moment(at time.Time) attribute { return attribute{"datetime", at.UTC().Format(time.RFC3339)} }

// avatar is the relay's mark for an app, the first letter of the name for a person. It says nothing that the name does
// not.
func (w *writer) avatar(m Message) {
	w.open("div", class("sl-av"), hidden())
	if m.App {
		w.open("svg", attribute{"viewBox", "0 0 24 24"}, attribute{"fill", "none"}, attribute{"stroke", "currentColor"},
			attribute{"stroke-width", "2.2"}, attribute{"stroke-linecap", "round"}, attribute{"stroke-linejoin", "round"})
		w.wrap("path", "", attribute{"d", "M4 7h11a4.5 4.5 0 0 1 0 9H8"})
		w.wrap("path", "", attribute{"d", "m11.5 12.5-4 3.5 4 3.5"})
		w.close("svg")
	} else {
		for _, letter := range strings.ToUpper(strings.TrimSpace(m.Sender)) {
			w.text(string(letter))
			break
		}
	}
	w.close("div")
}

// body shows the blocks, or the text if there are none.
func (w *writer) body(m Message) {
	var blocks []map[string]any
	broken := len(m.Blocks) > 0 && json.Unmarshal(m.Blocks, &blocks) != nil
	if broken {
		blocks = nil
		w.note("The blocks cannot be read: they are not a list of objects. What was sent:")
		w.wrap("div", string(m.Blocks), class("sl-b"))
	}
	for _, b := range blocks {
		w.block(b)
	}
	switch {
	case len(blocks) > 0:
	case strings.TrimSpace(m.Text) != "":
		w.open("div", class("sl-b"))
		w.nodes(mrkdwn.Parse(m.Text))
		w.close("div")
	case !broken:
		w.note("There is nothing in this message.")
	}
}
