package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// documented are the codes that Slack lists for chat.postMessage, and those of all methods
// (docs.slack.dev/reference/methods/chat.postMessage, "Errors").
const documented = `
	no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments too_many_attachments
	attachment_payload_limit_exceeded invalid_metadata_format invalid_metadata_schema metadata_too_large
	markdown_text_conflict cannot_reply_to_message restricted_action_thread_locked
	restricted_action_non_threadable_channel invalid_arguments invalid_arg_name invalid_array_arg invalid_charset
	invalid_form_data channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel
	restricted_action_thread_only_channel ekm_access_denied no_permission messages_tab_disabled
	slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked
	team_not_found invalid_auth not_authed account_inactive token_revoked token_expired missing_scope
	not_allowed_token_type access_denied accesslimited two_factor_setup_required team_access_not_granted
	enterprise_is_restricted method_deprecated deprecated_endpoint metadata_must_be_sent_from_app ratelimited rate_limited
	message_limit_exceeded team_added_to_org org_login_required service_unavailable request_timeout internal_error
	fatal_error`

// TestCodes is what each code of Slack means for a message, and how long it is waited. Each is told over the wire.
func TestCodes(t *testing.T) {
	t.Parallel()
	undone := map[string]bool{}
	for code := range strings.FieldsSeq(documented) {
		undone[code] = true
	}
	for _, test := range []struct {
		codes  string
		class  sinks.Class
		reason sinks.Reason
		after  time.Duration
	}{
		// The message is refused: with less, then plainly, then buried.
		{`no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments
			too_many_attachments attachment_payload_limit_exceeded`, sinks.Void, sinks.ReasonContent, 0},
		{"invalid_metadata_format invalid_metadata_schema metadata_too_large markdown_text_conflict", sinks.Void, sinks.ReasonContent, 0},
		{"invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data", sinks.Void, sinks.ReasonContent, 0},
		// The thread is refused, which no other form of the message helps against.
		{"cannot_reply_to_message restricted_action_thread_locked restricted_action_non_threadable_channel", sinks.Bury, sinks.ReasonContent, 0},
		// The channel is refused, until a person acts.
		{"channel_not_found is_archived team_not_found", sinks.Park, sinks.ReasonTargetGone, 0},
		{"not_in_channel restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel", sinks.Park, sinks.ReasonTargetRefuses, 0},
		{"ekm_access_denied no_permission messages_tab_disabled", sinks.Park, sinks.ReasonTargetRefuses, 0},
		{`slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
			slack_connect_lists_sharing_blocked`, sinks.Park, sinks.ReasonTargetRefuses, 0},
		// The app or its token is refused, in every channel.
		{"invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type", sinks.Stop, sinks.ReasonCredentials, 0},
		{`missing_scope access_denied accesslimited two_factor_setup_required team_access_not_granted
			enterprise_is_restricted`, sinks.Stop, sinks.ReasonPermission, 0},
		{"method_deprecated deprecated_endpoint metadata_must_be_sent_from_app", sinks.Stop, sinks.ReasonPermission, 0},
		// Patience helps.
		{"ratelimited rate_limited", sinks.Wait, sinks.ReasonRateLimited, 5 * time.Second},
		{"message_limit_exceeded", sinks.Wait, sinks.ReasonRateLimited, time.Minute},
		{"service_unavailable", sinks.Wait, sinks.ReasonServerError, 5 * time.Second},
		{"team_added_to_org org_login_required", sinks.Wait, sinks.ReasonServerError, 5 * time.Minute},
		// Nothing arrived.
		{"request_timeout", sinks.Retry, sinks.ReasonNoAnswer, 0},
		// "It's possible some aspect of the operation succeeded."
		{"internal_error fatal_error", sinks.Unsure, sinks.ReasonServerError, 0},
		// Of history: the next look begins with the first page.
		{"invalid_cursor", sinks.Retry, sinks.ReasonBadAnswer, 0},
		// Nobody knows.
		{"brand_new_code", sinks.Unknown, sinks.ReasonUnknown, 0},
	} {
		for code := range strings.FieldsSeq(test.codes) {
			delete(undone, code)
			t.Run(code, func(t *testing.T) {
				t.Parallel()
				sink := New(answering(t, 200, nil, `{"ok":false,"error":"`+code+`"}`), channel)
				_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
				wantFailure(t, err, test.class, test.reason)
				if !strings.Contains(err.Error(), "posting to "+channel+": "+code) {
					t.Errorf("got %q, want channel and code in it", err)
				}
				if got := sinks.Classify(err).After; got != test.after {
					t.Errorf("got a wait of %v, want %v", got, test.after)
				}
			})
		}
	}
	for code := range undone {
		t.Errorf("%s has no row", code)
	}
}

