package slack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// bot is the user id under which the app posts.
const bot = "U0BOT00000"

// Channel is a place for messages.
type Channel struct {
	ID       string // "C0123456789"
	Name     string
	Private  bool
	Outside  bool // the bot is not a member
	Archived bool
	ReadOnly bool // only admins may post
}

// Message is a message as Slack stores it.
type Message struct {
	TS       string           `json:"ts"`
	Type     string           `json:"type"` // always "message"
	User     string           `json:"user"`
	BotID    string           `json:"bot_id,omitempty"`
	Text     string           `json:"text"`
	Blocks   []map[string]any `json:"blocks,omitempty"`
	ThreadTS string           `json:"thread_ts,omitempty"`
	Metadata *Metadata        `json:"metadata,omitempty"`

	channel   string
	broadcast bool // a reply that is shown in the channel, too
	posted    time.Time
	sent      *Metadata // before the workspace forgot it
}

// Metadata is what an app adds to a message for itself.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// store holds the workspace: its token, channels and messages.
type store struct {
	now     func() time.Time
	options Options

	mu       sync.Mutex
	revoked  bool
	expired  bool
	limited  bool // the workspace has used up what its plan allows
	granted  []string
	taken    []string // scopes that the token had
	channels map[string]*Channel
	messages []*Message // oldest first
	last     int64      // microseconds of the newest time stamp
	changes  uint64     // of what people see: messages and channels
}

func newStore(now func() time.Time, options Options) *store {
	s := &store{now: now, options: options, granted: options.Scopes, channels: map[string]*Channel{}}
	if s.granted == nil {
		s.granted = []string{
			"chat:write", "channels:history", "groups:history", "channels:read", "groups:read",
			"users:read", "users:read.email",
		}
	}
	for _, channel := range options.Channels {
		s.channels[channel.ID] = &channel
	}
	return s
}

func (s *store) scopes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.granted)
}

func (s *store) authenticate(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case token == "":
		return refuse("not_authed")
	case token != s.options.Token:
		return refuse("invalid_auth")
	case s.revoked:
		return refuse("token_revoked")
	case s.expired:
		return refuse("token_expired")
	}
	return nil
}

func (s *store) overPlan() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limited
}

// permit refuses when the token has none of the scopes.
func (s *store) permit(scopes []string) error {
	granted := s.scopes()
	for _, scope := range scopes {
		if slices.Contains(granted, scope) {
			return nil
		}
	}
	if len(scopes) == 0 {
		return nil
	}
	return missing(scopes, granted)
}

// permitIn is permit for a method whose scope depends on whether the channel is private: scopes are those for public
// and for private channels.
func (s *store) permitIn(c Channel, public, private string) error {
	scope, granted := public, s.scopes()
	if c.Private {
		scope = private
	}
	if slices.Contains(granted, scope) {
		return nil
	}
	return missing([]string{scope}, granted)
}

func missing(scopes, granted []string) error {
	return &refusal{code: "missing_scope", needed: strings.Join(scopes, ","), provided: strings.Join(granted, ",")}
}

func (s *store) channel(id string) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	if c == nil || c.Private && c.Outside {
		return Channel{}, refuse("channel_not_found")
	}
	return *c, nil
}

// channelIDs returns the ids of all channels, sorted. The caller holds the lock.
func (s *store) channelIDs() []string { return slices.Sorted(maps.Keys(s.channels)) }

// add stores messages under the next time stamps and returns the first of these. A message that goes into a thread
// whose parent is not there stands in the channel.
func (s *store) add(messages ...*Message) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		if m.ThreadTS != "" && s.find(m.channel, m.ThreadTS) == nil {
			m.ThreadTS = ""
		}
		m.posted, m.Type = s.now(), "message"
		s.last = max(s.last+1, m.posted.UnixMicro())
		m.TS = fmt.Sprintf("%d.%06d", s.last/1e6, s.last%1e6)
		s.messages = append(s.messages, m)
		s.changes++
	}
	return *messages[0]
}

// find returns a message or nil. The caller holds the lock.
func (s *store) find(channel, ts string) *Message {
	for _, m := range s.messages {
		if m.channel == channel && m.TS == ts {
			return m
		}
	}
	return nil
}

// in returns copies of a channel's messages that the filter lets pass, oldest first.
func (s *store) in(channel string, filter func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Message
	for _, m := range s.messages {
		if m.channel == channel && filter(m) {
			found = append(found, *m)
		}
	}
	return found
}
