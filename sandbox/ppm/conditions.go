package ppm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

const (
	skew     = 90 * time.Minute // how far a clock is off that is wrong
	slowness = 3 * time.Second  // of deliveries
)

// Conditions returns the states that a tenant can be in for a while.
func (s *Server) Conditions() []fault.Condition {
	return []fault.Condition{
		{Name: "token-expired", Words: "the token has expired", Set: s.holding(func(on bool) { s.expired = on })},
		{Name: "token-revoked", Words: "the token was revoked", Set: s.holding(func(on bool) { s.revoked = on })},
		{Name: "permission-gone", Words: "the token's owner may no longer administrate the app", Set: s.holding(func(on bool) { s.denied = on })},
		{Name: "rate-limited", Words: "every request is answered with 429", Set: s.holding(func(on bool) { s.limited = on })},
		{
			Name: "webhook-removed", Words: "somebody deleted a webhook: the id, or the event type of the first one that has it", Where: "webhook",
			Set: s.setRemoved,
		},
		{Name: "webhooks-vanish", Words: "a webhook that is created is not there, although the answer is 201", Set: s.holding(func(on bool) { s.vanishing = on })},
		{Name: "clock-ahead", Words: "the vendor's clock is 90 minutes ahead", Set: s.skewed(skew)},
		{Name: "clock-behind", Words: "the vendor's clock is 90 minutes behind", Set: s.skewed(-skew)},
		{Name: "deliveries-slow", Words: "each delivery is made 3 s late", Set: s.holding(func(on bool) {
			s.options.Switches.Delay = choose(on, slowness, s.usual.Delay)
		})},
		{Name: "deliveries-duplicated", Words: "each delivery is made twice, with the same MessageId", Set: s.holding(func(on bool) {
			s.options.Switches.Duplicates = choose(on, DuplicatesSameID, s.usual.Duplicates)
		})},
		{Name: "deliveries-reordered", Words: "deliveries overtake each other", Set: s.holding(func(on bool) {
			s.options.Switches.Shuffled = on || s.usual.Shuffled
		})},
	}
}

func choose[T any](on bool, then, otherwise T) T {
	if on {
		return then
	}
	return otherwise
}

func (s *Server) holding(change func(on bool)) func(bool, string) error {
	return func(on bool, _ string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		change(on)
		return nil
	}
}

func (s *Server) skewed(ahead time.Duration) func(bool, string) error {
	return func(on bool, _ string) error {
		s.SetClock(choose(on, ahead, 0))
		return nil
	}
}

// setRemoved removes a webhook, or registers it again as it was, unless somebody else has by then.
func (s *Server) setRemoved(removed bool, which string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, done := s.missing[which]
	switch {
	case removed == done:
		return nil
	case removed:
		i := slices.IndexFunc(s.webhooks, func(r *registration) bool {
			return strings.EqualFold(r.ID, which) || slices.Contains(r.EventTypes, which)
		})
		if i < 0 {
			return fmt.Errorf("there is no webhook %q: write its id, or an event type that one is registered for", which)
		}
		s.missing[which] = s.webhooks[i].Webhook
		s.remove(s.webhooks[i].ID)
		return nil
	}
	delete(s.missing, which)
	again := slices.ContainsFunc(s.webhooks, func(r *registration) bool {
		return r.URL == gone.URL && slices.Equal(r.EventTypes, gone.EventTypes)
	})
	if !again {
		s.register(gone)
	}
	return nil
}