// TestAnswers goes through what else can come back, and what a look makes of the same.
func TestAnswers(t *testing.T) {
	t.Parallel()
	date := time.Now().UTC()
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		class  sinks.Class
		reason sinks.Reason
		after  time.Duration
		untold bool // how long; then it is 5 s
		cannot bool // a look is refused for good
	}{
		"nothing":               {status: 200, body: ``, reason: sinks.ReasonBadAnswer},
		"empty object":          {status: 200, body: `{}`, reason: sinks.ReasonBadAnswer},
		"false alone":           {status: 200, body: `{"ok":false}`, reason: sinks.ReasonBadAnswer},
		"html":                  {status: 200, body: `<html>Sign in</html>`, reason: sinks.ReasonBadAnswer},
		"truncated":             {status: 200, body: `{"ok":true,"ts":"17000`, reason: sinks.ReasonBadAnswer},
		"array":                 {status: 200, body: `[]`, reason: sinks.ReasonBadAnswer},
		"redirect":              {status: 302, header: http.Header{"Location": {"/elsewhere"}}, reason: sinks.ReasonBadAnswer},
		"not found":             {status: 404, body: `<html>`, reason: sinks.ReasonBadAnswer},
		"proxy":                 {status: 407, body: `<html>`, reason: sinks.ReasonBadAnswer},
		"request slow":          {status: 408, reason: sinks.ReasonBadAnswer},
		"timeout of a gateway":  {status: 408, body: `{"error":"upstream timeout"}`, reason: sinks.ReasonBadAnswer},
		"no of a proxy":         {status: 403, body: `{"error":"blocked by proxy"}`, reason: sinks.ReasonBadAnswer},
		"known no of a proxy":   {status: 403, body: `{"error":"access_denied"}`, reason: sinks.ReasonBadAnswer},
		"error alone":           {status: 200, body: `{"error":"no_text"}`, reason: sinks.ReasonBadAnswer},
		"null for ok":           {status: 200, body: `{"ok":null,"error":"no_text"}`, reason: sinks.ReasonBadAnswer},
		"text for ok":           {status: 200, body: `{"ok":"no","error":"no_text"}`, reason: sinks.ReasonBadAnswer},
		"number for ok":         {status: 200, body: `{"ok":0,"error":"no_text"}`, reason: sinks.ReasonBadAnswer},
		"4xx with unknown code": {status: 404, body: `{"ok":false,"error":"unknown_method"}`, reason: sinks.ReasonBadAnswer},
		"3xx with unknown code": {status: 302, body: `{"ok":false,"error":"sign_in"}`, reason: sinks.ReasonBadAnswer},
		"bad gateway":           {status: 502, body: `<html>`, reason: sinks.ReasonServerError},
		"5xx with code":         {status: 503, body: `{"ok":false,"error":"what_is_this"}`, reason: sinks.ReasonServerError},
		"4xx with code":         {status: 403, body: `{"ok":false,"error":"invalid_auth"}`, class: sinks.Stop, reason: sinks.ReasonCredentials, cannot: true},
		"odd errors":            {status: 200, body: `{"ok":false,"error":"no_text","errors":[{"what":1}]}`, class: sinks.Void, reason: sinks.ReasonContent, cannot: true},
		"odd fields":            {status: 200, body: `{"ok":false,"messages":1,"error":"no_text"}`, class: sinks.Void, reason: sinks.ReasonContent, cannot: true},
		"429":                   {status: 429, header: retry("3"), class: sinks.Wait, reason: sinks.ReasonRateLimited, after: 3 * time.Second},
		"429 fraction":          {status: 429, header: retry("1.5"), class: sinks.Wait, reason: sinks.ReasonRateLimited, after: 1500 * time.Millisecond},
		"429 bare":              {status: 429, class: sinks.Wait, reason: sinks.ReasonRateLimited, untold: true},
		"429 odd":               {status: 429, header: retry("soon"), class: sinks.Wait, reason: sinks.ReasonRateLimited, untold: true},
		"429 negative":          {status: 429, header: retry("-5"), class: sinks.Wait, reason: sinks.ReasonRateLimited, untold: true},
		"429 infinite":          {status: 429, header: retry("Inf"), class: sinks.Wait, reason: sinks.ReasonRateLimited, untold: true},
		"429 no number":         {status: 429, header: retry("NaN"), class: sinks.Wait, reason: sinks.ReasonRateLimited, untold: true},
		"429 for ever":          {status: 429, header: retry("1e300"), class: sinks.Wait, reason: sinks.ReasonRateLimited, after: time.Hour},
		"429 date":              {status: 429, header: retryAt(date, date.Add(7*time.Second)), class: sinks.Wait, reason: sinks.ReasonRateLimited, after: 7 * time.Second},
		"429 past":              {status: 429, header: retryAt(date, date.Add(-time.Hour)), class: sinks.Wait, reason: sinks.ReasonRateLimited, untold: true},
		"429 other time":        {status: 429, header: retryAt(date.Add(time.Hour), date.Add(time.Hour+2*time.Second)), class: sinks.Wait, reason: sinks.ReasonRateLimited, after: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := New(answering(t, test.status, test.header, test.body), channel)
			effect := effectOf(t, sink, false, item("A"))
			_, err := sink.Perform(t.Context(), effect)
			wantFailure(t, err, test.class, test.reason)
			if test.untold {
				test.after = 5 * time.Second
			}
			if got := sinks.Classify(err).After; got != test.after {
				t.Errorf("got a wait of %v, want %v", got, test.after)
			}
			found, err := sink.Recall(t.Context(), effect)
			if test.cannot {
				if err != nil || found.Happened != sinks.CannotTell || found.Reason != test.reason {
					t.Errorf("looking: got %+v, error %v, want CannotTell, %s", found, err, test.reason)
				}
				return
			}
			wantFailure(t, err, test.class, test.reason)
		})
	}
}

