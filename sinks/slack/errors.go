package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// reply is an answer of the Web API, as far as it matters here.
type reply struct {
	OK               json.RawMessage `json:"ok"` // what is neither true nor false is no answer of Slack's
	Error            string          `json:"error"`
	Needed           string          `json:"needed"` // of missing_scope
	TS               string          `json:"ts"`
	Messages         []stored        `json:"messages"`
	HasMore          bool            `json:"has_more"`
	ResponseMetadata struct {
		NextCursor string   `json:"next_cursor"`
		Messages   []string `json:"messages"` // what is wrong with blocks
	} `json:"response_metadata"`
}

// judge says what is known of a call. Failed is the library's error, which counts only when nothing was sent.
//
//	no connection                      retry, unreachable
//	no answer, or half of one          unsure, no-answer
//	the address is none                stop, unreachable
//	429                                wait for what Retry-After says
//	200 with ok: false and a code      by its code, see meanings
//	another status with the same       by its code, if it is a known one
//	200 that is no such answer         unsure, bad-answer
//	500 and above                      unsure, server-error
//	another status                     unsure, bad-answer: something that is not Slack answers
//
// A proxy or a gateway may answer in JSON, too, and with an error in it, after Slack has taken the message. So an error
// alone says nothing: Slack says ok: false beside it.
func (x *exchange) judge(failed error) (reply, error) {
	var answer reply
	switch {
	case x.err != nil && !x.reached:
		return reply{}, sinks.Fail(sinks.Retry, x.because(sinks.ReasonUnreachable), "no connection: %w", bare(x.err))
	case x.err != nil:
		return reply{}, sinks.Fail(sinks.Unsure, x.because(sinks.ReasonNoAnswer), "no answer: %w", bare(x.err))
	case x.status == 0:
		return reply{}, sinks.Fail(sinks.Stop, sinks.ReasonUnreachable, "no request can be made: %w", bare(failed))
	case x.status == http.StatusTooManyRequests:
		return reply{}, &sinks.Error{
			Class: sinks.Wait, Reason: sinks.ReasonRateLimited, After: sinks.RetryAfter(x.header),
			Err: errors.New("too many requests"),
		}
	case x.status >= http.StatusInternalServerError:
		return reply{}, sinks.Fail(sinks.Unsure, sinks.ReasonServerError, "Slack answers %d %s", x.status, http.StatusText(x.status))
	}
	err := json.Unmarshal(x.body, &answer)
	_, odd := errors.AsType[*json.UnmarshalTypeError](err) // the other fields are read all the same
	m, known := meaningOf(answer.Error)
	switch {
	case (err == nil || odd) && answer.refuses() && (known || x.status == http.StatusOK):
		return reply{}, refusal(answer, m)
	case err == nil && string(answer.OK) == "true" && x.status == http.StatusOK:
		return answer, nil
	case x.status == http.StatusOK:
		return reply{}, sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "the answer cannot be read")
	default:
		return reply{}, sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "not Slack, but something else answers: %d %s",
			x.status, http.StatusText(x.status))
	}
}

// because returns the reason of an error, which is another one when our own side gave up.
func (x *exchange) because(reason sinks.Reason) sinks.Reason {
	if x.stopped {
		return sinks.ReasonInterrupted
	}
	return reason
}

// bare takes away the address that net/http adds.
func bare(err error) error {
	if address, ok := errors.AsType[*url.Error](err); ok {
		return address.Err
	}
	return err
}

// refuses reports whether the answer is Slack's way to say no.
func (r reply) refuses() bool { return string(r.OK) == "false" && r.Error != "" }

// refusal makes an error of a code and its meaning, with what Slack says beside it.
func refusal(answer reply, m meaning) error {
	text := answer.Error
	if answer.Needed != "" {
		text += " (needed: " + answer.Needed + ")"
	}
	if wrong := answer.ResponseMetadata.Messages; len(wrong) > 0 {
		text += " (" + strings.Join(wrong[:min(len(wrong), 3)], "; ") + ")"
	}
	if m.advice != "" {
		text += ": " + m.advice
	}
	return &sinks.Error{Class: m.class, Reason: m.reason, After: m.after, Err: errors.New(text)}
}

// wrap names the call in an error. It leaves nothing in the text that could be a secret or a line of its own.
func (c *Client) wrap(doing string, err error) *sinks.Error {
	failure := *sinks.Classify(err)
	text := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, failure.Err.Error())
	if c.token != "" {
		text = strings.ReplaceAll(text, c.token, "(token)")
	}
	failure.Err = fmt.Errorf("%s: %w", doing, shown{cut(text, 400), failure.Err})
	return &failure
}

// shown is an error with another text.
type shown struct {
	text  string
	cause error
}

func (s shown) Error() string { return s.text }

func (s shown) Unwrap() error { return s.cause }
