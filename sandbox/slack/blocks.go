package slack

import (
	"encoding/json"
	"fmt"
)

// What a message's blocks may hold (docs.slack.dev/reference/block-kit/blocks).
const (
	maxBlocks   = 50
	maxObject   = 3000 // of a text object
	maxField    = 2000
	maxFields   = 10
	maxHeader   = 150
	maxBlockID  = 255
	maxContext  = 10
	maxActions  = 25
	maxMarkdown = 12_000 // over all markdown blocks
)

// inspection collects what is wrong with the blocks of a message, as Slack says it.
type inspection struct {
	length   func(string) int
	messages []string
	size     int // characters over all blocks
	markdown int
	tables   int
	ids      map[string]bool
}

// blocks reads blocks and rewrites their texts as they are stored. A block without an id gets one.
func (s *Server) blocks(sent string) ([]map[string]any, error) {
	if sent == "" {
		return nil, nil
	}
	var blocks []map[string]any
	if json.Unmarshal([]byte(sent), &blocks) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	in := &inspection{length: s.length, ids: map[string]bool{}}
	if len(blocks) > maxBlocks {
		in.wrong("/blocks", "no more than %d items allowed", maxBlocks)
	}
	for i, block := range blocks {
		in.block(fmt.Sprintf("/blocks/%d", i), block)
	}
	switch {
	case in.tables > 1:
		return nil, refuse("invalid_attachments", "[ERROR] only_one_table_allowed")
	case len(in.messages) > 0:
		return nil, refuse("invalid_blocks", in.messages...)
	case in.size > orElse(s.options.Switches.BlocksSize, 13_200):
		return nil, refuse("msg_blocks_too_long")
	}
	for i, block := range blocks {
		if id, _ := block["block_id"].(string); id == "" {
			block["block_id"] = fmt.Sprintf("b%04x", i+1)
		}
		eachText(block, rewrite)
	}
	return blocks, nil
}

// rewrite replaces a text object's text by what Slack stores of it.
func rewrite(object map[string]any) {
	if object["type"] != "mrkdwn" {
		return // plain_text has no markup
	}
	loose := object["verbatim"] != true
	object["text"] = stored(textOf(object), loose, loose)
}

func (in *inspection) wrong(at, format string, values ...any) {
	in.messages = append(in.messages, "[ERROR] "+fmt.Sprintf(format, values...)+" [json-pointer:"+at+"]")
}

func (in *inspection) block(at string, block map[string]any) {
	if id, _ := block["block_id"].(string); id != "" {
		if in.length(id) > maxBlockID {
			in.wrong(at+"/block_id", "must be less than %d characters", maxBlockID+1)
		}
		if in.ids[id] {
			in.wrong(at+"/block_id", "duplicate block_id")
		}
		in.ids[id] = true
	}
	switch block["type"] {
	case "section":
		in.section(at, block)
	case "header":
		in.text(at+"/text", block["text"], maxHeader, "plain_text")
	case "context":
		in.list(at+"/elements", block["elements"], maxContext, maxObject)
	case "actions":
		in.count(at+"/elements", block["elements"], maxActions)
	case "markdown":
		text := textOf(block)
		in.size += in.length(text)
		if in.markdown += in.length(text); in.markdown > maxMarkdown {
			in.wrong(at+"/text", "must be less than %d characters", maxMarkdown+1)
		}
	case "table":
		in.tables++
	case "divider", "image", "rich_text", "data_table":
	default:
		in.wrong(at+"/type", "unsupported type: %v", block["type"])
	}
}

func (in *inspection) section(at string, block map[string]any) {
	if block["text"] == nil && block["fields"] == nil {
		in.wrong(at, "missing required field: text")
		return
	}
	if block["text"] != nil {
		in.text(at+"/text", block["text"], maxObject, "mrkdwn", "plain_text")
	}
	if block["fields"] != nil {
		in.list(at+"/fields", block["fields"], maxFields, maxField)
	}
}

// list checks a list of text objects.
func (in *inspection) list(at string, value any, most, longest int) {
	for i, entry := range in.count(at, value, most) {
		if object, ok := entry.(map[string]any); ok && object["type"] != "image" {
			in.text(fmt.Sprintf("%s/%d", at, i), entry, longest, "mrkdwn", "plain_text")
		}
	}
}

func (in *inspection) count(at string, value any, most int) []any {
	entries, _ := value.([]any)
	switch {
	case len(entries) == 0:
		in.wrong(at, "no fewer than 1 items allowed")
	case len(entries) > most:
		in.wrong(at, "no more than %d items allowed", most)
	}
	return entries
}

// text checks a text object.
func (in *inspection) text(at string, value any, longest int, kinds ...string) {
	object, ok := value.(map[string]any)
	if !ok {
		in.wrong(at, "must be a text object")
		return
	}
	known := false
	for _, kind := range kinds {
		known = known || object["type"] == kind
	}
	if !known {
		in.wrong(at+"/type", "unsupported type: %v", object["type"])
	}
	text := textOf(object)
	in.size += in.length(text)
	switch {
	case blank(text):
		in.wrong(at+"/text", "must be more than 0 characters")
	case in.length(text) > longest:
		in.wrong(at+"/text", "must be less than %d characters", longest+1)
	}
}
