package ppm

import (
	"slices"
	"strings"
	"time"
)

// Webhook is a registration as the API writes it.
type Webhook struct {
	ID         string   `json:"id"`
	EventTypes []string `json:"eventTypes"`
	Headers    []Header `json:"headers"`
	HTTPVerb   string   `json:"httpVerb"`
	URL        string   `json:"url"`
}

// Header goes with every delivery to a webhook.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// registration is a webhook and how it fares.
type registration struct {
	Webhook

	created  time.Time
	own      bool // made through the API, so with the token
	failures int  // failed deliveries in a row
}

// clone keeps what is handed out from being changed by who got it.
func (w Webhook) clone() Webhook {
	w.EventTypes, w.Headers = slices.Clone(w.EventTypes), slices.Clone(w.Headers)
	return w
}

// Webhooks returns everything that is registered, oldest first, with all headers as they were sent.
func (s *Server) Webhooks() []Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Webhook, len(s.webhooks))
	for i, r := range s.webhooks {
		all[i] = r.clone()
	}
	return all
}

// AddWebhook registers a webhook as somebody else does, beyond all checks, and returns it with its id.
func (s *Server) AddWebhook(webhook Webhook) Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.register(webhook)
}

// ChangeWebhook changes a webhook behind everybody's back, and reports whether it is there.
func (s *Server) ChangeWebhook(id string, change func(*Webhook)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.indexOf(id)
	if i < 0 {
		return false
	}
	change(&s.webhooks[i].Webhook)
	s.changes++
	return true
}

// RemoveWebhook removes a webhook as somebody else does, and reports whether it was there. What was queued for it is
// still delivered.
func (s *Server) RemoveWebhook(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.remove(id)
}

// register keeps a webhook. The lock is held, or nobody knows the server yet.
func (s *Server) register(webhook Webhook) Webhook {
	if webhook.ID == "" {
		webhook.ID = s.newID()
	}
	s.changes++
	s.webhooks = append(s.webhooks, &registration{Webhook: webhook.clone(), created: time.Now()})
	return webhook.clone()
}

func (s *Server) indexOf(id string) int {
	return slices.IndexFunc(s.webhooks, func(r *registration) bool { return strings.EqualFold(r.ID, id) })
}

func (s *Server) remove(id string) bool {
	i := s.indexOf(id)
	if i >= 0 {
		s.changes++
		s.webhooks = slices.Delete(s.webhooks, i, i+1)
	}
	return i >= 0
}
