package slack

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pages of history (docs.slack.dev/reference/methods/conversations.history).
const (
	defaultPage = 100
	maxPage     = 999
)

// authTest says whose token it is.
func (s *Server) authTest(arguments) (fields, error) {
	return fields{
		"url": "https://sandbox.slack.com/", "team": "Sandbox", "user": "ppmrelay",
		"team_id": "T0SANDBOX0", "user_id": bot, "bot_id": "B" + bot[1:],
	}, nil
}

// info describes a channel.
func (s *Server) info(a arguments) (fields, error) {
	c, err := s.store.channel(a["channel"])
	if err != nil {
		return nil, err
	}
	if err := s.store.permitIn(c, "channels:read", "groups:read"); err != nil {
		return nil, err
	}
	return fields{"channel": fields{
		"id": c.ID, "name": c.Name, "is_channel": !c.Private, "is_private": c.Private,
		"is_archived": c.Archived, "is_member": !c.Outside,
	}}, nil
}

// lookup finds a person by e-mail address.
func (s *Server) lookup(a arguments) (fields, error) {
	id := s.options.Users[strings.ToLower(a["email"])]
	if id == "" {
		return nil, refuse("users_not_found")
	}
	return fields{"user": fields{"id": id, "profile": fields{"email": a["email"]}}}, nil
}

// history shows the messages of a channel, newest first, in pages.
func (s *Server) history(a arguments) (fields, error) {
	c, err := s.readable(a["channel"])
	if err != nil {
		return nil, err
	}
	all, err := s.window(a, s.store.in(c.ID, func(m *Message) bool { return m.ThreadTS == "" || m.broadcast }))
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	return s.page(a, all)
}

// replies shows a thread, its parent first, in pages.
func (s *Server) replies(a arguments) (fields, error) {
	c, err := s.readable(a["channel"])
	if err != nil {
		return nil, err
	}
	all, err := s.window(a, s.store.in(c.ID, func(m *Message) bool { return m.TS == a["ts"] || m.ThreadTS == a["ts"] }))
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, refuse("thread_not_found")
	}
	return s.page(a, all)
}

// readable returns a channel whose messages the bot may read: it must be a member, also of public ones.
func (s *Server) readable(id string) (Channel, error) {
	c, err := s.store.channel(id)
	if err != nil {
		return Channel{}, err
	}
	if err := s.store.permitIn(c, "channels:history", "groups:history"); err != nil {
		return Channel{}, err
	}
	if c.Outside {
		return Channel{}, refuse("not_in_channel")
	}
	return c, nil
}

// window keeps the messages between oldest and latest that are visible by now.
func (s *Server) window(a arguments, all []Message) ([]Message, error) {
	oldest, err := micros(a["oldest"], 0)
	if err != nil {
		return nil, refuse("invalid_ts_oldest")
	}
	latest, err := micros(a["latest"], math.MaxInt64-1)
	if err != nil {
		return nil, refuse("invalid_ts_latest")
	}
	if a.yes("inclusive") {
		oldest, latest = oldest-1, latest+1
	}
	visible := make([]Message, 0, len(all))
	for _, m := range all {
		ts, _ := micros(m.TS, 0)
		late := m.User == bot && s.now().Sub(m.posted) < s.options.Switches.VisibleAfter
		if ts > oldest && ts < latest && !late {
			visible = append(visible, m)
		}
	}
	return visible, nil
}

func micros(ts string, otherwise int64) (int64, error) {
	if ts == "" {
		return otherwise, nil
	}
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, err
	}
	rest, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	return time.Unix(seconds, 0).UnixMicro() + rest, err
}

// page cuts one page out of messages in their order. The cursor is the time stamp of the last one shown.
func (s *Server) page(a arguments, all []Message) (fields, error) {
	limit := a.number("limit", defaultPage)
	if limit < 1 || limit > maxPage {
		return nil, refuse("invalid_limit")
	}
	from := 0
	if a["cursor"] != "" {
		after, err := base64.StdEncoding.DecodeString(a["cursor"])
		if err != nil {
			return nil, refuse("invalid_cursor")
		}
		for from < len(all) && fmt.Sprint("after:", all[from].TS) != string(after) {
			from++
		}
		from++
	}
	from = min(from, len(all))
	to := min(from+limit, len(all))
	shown := make([]Message, 0, limit)
	for _, m := range all[from:to] {
		shown = append(shown, s.shown(m, a.yes("include_all_metadata")))
	}
	answer := fields{"messages": shown, "has_more": to < len(all)}
	if to < len(all) {
		cursor := base64.StdEncoding.EncodeToString([]byte("after:" + all[to-1].TS))
		answer["response_metadata"] = fields{"next_cursor": cursor}
	}
	return answer, nil
}

// shown is a message as it is given out.
func (s *Server) shown(m Message, metadata bool) Message {
	if !metadata {
		m.Metadata = nil
	}
	if s.options.Switches.BlockIDsReplaced {
		blocks := make([]map[string]any, len(m.Blocks))
		for i, block := range m.Blocks {
			blocks[i] = maps.Clone(block)
			blocks[i]["block_id"] = fmt.Sprintf("own%d", i)
		}
		m.Blocks = blocks
	}
	return m
}
