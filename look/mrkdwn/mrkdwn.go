// Package mrkdwn reads Slack's markup for text, which Slack calls mrkdwn
// (docs.slack.dev/messaging/formatting-message-text), and says what a person sees of it.
//
// # The life of a text
//
// Parse turns a text into a tree of nodes. Whoever shows it walks the tree: the preview makes HTML of it, the demo
// letters for a terminal. A Reader says what those nodes are called whose words depend on who reads: people and channels,
// which the text names by id, and moments, which everybody sees on their own clock. PlainText reads the other kind of
// text that Slack knows, which has emoji and nothing else.
//
// # Rules
//
// Slack documents what its marks are, not where they count. Where they count is taken from what Slack was seen to do, as
// the tests of the parser github.com/pocka/slack-message-parser (MIT) keep it: * _ ~ and backticks at the edges of words,
// within one line; a block of code over several. What is not known to be markup stays text.
//
// # Invariants
//
//   - Nothing is left out but control characters: what cannot be understood is shown as it was sent.
//   - The tree is not deeper than six nodes, and is made in a time that grows with the length of the text alone.
//   - A link leads to http, https or mailto. Others are text.
package mrkdwn

import (
	"strings"
	"unicode"
)

// Kind is what a node is.
type Kind int

// The kinds of nodes. Words are what Reader.Words returns.
const (
	Text      Kind = iota // Text
	Break                 // the end of a line; Text is "\n"
	Bold                  // Children
	Italic                // Children
	Strike                // Children
	Code                  // Text, of one line
	Block                 // Text of a block of code; ends with "\n" if more follows on a new line
	Quote                 // Children; the last one is a Break if more follows on a new line
	Link                  // Target, and Children as its label, which are never empty
	User                  // Name is an id; words
	Channel               // Name is an id; words
	Group                 // Name is an id; words
	Broadcast             // Name is here, channel or everyone; words
	Moment                // Unix, Format, Target if it is a link, Text as Slack's older clients show it; words
	Emoji                 // Name with the tone of the skin, Text is the character
)

// Node is a piece of a text.
type Node struct {
	Kind     Kind
	Text     string // as a person reads it, without entities. Of users, channels and groups the label in the text; may be empty
	Name     string // "U0123", "channel", "wave::skin-tone-3"
	Target   string // an address of http, https or mailto, fit for an href
	Format   string // of a moment, with Slack's tokens: "{date_short} at {time}"
	Unix     int64  // of a moment, in seconds
	Children []Node
}

// Parse reads a text of the type mrkdwn. Bytes that are not UTF-8 become U+FFFD, control characters are left out.
func Parse(text string) []Node { return newParser(text).all() }

func newParser(text string) *parser { return &parser{text: clean(text)} }

// PlainText reads a text of the type plain_text: line ends, entities, and :names: of emoji if they are to be shown.
func PlainText(text string, emoji bool) []Node {
	p := newParser(text)
	p.plain, p.literal = true, !emoji
	return p.all()
}

// clean makes text of what could be anything.
func clean(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r // of a byte that is not UTF-8 it is U+FFFD
	}, text)
}

// decode reads the three entities that Slack knows, once. What else begins with & is text.
func decode(text string) string {
	before, rest, found := strings.Cut(text, "&")
	if !found {
		return text
	}
	var out strings.Builder
	for ; found; before, rest, found = strings.Cut(rest, "&") {
		out.WriteString(before)
		character := "&"
		for _, entity := range [...]struct{ name, character string }{{"amp;", "&"}, {"lt;", "<"}, {"gt;", ">"}} {
			if strings.HasPrefix(rest, entity.name) {
				character, rest = entity.character, rest[len(entity.name):]
				break
			}
		}
		out.WriteString(character)
	}
	return out.String() + before
}
