package slack_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// TestRefusals: what Slack refuses, with its code. Nothing of it is stored.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Unlimited: true, Channels: []slack.Channel{
		{ID: channel},
		{ID: "C0OUTSIDE", Outside: true},
		{ID: "G0OUTSIDE", Outside: true, Private: true},
		{ID: "C0ARCHIVED", Archived: true},
		{ID: "C0READ", ReadOnly: true},
	}})
	section := textBlock("section", 1)
	for name, test := range map[string]struct {
		code      string
		wrong     string // in response_metadata
		arguments []string
	}{
		"no such channel":    {"channel_not_found", "", []string{"channel", "C0OTHER"}},
		"no channel":         {"channel_not_found", "", []string{"channel", ""}},
		"not a member":       {"not_in_channel", "", []string{"channel", "C0OUTSIDE"}},
		"private":            {"channel_not_found", "", []string{"channel", "G0OUTSIDE"}},
		"archived":           {"is_archived", "", []string{"channel", "C0ARCHIVED"}},
		"read only":          {"restricted_action_read_only_channel", "", []string{"channel", "C0READ"}},
		"no text":            {"no_text", "", []string{"text", " "}},
		"markdown beside":    {"markdown_text_conflict", "", []string{"markdown_text", "a"}},
		"blocks no JSON":     {"invalid_blocks_format", "", []string{"blocks", "{"}},
		"51 blocks":          {"invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]", []string{"blocks", list(51, section)}},
		"unknown block":      {"invalid_blocks", "unsupported type: riddle [json-pointer:/blocks/0/type]", []string{"blocks", `[{"type":"riddle"}]`}},
		"3001 characters":    {"invalid_blocks", "must be less than 3001 characters [json-pointer:/blocks/0/text/text]", []string{"blocks", list(1, textBlock("section", 3001))}},
		"empty section":      {"invalid_blocks", "must be more than 0 characters", []string{"blocks", list(1, textBlock("section", 0))}},
		"section of nothing": {"invalid_blocks", "missing required field: text", []string{"blocks", `[{"type":"section"}]`}},
		"text of no object":  {"invalid_blocks", "must be a text object", []string{"blocks", `[{"type":"section","text":"a"}]`}},
		"text of odd type":   {"invalid_blocks", "unsupported type: html", []string{"blocks", `[{"type":"section","text":{"type":"html","text":"a"}}]`}},
		"11 fields":          {"invalid_blocks", "no more than 10 items", []string{"blocks", `[{"type":"section","fields":` + list(11, `{"type":"mrkdwn","text":"a"}`) + `}]`}},
		"long field":         {"invalid_blocks", "must be less than 2001", []string{"blocks", `[{"type":"section","fields":[{"type":"mrkdwn","text":"` + strings.Repeat("x", 2001) + `"}]}]`}},
		"header too long":    {"invalid_blocks", "must be less than 151", []string{"blocks", `[{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("x", 151) + `"}}]`}},
		"header with markup": {"invalid_blocks", "unsupported type: mrkdwn", []string{"blocks", list(1, textBlock("header", 1))}},
		"empty context":      {"invalid_blocks", "no fewer than 1 items", []string{"blocks", `[{"type":"context","elements":[]}]`}},
		"11 elements":        {"invalid_blocks", "no more than 10 items", []string{"blocks", `[{"type":"context","elements":` + list(11, `{"type":"mrkdwn","text":"a"}`) + `}]`}},
		"26 actions":         {"invalid_blocks", "no more than 25 items", []string{"blocks", `[{"type":"actions","elements":` + list(26, `{}`) + `}]`}},
		"long block id":      {"invalid_blocks", "must be less than 256", []string{"blocks", `[{"type":"divider","block_id":"` + strings.Repeat("x", 256) + `"}]`}},
		"block id twice":     {"invalid_blocks", "duplicate block_id [json-pointer:/blocks/1/block_id]", []string{"blocks", list(2, `{"type":"divider","block_id":"a"}`)}},
		"too much markdown":  {"invalid_blocks", "must be less than 12001", []string{"blocks", list(2, `{"type":"markdown","text":"`+strings.Repeat("x", 6001)+`"}`)}},
		"two tables":         {"invalid_attachments", "only_one_table_allowed", []string{"blocks", list(2, `{"type":"table","rows":[]}`)}},
		"blocks too long":    {"msg_blocks_too_long", "", []string{"blocks", list(5, textBlock("section", 2700))}},
		"attachments":        {"invalid_attachments", "", []string{"attachments", "{}"}},
		"101 attachments":    {"too_many_attachments", "", []string{"attachments", list(101, "{}")}},
		"metadata no JSON":   {"invalid_metadata_format", "", []string{"metadata", "["}},
		"metadata untyped":   {"invalid_metadata_schema", "", []string{"metadata", `{"event_payload":{}}`}},
		"metadata too deep":  {"invalid_metadata_schema", "", []string{"metadata", `{"event_type":"a","event_payload":{"a":[{"b":[1]}]}}`}},
		"metadata too large": {"metadata_too_large", "", []string{"metadata", `{"event_type":"a","event_payload":{"a":"` + strings.Repeat("x", 8000) + `"}}`}},
	} {
		got := w.call(t, "chat.postMessage", append([]string{"channel", channel, "text", "a"}, test.arguments...)...)
		wantError(t, got, test.code)
		if !strings.Contains(strings.Join(got.ResponseMetadata.Messages, "\n"), test.wrong) {
			t.Errorf("%s: got %q, want %q", name, got.ResponseMetadata.Messages, test.wrong)
		}
	}
	if got := w.Messages(channel); len(got) != 0 {
		t.Errorf("got %d messages, want none", len(got))
	}
}

// TestLimitsAreTaken: what is just within the limits is taken.
func TestLimitsAreTaken(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Unlimited: true})
	for _, blocks := range []string{
		list(50, textBlock("section", 10)),
		list(4, textBlock("section", 3000)),
		`[{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat("😀", 1500) + `"}}]`,
		`[{"type":"context","elements":[{"type":"mrkdwn","text":"a"},{"type":"image","image_url":"https://x.example","alt_text":"b"}]}]`,
	} {
		w.post(t, "text", "a", "blocks", blocks)
	}
	wantError(t, w.call(t, "chat.postMessage", "channel", channel, "text", "a",
		"blocks", `[{"type":"section","text":{"type":"mrkdwn","text":"`+strings.Repeat("😀", 1501)+`"}}]`), "invalid_blocks")
	w = open(t, slack.Options{Unlimited: true, Switches: slack.Switches{CountRunes: true}})
	w.post(t, "text", "a", "blocks", `[{"type":"section","text":{"type":"mrkdwn","text":"`+strings.Repeat("😀", 3000)+`"}}]`)
}

