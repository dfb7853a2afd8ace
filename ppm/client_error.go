package ppm

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// CallError is a call that failed, in words that say what to do where that is known.
type CallError struct {
	What       string        // "listing webhooks"
	Status     int           // of the answer; 0 = there was none, or nothing was asked
	Message    string        // the vendor's, or why there is no answer; may be empty
	Fields     []FieldError  // what is wrong with the request, by member
	RetryAfter time.Duration // how long the vendor asks to wait; 0 = it does not say

	changes    bool // the call may have changed something when it arrived
	manages    bool // it needs the permission to manage webhooks
	reads      bool // it needs the permission to read the tenant
	whole      bool // it names nothing that might not be there: what is not found is the tenant
	unanswered bool // there is no answer, or none that can be read
	err        error
}

// FieldError is what is wrong with one member of a request.
type FieldError struct {
	Field   string
	Message string
}

// Unwrap returns what broke the connection; nil when there was an answer.
func (e *CallError) Unwrap() error { return e.err }

// Unsure reports whether the call may have been carried out although it failed: look before making it again.
func (e *CallError) Unsure() bool {
	return e.changes && (e.unanswered || e.Status == http.StatusRequestTimeout || e.Status >= http.StatusInternalServerError)
}

// Temporary reports whether the same call may well pass a little later, with nothing changed by anybody.
func (e *CallError) Temporary() bool {
	return e.unanswered || e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout ||
		e.Status >= http.StatusInternalServerError
}

func (e *CallError) Error() string {
	if e.unanswered || e.Status == 0 {
		return e.What + ": " + e.Message
	}
	said := e.advice()
	if details := e.details(); details != "" {
		said += " (PPM Express says: " + details + ")"
	}
	return e.What + ": " + said
}

// advice says what the status means and what to do.
func (e *CallError) advice() string {
	switch status := e.Status; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return e.denied()
	case status == http.StatusNotFound && e.whole:
		return "not found (404): look at ppm_express.url, tenant and api_version"
	case status == http.StatusNotFound:
		return "not found (404)"
	case status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return fmt.Sprintf("too many requests (429): PPM Express asks to wait %s", e.RetryAfter.Round(time.Second))
	case status == http.StatusTooManyRequests:
		return "too many requests (429): try again in a minute"
	case status >= http.StatusInternalServerError:
		return fmt.Sprintf("PPM Express is out of order (%d): try again later", status)
	case status >= 300 && status < 400:
		return fmt.Sprintf("a redirect (%d), which is not followed so that the token stays here: look at ppm_express.url", status)
	default:
		return fmt.Sprintf("refused (%d)", status)
	}
}

// lookAt is what to do about an answer that is none, or not one of PPM Express.
const lookAt = "; look at ppm_express.url, and at proxies between here and there"

// inWords says what broke a connection.
func inWords(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer ends early"
	case errors.Is(err, io.EOF):
		return "the connection was closed without an answer"
	default:
		return err.Error()
	}
}

// denied names both causes for calls that need a permission: whether a missing one is 401 or 403 is not published.
func (e *CallError) denied() string {
	if e.reads {
		return fmt.Sprintf("not allowed (%d): the token is wrong or expired (make a new one in PPM Express under Settings > Automation), "+
			"or it, or its owner, may not read this", e.Status)
	}
	if !e.manages {
		return fmt.Sprintf("the token is not accepted (%d): it is wrong, expired, or its owner has left; "+
			"make a new one in PPM Express under Settings > Automation", e.Status)
	}
	return fmt.Sprintf("not allowed (%d): the token is wrong or expired (make a new one in PPM Express under Settings > Automation), "+
		"or its owner lacks the permission \"Administrate app\"", e.Status)
}

func (e *CallError) details() string {
	var parts []string
	if e.Message != "" {
		parts = append(parts, strings.TrimRight(e.Message, "."))
	}
	for _, fault := range e.Fields {
		if fault.Field == "" {
			parts = append(parts, fault.Message)
			continue
		}
		parts = append(parts, fault.Field+": "+fault.Message)
	}
	return strings.Join(parts, "; ")
}
