package slack

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// skew is how far a clock is off that is wrong.
const skew = 90 * time.Minute

// Conditions returns the states that a workspace can be in for a while.
func (s *Server) Conditions() []fault.Condition {
	channel := func(change func(c *Channel, on bool)) func(bool, string) error {
		return func(on bool, where string) error { return s.changeChannel(where, func(c *Channel) { change(c, on) }) }
	}
	clock := func(ahead time.Duration) func(bool, string) error {
		return func(on bool, _ string) error {
			if on {
				s.SetClock(ahead)
			} else {
				s.SetClock(s.options.Switches.ClockAhead)
			}
			return nil
		}
	}
	return []fault.Condition{
		{Name: "channel-archived", Words: "somebody archived the channel", Where: "channel", Set: channel(func(c *Channel, on bool) { c.Archived = on })},
		{Name: "channel-read-only", Words: "only administrators may post in the channel", Where: "channel", Set: channel(func(c *Channel, on bool) { c.ReadOnly = on })},
		{Name: "bot-removed", Words: "somebody removed the bot from the channel", Where: "channel", Set: channel(func(c *Channel, on bool) { c.Outside = on })},
		{Name: "token-revoked", Words: "the bot's token was revoked", Set: s.holding(func(st *store, on bool) { st.revoked = on })},
		{Name: "token-expired", Words: "the bot's token has expired", Set: s.holding(func(st *store, on bool) { st.expired = on })},
		{Name: "scope-missing", Words: "the token lost one of its scopes", Where: "scope", Set: s.setScope},
		{Name: "over-plan", Words: "the workspace sends more messages than its plan allows", Set: s.holding(func(st *store, on bool) { st.limited = on })},
		{Name: "clock-ahead", Words: "Slack's clock is 90 minutes ahead", Set: clock(skew)},
		{Name: "clock-behind", Words: "Slack's clock is 90 minutes behind", Set: clock(-skew)},
	}
}

func (s *Server) holding(change func(st *store, on bool)) func(bool, string) error {
	return func(on bool, _ string) error {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		change(s.store, on)
		return nil
	}
}

// changeChannel changes a channel that is there.
func (s *Server) changeChannel(id string, change func(*Channel)) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	c := s.store.channels[id]
	if c == nil {
		return fmt.Errorf("there is no channel %q, but %s", id, strings.Join(s.store.channelIDs(), ", "))
	}
	change(c)
	s.store.changes++
	return nil
}

// setScope takes a scope from the token, or gives it back.
func (s *Server) setScope(missing bool, scope string) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	has := slices.Contains(s.store.granted, scope)
	switch {
	case missing && !has && !slices.Contains(s.store.taken, scope):
		return fmt.Errorf("the token has no scope %q, but %s", scope, strings.Join(s.store.granted, ", "))
	case missing && has:
		s.store.granted = slices.DeleteFunc(slices.Clone(s.store.granted), func(g string) bool { return g == scope })
		s.store.taken = append(s.store.taken, scope)
	case !missing && !has && slices.Contains(s.store.taken, scope):
		s.store.granted = append(slices.Clone(s.store.granted), scope)
		s.store.taken = slices.DeleteFunc(s.store.taken, func(t string) bool { return t == scope })
	}
	return nil
}
