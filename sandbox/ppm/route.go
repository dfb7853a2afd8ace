package ppm

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// route is one endpoint. Its name is what faults are scripted for.
type route struct {
	name    string
	method  string
	path    string // below /@{tenant}/v1.0/; {id} stands for one segment
	manages bool   // needs the permission to administrate the app
	serve   func(c call) answer
}

// call is an admitted request.
type call struct {
	ctx   context.Context
	id    string // what stands for {id} in the path
	query url.Values
	body  []byte
	self  string // the address of the API: scheme, host and everything before the path of the route
}

func (s *Server) table() []route {
	return []route{
		{name: "me", method: http.MethodGet, path: "Me", serve: s.me},
		{name: "webhooks.list", method: http.MethodGet, path: "Webhooks", manages: true, serve: s.listWebhooks},
		{name: "webhooks.create", method: http.MethodPost, path: "Webhooks", manages: true, serve: s.createWebhook},
		{name: "webhooks.deleteAll", method: http.MethodDelete, path: "Webhooks", manages: true, serve: s.deleteAllWebhooks},
		{name: "webhooks.get", method: http.MethodGet, path: "Webhooks/{id}", manages: true, serve: s.getWebhook},
		{name: "webhooks.delete", method: http.MethodDelete, path: "Webhooks/{id}", manages: true, serve: s.deleteWebhook},
		{name: "projects", method: http.MethodGet, path: "Projects", serve: s.listOf(kindProject)},
		{name: "project", method: http.MethodGet, path: "Projects/{id}", serve: s.oneOf(kindProject)},
		{name: "tasks", method: http.MethodGet, path: "projects/{id}/tasks", serve: s.childrenOf(kindProject, kindTask)},
		{name: "keydates", method: http.MethodGet, path: "projects/{id}/keydates", serve: s.childrenOf(kindProject, kindKeyDate)},
		{name: "ideas", method: http.MethodGet, path: "Ideas", serve: s.listIdeas},
		{name: "idea", method: http.MethodGet, path: "Ideas/{id}", serve: s.oneOf(kindIdea)},
		{name: "programs", method: http.MethodGet, path: "programs", serve: s.listOf(Program)},
		{name: "program", method: http.MethodGet, path: "programs/{id}", serve: s.oneOf(Program)},
		{name: "portfolios", method: http.MethodGet, path: "portfolios", serve: s.listOf(Portfolio)},
		{name: "portfolio", method: http.MethodGet, path: "portfolios/{id}", serve: s.oneOf(Portfolio)},
		{name: "fields", method: http.MethodGet, path: "Fields/{id}", serve: s.fields},
	}
}

// Endpoints returns the names of all endpoints, as the fault board knows them.
func (s *Server) Endpoints() []string {
	names := make([]string, len(s.routes))
	for i, r := range s.routes {
		names[i] = r.name
	}
	return names
}

// match finds the endpoint of a request. One with a wrong method is found, too, with a method that is not its own.
func (s *Server) match(r *http.Request) (found route, id string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, s.base())
	if !ok && !s.options.Switches.CaseSensitivePaths && len(r.URL.Path) >= len(s.base()) {
		rest = r.URL.Path[len(s.base()):]
		ok = strings.EqualFold(r.URL.Path[:len(s.base())], s.base())
	}
	if !ok {
		return route{}, "", false
	}
	matched := false
	for _, candidate := range s.routes {
		value, fits := s.fits(candidate.path, rest)
		if !fits {
			continue
		}
		if candidate.method == r.Method {
			return candidate, value, true
		}
		found, id, matched = candidate, value, true
	}
	return found, id, matched
}

func (s *Server) base() string { return "/@" + s.options.Tenant + "/v1.0/" }

// fits compares a path with a route's, and returns what stands for {id}. A slash at the end does not count: as with the
// vendor's framework, DELETE /Webhooks/ deletes all.
func (s *Server) fits(pattern, path string) (id string, ok bool) {
	wanted, got := strings.Split(pattern, "/"), strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(wanted) != len(got) {
		return "", false
	}
	for i := range wanted {
		same := wanted[i] == got[i] || !s.options.Switches.CaseSensitivePaths && strings.EqualFold(wanted[i], got[i])
		switch {
		case wanted[i] == "{id}" && got[i] != "":
			id = got[i]
		case !same:
			return "", false
		}
	}
	return id, true
}

// answer admits a request and serves it.
func (s *Server) answer(to route, r *http.Request, id string, body []byte) answer {
	if r.Method != to.method {
		return refuse(http.StatusMethodNotAllowed, "The method is not allowed here")
	}
	if s.options.Switches.ContentTypeDemanded && r.Header.Get("Content-Type") == "" {
		return refuse(http.StatusUnsupportedMediaType, "Unsupported media type")
	}
	if refused := s.admit(to, r.Header.Get("Authorization")); refused != nil {
		return s.bare(*refused)
	}
	return s.bare(to.serve(call{ctx: r.Context(), id: id, query: r.URL.Query(), body: body, self: "http://" + r.Host + s.base()}))
}

// admit checks token and permission.
func (s *Server) admit(to route, authorization string) *answer {
	scheme, token, _ := strings.Cut(authorization, " ")
	right := subtle.ConstantTimeCompare([]byte(token), []byte(s.options.Token)) == 1
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.EqualFold(scheme, "Bearer") || !right || s.revoked || s.expired || time.Now().After(s.options.Expires) {
		refused := refuse(http.StatusUnauthorized, "The token is not valid")
		return &refused
	}
	if !to.manages || !s.denied {
		return nil
	}
	status := http.StatusUnauthorized
	if s.options.Switches.DeniedIsForbidden {
		status = http.StatusForbidden
	}
	refused := refuse(status, "Access is denied")
	return &refused
}

// bare takes the body from refusals where the switch says so.
func (s *Server) bare(a answer) answer {
	if s.options.Switches.ErrorsWithoutDetails && a.status >= http.StatusBadRequest {
		a.body = nil
	}
	return a
}

// answer is what a request is answered with.
type answer struct {
	status   int
	location string
	body     any  // nil = none
	page     bool // it is a page for people in place of the body
}

// data wraps a success as the vendor does.
func data(status int, value any) answer {
	return answer{status: status, body: map[string]any{"data": value}}
}

// memberFault is what is wrong with one member of a request.
type memberFault struct {
	FieldName string `json:"fieldName"`
	Message   string `json:"message"`
}

// refuse is the vendor's error.
func refuse(status int, message string, faults ...memberFault) answer {
	body := map[string]any{"errorMessage": message, "developerMessage": nil, "errors": faults}
	if faults == nil {
		body["errors"] = []memberFault{}
	}
	return answer{status: status, body: body}
}

func (a answer) write(w http.ResponseWriter) {
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.page {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Sign in</title><h1>Sign in to go on</h1>")) // who went away does not read it
		return
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	body, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // unreachable: answers are made of JSON
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // who went away does not read it
}

// tooMany is the answer to a request that came too often.
func (s *Server) tooMany(w http.ResponseWriter, _ time.Duration) {
	if s.options.Switches.NoRetryAfter {
		w.Header().Del("Retry-After")
	}
	refuse(http.StatusTooManyRequests, "Too many requests").write(w)
}