// TestTokens: a token is taken from the header or from among the arguments, which come as form or JSON.
func TestTokens(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Scopes: []string{"chat:write"}})
	const form, document = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, test := range []struct{ kind, bearer, body, code string }{
		{form, "", "token=" + slack.DefaultToken + "&channel=" + channel + "&text=a", ""},
		{form, slack.DefaultToken, "channel=" + channel + "&text=a", ""},
		{document, slack.DefaultToken, `{"channel":"` + channel + `","text":"a","blocks":[{"type":"divider"}]}`, ""},
		{document, slack.DefaultToken, `{"channel":"` + channel + `","text":"a","blocks":"[]"}`, ""},
		{form, "", "channel=" + channel, "not_authed"},
		{form, "xoxb-other", "channel=" + channel, "invalid_auth"},
		{form, "", "%zz", "invalid_form_data"},
		{document, slack.DefaultToken, "[", "invalid_json"},
		{"text/plain", slack.DefaultToken, "a", "invalid_post_type"},
	} {
		got := w.send(t, "chat.postMessage", test.kind, test.bearer, test.body)
		if got.Error != test.code || got.OK != (test.code == "") {
			t.Errorf("%s %q: got ok %t, error %q, want %q", test.kind, test.body, got.OK, got.Error, test.code)
		}
		if test.code == "" && got.header.Get("X-Oauth-Scopes") != "chat:write" {
			t.Errorf("got scopes %q", got.header.Get("X-Oauth-Scopes"))
		}
	}
	wantError(t, w.call(t, "chat.unheardOf"), "unknown_method")
	w.Revoke(true)
	wantError(t, w.call(t, "auth.test"), "token_revoked")
	w.Revoke(false)
	if got := w.call(t, "auth.test"); !got.OK || got.UserID == "" {
		t.Errorf("auth.test: got %+v", got)
	}
	w.SetScopes("users:read")
	got := w.call(t, "chat.postMessage", "channel", channel, "text", "a")
	wantError(t, got, "missing_scope")
	if got.Needed != "chat:write" || got.Provided != "users:read" {
		t.Errorf("got needed %q, provided %q", got.Needed, got.Provided)
	}
	w.SetScopes("chat:write", "chat:write.public")
	w.SetChannel(slack.Channel{ID: channel, Outside: true})
	w.post(t, "text", "a")
}

