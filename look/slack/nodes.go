package slack

import (
	"time"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

// nodes writes a text.
func (w *writer) nodes(nodes []mrkdwn.Node) {
	for _, n := range nodes {
		w.node(n)
	}
}

func (w *writer) node(n mrkdwn.Node) {
	switch n.Kind {
	case mrkdwn.Bold:
		w.around("b", n)
	case mrkdwn.Italic:
		w.around("i", n)
	case mrkdwn.Strike:
		w.around("s", n)
	case mrkdwn.Quote:
		w.around("blockquote", n, class("sl-q"))
	case mrkdwn.Code:
		w.wrap("code", n.Text)
	case mrkdwn.Block:
		w.wrap("pre", n.Text, class("sl-pre"))
	case mrkdwn.Link:
		w.open("a", link(n.Target)...)
		w.around("bdi", n)
		w.close("a")
	case mrkdwn.User, mrkdwn.Channel, mrkdwn.Group:
		w.mention(n, "sl-mention")
	case mrkdwn.Broadcast:
		w.mention(n, "sl-mention sl-all")
	case mrkdwn.Moment:
		w.moment(n)
	case mrkdwn.Emoji:
		w.wrap("span", n.Text, class("emo"), hidden())
	default: // Text, Break: line ends count in the stylesheet
		w.text(n.Text)
	}
}

func (w *writer) around(element tag, n mrkdwn.Node, attributes ...attribute) {
	w.open(element, attributes...)
	w.nodes(n.Children)
	w.close(element)
}

// link leads to another page, which is told nothing of this one.
func link(target string) []attribute {
	return []attribute{{"href", target}, {"rel", "noopener noreferrer"}, {"target", "_blank"}}
}

func (w *writer) mention(n mrkdwn.Node, names string) {
	w.open("span", class(names))
	w.wrap("bdi", w.reader.Words(n))
	w.close("span")
}

func (w *writer) moment(n mrkdwn.Node) {
	if n.Target != "" {
		w.open("a", link(n.Target)...)
	}
	w.wrap("time", w.reader.Words(n), moment(time.Unix(n.Unix, 0)))
	if n.Target != "" {
		w.close("a")
	}
}
