package ppm

import (
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// change is something that happened in the tenant.
type change struct {
	entity *Entity
	action string
	before map[string]any // of an update
	by     event.Person
	at     time.Time
}

// tell queues a change for every webhook that asked for it. The lock is held.
func (s *Server) tell(c change) {
	s.touched[c.entity.Kind] = c.entity.ID
	s.changes++
	if c.entity.Kind == kindTask && c.entity.Source != Own {
		return
	}
	t := event.TypeOf(c.entity.Kind, c.action)
	shared := s.newID()
	for _, r := range s.webhooks {
		if !slices.Contains(r.EventTypes, string(t)) {
			continue
		}
		if !s.options.Switches.SharedMessageID {
			shared = s.newID()
		}
		s.queue(r.Webhook, t, c, shared)
		if s.options.Switches.OwnTimeStamps {
			c.at = s.tick()
		}
		switch s.options.Switches.Duplicates {
		case DuplicatesSameID:
			s.queue(r.Webhook, t, c, shared)
		case DuplicatesNewID:
			s.queue(r.Webhook, t, c, s.newID())
		case DuplicatesNone:
		}
	}
}

func (s *Server) queue(webhook Webhook, t event.Type, c change, messageID string) {
	name, _ := c.entity.Attributes["Name"].(string)
	p := &parcel{
		webhook: webhook.clone(), message: s.message(webhook, c, messageID), delay: s.options.Switches.Delay,
		about: Delivery{
			WebhookID: webhook.ID, MessageID: messageID, Type: t, URL: webhook.URL,
			Entity: event.Ref{Kind: c.entity.Kind, ID: c.entity.ID, Name: name},
		},
	}
	key := webhook.ID
	if s.options.Switches.Shuffled {
		key = s.newID() // a lane of its own
		p.delay += time.Duration(s.chance(100)) * time.Millisecond
	}
	if s.lanes[key] == nil {
		s.lanes[key] = &lane{}
	}
	s.lanes[key].waiting = append(s.lanes[key].waiting, p)
	if s.open == 0 {
		s.idle = make(chan struct{})
	}
	s.open++
	s.nudge()
}

func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // Run will look anyway
	}
}

// message is the body of a delivery.
func (s *Server) message(webhook Webhook, c change, messageID string) map[string]any {
	at := stamp(c.at)
	if s.options.Switches.Milliseconds {
		at = c.at.Format("2006-01-02T15:04:05.000Z")
	}
	told := map[string]any{"Id": c.entity.ID, "Attributes": cloneAttributes(c.entity.Attributes), "TimeStamp": at}
	if c.action == event.Deleted && s.options.Switches.DeletedBare {
		told["Attributes"] = map[string]any{}
	}
	if c.entity.Parent.ID != "" {
		told["ParentEntityId"], told["ParentEntityType"] = c.entity.Parent.ID, c.entity.Parent.Kind
	}
	if c.action == event.Updated {
		told["BeforeAttributes"] = c.before
	}
	switch {
	case c.by != event.Person{}:
		told["Initiator"] = map[string]any{"UserId": c.by.ID, "FullName": c.by.Name, "LogonAccount": c.by.Account}
	case !s.options.Switches.NobodyAbsent:
		told["Initiator"] = nil
	}
	return map[string]any{"WebhookId": webhook.ID, "MessageId": messageID, "Data": told}
}
