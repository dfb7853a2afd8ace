package slack

import (
	"encoding/json"
)

// What chat.postMessage and chat.update take (docs.slack.dev/reference/methods/chat.postMessage).
const (
	maxText        = 4000
	maxAttachments = 100
)

// postMessage posts a message. A text without blocks that is longer than 4,000 characters becomes several messages, as
// Slack does today.
func (s *Server) postMessage(a arguments) (fields, error) {
	c, err := s.writable(a["channel"])
	if err != nil {
		return nil, err
	}
	m, err := s.compose(a)
	if err != nil {
		return nil, err
	}
	m.ThreadTS, m.broadcast = a["thread_ts"], a.yes("reply_broadcast")
	parts := []*Message{m}
	if rest := split(m.Text, s.length); len(rest) > 1 && len(m.Blocks) == 0 {
		if s.options.Switches.LongTextRefused {
			return nil, refuse("msg_too_long")
		}
		m.Text = rest[0]
		for _, text := range rest[1:] {
			parts = append(parts, &Message{channel: c.ID, User: bot, BotID: "B" + bot[1:], Text: text, ThreadTS: m.ThreadTS})
		}
	}
	stored := s.store.add(parts...)
	return s.posted(stored), nil
}

func (s *Server) posted(m Message) fields {
	answer := fields{"channel": m.channel, "ts": m.TS, "message": s.shown(m, true)}
	if m.sent != nil && m.Metadata == nil {
		answer["warning"] = "metadata_ignored"
		answer["response_metadata"] = fields{"warnings": []string{"metadata_ignored"}}
	}
	return answer
}

// writable returns a channel that the bot may post to.
func (s *Server) writable(id string) (Channel, error) {
	c, err := s.store.channel(id)
	switch {
	case err != nil:
		return Channel{}, err
	case c.Archived:
		return Channel{}, refuse("is_archived")
	case c.Outside && s.store.permit([]string{"chat:write.public"}) != nil:
		return Channel{}, refuse("not_in_channel")
	case c.ReadOnly:
		return Channel{}, refuse("restricted_action_read_only_channel")
	}
	return c, nil
}

// compose makes a message of what a caller sent, rewritten as Slack stores it.
func (s *Server) compose(a arguments) (*Message, error) {
	m := &Message{channel: a["channel"], User: bot, BotID: "B" + bot[1:]}
	if a["markdown_text"] != "" && (a["text"] != "" || a["blocks"] != "") {
		return nil, refuse("markdown_text_conflict")
	}
	var err error
	if m.Blocks, err = s.blocks(a["blocks"]); err != nil {
		return nil, err
	}
	if err := attachments(a["attachments"]); err != nil {
		return nil, err
	}
	if m.sent, err = s.metadata(a["metadata"]); err != nil {
		return nil, err
	}
	if !s.options.Switches.MetadataDropped {
		m.Metadata = m.sent
	}
	text := a["text"] + a["markdown_text"]
	if blank(text) && len(m.Blocks) == 0 && a["attachments"] == "" {
		return nil, refuse("no_text")
	}
	loose := a.yes("link_names") || a["parse"] == "full"
	m.Text = stored(text, loose, a["parse"] != "none")
	return m, nil
}

func attachments(sent string) error {
	if sent == "" {
		return nil
	}
	var all []json.RawMessage
	if json.Unmarshal([]byte(sent), &all) != nil {
		return refuse("invalid_attachments")
	}
	if len(all) > maxAttachments {
		return refuse("too_many_attachments")
	}
	return nil
}

// metadata reads metadata: a flat object, or one of arrays and of flat objects.
func (s *Server) metadata(sent string) (*Metadata, error) {
	if sent == "" {
		return nil, nil //nolint:nilnil // none was sent
	}
	var m Metadata
	if json.Unmarshal([]byte(sent), &m) != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if m.EventType == "" || m.EventPayload == nil {
		return nil, refuse("invalid_metadata_schema")
	}
	for _, value := range m.EventPayload {
		if depth(value) > 2 {
			return nil, refuse("invalid_metadata_schema")
		}
	}
	if len(sent) > orElse(s.options.Switches.MetadataSize, 8000) {
		return nil, refuse("metadata_too_large")
	}
	return &m, nil
}

func depth(value any) int {
	deepest := 0
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			deepest = max(deepest, depth(inner)+1)
		}
	case []any:
		for _, inner := range value {
			deepest = max(deepest, depth(inner)+1)
		}
	}
	return deepest
}

// update changes a message of the bot. What is not given of metadata stays; blocks go when only a text is given.
func (s *Server) update(a arguments) (fields, error) {
	if _, err := s.writable(a["channel"]); err != nil {
		return nil, err
	}
	if a["parse"] == "" {
		a["parse"] = "client"
	}
	fresh, err := s.compose(a)
	if err != nil {
		return nil, err
	}
	if s.length(fresh.Text) > maxText {
		return nil, refuse("msg_too_long")
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	m := s.store.find(a["channel"], a["ts"])
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case m.User != bot:
		return nil, refuse("cant_update_message")
	}
	m.Text, m.Blocks = fresh.Text, fresh.Blocks
	s.store.changes++
	if fresh.sent != nil {
		m.Metadata, m.sent = fresh.Metadata, fresh.sent
	}
	return fields{"channel": m.channel, "ts": m.TS, "text": m.Text, "message": s.shown(*m, true)}, nil
}
