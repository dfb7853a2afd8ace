package slack

import (
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// meaning is what a code of Slack means for an effect.
type meaning struct {
	class  sinks.Class
	reason sinks.Reason
	after  time.Duration // of Wait
	advice string        // what a person can do
}

// meaningOf returns what a code of chat.postMessage or conversations.history means
// (docs.slack.dev/reference/methods/chat.postMessage, "Errors"). Ok: false means that nothing happened, except for the
// two codes of which Slack says that some aspect of the operation may have succeeded.
//
// Nobody knows what helps against a code in no list: it is tried a few times, then buried with the code, so that one
// message cannot stop a channel for ever. Such a code is not known.
func meaningOf(code string) (m meaning, known bool) {
	switch code {
	case "internal_error", "fatal_error":
		return meaning{class: sinks.Unsure, reason: sinks.ReasonServerError}, true
	case "request_timeout": // "the POST data was either missing or truncated"
		return meaning{class: sinks.Retry, reason: sinks.ReasonNoAnswer}, true
	case "invalid_cursor": // of history, whose next look begins with the first page
		return meaning{class: sinks.Retry, reason: sinks.ReasonBadAnswer}, true

	case "ratelimited", "rate_limited":
		return meaning{class: sinks.Wait, reason: sinks.ReasonRateLimited}, true
	case "service_unavailable":
		return meaning{class: sinks.Wait, reason: sinks.ReasonServerError}, true
	case "message_limit_exceeded":
		return meaning{sinks.Wait, sinks.ReasonRateLimited, time.Minute, "the workspace is over the limit of its plan"}, true
	case "team_added_to_org", "org_login_required":
		return meaning{sinks.Wait, sinks.ReasonServerError, 5 * time.Minute, "the workspace is being moved"}, true

	case "no_text", "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format",
		"invalid_attachments", "too_many_attachments", "attachment_payload_limit_exceeded",
		"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "markdown_text_conflict",
		"invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_form_data":
		return meaning{class: sinks.Void, reason: sinks.ReasonContent}, true
	case "cannot_reply_to_message", "restricted_action_thread_locked", "restricted_action_non_threadable_channel":
		return meaning{class: sinks.Bury, reason: sinks.ReasonContent}, true
	default:
		return ofTarget(code)
	}
}

// ofTarget is meaningOf for codes that are about the channel, the app or its token: a person must act.
func ofTarget(code string) (m meaning, known bool) {
	switch code {
	case "channel_not_found":
		return meaning{sinks.Park, sinks.ReasonTargetGone, 0, "check the channel's id; the app must be invited to a private channel"}, true
	case "is_archived":
		return meaning{sinks.Park, sinks.ReasonTargetGone, 0, "bring the channel back, or choose another one"}, true
	case "not_in_channel":
		return meaning{sinks.Park, sinks.ReasonTargetRefuses, 0, "invite the app to the channel"}, true
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel":
		return meaning{sinks.Park, sinks.ReasonTargetRefuses, 0, "allow the app to post to the channel"}, true
	case "ekm_access_denied", "no_permission", "messages_tab_disabled":
		return meaning{class: sinks.Park, reason: sinks.ReasonTargetRefuses}, true
	case "team_not_found":
		return meaning{class: sinks.Park, reason: sinks.ReasonTargetGone}, true

	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return meaning{sinks.Stop, sinks.ReasonCredentials, 0, "install the app again and set its new bot token"}, true
	case "missing_scope":
		return meaning{sinks.Stop, sinks.ReasonPermission, 0, "add the scope to the app and install it again"}, true
	case "not_allowed_token_type":
		return meaning{sinks.Stop, sinks.ReasonCredentials, 0, "a bot token is needed, it begins with xoxb-"}, true
	case "access_denied", "accesslimited", "two_factor_setup_required", "team_access_not_granted",
		"enterprise_is_restricted", "method_deprecated", "deprecated_endpoint", "metadata_must_be_sent_from_app":
		return meaning{class: sinks.Stop, reason: sinks.ReasonPermission}, true
	}
	if strings.HasPrefix(code, "slack_connect_") {
		return meaning{class: sinks.Park, reason: sinks.ReasonTargetRefuses}, true
	}
	return meaning{class: sinks.Unknown, reason: sinks.ReasonUnknown}, false
}
