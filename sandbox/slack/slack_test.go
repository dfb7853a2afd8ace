package slack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

const channel = "C0123456789"

// workspace is a server with one channel, over loopback.
type workspace struct {
	*slack.Server

	url string
}

func open(t *testing.T, options slack.Options) workspace {
	t.Helper()
	if options.Channels == nil {
		options.Channels = []slack.Channel{{ID: channel, Name: "delivery"}}
	}
	w := workspace{Server: slack.New(options)}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.url = server.URL + "/api/"
	return w
}

// answer is an answer of the API.
type answer struct {
	status int
	header http.Header

	OK               bool            `json:"ok"`
	Error            string          `json:"error"`
	TS               string          `json:"ts"`
	Needed           string          `json:"needed"`
	Provided         string          `json:"provided"`
	Warning          string          `json:"warning"`
	UserID           string          `json:"user_id"`
	Channel          json.RawMessage `json:"channel"`
	User             json.RawMessage `json:"user"`
	Message          slack.Message   `json:"message"`
	Messages         []slack.Message `json:"messages"`
	HasMore          bool            `json:"has_more"`
	ResponseMetadata struct {
		Messages []string `json:"messages"`
		Cursor   string   `json:"next_cursor"`
	} `json:"response_metadata"`
}

// call calls a method with a form. Arguments are names and values in turn.
func (w workspace) call(t *testing.T, method string, arguments ...string) answer {
	t.Helper()
	form := url.Values{"token": {slack.DefaultToken}}
	for i := 0; i < len(arguments); i += 2 {
		form.Set(arguments[i], arguments[i+1])
	}
	return w.send(t, method, "application/x-www-form-urlencoded", "", form.Encode())
}

func (w workspace) send(t *testing.T, method, kind, bearer, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+method, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	sent, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := answer{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatalf("%s: %v", sent, err)
	}
	return got
}

// post posts a text and must succeed.
func (w workspace) post(t *testing.T, arguments ...string) answer {
	t.Helper()
	got := w.call(t, "chat.postMessage", append([]string{"channel", channel}, arguments...)...)
	if !got.OK || got.TS == "" {
		t.Fatalf("posting: got %+v", got)
	}
	return got
}

func wantError(t *testing.T, got answer, code string) {
	t.Helper()
	if got.OK || got.Error != code || got.status != http.StatusOK {
		t.Errorf("got %d, ok %t, error %q, want 200 and %q", got.status, got.OK, got.Error, code)
	}
}

// list makes JSON of n times the same.
func list(n int, element string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
}

func textBlock(kind string, length int) string {
	return fmt.Sprintf(`{"type":%q,"text":{"type":"mrkdwn","text":%q}}`, kind, strings.Repeat("x", length))
}
