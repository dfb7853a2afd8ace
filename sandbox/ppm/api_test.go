package ppm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

const newWebhook = `{"eventTypes":["Project:Created"],"headers":[{"name":"Authorization","value":"Bearer s"}],"httpVerb":"POST","url":"http://127.0.0.1:1/"}`

// ask sends one request with the right token.
func ask(t *testing.T, s *Server, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://ppm.test"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.options.Token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// dataOf returns what an answer wraps.
func dataOf[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var answer struct{ Data T }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return answer.Data
}

func sample(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../samples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value map[string]any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestRegistry(t *testing.T) {
	s := New(Options{})
	w := ask(t, s, "POST", "/@contoso/v1.0/Webhooks", newWebhook)
	made := dataOf[Webhook](t, w)
	if w.Code != http.StatusCreated || w.Header().Get("Location") != "http://ppm.test/@contoso/v1.0/Webhooks/"+made.ID {
		t.Fatalf("got %d, location %q", w.Code, w.Header().Get("Location"))
	}
	for _, path := range []string{"/@contoso/v1.0/Webhooks", "/@contoso/v1.0/webhooks", "/@Contoso/V1.0/WEBHOOKS"} {
		if list := dataOf[[]Webhook](t, ask(t, s, "GET", path, "")); len(list) != 1 || list[0].Headers[0].Value != "Bearer s" {
			t.Errorf("%s: got %v, want the one that was made", path, list)
		}
	}
	if one := dataOf[Webhook](t, ask(t, s, "GET", "/@contoso/v1.0/webhooks/"+strings.ToUpper(made.ID), "")); one.ID != made.ID {
		t.Errorf("got %v, want %s", one, made.ID)
	}
	if w := ask(t, s, "DELETE", "/@contoso/v1.0/Webhooks/"+made.ID, ""); w.Code != http.StatusNoContent || len(s.Webhooks()) != 0 {
		t.Errorf("got %d and %d webhooks, want 204 and none", w.Code, len(s.Webhooks()))
	}
	s.AddWebhook(Webhook{})
	s.AddWebhook(Webhook{})
	if w := ask(t, s, "DELETE", "/@contoso/v1.0/Webhooks", ""); w.Code != http.StatusNoContent || len(s.Webhooks()) != 0 {
		t.Errorf("got %d and %d webhooks, want 204 and none", w.Code, len(s.Webhooks()))
	}
}

// TestAnswersHaveTheVendorsForm compares keys with the samples of answers.
func TestAnswersHaveTheVendorsForm(t *testing.T) {
	small := NewSmall()
	s := New(Options{Entities: small.Entities, Owner: small.People[0]})
	project := s.Entities(kindProject)[0].ID
	base := "/@contoso/v1.0/"
	for _, test := range []struct{ name, method, path, body, sample string }{
		{"created", "POST", base + "Webhooks", newWebhook, "rest/webhook-created-201.json"},
		{"webhooks", "GET", base + "Webhooks", "", "rest/webhooks-list.json"},
		{"refused", "POST", base + "Webhooks", strings.Replace(newWebhook, "http://127.0.0.1:1/", "x", 1), "rest/error-400.json"},
		{"me", "GET", base + "Me", "", "rest/me.json"},
		{"projects", "GET", base + "Projects", "", "rest/projects-list.json"},
		{"tasks", "GET", base + "projects/" + project + "/tasks", "", "rest/project-tasks-list.json"},
		{"key dates", "GET", base + "projects/" + project + "/keydates", "", "rest/project-keydates-list.json"},
		{"fields", "GET", base + "Fields/Project", "", "rest/fields-project.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got any
			if err := json.Unmarshal(ask(t, s, test.method, test.path, test.body).Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			var missing []string
			compareKeys(sample(t, test.sample), got, "", &missing)
			if len(missing) > 0 {
				t.Errorf("got no %v, want every key of %s", missing, test.sample)
			}
		})
	}
}

// compareKeys finds the keys of a sample that are not in a value. Tenants differ in custom attributes, and who wrote a
// field or holds a role is not always set.
func compareKeys(want, got any, at string, missing *[]string) {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			if got != nil {
				*missing = append(*missing, at)
			}
			return
		}
		for key, value := range want {
			inner, found := object[key]
			custom := strings.Contains(key, " ") || key == "Tags" || key == "Description" || key == "AssignedTo"
			if !found && !custom {
				*missing = append(*missing, at+"."+key)
				continue
			}
			compareKeys(value, inner, at+"."+key, missing)
		}
	case []any:
		list, ok := got.([]any)
		if ok && len(want) > 0 && len(list) > 0 {
			compareKeys(want[0], list[0], at+"[]", missing)
		}
	}
}

