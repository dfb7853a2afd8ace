package slack

import (
	"net/url"
	"regexp"
	"slices"
)

// This file is what people do in the workspace, and what they see there.

// Messages returns what stands in a channel, oldest first, with metadata, whether history shows it already or not.
func (s *Server) Messages(channel string) []Message {
	all := s.store.in(channel, func(*Message) bool { return true })
	for i := range all {
		all[i].Metadata = all[i].sent
	}
	return all
}

// Say posts a message as a person does.
func (s *Server) Say(channel, text string) Message {
	return s.store.add(&Message{channel: channel, User: "U0PERSON00", Text: text})
}

// Delete deletes a message, and reports whether it was there.
func (s *Server) Delete(channel, ts string) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	before := len(s.store.messages)
	s.store.changes++
	s.store.messages = slices.DeleteFunc(s.store.messages, func(m *Message) bool { return m.channel == channel && m.TS == ts })
	return len(s.store.messages) < before
}

// SetChannel adds a channel or changes it: archives it, removes the bot from it.
func (s *Server) SetChannel(channel Channel) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.channels[channel.ID] = &channel
	s.store.changes++
}

// SetScopes changes what the token may do.
func (s *Server) SetScopes(scopes ...string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.granted = scopes
}

// Revoke makes the token invalid, or valid again.
func (s *Server) Revoke(revoked bool) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.revoked = revoked
}

// Refused returns how many requests were refused for coming too often, apart from those of the fault board.
func (s *Server) Refused() int {
	s.rates.mu.Lock()
	defer s.rates.mu.Unlock()
	return s.rates.refused
}

// Alive returns what rings in the messages of all channels: mentions of a person, a group or everybody, as stored.
func (s *Server) Alive() []string {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var alive []string
	rings := regexp.MustCompile(`<(@[UW]|!here|!channel|!everyone|!subteam\^)[^>]*>`)
	for _, text := range s.texts() {
		alive = append(alive, rings.FindAllString(text, -1)...)
	}
	return alive
}

// StrayLinks returns the links in the messages of all channels that lead elsewhere than to the hosts, as stored. Which
// formats come from a text and which from a template cannot be told here.
func (s *Server) StrayLinks(hosts ...string) []string {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var stray []string
	links := regexp.MustCompile(`<((?:https?|mailto):[^<>|]*)[^<>]*>`)
	for _, text := range s.texts() {
		for _, link := range links.FindAllStringSubmatch(text, -1) {
			if address, err := url.Parse(link[1]); err != nil || !slices.Contains(hosts, address.Host) || address.User != nil {
				stray = append(stray, link[0])
			}
		}
	}
	return stray
}

// texts returns everything in which markup counts. The caller holds the lock.
func (s *Server) texts() []string {
	var all []string
	for _, m := range s.store.messages {
		all = append(append(all, m.formatted()...), m.Text)
	}
	return all
}

// Lines returns what people see of a message: the texts of its blocks from top to bottom, a divider as "---". Without
// blocks it is the text.
func (m Message) Lines() []string {
	if len(m.Blocks) == 0 {
		return []string{m.Text}
	}
	var lines []string
	for _, block := range m.Blocks {
		if block["type"] == "divider" {
			lines = append(lines, "---")
			continue
		}
		eachText(block, func(object map[string]any) { lines = append(lines, textOf(object)) })
	}
	return lines
}

// formatted returns the texts of a message's blocks in which markup counts.
func (m Message) formatted() []string {
	var texts []string
	for _, block := range m.Blocks {
		eachText(block, func(object map[string]any) {
			if object["type"] == "mrkdwn" {
				texts = append(texts, textOf(object))
			}
		})
	}
	return texts
}

func textOf(object map[string]any) string {
	text, _ := object["text"].(string)
	return text
}

// eachText calls visit for the text objects of a block: its text, its title, its fields and elements.
func eachText(block map[string]any, visit func(object map[string]any)) {
	for _, name := range []string{"text", "title", "fields", "elements"} {
		switch value := block[name].(type) {
		case map[string]any:
			visit(value)
		case []any:
			for _, entry := range value {
				if object, ok := entry.(map[string]any); ok && textOf(object) != "" {
					visit(object)
				}
			}
		}
	}
}
