package ppm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ppmrelay/ppmrelay/event"
)

// description asks a stand-in for its description, without a token.
func description(t *testing.T, s *Server) *openapi3.T {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://ppm.test"+openAPIPath, http.NoBody))
	if kind := w.Header().Get("Content-Type"); w.Code != http.StatusOK || kind != "application/json; charset=utf-8" {
		t.Fatalf("got %d and %q, want JSON", w.Code, kind)
	}
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestDescriptionIsValid: by the rules of OpenAPI, and its examples by its own schemas.
func TestDescriptionIsValid(t *testing.T) {
	doc := description(t, New(Options{}))
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if tenant := doc.Servers[0].Variables["tenant"].Default; tenant != DefaultTenant {
		t.Errorf("got the tenant %q, want %q", tenant, DefaultTenant)
	}
	if !strings.Contains(openAPI, DefaultToken) {
		t.Errorf("got no word of the token %q", DefaultToken)
	}
	w := httptest.NewRecorder()
	New(Options{}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://ppm.test"+openAPIPath, http.NoBody))
	if w.Code != http.StatusNotFound {
		t.Errorf("got %d for a POST, want 404", w.Code)
	}
}

// TestDescriptionHasEveryRoute, under its name, and no other; and every type of event.
func TestDescriptionHasEveryRoute(t *testing.T) {
	s := New(Options{})
	doc := description(t, s)
	var routes, described []string
	for _, r := range s.table() {
		routes = append(routes, r.method+" /"+r.path+" "+r.name)
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			described = append(described, method+" "+path+" "+operation.OperationID)
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if !slices.Equal(routes, described) {
		t.Errorf("got described\n%s\nwant the routes\n%s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
	for _, name := range event.Types() {
		if doc.Webhooks[string(name)] == nil {
			t.Errorf("got no delivery of %s", name)
		}
	}
	if len(doc.Webhooks) != len(event.Types()) {
		t.Errorf("got %d deliveries, want %d", len(doc.Webhooks), len(event.Types()))
	}
}

// visit returns why a JSON text does not fit a schema.
func visit(t *testing.T, schema *openapi3.SchemaRef, text []byte) error {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020())
}

// TestAnswersFitTheDescription asks every route for what can be, and for what cannot.
func TestAnswersFitTheDescription(t *testing.T) {
	tenant := NewPortfolio()
	s := New(Options{Owner: tenant.People[0], Entities: tenant.Entities})
	doc := description(t, s)
	project, idea := s.Entities(kindProject)[0].ID, s.Entities(kindIdea)[0].ID
	webhook := func() string { return s.AddWebhook(Webhook{EventTypes: []string{"Idea:Created"}, HTTPVerb: "POST"}).ID }
	for _, tt := range []struct {
		request string // method and path below the base
		id      string
		body    string
		status  string
	}{
		{"GET /Me", "", "", "200"},
		{"POST /Webhooks", "", newWebhook, "201"},
		{"POST /Webhooks", "", `{"headers":[]}`, "400"},
		{"POST /Webhooks", "", `[`, "400"},
		{"GET /Webhooks", "", "", "200"},
		{"GET /Webhooks/{id}", webhook(), "", "200"},
		{"GET /Webhooks/{id}", "none", "", "404"},
		{"DELETE /Webhooks/{id}", webhook(), "", "204"},
		{"DELETE /Webhooks/{id}", "none", "", "204"},
		{"DELETE /Webhooks", "", "", "204"},
		{"GET /Projects", "", "", "200"},
		{"GET /Projects/{id}", project, "", "200"},
		{"GET /Projects/{id}", "none", "", "404"},
		{"GET /projects/{id}/tasks", project, "", "200"},
		{"GET /projects/{id}/tasks", "none", "", "404"},
		{"GET /projects/{id}/keydates", project, "", "200"},
		{"GET /projects/{id}/keydates", "none", "", "404"},
		{"GET /Ideas", "", "", "200"},
		{"GET /Ideas/{id}", idea, "", "200"},
		{"GET /Ideas/{id}", "none", "", "404"},
		{"GET /programs", "", "", "200"},
		{"GET /programs/{id}", s.Entities(Program)[0].ID, "", "200"},
		{"GET /programs/{id}", "none", "", "404"},
		{"GET /portfolios", "", "", "200"},
		{"GET /portfolios/{id}", s.Entities(Portfolio)[0].ID, "", "200"},
		{"GET /portfolios/{id}", "none", "", "404"},
		{"GET /Fields/{id}", "KeyDate", "", "200"},
		{"GET /Fields/{id}", "none", "", "404"},
	} {
		method, path, _ := strings.Cut(tt.request, " ")
		address := s.base() + strings.TrimPrefix(strings.Replace(path, "{id}", tt.id, 1), "/")
		fits := func(status string, w *httptest.ResponseRecorder) {
			t.Helper()
			wantFit(t, doc.Paths.Value(path).GetOperation(method), tt.request+" "+tt.id, status, w)
		}
		fits(tt.status, ask(t, s, method, address, tt.body))
		s.Revoke(true)
		fits("401", ask(t, s, method, address, tt.body))
		s.Revoke(false)
		s.options.Switches.DeniedIsForbidden = true
		s.SetAdministrator(false)
		if status := "403"; strings.HasPrefix(path, "/Webhooks") {
			fits(status, ask(t, s, method, address, tt.body))
		}
		s.SetAdministrator(true)
	}
	s.limited = true
	wantFit(t, doc.Paths.Value("/Me").Get, "too many", "429", ask(t, s, http.MethodGet, s.base()+"Me", ""))
}

// wantFit demands a status that an operation describes, with a body and headers as it describes them.
func wantFit(t *testing.T, operation *openapi3.Operation, asked, status string, w *httptest.ResponseRecorder) {
	t.Helper()
	described := operation.Responses.Value(status)
	switch {
	case http.StatusText(w.Code) == "" || status != strings.TrimSpace(string(encoded(t, w.Code))):
		t.Errorf("%s: got %d %s, want %s", asked, w.Code, w.Body, status)
		return
	case described == nil:
		t.Errorf("%s: got %d, which is not described", asked, w.Code)
		return
	}
	for name := range described.Value.Headers {
		if w.Header().Get(name) == "" {
			t.Errorf("%s: got no header %s", asked, name)
		}
	}
	content := described.Value.Content.Get("application/json")
	if content == nil || w.Body.Len() == 0 {
		if content != nil || w.Body.Len() > 0 {
			t.Errorf("%s: got %q, described is %v", asked, w.Body, content)
		}
		return
	}
	if err := visit(t, content.Schema, w.Body.Bytes()); err != nil {
		t.Errorf("%s: %v in %s", asked, err, w.Body)
	}
}

// bodyOf returns the schema of the delivery of an event.
func bodyOf(doc *openapi3.T, t string) *openapi3.SchemaRef {
	return doc.Webhooks[t].Post.RequestBody.Value.Content.Get("application/json").Schema
}

// TestDeliveriesFitTheDescription: those of the stand-in, of each type, by persons and by nobody.
func TestDeliveriesFitTheDescription(t *testing.T) {
	tenant, r := NewPortfolio(), newReceiver(t)
	s := tenantFor(t, r, Options{Entities: tenant.Entities})
	doc := description(t, s)
	parent := s.Entities(kindProject)[0]
	for _, kind := range []string{kindProject, kindIdea, kindTask, kindKeyDate} {
		for _, by := range []event.Person{tenant.People[0], {}} {
			made := Entity{Kind: kind, Attributes: map[string]any{"Name": "New", "An attribute of people’s own": 3.5}}
			if kind == kindTask || kind == kindKeyDate {
				made.Parent = event.Ref{Kind: parent.Kind, ID: parent.ID}
			}
			made = s.Create(made, by)
			if err := s.Edit(kind, made.ID, map[string]any{"Description": "Now with one"}, by); err != nil {
				t.Fatal(err)
			}
			for _, e := range s.Entities(kind)[1:3] {
				if err := s.Edit(kind, e.ID, map[string]any{"Name": "Renamed"}, by); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Delete(kind, made.ID, by); err != nil {
				t.Fatal(err)
			}
		}
	}
	types := map[string]int{}
	for _, one := range settled(t, s, r) {
		name := strings.TrimPrefix(one.path, "/")
		types[name]++
		if err := visit(t, bodyOf(doc, name), one.body); err != nil {
			t.Errorf("%s: %v in %s", name, err, one.body)
		}
	}
	if len(types) != len(event.Types()) {
		t.Errorf("got deliveries of %v, want all types", types)
	}
}

// TestSamplesFitTheDescription: those that a relay takes are what is described; and nothing else is.
func TestSamplesFitTheDescription(t *testing.T) {
	doc := description(t, New(Options{}))
	files, err := filepath.Glob("../../samples/*.json")
	if err != nil || len(files) < len(event.Types()) {
		t.Fatalf("got %d samples, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
		for _, name := range event.Types() {
			err := visit(t, bodyOf(doc, string(name)), text)
			kind, action, _ := strings.Cut(string(name), ":")
			right := kind == parts[0] && (action == parts[1] || action != event.Updated && parts[1] != event.Updated)
			switch {
			case right && err != nil:
				t.Errorf("%s: %v", file, err)
			case action == event.Updated != (parts[1] == event.Updated) && err == nil:
				t.Errorf("%s fits %s, want that it does not", file, name)
			}
		}
		for _, member := range []string{"WebhookId", "MessageId", "Data"} {
			var body map[string]any
			if err := json.Unmarshal(text, &body); err != nil {
				t.Fatal(err)
			}
			delete(body, member)
			if err := visit(t, bodyOf(doc, parts[0]+":"+parts[1]), encoded(t, body)); err == nil {
				t.Errorf("%s fits without %s, want that it does not", file, member)
			}
		}
	}
	for _, file := range []string{"error-400", "fields-project", "me", "project-keydates-list", "projects-list", "webhook-created-201", "webhooks-list"} {
		text, err := os.ReadFile("../../samples/rest/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		place := map[string][3]string{
			"error-400": {"/Webhooks", "POST", "400"}, "fields-project": {"/Fields/{id}", "GET", "200"}, "me": {"/Me", "GET", "200"},
			"project-keydates-list": {"/projects/{id}/keydates", "GET", "200"}, "projects-list": {"/Projects", "GET", "200"},
			"webhook-created-201": {"/Webhooks", "POST", "201"}, "webhooks-list": {"/Webhooks", "GET", "200"},
		}[file]
		content := doc.Paths.Value(place[0]).GetOperation(place[1]).Responses.Value(place[2]).Value.Content
		if err := visit(t, content.Get("application/json").Schema, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
