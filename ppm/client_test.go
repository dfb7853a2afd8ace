package ppm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	faults "github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

const (
	testToken  = "t0ken-of-anna"
	testSecret = "s3cret-of-the-relay"
)

func wantedWebhook() Webhook {
	return Webhook{
		EventTypes: []event.Type{"Project:Updated"}, Verb: http.MethodPost, URL: "https://relay.example.com/events/Project/Updated",
		Headers: []Header{{"Authorization", "Bearer " + testSecret}},
	}
}

// serve starts a stand-in and returns a client for it.
func serve(t *testing.T, options standin.Options) (*standin.Server, *Client) {
	t.Helper()
	options.Token = testToken
	tenant := standin.New(options)
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	return tenant, NewClient(&http.Client{Timeout: 5 * time.Second}, server.URL, standin.DefaultTenant, "v1.0", testToken)
}

// answering returns a client whose every request is answered by the handler.
func answering(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return NewClient(&http.Client{Timeout: 200 * time.Millisecond}, server.URL, "contoso", "v1.0", testToken)
}

func TestEveryWebhookCall(t *testing.T) {
	tenant, client := serve(t, standin.Options{Webhooks: []standin.Webhook{{
		EventTypes: []string{"Idea:Created"}, URL: "https://flow.example/?sig=abc", HTTPVerb: "POST",
	}}})
	ctx := t.Context()
	made, err := client.CreateWebhook(ctx, wantedWebhook())
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Webhooks(ctx)
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d webhooks and error %v, want 2", len(all), err)
	}
	one, err := client.Webhook(ctx, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	value, _ := one.Header("authorization")
	if one.URL != made.URL || value != "Bearer "+testSecret || len(one.EventTypes) != 1 || one.EventTypes[0] != "Project:Updated" {
		t.Errorf("got %+v, want what was created", one)
	}
	if err := client.DeleteWebhook(ctx, made.ID); err != nil {
		t.Errorf("deleting: got %v", err)
	}
	if left := tenant.Webhooks(); len(left) != 1 || left[0].ID == made.ID {
		t.Errorf("got %v, want the stranger's alone", left)
	}
	if err := client.DeleteAllWebhooks(ctx); err != nil || len(tenant.Webhooks()) != 0 {
		t.Errorf("got error %v and %d webhooks, want none", err, len(tenant.Webhooks()))
	}
}

func TestMe(t *testing.T) {
	expires := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	_, client := serve(t, standin.Options{Expires: expires, Owner: event.Person{ID: "7", Account: "anna.doe@company.com"}})
	me, err := client.Me(t.Context())
	if err != nil || me.ID != "7" || me.Account != "anna.doe@company.com" || !me.Token.Expires.Equal(expires) {
		t.Errorf("got %+v and error %v", me, err)
	}
}

// TestUnpublished plays both sides of what the vendor does not publish and a client could stumble over.
func TestUnpublished(t *testing.T) {
	for name, switches := range map[string]standin.Switches{
		"as assumed":           {},
		"201 without body":     {CreatedEmpty: true},
		"relative location":    {CreatedEmpty: true, Location: standin.LocationRelative},
		"no location":          {Location: standin.LocationMissing},
		"second delete is 404": {DeletedIsMissing: true},
		"delete answers 200":   {DeletedAnswer: true},
		"content type is must": {ContentTypeDemanded: true},
		"paths count":          {CaseSensitivePaths: true},
	} {
		t.Run(name, func(t *testing.T) {
			tenant, client := serve(t, standin.Options{Switches: switches})
			made, err := client.CreateWebhook(t.Context(), wantedWebhook())
			if err != nil || made.ID != tenant.Webhooks()[0].ID {
				t.Fatalf("got id %q and error %v, want %q", made.ID, err, tenant.Webhooks()[0].ID)
			}
			for range 2 {
				if err := client.DeleteWebhook(t.Context(), made.ID); err != nil {
					t.Errorf("deleting: got %v", err)
				}
			}
			if _, err := client.Webhooks(t.Context()); err != nil {
				t.Errorf("listing: got %v", err)
			}
			if _, err := client.Me(t.Context()); err != nil {
				t.Errorf("me: got %v", err)
			}
		})
	}
	t.Run("neither body nor location", func(t *testing.T) {
		_, client := serve(t, standin.Options{Switches: standin.Switches{CreatedEmpty: true, Location: standin.LocationMissing}})
		made, err := client.CreateWebhook(t.Context(), wantedWebhook())
		if err != nil || made.ID != "" || made.URL != wantedWebhook().URL {
			t.Errorf("got %+v and error %v, want what was sent, without an id", made, err)
		}
	})
}