// TestTooMany: bursts pass, then comes a 429 that says how long to wait, in each form.
func TestTooMany(t *testing.T) {
	t.Parallel()
	for form, want := range map[slack.RetryAfter]func(string) bool{
		slack.RetrySeconds:  func(s string) bool { return s == "1" },
		slack.RetryFraction: func(s string) bool { return strings.Contains(s, ".") },
		slack.RetryDate:     func(s string) bool { _, err := http.ParseTime(s); return err == nil },
		slack.RetryMissing:  func(s string) bool { return s == "" },
	} {
		board := fault.NewBoard()
		w := open(t, slack.Options{Board: board, Switches: slack.Switches{ChannelBurst: 3, RetryAfter: form}})
		for range 3 {
			w.post(t, "text", "a")
		}
		check := func(got answer) {
			if got.status != http.StatusTooManyRequests || got.Error != "ratelimited" || !want(got.header.Get("Retry-After")) {
				t.Errorf("%q: got %d %s, Retry-After %q", form, got.status, got.Error, got.header.Get("Retry-After"))
			}
		}
		check(w.call(t, "chat.postMessage", "channel", channel, "text", "a"))
		if got := w.Refused(); got != 1 {
			t.Errorf("got %d refused, want 1", got)
		}
		board.Script("auth.test", fault.TooMany)
		check(w.call(t, "auth.test"))
	}
}

// TestRates: the buckets leak in time. No sockets are used, as these would stop the bubble's clock.
func TestRates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := slack.New(slack.Options{
			Channels: []slack.Channel{{ID: "C1"}, {ID: "C2"}, {ID: "C3"}},
			Switches: slack.Switches{ChannelBurst: 2, WorkspaceRate: 6},
		})
		call := func(method, channel string) int {
			form := url.Values{"token": {slack.DefaultToken}, "channel": {channel}, "text": {"a"}}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/"+method, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			recorder := httptest.NewRecorder()
			server.ServeHTTP(recorder, r)
			return recorder.Code
		}
		var got []int
		for _, channel := range []string{"C1", "C1", "C1", "C2", "C2", "C3", "C3", "C3"} {
			got = append(got, call("chat.postMessage", channel))
		}
		if want := []int{200, 200, 429, 200, 200, 200, 200, 429}; !slices.Equal(got, want) {
			t.Errorf("at once: got %v, want %v", got, want)
		}
		time.Sleep(5 * time.Second)
		if got := call("chat.postMessage", "C1"); got != http.StatusTooManyRequests {
			t.Errorf("after 5 s: got %d, want 429, as the workspace is full", got)
		}
		time.Sleep(5 * time.Second)
		if got := call("chat.postMessage", "C1"); got != http.StatusOK {
			t.Errorf("after 10 s: got %d, want 200", got)
		}
		for range 50 {
			if got := call("conversations.info", "C1"); got != http.StatusOK {
				t.Fatalf("info: got %d", got)
			}
		}
		if got := call("conversations.info", "C1"); got != http.StatusTooManyRequests {
			t.Errorf("info: got %d, want 429 after 50 in a minute", got)
		}
	})
}