func TestRegistrationIsChecked(t *testing.T) {
	tests := []struct{ name, body, field string }{
		{"not JSON", `{`, ""},
		{"without eventTypes", strings.Replace(newWebhook, "eventTypes", "types", 1), "eventTypes"},
		{"without headers", strings.Replace(newWebhook, "headers", "header", 1), "headers"},
		{"without httpVerb", strings.Replace(newWebhook, "httpVerb", "verb", 1), "httpVerb"},
		{"without url", strings.Replace(newWebhook, `"url"`, `"uri"`, 1), "url"},
		{"no types", strings.Replace(newWebhook, `"Project:Created"`, "", 1), "eventTypes"},
		{"unknown type", strings.Replace(newWebhook, "Project:Created", "Risk:Created", 1), "eventTypes"},
		{"PUT", strings.Replace(newWebhook, "POST", "PUT", 1), "httpVerb"},
		{"no address", strings.Replace(newWebhook, "http://127.0.0.1:1/", "relay", 1), "url"},
		{"another scheme", strings.Replace(newWebhook, "http:", "ftp:", 1), "url"},
		{"header without name", strings.Replace(newWebhook, "Authorization", "", 1), "headers"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := New(Options{})
			w := ask(t, s, "POST", "/@contoso/v1.0/Webhooks", test.body)
			var said struct {
				ErrorMessage string
				Errors       []struct{ FieldName string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || len(said.Errors) == 0 {
				t.Fatalf("got %s, want the vendor's error", w.Body)
			}
			if w.Code != http.StatusBadRequest || said.Errors[0].FieldName != test.field || len(s.Webhooks()) != 0 {
				t.Errorf("got %d, field %q, %d webhooks, want 400, %q, none", w.Code, said.Errors[0].FieldName, len(s.Webhooks()), test.field)
			}
		})
	}
}

func TestDoor(t *testing.T) {
	s := New(Options{})
	for _, test := range []struct {
		name, method, path, token string
		want                      int
	}{
		{"no token", "GET", "/@contoso/v1.0/Me", "", 401},
		{"wrong token", "GET", "/@contoso/v1.0/Me", "Bearer x", 401},
		{"right token", "GET", "/@contoso/v1.0/Me", "bearer " + DefaultToken, 200},
		{"another tenant", "GET", "/@fabrikam/v1.0/Me", "Bearer " + DefaultToken, 404},
		{"another version", "GET", "/@contoso/v2.0/Me", "Bearer " + DefaultToken, 404},
		{"unknown resource", "GET", "/@contoso/v1.0/Risks", "Bearer " + DefaultToken, 404},
		{"wrong method", "PUT", "/@contoso/v1.0/Webhooks/x", "Bearer " + DefaultToken, 405},
		{"nobody's webhook", "GET", "/@contoso/v1.0/Webhooks/x", "Bearer " + DefaultToken, 404},
		{"nobody's project", "GET", "/@contoso/v1.0/projects/x/tasks", "Bearer " + DefaultToken, 404},
		{"unknown kind of fields", "GET", "/@contoso/v1.0/Fields/Risk", "Bearer " + DefaultToken, 404},
	} {
		r := httptest.NewRequest(test.method, test.path, http.NoBody)
		r.Header.Set("Authorization", test.token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s: got %d, want %d", test.name, w.Code, test.want)
		}
	}
}

func TestToken(t *testing.T) {
	s := New(Options{Expires: time.Now().Add(time.Hour)})
	code := func(path string) int { return ask(t, s, "GET", "/@contoso/v1.0/"+path, "").Code }
	s.SetAdministrator(false)
	if code("Webhooks") != 401 || code("Me") != 200 {
		t.Errorf("got %d and %d without permission, want 401 for webhooks and 200 for Me", code("Webhooks"), code("Me"))
	}
	s.SetAdministrator(true)
	s.Revoke(true)
	if code("Me") != 401 {
		t.Errorf("got %d with a revoked token, want 401", code("Me"))
	}
	s.Revoke(false)
	if code("Webhooks") != 200 {
		t.Errorf("got %d, want 200", code("Webhooks"))
	}
	if s := New(Options{Expires: time.Now().Add(-time.Second)}); ask(t, s, "GET", "/@contoso/v1.0/Me", "").Code != 401 {
		t.Errorf("got an answer for an expired token, want 401")
	}
}

func TestLimit(t *testing.T) {
	s := New(Options{Webhooks: make([]Webhook, Limit-1)})
	if w := ask(t, s, "POST", "/@contoso/v1.0/Webhooks", newWebhook); w.Code != http.StatusCreated {
		t.Fatalf("the 50th: got %d, want 201", w.Code)
	}
	if w := ask(t, s, "POST", "/@contoso/v1.0/Webhooks", newWebhook); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "limit") {
		t.Errorf("the 51st: got %d %s, want 400", w.Code, w.Body)
	}
}