func retry(after string) http.Header { return http.Header{"Retry-After": {after}} }

func retryAt(now, at time.Time) http.Header {
	return http.Header{"Date": {now.Format(http.TimeFormat)}, "Retry-After": {at.Format(http.TimeFormat)}}
}

// TestSuccessSurvivesTheLibrary: a message that the library cannot read was posted all the same.
func TestSuccessSurvivesTheLibrary(t *testing.T) {
	t.Parallel()
	sink := New(answering(t, 200, nil, `{"ok":true,"ts":"1700000000.000100","message":{"blocks":[{"type":7}]}}`), channel)
	receipt, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
	if err != nil || receipt != channel+" 1700000000.000100" {
		t.Errorf("got %q, error %v, want the receipt", receipt, err)
	}
}

// TestNoTimeStamp: an answer that claims success but names no message is none.
func TestNoTimeStamp(t *testing.T) {
	t.Parallel()
	sink := New(answering(t, 200, nil, `{"ok":true,"channel":"`+channel+`"}`), channel)
	_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
	wantFailure(t, err, sinks.Unsure, sinks.ReasonBadAnswer)
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	body := `{"ok":false,"error":"missing_scope","needed":"chat:write","provided":"users:read"}`
	sink := New(answering(t, 200, nil, body), channel)
	_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
	want := "posting to C0123456789: missing_scope (needed: chat:write): add the scope to the app and install it again"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	sink = New(answering(t, 200, nil, `{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["a","b","c","d"]}}`), channel)
	_, err = sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
	if want := "posting to C0123456789: invalid_blocks (a; b; c)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestErrorsKeepSecrets: an answer that shows the token, line breaks and terminal codes is cleaned.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	body := `{"ok":false,"error":"bad ` + token + `\u001b[31m\nnext` + strings.Repeat("x", 1000) + `"}`
	sink := New(answering(t, 200, nil, body), channel)
	effect := effectOf(t, sink, false, item("A"))
	_, err := sink.Perform(t.Context(), effect)
	wantFailure(t, err, sinks.Unknown, sinks.ReasonUnknown)
	if !strings.Contains(err.Error(), "bad (token) [31m next") || len(err.Error()) > 450 {
		t.Errorf("got %q, want the code without secrets, shortened", err)
	}
	found := wantHappened(t, sink, effect, sinks.CannotTell)
	if strings.Contains(found.Detail, token) {
		t.Errorf("the detail shows the token: %q", found.Detail)
	}
}
