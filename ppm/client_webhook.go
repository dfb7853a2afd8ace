package ppm

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

const webhooksPath = "Webhooks"

func webhookPath(id string) string { return webhooksPath + "/" + id }

// isID reports whether a text can be an id. An empty one, or a dot, would make the address of one webhook that of all:
// deleting it would delete everybody's.
func isID(id string) bool {
	strange := func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	return id != "" && !strings.ContainsFunc(id, strange)
}

func notAnID(call request) error {
	return &CallError{What: call.what, Message: "that is not the id of a webhook"}
}

// The forms on the wire. All members of a registration are required by the vendor's definition, also empty ones.
type webhookJSON struct {
	ID         string       `json:"id,omitempty"`
	EventTypes []string     `json:"eventTypes"`
	Headers    []headerJSON `json:"headers"`
	HTTPVerb   string       `json:"httpVerb"`
	URL        string       `json:"url"`
}

type headerJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type identityJSON struct {
	ID           string `json:"id"`
	LogonAccount string `json:"logonAccount"`
	Email        string `json:"email"`
	Token        struct {
		ID             string   `json:"id"`
		Name           string   `json:"name"`
		ExpirationDate string   `json:"expirationDate"`
		Scopes         []string `json:"scopes"`
	} `json:"token"`
}

func (j identityJSON) identity() Identity {
	expires, _, ok := parseTime(j.Token.ExpirationDate)
	if !ok {
		expires = time.Time{}
	}
	return Identity{
		ID: j.ID, Account: j.LogonAccount, Email: j.Email,
		Token: Token{ID: j.Token.ID, Name: j.Token.Name, Expires: expires, Scopes: j.Token.Scopes},
	}
}

// entryJSON is a webhook as answers show it, whoever made it. No form of it is an error: a list must not fail because of
// what a stranger registered.
type entryJSON Webhook

// UnmarshalJSON reads each member on its own. A member that is missing or null is empty.
func (e *entryJSON) UnmarshalJSON(text []byte) error {
	var members struct {
		ID         json.RawMessage `json:"id"`
		EventTypes json.RawMessage `json:"eventTypes"`
		Headers    json.RawMessage `json:"headers"`
		HTTPVerb   json.RawMessage `json:"httpVerb"`
		URL        json.RawMessage `json:"url"`
	}
	odd := string(text) == "null" || json.Unmarshal(text, &members) != nil
	read := func(member json.RawMessage, into any) {
		odd = len(member) > 0 && json.Unmarshal(member, into) != nil || odd
	}
	var j webhookJSON
	read(members.ID, &j.ID)
	read(members.EventTypes, &j.EventTypes)
	read(members.Headers, &j.Headers)
	read(members.HTTPVerb, &j.HTTPVerb)
	read(members.URL, &j.URL)
	*e = entryJSON(j.webhook())
	e.Odd = odd
	return nil
}

func (j webhookJSON) webhook() Webhook {
	w := Webhook{ID: j.ID, Verb: j.HTTPVerb, URL: j.URL}
	for _, name := range j.EventTypes {
		w.EventTypes = append(w.EventTypes, event.Type(name))
	}
	for _, h := range j.Headers {
		w.Headers = append(w.Headers, Header(h))
	}
	return w
}

func webhookToJSON(w Webhook) webhookJSON {
	j := webhookJSON{EventTypes: []string{}, Headers: []headerJSON{}, HTTPVerb: w.Verb, URL: w.URL}
	for _, t := range w.EventTypes {
		j.EventTypes = append(j.EventTypes, string(t))
	}
	for _, h := range w.Headers {
		j.Headers = append(j.Headers, headerJSON(h))
	}
	return j
}

// Header returns the value of a header by its name in any case, and whether there is one.
func (w Webhook) Header(name string) (value string, found bool) {
	for _, h := range w.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// Address returns the URL without what may be secret in it: the call-back addresses of Power Automate carry their
// signature in the query.
func (w Webhook) Address() string {
	parsed, err := url.Parse(w.URL)
	if err != nil {
		return "(not an address)"
	}
	query := parsed.RawQuery
	parsed.User, parsed.RawQuery, parsed.Fragment, parsed.RawFragment = nil, "", "", ""
	address := parsed.String()
	if query != "" {
		address += "?…"
	}
	return address
}

// Site returns scheme and host of the URL: of a stranger's, the path may be secret, too.
func (w Webhook) Site() string {
	parsed, err := url.Parse(w.URL)
	if err != nil || parsed.Host == "" {
		return "(not an address)"
	}
	site := parsed.Scheme + "://" + parsed.Host
	if strings.Trim(parsed.Path, "/")+parsed.RawQuery != "" {
		site += "/…"
	}
	return site
}

// secrets returns what no error may show: the values of headers, also without their scheme.
func (w Webhook) secrets() []string {
	var all []string
	for _, h := range w.Headers {
		all = append(all, h.Value)
		if _, credentials, found := strings.Cut(h.Value, " "); found {
			all = append(all, credentials)
		}
	}
	return all
}

// String returns the name alone.
func (h Header) String() string { return h.Name + ": [secret]" }

// GoString returns the name alone.
func (h Header) GoString() string { return fmt.Sprintf("ppm.Header{%q, [secret]}", h.Name) }

// LogValue logs the name alone.
func (h Header) LogValue() slog.Value { return slog.StringValue(h.String()) }

// MarshalText writes the name alone.
func (h Header) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// LogValue logs a webhook without secrets, whoever made it.
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", w.ID), slog.String("types", joinTypes(w.EventTypes)), slog.String("url", w.Site()))
}

func joinTypes(types []event.Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// lastSegment returns the id at the end of a Location.
func lastSegment(location string) string {
	parsed, err := url.Parse(location)
	if err != nil {
		return ""
	}
	path := strings.TrimRight(parsed.Path, "/")
	id := path[strings.LastIndexByte(path, '/')+1:]
	if strings.EqualFold(id, webhooksPath) {
		return ""
	}
	return id
}