// TestSwitchesOfTheAPI flips each switch and looks for the difference that it makes.
func TestSwitchesOfTheAPI(t *testing.T) {
	tests := []struct {
		name     string
		switches Switches
		look     func(asker) any // must differ from what the zero switches show
	}{
		{"masked", Switches{HeaderEcho: EchoMasked}, asker.echo},
		{"recased", Switches{HeaderEcho: EchoRecased}, asker.echo},
		{"missing", Switches{HeaderEcho: EchoMissing}, asker.echo},
		{"address in lower case", Switches{URLEcho: URLRecased}, asker.address},
		{"address with a slash", Switches{URLEcho: URLSlashed}, asker.address},
		{"reversed", Switches{ListOrder: ListReversed}, asker.order},
		{"shuffled", Switches{ListOrder: ListShuffled}, asker.order},
		{"listed after", Switches{ListedAfter: time.Hour}, asker.order},
		{"trimmed", Switches{HeaderEcho: EchoTrimmed}, asker.echo},
		{"changed", Switches{HeaderEcho: EchoChanged}, asker.echo},
		{"listed in part", Switches{ListedMost: 1}, asker.order},
		{"late alone", Switches{ListedAfter: time.Hour, LateAlone: true}, func(a asker) any {
			a.post()
			all := a.s.Webhooks()
			return ask(a.t, a.s, "GET", "/@contoso/v1.0/Webhooks/"+all[len(all)-1].ID, "").Code
		}},
		{"endless token", Switches{TokenEndless: true}, func(a asker) any {
			return strings.Contains(ask(a.t, a.s, "GET", "/@contoso/v1.0/Me", "").Body.String(), "expirationDate")
		}},
		{"list of one's own", Switches{ListOwn: true}, asker.order},
		{"retry after", Switches{NoRetryAfter: true}, func(a asker) any {
			a.s.options.Board.Script("me", fault.TooMany)
			return ask(a.t, a.s, "GET", "/@contoso/v1.0/Me", "").Header().Get("Retry-After")
		}},
		{"empty 201", Switches{CreatedEmpty: true}, func(a asker) any { return a.post().Body.Len() > 0 }},
		{"relative location", Switches{Location: LocationRelative}, asker.location},
		{"no location", Switches{Location: LocationMissing}, asker.location},
		{"twins", Switches{TwinRefused: true}, func(a asker) any { return [2]int{a.post().Code, a.post().Code} }},
		{"limit", Switches{LimitForbidden: true}, func(a asker) any {
			for range Limit {
				a.s.AddWebhook(Webhook{})
			}
			return a.post().Code
		}},
		{"second delete", Switches{DeletedIsMissing: true}, func(a asker) any { return a.code("DELETE", "Webhooks/x") }},
		{"answer of a delete", Switches{DeletedAnswer: true}, func(a asker) any { return a.code("DELETE", "Webhooks") }},
		{"permission", Switches{DeniedIsForbidden: true}, func(a asker) any {
			a.s.SetAdministrator(false)
			return a.code("GET", "Webhooks")
		}},
		{"case", Switches{CaseSensitivePaths: true}, func(a asker) any { return a.code("GET", "webhooks") }},
		{"bare errors", Switches{ErrorsWithoutDetails: true}, func(a asker) any {
			return ask(a.t, a.s, "GET", "/@contoso/v1.0/Webhooks/x", "").Body.Len() > 0
		}},
		{"content type", Switches{ContentTypeDemanded: true}, func(a asker) any {
			r := httptest.NewRequest(http.MethodGet, "/@contoso/v1.0/Me", http.NoBody)
			r.Header.Set("Authorization", "Bearer "+DefaultToken)
			w := httptest.NewRecorder()
			a.s.ServeHTTP(w, r)
			return w.Code
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, after := test.look(asker{t, New(Options{})}), test.look(asker{t, New(Options{Switches: test.switches})})
			if before == after {
				t.Errorf("got %v with and without the switch", before)
			}
		})
	}
}

// asker looks at a tenant through its API.
type asker struct {
	t *testing.T
	s *Server
}

func (a asker) post() *httptest.ResponseRecorder {
	return ask(a.t, a.s, "POST", "/@contoso/v1.0/Webhooks", newWebhook)
}

func (a asker) code(method, path string) int {
	return ask(a.t, a.s, method, "/@contoso/v1.0/"+path, "").Code
}

func (a asker) echo() any {
	return fmt.Sprint(dataOf[Webhook](a.t, a.post()).Headers)
}