// TestOneIsNeverAll: no id makes the address of one webhook that of all.
func TestOneIsNeverAll(t *testing.T) {
	tenant, client := serve(t, standin.Options{Webhooks: []standin.Webhook{{ID: "a"}, {ID: "b"}}})
	for _, id := range []string{"", ".", "..", "/", "%2E", "./", "?", "#", " ", "a/..", "../Webhooks", "a?x", "é"} {
		err := client.DeleteWebhook(t.Context(), id)
		if failed, ok := errors.AsType[*CallError](err); !ok || failed.Unsure() || failed.Temporary() || !strings.Contains(err.Error(), "not the id") {
			t.Errorf("%q: got %v, want it refused", id, err)
		}
		if _, err := client.Webhook(t.Context(), id); err == nil {
			t.Errorf("%q: got a webhook", id)
		}
	}
	if n := len(tenant.Webhooks()); n != 2 {
		t.Errorf("got %d webhooks, want both", n)
	}
}

func TestRegistrationHasAllMembers(t *testing.T) {
	var sent string
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		w.WriteHeader(http.StatusCreated)
	})
	if _, err := client.CreateWebhook(t.Context(), Webhook{Verb: "POST"}); err != nil {
		t.Fatal(err)
	}
	if want := `{"eventTypes":[],"headers":[],"httpVerb":"POST","url":""}`; sent != want {
		t.Errorf("got %s, want %s", sent, want)
	}
}

func TestErrors(t *testing.T) {
	page := "<html><body>Bad gateway</body></html>"
	vendor := `{"errorMessage":"Validation failed","developerMessage":null,"errors":[{"fieldName":"url","message":"The url is not valid"}]}`
	tests := []struct {
		name      string
		status    int
		header    http.Header
		body      string
		says      []string
		unsure    bool
		temporary bool
	}{
		{name: "invalid", status: 400, body: vendor, says: []string{"refused (400)", "Validation failed", "url: The url is not valid"}},
		{name: "401", status: 401, body: `{}`, says: []string{"401", "expired", "Administrate app"}},
		{name: "403", status: 403, says: []string{"403", "expired", "Administrate app"}},
		{name: "404", status: 404, says: []string{"not found (404)"}},
		{name: "429", status: 429, header: http.Header{"Retry-After": {"7"}}, says: []string{"429", "wait 7s"}, temporary: true},
		{name: "429 without a time", status: 429, says: []string{"429", "in a minute"}, temporary: true},
		{name: "500", status: 500, body: page, says: []string{"out of order (500)"}, unsure: true, temporary: true},
		{name: "503", status: 503, body: `{"errorMessage":"Down for maintenance"}`, says: []string{"Down for maintenance"}, unsure: true, temporary: true},
		{name: "redirect", status: 302, header: http.Header{"Location": {"https://elsewhere.example/"}}, says: []string{"redirect (302)", "ppm_express.url"}},
		{name: "a page for an answer", status: 200, body: page, says: []string{"web page", "ppm_express.url"}, unsure: true, temporary: true},
		{name: "not JSON", status: 201, body: `data`, says: []string{"not the JSON", "ppm_express.url, and at proxies"}, unsure: true, temporary: true},
		{name: "another form", status: 201, body: `{"data":[1]}`, says: []string{"form", "ppm_express.url, and at proxies"}, unsure: true, temporary: true},
		{name: "echoes secrets", status: 400, body: fmt.Sprintf(`{"errorMessage":"no: Bearer %s, %s"}`, testSecret, testToken), says: []string{"[secret]"}},
		{name: "developer's words", status: 400, body: `{"developerMessage":"eventTypes is null"}`, says: []string{"eventTypes is null"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), test.header)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := client.CreateWebhook(t.Context(), wantedWebhook())
			failed, ok := errors.AsType[*CallError](err)
			if !ok {
				t.Fatalf("got %v, want a *CallError", err)
			}
			for _, words := range append(test.says, "creating a webhook for Project:Updated") {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("got %q, want it to say %q", err, words)
				}
			}
			if failed.Unsure() != test.unsure || failed.Temporary() != test.temporary {
				t.Errorf("got unsure %v, temporary %v, want %v, %v", failed.Unsure(), failed.Temporary(), test.unsure, test.temporary)
			}
			mustNotLeak(t, fmt.Sprintf("%v %+v %#v", err, err, *failed))
		})
	}
}

func mustNotLeak(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testToken, testSecret} {
		if strings.Contains(text, secret) {
			t.Errorf("got a secret in %s", text)
		}
	}
}

