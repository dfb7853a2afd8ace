package ppm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// listWebhooks answers GET /Webhooks.
func (s *Server) listWebhooks(call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	listed := []Webhook{}
	for _, r := range s.webhooks {
		if s.shown(r) && (r.own || !s.options.Switches.ListOwn) {
			listed = append(listed, s.echo(r.Webhook))
		}
	}
	switch s.options.Switches.ListOrder {
	case ListReversed:
		slices.Reverse(listed)
	case ListShuffled:
		for i := len(listed) - 1; i > 0; i-- {
			j := s.chance(i + 1)
			listed[i], listed[j] = listed[j], listed[i]
		}
	case ListCreated:
	}
	if most := s.options.Switches.ListedMost; most > 0 && len(listed) > most {
		listed = listed[:most]
	}
	return data(http.StatusOK, listed)
}

// shown reports whether a webhook is old enough to be in a list.
func (s *Server) shown(r *registration) bool {
	return time.Since(r.created) >= s.options.Switches.ListedAfter
}

// chance returns a number from 0 to n-1. The lock is held.
func (s *Server) chance(n int) int {
	return int(s.ids.Uint64() % uint64(n)) //nolint:gosec // n is the length of a list
}

// echo is how answers show a webhook.
func (s *Server) echo(webhook Webhook) Webhook {
	shown := webhook.clone()
	if shown.Headers == nil {
		shown.Headers = []Header{}
	}
	switch s.options.Switches.HeaderEcho {
	case EchoMasked:
		for i := range shown.Headers {
			shown.Headers[i].Value = "***"
		}
	case EchoRecased:
		for i := range shown.Headers {
			shown.Headers[i].Name = strings.ToLower(shown.Headers[i].Name)
		}
	case EchoMissing:
		shown.Headers = nil
	case EchoTrimmed:
		for i, h := range shown.Headers {
			shown.Headers[i].Value = h.Value[:len(h.Value)*2/3]
		}
	case EchoChanged:
		for i := range shown.Headers {
			shown.Headers[i].Value = "sha:" + s.newID()
		}
	case EchoAsSent:
	}
	shown.URL = s.echoURL(shown.URL)
	return shown
}

// echoURL is how answers show an address.
func (s *Server) echoURL(sent string) string {
	switch s.options.Switches.URLEcho {
	case URLRecased:
		if address, err := url.Parse(sent); err == nil { // which spells the scheme in lower case
			address.Host = strings.ToLower(address.Host)
			return address.String()
		}
	case URLSlashed:
		return strings.TrimRight(sent, "/") + "/"
	case URLAsSent:
	}
	return sent
}

// getWebhook answers GET /Webhooks/{id}.
func (s *Server) getWebhook(c call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.indexOf(c.id)
	if i < 0 || s.options.Switches.LateAlone && !s.shown(s.webhooks[i]) {
		return refuse(http.StatusNotFound, "The webhook is not found")
	}
	return data(http.StatusOK, s.echo(s.webhooks[i].Webhook))
}

// createWebhook answers POST /Webhooks.
func (s *Server) createWebhook(c call) answer {
	webhook, faults := readWebhook(c.body)
	if len(faults) > 0 {
		return refuse(http.StatusBadRequest, "Validation failed", faults...)
	}
	if refused := s.roomFor(webhook); refused != nil {
		return *refused
	}
	if message := s.ping(c, webhook); message != "" {
		return refuse(http.StatusBadRequest, "Validation failed", memberFault{"url", message})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	made := s.register(webhook)
	s.webhooks[len(s.webhooks)-1].own = true
	if s.vanishing {
		s.remove(made.ID)
	}
	created := data(http.StatusCreated, s.echo(made))
	if s.options.Switches.CreatedEmpty {
		created.body = nil
	}
	switch s.options.Switches.Location {
	case LocationAbsolute:
		created.location = c.self + "Webhooks/" + made.ID
	case LocationRelative:
		created.location = s.base() + "Webhooks/" + made.ID
	case LocationMissing:
	}
	return created
}

// readWebhook reads the body of a registration. All four members are required.
func readWebhook(body []byte) (Webhook, []memberFault) {
	var sent struct {
		EventTypes *[]string `json:"eventTypes"`
		Headers    *[]Header `json:"headers"`
		HTTPVerb   *string   `json:"httpVerb"`
		URL        *string   `json:"url"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return Webhook{}, []memberFault{{"", "The request is not valid JSON"}}
	}
	var faults []memberFault
	demand := func(ok bool, member, message string) {
		if !ok {
			faults = append(faults, memberFault{member, message})
		}
	}
	demand(sent.EventTypes != nil && len(*sent.EventTypes) > 0, "eventTypes", "The eventTypes field is required")
	demand(sent.Headers != nil, "headers", "The headers field is required")
	demand(sent.HTTPVerb != nil, "httpVerb", "The httpVerb field is required")
	demand(sent.URL != nil, "url", "The url field is required")
	if len(faults) > 0 {
		return Webhook{}, faults
	}
	for _, name := range *sent.EventTypes {
		demand(slices.Contains(event.Types(), event.Type(name)), "eventTypes", fmt.Sprintf("The event type %q is not known", name))
	}
	demand(strings.EqualFold(*sent.HTTPVerb, http.MethodPost), "httpVerb", "The httpVerb is not supported")
	address, err := url.Parse(*sent.URL)
	demand(err == nil && address.Host != "" && (address.Scheme == "http" || address.Scheme == "https"), "url", "The url is not valid")
	for _, header := range *sent.Headers {
		demand(header.Name != "" && !strings.ContainsAny(header.Name+header.Value, "\r\n"), "headers", "The header is not valid")
	}
	return Webhook{EventTypes: *sent.EventTypes, Headers: *sent.Headers, HTTPVerb: *sent.HTTPVerb, URL: *sent.URL}, faults
}

// roomFor refuses what the tenant cannot take.
func (s *Server) roomFor(webhook Webhook) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.webhooks) >= Limit {
		status := http.StatusBadRequest
		if s.options.Switches.LimitForbidden {
			status = http.StatusForbidden
		}
		refused := refuse(status, fmt.Sprintf("The limit of %d webhooks is reached", Limit))
		return &refused
	}
	for _, r := range s.webhooks {
		overlaps := slices.ContainsFunc(r.EventTypes, func(name string) bool { return slices.Contains(webhook.EventTypes, name) })
		if s.options.Switches.TwinRefused && r.URL == webhook.URL && overlaps {
			refused := refuse(http.StatusBadRequest, "Validation failed", memberFault{"url", "A webhook with this url and event type exists"})
			return &refused
		}
	}
	return nil
}

// deleteWebhook answers DELETE /Webhooks/{id}.
func (s *Server) deleteWebhook(c call) answer {
	if !s.RemoveWebhook(c.id) && s.options.Switches.DeletedIsMissing {
		return refuse(http.StatusNotFound, "The webhook is not found")
	}
	return s.deleted()
}

// deleteAllWebhooks answers DELETE /Webhooks: everybody's are gone.
func (s *Server) deleteAllWebhooks(call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhooks = nil
	s.changes++
	return s.deleted()
}

func (s *Server) deleted() answer {
	if s.options.Switches.DeletedAnswer {
		return answer{status: http.StatusOK, body: map[string]any{}}
	}
	return answer{status: http.StatusNoContent}
}