func (a asker) address() any {
	made := a.s.AddWebhook(Webhook{URL: "HTTPS://Relay.Example.com:443/Events"})
	shown := dataOf[Webhook](a.t, ask(a.t, a.s, "GET", "/@contoso/v1.0/Webhooks/"+made.ID, "")).URL
	if kept := a.s.Webhooks()[0].URL; kept != made.URL {
		a.t.Errorf("got %s kept, want what was sent", kept)
	}
	if !strings.EqualFold(strings.TrimSuffix(shown, "/"), made.URL) || !strings.Contains(shown, "/Events") {
		a.t.Errorf("got %s, want the same address", shown)
	}
	return shown
}

func (a asker) order() any {
	var urls []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		a.s.AddWebhook(Webhook{URL: name})
	}
	for _, w := range dataOf[[]Webhook](a.t, ask(a.t, a.s, "GET", "/@contoso/v1.0/Webhooks", "")) {
		urls = append(urls, w.URL)
	}
	return strings.Join(urls, "")
}

func (a asker) location() any { return a.post().Header().Get("Location") }

// TestFaultsAreWholeOrNothing: a webhook is there, or it is not, or it comes late, as the kind says.
func TestFaultsAreWholeOrNothing(t *testing.T) {
	for _, kind := range fault.All() {
		t.Run(string(kind), func(t *testing.T) {
			s := New(Options{})
			s.Board.Script("webhooks.create", kind)
			t.Cleanup(s.Board.Close)
			status := create(t, s, kind)
			if looksFine := kind == fault.AfterEmpty || kind == fault.AfterHTML; status > 0 && status < 400 && !looksFine {
				t.Errorf("got %d, want no success", status)
			}
			if kind.Happens() { // a caller that gave up may be ahead of the server
				soon(func() bool { return len(s.Webhooks()) == 1 })
			}
			if made := len(s.Webhooks()) == 1; made != kind.Happens() {
				t.Errorf("got created %v, want %v", made, kind.Happens())
			}
			if kind.Effect() == fault.Later {
				soon(func() bool { return s.Board.Land() == 1 })
			}
			if made := len(s.Webhooks()) == 1; made != (kind.Effect() != fault.Never) {
				t.Errorf("in the end: got created %v, want %v", made, kind.Effect())
			}
		})
	}
}

// soon waits until something is so, but not for ever.
func soon(so func() bool) {
	for over := time.Now().Add(5 * time.Second); !so() && time.Now().Before(over); {
		<-time.After(time.Millisecond)
	}
}

// create registers a webhook over a real connection, and gives up as soon as the fault has met it, where there will be no
// answer. It returns the status, 0 when there is no answer that can be read.
func create(t *testing.T, s *Server, kind fault.Kind) (status int) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if slices.Contains([]fault.Kind{fault.Hang, fault.AfterHang, fault.LateHang, fault.Slow}, kind) {
		go func() {
			soon(func() bool { return s.Board.Met(kind) == 1 })
			cancel()
		}()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/@contoso/v1.0/Webhooks", strings.NewReader(newWebhook))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+DefaultToken)
	response, err := (&http.Client{}).Do(r)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0
	}
	return response.StatusCode
}

func TestReadingTheTenant(t *testing.T) {
	s := New(Options{Entities: NewSmall().Entities})
	base := "/@contoso/v1.0/"
	counts := map[string]int{"Projects": 12, "Ideas": 3, "programs": 1, "portfolios": 1, "Ideas?challengeId=nobody": 0}
	for path, want := range counts {
		if got := len(dataOf[[]any](t, ask(t, s, "GET", base+path, ""))); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	for _, e := range []Entity{s.Entities(kindProject)[3], s.Entities(kindIdea)[0], s.Entities(Program)[0], s.Entities(Portfolio)[0]} {
		path := map[string]string{kindProject: "projects/", kindIdea: "ideas/", Program: "programs/", Portfolio: "portfolios/"}[e.Kind] + e.ID
		one := dataOf[struct {
			ID         string
			Attributes map[string]any
		}](t, ask(t, s, "GET", base+path, ""))
		if one.ID != e.ID || one.Attributes["Name"] != e.Attributes["Name"] {
			t.Errorf("%s: got %v, want %v", path, one, e)
		}
	}
	if !slices.Contains(s.Endpoints(), "tasks") || s.Calls("projects") != 1 {
		t.Errorf("got endpoints %v, %d calls of projects", s.Endpoints(), s.Calls("projects"))
	}
}

func TestSameSeedSameIDs(t *testing.T) {
	var ids []string
	for _, seed := range []uint64{1, 1, 2} {
		s := New(Options{Seed: seed})
		ids = append(ids, s.AddWebhook(Webhook{}).ID+s.Create(Entity{Kind: kindTask}, event.Person{}).ID)
	}
	if ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("got %v, want the same for the same seed alone", ids)
	}
}