func TestMeSaysOnlyTheToken(t *testing.T) {
	tenant, client := serve(t, standin.Options{})
	tenant.Revoke(true)
	_, err := client.Me(t.Context())
	if err == nil || !strings.Contains(err.Error(), "token is not accepted") || strings.Contains(err.Error(), "Administrate") {
		t.Errorf("got %v, want it to speak of the token alone", err)
	}
}

// TestFaults: a change that met a fault is unsure exactly when it may have happened; a list never is.
func TestFaults(t *testing.T) {
	for _, kind := range faults.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			board := faults.NewBoard()
			tenant := standin.New(standin.Options{Board: board, Token: testToken})
			server := httptest.NewServer(tenant)
			t.Cleanup(server.Close)
			client := NewClient(&http.Client{Timeout: 100 * time.Millisecond}, server.URL, standin.DefaultTenant, "v1.0", testToken)
			board.Script("webhooks.create", kind)
			board.Script("webhooks.list", kind)
			_, err := client.CreateWebhook(t.Context(), wantedWebhook())
			failed, ok := errors.AsType[*CallError](err)
			if !ok {
				t.Fatalf("got %v, want a *CallError", err)
			}
			if want := kind != faults.TooMany; failed.Unsure() != want || !failed.Temporary() {
				t.Errorf("got unsure %v, temporary %v, want %v, true: %v", failed.Unsure(), failed.Temporary(), want, err)
			}
			if happened := len(tenant.Webhooks()) == 1; happened != kind.Happens() {
				t.Errorf("got created %v, want %v", happened, kind.Happens())
			}
			_, err = client.Webhooks(t.Context())
			if failed, ok := errors.AsType[*CallError](err); !ok || failed.Unsure() {
				t.Errorf("listing: got %v, want an error that is not unsure", err)
			}
			mustNotLeak(t, err.Error())
		})
	}
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client := NewClient(&http.Client{}, server.URL, "contoso", "v1.0", testToken)
	_, err := client.CreateWebhook(t.Context(), wantedWebhook())
	if failed, ok := errors.AsType[*CallError](err); !ok || failed.Unsure() || !failed.Temporary() {
		t.Errorf("got %v, want a temporary error that is not unsure: it reached nobody", err)
	}
}

func TestTokenStaysHere(t *testing.T) {
	var elsewhere bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere = true }))
	t.Cleanup(other.Close)
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	_, err := client.Webhooks(t.Context())
	if err == nil || elsewhere {
		t.Errorf("got error %v, followed %v; want an error and no request elsewhere", err, elsewhere)
	}
}

func TestAnswerWithoutEnd(t *testing.T) {
	client := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 20 {
			_, _ = w.Write(chunk)
		}
	})
	client.timeout = 10 * time.Second
	if _, err := client.Webhooks(t.Context()); err == nil || !strings.Contains(err.Error(), "larger than 16 MiB") {
		t.Errorf("got %v, want that it is too large", err)
	}
}

func TestTimeoutSaysHowLong(t *testing.T) {
	client := answering(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	client.timeout = 50 * time.Millisecond
	if _, err := client.Webhooks(t.Context()); err == nil || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("got %v, want how long it took", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		said string
		want time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"7", 7 * time.Second},
		{"1.5", 1500 * time.Millisecond},
		{"-3", 0},
		{"soon", 0},
		{"NaN", 0},
		{"1e300", time.Hour},
		{now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{now.Add(-time.Minute).Format(http.TimeFormat), 0},
	} {
		header := http.Header{"Retry-After": {test.said}, "Date": {now.Format(http.TimeFormat)}}
		if got := retryAfter(header); got != test.want {
			t.Errorf("%q: got %v, want %v", test.said, got, test.want)
		}
	}
}

func TestWebhookPrintsWithoutSecrets(t *testing.T) {
	w := wantedWebhook()
	w.URL = "https://anna:" + testToken + "@flow.example/paths/invoke?sig=" + testSecret + "#" + testSecret
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "webhook", w, "header", w.Headers[0])
	encoded, err := json.Marshal(w.Headers)
	if err != nil {
		t.Fatal(err)
	}
	mustNotLeak(t, logged.String()+string(encoded)+w.Address()+fmt.Sprintf("%v %+v %#v", w.Headers, w.Headers, w.Headers))
	if want := "https://flow.example/paths/invoke?…"; w.Address() != want {
		t.Errorf("got %s, want %s", w.Address(), want)
	}
	if got := (Webhook{URL: "https://relay.example.com/events/Idea/Created"}).Address(); got != "https://relay.example.com/events/Idea/Created" {
		t.Errorf("got %s, want it as it is", got)
	}
	if got := (Webhook{URL: ":"}).Address(); got != "(not an address)" {
		t.Errorf("got %s", got)
	}
}
