package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

const (
	lastAttempts = 1000 // that are looked through for those of a webhook
	mostAttempts = 5    // of a webhook that are shown
)

// hook is a webhook, as who writes a receiver wants to see it.
type hook struct {
	Key, ID  string
	Types    string
	URL      string
	Headers  []string // names alone: the values are secrets of who registered it
	By       string
	Last     status
	Attempts []attempt // newest first
}

// attempt is one delivery.
type attempt struct {
	ppm.Delivery

	State status
	Why   string // why there was no answer
}

// hooks returns what is registered, oldest first.
func (p *Page) hooks() []hook {
	deliveries := p.options.Sandbox.PPM.LastDeliveries(lastAttempts)
	var all []hook
	for _, r := range p.options.Sandbox.PPM.Registrations() {
		h := hook{
			Key: keyOf("webhook", r.ID), ID: r.ID, Types: strings.Join(r.EventTypes, ", "), URL: r.URL,
			By: "by a person, at ", Last: status{"none", "Nothing yet"},
		}
		if r.ByAPI {
			h.By = "through the API, at "
		}
		h.By += r.Created.In(p.options.Zone).Format("15:04:05")
		for _, header := range r.Headers {
			h.Headers = append(h.Headers, header.Name)
		}
		for _, d := range slices.Backward(deliveries) {
			if d.WebhookID == r.ID && len(h.Attempts) < mostAttempts {
				h.Attempts = append(h.Attempts, attemptOf(d))
			}
		}
		if len(h.Attempts) > 0 {
			h.Last = h.Attempts[0].State
		}
		all = append(all, h)
	}
	return all
}

func attemptOf(d ppm.Delivery) attempt {
	a := attempt{Delivery: d, State: status{"bad", "No answer"}, Why: d.Err}
	if d.Status > 0 {
		a.State, a.Why = status{"bad", strconv.Itoa(d.Status)}, ""
	}
	if d.Acknowledged() {
		a.State.Class = "ok"
	}
	return a
}

// place is where a stand-in is found.
type place struct {
	Name    string
	URL     string
	Facts   []fact
	OpenAPI string // the address of its description; empty = there is none
}

type fact struct{ Label, Value string }

// places are the stand-ins for who writes a receiver or a sender.
func (p *Page) places() []place {
	s := p.options.Sandbox
	return []place{
		{"PPM Express", s.PPMURL, []fact{{"Tenant", "@" + ppm.DefaultTenant}, {"Token", ppm.DefaultToken}}, s.PPMURL + "/openapi.json"},
		{"Slack", s.SlackURL, []fact{{"Channel", sandbox.Channel}, {"Token", slack.DefaultToken}}, ""},
		{"Google", s.GoogleURL, []fact{{"Spreadsheet", sandbox.Spreadsheet}}, ""},
		{"Faults", s.ControlURL + "/faults", []fact{{"Seen, set, ended by", "GET, PUT, DELETE"}}, ""},
	}
}
