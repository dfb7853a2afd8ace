package reconcile

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// judge says what to do with a webhook of ours, as if it were the only one of its type: Keep, Replace or Leave.
func (p *planner) judge(want, w ppm.Webhook, f finding) Step {
	step := Step{Action: Keep, Type: typeOf(want), Webhook: w, Wanted: want, covers: true}
	if w.Odd && (f.record == nil || f.record.Shown != form(w)) {
		step.Action, step.Why = Leave, "PPM Express shows it in a form that is not understood; it is taken for the wanted one"
		return step
	}
	if f.record != nil && (f.record.Shown == form(w) || f.record.Shown == "" && p.Now.Sub(f.record.Created) < time.Minute) {
		p.asCreated(want, w, *f.record, &step)
	} else {
		p.asShown(want, w, f.record, &step)
	}
	if step.Action == Replace && (f.proved || w.ID == "") {
		step.Action, step.Why = Leave, step.Why+"; "+remove(w)
	}
	return step
}

// plain reports whether a webhook is shown with the type and the verb that it was created with. These have no reason to
// be shown in another form.
func plain(t event.Type, w ppm.Webhook) bool {
	return len(w.EventTypes) == 1 && strings.EqualFold(string(w.EventTypes[0]), string(t)) && strings.EqualFold(w.Verb, http.MethodPost)
}

// asCreated judges a webhook that is as it was when it was created.
func (p *planner) asCreated(want, w ppm.Webhook, record Record, step *Step) {
	if record.Secret != secretOf(want) {
		step.Action, step.covers = Replace, p.accepts(record.Secret)
		step.Why = "it carries another secret than the first of server.secrets"
		return
	}
	value, found := w.Header(secretHeader)
	wanted, _ := want.Header(secretHeader)
	switch {
	case !sameAddress(want.URL, w.URL):
		step.Why = "PPM Express lists it under another address than it was created with: " + w.Address()
	case found && value != wanted && !masked(value):
		step.Why = "PPM Express shows another value of its header " + secretHeader + " than it was created with"
	}
}

// asShown judges a webhook by what the list shows: it was not created here, or is not shown as it was.
func (p *planner) asShown(want, w ppm.Webhook, record *Record, step *Step) {
	var all []string
	differs := func(covers bool, format string, args ...any) {
		all = append(all, fmt.Sprintf(format, args...))
		step.covers = step.covers && covers
	}
	t := typeOf(want)
	has := slices.ContainsFunc(w.EventTypes, func(other event.Type) bool { return strings.EqualFold(string(other), string(t)) })
	if !has || len(w.EventTypes) != 1 {
		differs(has, "it is for %s instead of %s alone", orNothing(w.EventTypes), t)
	}
	if !strings.EqualFold(w.Verb, http.MethodPost) {
		differs(false, "it sends %q instead of %s", w.Verb, http.MethodPost)
	}
	if record != nil && !alike(want.URL, w.URL) {
		differs(false, "it leads to %s", w.Site())
	}
	if why, covers := p.header(want, w, record); why != "" {
		differs(covers, "%s", why)
	}
	if len(all) > 0 {
		step.Action, step.shown, step.Why = Replace, true, strings.Join(all, ", and ")
	} else if !sameAddress(want.URL, w.URL) {
		step.Why = "PPM Express lists it under another address than it was created with: " + w.Address()
	}
}

// header says what is wrong with the secret header of a webhook, and whether its events are let in all the same. What is
// hidden cannot differ: then the record decides, where there is one.
func (p *planner) header(want, w ppm.Webhook, record *Record) (why string, covers bool) {
	wanted, _ := want.Header(secretHeader)
	value, found := w.Header(secretHeader)
	hidden := found && masked(value) && !showsValues(p.list, secretHeader) || !found && len(w.Headers) == 0 && !shows(p.list)
	switch {
	case found && strings.EqualFold(strings.TrimSpace(value), wanted):
		return "", true
	case hidden && record != nil && record.Secret != secretOf(want):
		return "it carries another secret than the first of server.secrets", p.accepts(record.Secret)
	case hidden:
		return "", true
	case found && p.accepts(digest(value)):
		return "it carries another secret than the first of server.secrets", true
	case found:
		return fmt.Sprintf("its header %s is not the one of server.secrets, so its events are turned away", secretHeader), false
	default:
		return fmt.Sprintf("it has no header %s, so its events are turned away", secretHeader), false
	}
}

// accepts reports whether events that carry the secret, by its digest, are let in.
func (p *planner) accepts(secret string) bool {
	return slices.ContainsFunc(p.Accepted, func(s string) bool { return digest(bearer(s)) == secret })
}

const hintFormer = "; if no other ppmrelay lives on them, ppmrelay webhooks apply deletes those that this one created"

// former says what to do with a webhook under a former address.
func (p *planner) former(t event.Type, w ppm.Webhook, f finding) Step {
	step := Step{Action: Remove, Type: t, Webhook: w, Why: "it is registered under a former server.public_url", former: true}
	at := p.Wanted[f.want]
	at.URL = w.URL
	if f.record != nil {
		at.URL = f.record.URL
		step.Why += ": " + at.Address()
	}
	step.covers = atOneOf(p.Left, t, at.URL) && p.judge(at, w, f).covers
	if !f.given || w.ID == "" {
		step.Action = Leave
		step.Why += hintFormer
	}
	return step
}

// masked reports whether an answer hides a header's value instead of showing it: whether PPM Express does that is not
// published, and what is hidden cannot differ.
func masked(value string) bool {
	credentials := strings.TrimSpace(strings.TrimPrefix(value, "Bearer"))
	return value != "" &&
		(strings.Trim(credentials, "*•●.…xX") == "" || strings.EqualFold(credentials, "[secret]") || strings.EqualFold(credentials, "redacted"))
}

// shows reports whether a list shows headers at all: somebody's value can be read in it.
func shows(registered []ppm.Webhook) bool {
	return slices.ContainsFunc(registered, func(w ppm.Webhook) bool {
		return slices.ContainsFunc(w.Headers, func(h ppm.Header) bool { return h.Value != "" && !masked(h.Value) })
	})
}

// showsValues reports whether a list shows what values a header has. That of another header proves nothing: hiding those
// that are known to be secret is what many do.
func showsValues(registered []ppm.Webhook, header string) bool {
	return slices.ContainsFunc(registered, func(w ppm.Webhook) bool {
		value, _ := w.Header(header)
		return value != "" && !masked(value)
	})
}

func orNothing(types []event.Type) string {
	if len(types) == 0 {
		return "no events"
	}
	return join(types)
}
