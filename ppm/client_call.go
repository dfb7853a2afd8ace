package ppm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswerBytes bounds what is read of an answer. A list of webhooks is some kilobytes long.
const maxAnswerBytes = 16 << 20

// request is one call.
type request struct {
	what         string // for errors: "listing webhooks"
	method       string
	path         string // below the tenant's address
	body         any    // JSON; nil = none
	secrets      []string
	manages      bool // needs the permission to manage webhooks
	reads        bool // needs the permission to read the tenant
	bodyOptional bool // a success without data is one
}

// do makes a call and reads the data of its answer into out. It returns the header Location.
func (c *Client) do(ctx context.Context, call request, out any) (location string, _ error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	failed := &CallError{
		What: call.what, changes: call.method != http.MethodGet, manages: call.manages, reads: call.reads,
		whole: call.reads || !strings.Contains(call.path, "/"),
	}
	prepared, err := c.prepare(ctx, call)
	if err != nil {
		failed.changes = false
		return "", c.broken(ctx, failed, call, err)
	}
	response, err := c.http.Do(prepared)
	if err != nil {
		if opened, ok := errors.AsType[*net.OpError](err); ok && opened.Op == "dial" {
			failed.changes = false // it never reached anybody
		}
		return "", c.broken(ctx, failed, call, err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	failed.Status = response.StatusCode
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err == nil && len(body) > maxAnswerBytes {
		failed.Message, failed.unanswered = fmt.Sprintf("the answer is larger than %d MiB", maxAnswerBytes>>20), true
		return "", failed
	}
	if err != nil {
		return "", c.broken(ctx, failed, call, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return "", c.refused(failed, call, response, body)
	}
	if reason := decodeData(body, call.bodyOptional, out); reason != "" {
		failed.Message, failed.unanswered = reason, true
		return "", failed
	}
	return response.Header.Get("Location"), nil
}

func (c *Client) prepare(ctx context.Context, call request) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	prepared, err := http.NewRequestWithContext(ctx, call.method, c.base+"/"+call.path, body)
	if err != nil {
		return nil, err
	}
	prepared.Header.Set("Authorization", "Bearer "+c.token)
	prepared.Header.Set("Accept", "application/json")
	// Also without a body: the vendor's own connector declares one for some of its GETs.
	prepared.Header.Set("Content-Type", "application/json")
	return prepared, nil
}

// broken tells why there is no answer to read.
func (c *Client) broken(ctx context.Context, failed *CallError, call request, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		failed.Message = "it was broken off"
	case ctx.Err() != nil:
		failed.Message = fmt.Sprintf("no answer within %s", c.timeout)
	default:
		reason := err
		if addressed, ok := errors.AsType[*url.Error](err); ok {
			reason = addressed.Err // without the address, which the configuration knows
		}
		failed.Message = c.scrub(inWords(reason), call) + lookAt
	}
	failed.err, failed.unanswered = err, true
	return failed
}

// refused reads what the vendor says about a call that it did not carry out.
func (c *Client) refused(failed *CallError, call request, response *http.Response, body []byte) error {
	failed.RetryAfter = retryAfter(response.Header)
	var said struct {
		ErrorMessage     string `json:"errorMessage"`
		DeveloperMessage string `json:"developerMessage"`
		Errors           []struct {
			FieldName string `json:"fieldName"`
			Message   string `json:"message"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return failed // a page of a proxy, or nothing: the status has to do
	}
	failed.Message = c.scrub(said.ErrorMessage, call)
	if failed.Message == "" {
		failed.Message = c.scrub(said.DeveloperMessage, call)
	}
	for _, fault := range said.Errors {
		failed.Fields = append(failed.Fields, FieldError{c.scrub(fault.FieldName, call), c.scrub(fault.Message, call)})
	}
	return failed
}

// scrub takes secrets out of a text from outside, and bounds it.
func (c *Client) scrub(text string, call request) string {
	for _, secret := range append([]string{c.token}, call.secrets...) {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	const most = 500
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.TrimSpace(text)
}

// decodeData reads {"data": ...} into out, and returns why it could not.
func decodeData(body []byte, optional bool, out any) (reason string) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	if out == nil || optional && len(body) == 0 {
		return ""
	}
	if len(body) == 0 {
		return "the answer is empty" + lookAt
	}
	if body[0] == '<' {
		return "the answer is a web page, not data" + lookAt
	}
	var wrapper struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &wrapper); err != nil {
		return "the answer is not the JSON that was expected" + lookAt
	}
	if len(wrapper.Data) == 0 || string(wrapper.Data) == "null" {
		if optional {
			return ""
		}
		return "the answer has no data" + lookAt
	}
	if err := json.Unmarshal(wrapper.Data, out); err != nil {
		return "the data of the answer is not of the form that was expected" + lookAt
	}
	return ""
}

// retryAfter reads the header Retry-After: seconds, or a date by the clock of the answer (RFC 9110, section 10.2.3).
// It is zero where there is none, and an hour at most.
func retryAfter(header http.Header) time.Duration {
	said := strings.TrimSpace(header.Get("Retry-After"))
	var after time.Duration
	if seconds, err := strconv.ParseFloat(said, 64); err == nil && seconds > 0 { // no number is not above 0
		after = time.Duration(min(seconds, 3600) * float64(time.Second))
	} else if at, err := http.ParseTime(said); err == nil {
		now := time.Now()
		if theirs, err := http.ParseTime(header.Get("Date")); err == nil {
			now = theirs
		}
		after = at.Sub(now)
	}
	return min(max(after, 0), time.Hour)
}
