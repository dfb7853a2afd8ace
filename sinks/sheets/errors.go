package sheets

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/auth"
	"google.golang.org/api/googleapi"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// classify says what the failure of a call means if the call was the write of an effect. Codes and states decide, texts
// are in the language of the spreadsheet.
//
//	no connection, no token (token server down)   retry, unreachable
//	token refused (invalid_grant), 401            stop, credentials
//	403 of the API or the account's scopes        stop, permission
//	403, 404 of the spreadsheet                   park, permission or target-gone
//	429, 403 of a rate                            wait, to the next minute if it is not told
//	409                                           retry
//	400, 413                                      void, until somebody knows better
//	another 4xx                                   unknown, unknown-response
//	408, 5xx, timeout, reset, unreadable answer   unsure
func (c *Client) classify(ctx context.Context, err error) *sinks.Error {
	if known, ok := errors.AsType[*sinks.Error](err); ok {
		return known
	}
	if answer, ok := errors.AsType[*googleapi.Error](err); ok {
		return c.refused(answer)
	}
	if token, ok := errors.AsType[*auth.Error](err); ok {
		return tokenRefused(token)
	}
	if neverSent(err) {
		return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "no connection to Google: %w", innermost(err))
	}
	if outer, ok := errors.AsType[*url.Error](err); ok && strings.HasPrefix(outer.Err.Error(), "auth: cannot fetch token: ") {
		return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "the token server does not answer as it should: %w", innermost(err))
	}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, form := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || form {
		return sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "the answer cannot be read: %w", err)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "sent, but no answer came: %w", innermost(err))
}

// neverSent reports whether no connection was made that a request could have been written to.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, lookup := errors.AsType[*net.DNSError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	return lookup || certificate || record
}

// innermost returns the cause without what was called around it.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// tokenRefused is told by the code alone: the token server's text may hold what was sent to it.
func tokenRefused(err *auth.Error) *sinks.Error {
	status := 0
	if err.Response != nil {
		status = err.Response.StatusCode
	}
	var body struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(err.Body, &body) // no words, then
	if status == 0 || status >= 500 || status == http.StatusTooManyRequests {
		return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "the token server answers %d", status)
	}
	known := []string{"invalid_grant", "invalid_client", "invalid_scope", "unauthorized_client", "invalid_request"}
	if !slices.Contains(known, body.Error) {
		body.Error = "no known reason"
	}
	return sinks.Fail(sinks.Stop, sinks.ReasonCredentials,
		"the token server refuses the service account (%d, %s): is its key still valid, and the clock right?", status, body.Error)
}

func (c *Client) refused(answer *googleapi.Error) *sinks.Error {
	said := spoken(answer)
	switch status := answer.Code; {
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && speaksOf(answer, "ratelimitexceeded", "rate_limit_exceeded"):
		failure := sinks.Fail(sinks.Wait, sinks.ReasonRateLimited, "%s", said)
		failure.After = patience(answer.Header, time.Now())
		return failure
	case status == http.StatusUnauthorized:
		return sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "%s", said)
	case status == http.StatusForbidden && speaksOf(answer, "service_disabled", "accessnotconfigured", "access_token_scope_insufficient"):
		return sinks.Fail(sinks.Stop, sinks.ReasonPermission, "%s; the Google Sheets API must be enabled for the service account", said)
	case status == http.StatusForbidden:
		return sinks.Fail(sinks.Park, sinks.ReasonPermission, "%s; share the spreadsheet with %s as editor", said, c.account.Email)
	case status == http.StatusNotFound:
		return sinks.Fail(sinks.Park, sinks.ReasonTargetGone,
			"%s; there is no spreadsheet of this id, or it is not shared with %s", said, c.account.Email)
	case status == http.StatusConflict:
		return sinks.Fail(sinks.Retry, sinks.ReasonServerError, "%s", said)
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge:
		return sinks.Fail(sinks.Void, sinks.ReasonContent, "%s", said)
	case status == http.StatusRequestTimeout:
		return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "%s", said)
	case status >= 500:
		return sinks.Fail(sinks.Unsure, sinks.ReasonServerError, "%s", said)
	case status < 400:
		return sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "%s", said)
	default:
		return sinks.Fail(sinks.Unknown, sinks.ReasonUnknown, "%s", said)
	}
}

// spoken is what Google said, short.
func spoken(answer *googleapi.Error) string {
	text := "Google answers " + strconv.Itoa(answer.Code)
	if answer.Message != "" {
		text += ": " + strings.ToValidUTF8(answer.Message[:min(300, len(answer.Message))], "")
	}
	return text
}

// speaksOf reports whether the details of an answer give one of the reasons, in lower case.
func speaksOf(answer *googleapi.Error, reasons ...string) bool {
	var given []string
	for _, item := range answer.Errors {
		given = append(given, item.Reason)
	}
	for _, detail := range answer.Details {
		if info, ok := detail.(map[string]any); ok {
			reason, _ := info["reason"].(string)
			given = append(given, reason)
		}
	}
	return slices.ContainsFunc(given, func(reason string) bool {
		reason = strings.ToLower(reason)
		return slices.ContainsFunc(reasons, func(known string) bool { return strings.HasSuffix(reason, known) })
	})
}

// patience is how long to wait after a 429: what it asks for, or until quotas are refilled, which is every minute.
func patience(header http.Header, now time.Time) time.Duration {
	if told := sinks.RetryAfter(header); told > 0 {
		return told
	}
	return now.Truncate(time.Minute).Add(time.Minute + time.Second).Sub(now)
}

// beforehand is what an error means that came before the rows were sent: nothing happened, whatever it was, and it was
// not about the content.
func beforehand(err error) *sinks.Error {
	failure := sinks.Classify(err)
	switch failure.Class {
	case sinks.Unsure:
		return sinks.Fail(sinks.Retry, failure.Reason, "%w", failure.Err)
	case sinks.Void, sinks.Bury:
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses, "%w", failure.Err)
	case sinks.Unknown: // no delivery's fault either
		return sinks.Fail(sinks.Park, failure.Reason, "%w", failure.Err)
	default:
		return failure
	}
}

// about names the tab in an error.
func (s *Sink) about(doing string, err error) *sinks.Error {
	failure := sinks.Classify(err)
	named := sinks.Fail(failure.Class, failure.Reason, "%s %s: %w", doing, s.name(), failure.Err)
	named.After = failure.After
	return named
}
