// Package slack is the sink that posts messages to a Slack channel. It alone knows Slack's Web API.
//
// # The life of a message
//
// Compose packs the first items into one message, within limits that Slack is sure to take, and freezes its texts.
// Perform posts it once, with the effect's id in the block id of the first block and in the message's metadata. When
// nobody knows whether that happened, Recall reads the channel's history around the attempt and looks for the id: it is
// there, or it is still not there when a late copy would have shown. That none can show later is never proven, only
// likely, so for a quarter of an hour the answer is marked as such. Told reads the ids of events in the metadata.
//
// # Invariants
//
//   - What an answer means is judged by what passed over the wire, never by an error of the client library: that loses
//     the class of a failure in some cases, and takes an empty answer for success.
//   - "Nothing happened" is claimed only where Slack says so, or where no connection was there.
//   - No text can ring, link or format: texts come escaped, blocks are verbatim, names are never linked.
//   - The token stands in no error and in no content.
//
// Library retries and redirects are off: a second request would be a second message. Slack knows no key that would make
// one of two requests count (github.com/slackapi/slack-api-specs/issues/10), so looking is the only way.
package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// Config says where messages go and in which words.
type Config struct {
	// Channel is the channel's id, C0123456789: the last line of the channel's details.
	Channel string `yaml:"channel"`
	// Template names one of the templates. Without it the built-in wording is used.
	Template string `yaml:"template"`
}

// Validate returns what is wrong with the configuration, in words for the person who wrote it.
func (c Config) Validate() error {
	if c.Channel == "" {
		return errors.New("channel is missing: it is the last line of the channel's details in Slack, C0123456789")
	}
	if !regexp.MustCompile(`^[CGD][A-Z0-9]{2,}$`).MatchString(c.Channel) {
		return fmt.Errorf("channel %q is not a channel's id; copy it from the last line of the channel's details: C0123456789",
			c.Channel)
	}
	return nil
}

// Sink posts to one channel.
type Sink struct {
	client  *Client
	channel string
}

var _ sinks.Sink = (*Sink)(nil)

// New makes a sink that posts to a channel, which is named by its id. Slack is not asked.
func New(client *Client, channel string) *Sink { return &Sink{client: client, channel: channel} }

// message is the content of an effect. Its texts are escaped and within Slack's limits.
type message struct {
	Text   string `json:"text"`             // for notifications and screen readers; the plain form has nothing else
	Blocks []part `json:"blocks,omitempty"` // from top to bottom
}

// part is one block.
type part struct {
	Kind kind   `json:"kind"`
	Text string `json:"text,omitempty"` // mrkdwn
}

// kind is the kind of a block.
type kind string

const (
	section kind = "section"
	divider kind = "divider"
	small   kind = "context"
)

// Compose packs the first items into one message: at most 45 blocks with 10,000 characters, a divider between items.
// The plain form is one text without markup. A single item always fits, as what is too long of it is cut. An item that
// says nothing cannot be told.
func (s *Sink) Compose(items []sinks.Item, plain bool) ([]byte, int, error) {
	if len(items) == 0 {
		return nil, 0, errors.New("nothing to tell")
	}
	add, taken := (*message).add, 0
	if plain {
		add = (*message).addPlain
	}
	var made message
	for taken < len(items) && says(items[taken].Message) && add(&made, items[taken].Message) {
		taken++
	}
	if taken == 0 {
		return nil, 0, errors.New("the message is empty")
	}
	content, err := json.Marshal(made)
	return content, taken, err
}

// thaw reads what Compose froze.
func thaw(effect sinks.Effect) (message, error) {
	var frozen message
	err := sinks.Thaw(effect, &frozen)
	if err == nil && frozen.Text == "" {
		err = sinks.Fail(sinks.Bury, sinks.ReasonContent, "reading effect %s: it holds no text", effect.ID)
	}
	return frozen, err
}
