package slack

import (
	"encoding/json"
	"strings"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// stored is a message of history, as far as it matters here. It is read from the answer itself: the client library
// gives up a whole page when it does not understand one block of anybody's message.
type stored struct {
	TS       string          `json:"ts"`
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata json.RawMessage `json:"metadata"`
}

// payload is the metadata of a message of ours.
type payload struct {
	Effect string   `json:"effect_id"`
	Events []string `json:"event_ids"` // the first 50
}

// payload returns what the metadata says, nothing when it is not ours.
func (m stored) payload() payload {
	var metadata struct {
		Type    string  `json:"event_type"`
		Payload payload `json:"event_payload"`
	}
	_ = json.Unmarshal(m.Metadata, &metadata) // what is of another form than ours is not ours
	if metadata.Type != eventType {
		return payload{}
	}
	return metadata.Payload
}

// carries reports whether the message is the effect's. Any of its marks is enough: Slack is free to drop one.
func (m stored) carries(effect sinks.Effect) bool {
	if m.payload().Effect == effect.ID {
		return true
	}
	var blocks []struct {
		ID string `json:"block_id"`
	}
	if json.Unmarshal(m.Blocks, &blocks) == nil && len(blocks) > 0 && blocks[0].ID == marker(effect) {
		return true
	}
	return strings.Contains(m.Text, effect.ID) // of the plain form; nobody else can know it before
}
