package ppm

import (
	"slices"
	"time"
)

// Version tells whether something changed: it is the same as long as nothing did.
type Version struct {
	Changes  uint64 // of entities and webhooks, since the start
	Attempts int    // to deliver, that have ended
}

// Version returns the version of what people see of the tenant.
func (s *Server) Version() Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Version{Changes: s.changes, Attempts: len(s.log)}
}

// Touched returns the id of the entity of a kind that was created, edited or deleted last, empty when none was.
func (s *Server) Touched(kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.touched[kind]
}

// Registration is a webhook as people see it in the tenant.
type Registration struct {
	Webhook

	Created time.Time
	ByAPI   bool // not by AddWebhook
}

// Registrations returns everything that is registered, oldest first, with all headers as they were sent.
func (s *Server) Registrations() []Registration {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Registration, len(s.webhooks))
	for i, r := range s.webhooks {
		all[i] = Registration{Webhook: r.clone(), Created: r.created, ByAPI: r.own}
	}
	return all
}

// LastDeliveries returns the attempts that ended last, at most that many, oldest first.
func (s *Server) LastDeliveries(most int) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log[max(0, len(s.log)-most):])
}

// Choose returns copies of the entities of a kind that the function wants, oldest first. It sees each of them as it is,
// and must neither change it nor call the server.
func (s *Server) Choose(kind string, wants func(e *Entity) bool) []Entity {
	s.mu.Lock()
	defer s.mu.Unlock()
	var chosen []Entity
	for _, e := range s.entities {
		if e.Kind == kind && wants(e) {
			chosen = append(chosen, e.clone())
		}
	}
	return chosen
}
