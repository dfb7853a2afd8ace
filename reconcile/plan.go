package reconcile

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Action is what a step does.
type Action string

// The actions. Only Create changes anything.
const (
	Keep    Action = "keep"    // registered as wanted
	Create  Action = "create"  // missing
	NoRoom  Action = "no room" // missing, but the tenant has as many webhooks as it may have
	Drifted Action = "differs" // ours, not as wanted
	Surplus Action = "surplus" // ours, a second one for the same type
	Foreign Action = "foreign" // of somebody else
)

// Step is one line of a plan.
type Step struct {
	Action  Action
	Type    event.Type  // that the webhook is for; empty for Foreign
	Webhook ppm.Webhook // the registered one; for Create and NoRoom the wanted one
	Why     string      // plain words; empty where the action says it all
}

// Plan compares the wanted webhooks with all that are registered. Its steps are in the order of wanted, then of
// registered; there is one for every wanted type and every registered webhook.
func Plan(wanted, registered []ppm.Webhook) []Step {
	var steps []Step
	room := ppm.WebhookLimit - len(registered)
	for _, want := range wanted {
		ours := slices.DeleteFunc(slices.Clone(registered), func(w ppm.Webhook) bool { return w.URL != want.URL })
		judged, covered := judge(want, ours)
		if !covered && room > 0 {
			room--
			judged = append([]Step{{Action: Create, Type: typeOf(want), Webhook: want}}, judged...)
		} else if !covered {
			judged = append([]Step{{Action: NoRoom, Type: typeOf(want), Webhook: want, Why: noRoom(wanted, registered)}}, judged...)
		}
		steps = append(steps, judged...)
	}
	for _, w := range registered {
		if !Ours(wanted, w) {
			steps = append(steps, Step{Action: Foreign, Webhook: w, Why: foreign(w)})
		}
	}
	return steps
}

// Ours reports whether a registered webhook has the address of a wanted one.
func Ours(wanted []ppm.Webhook, registered ppm.Webhook) bool {
	return slices.ContainsFunc(wanted, func(want ppm.Webhook) bool { return want.URL == registered.URL })
}

// judge looks at the webhooks with the address of a wanted one. Covered means that one of them brings its events here.
// The one that is kept is the first as wanted, else the first that brings events: the order of lists is not promised,
// so that a good one wins over its place.
func judge(want ppm.Webhook, ours []ppm.Webhook) (steps []Step, covered bool) {
	kept := slices.IndexFunc(ours, func(w ppm.Webhook) bool { return difference(want, w) == "" })
	if kept < 0 {
		kept = slices.IndexFunc(ours, func(w ppm.Webhook) bool { return delivers(want, w) })
	}
	for i, w := range ours {
		step := Step{Action: Keep, Type: typeOf(want), Webhook: w}
		switch why := difference(want, w); {
		case i != kept && delivers(want, w):
			step.Action, step.Why = Surplus, "a second webhook for the same events; "+remove(w)
		case why != "":
			step.Action, step.Why = Drifted, why+"; "+remove(w)+", then the next pass creates what is missing"
		}
		steps = append(steps, step)
	}
	return steps, kept >= 0
}

func remove(w ppm.Webhook) string { return "remove it by: ppmrelay webhooks delete " + w.ID }

// delivers reports whether a webhook makes PPM Express send the wanted events to the wanted address.
func delivers(want, registered ppm.Webhook) bool {
	return slices.Contains(registered.EventTypes, typeOf(want)) && strings.EqualFold(registered.Verb, http.MethodPost)
}

// difference says how a webhook with the wanted address differs from the wanted one, in plain words; empty when it does
// not, as far as can be seen. Names of headers match in any case, and the order and number of other headers is their
// owner's business.
func difference(want, registered ppm.Webhook) string {
	var all []string
	if len(registered.EventTypes) != 1 || registered.EventTypes[0] != typeOf(want) {
		all = append(all, fmt.Sprintf("it is for %s instead of %s alone", orNothing(registered.EventTypes), typeOf(want)))
	}
	if !strings.EqualFold(registered.Verb, want.Verb) {
		all = append(all, fmt.Sprintf("it sends %q instead of %s", registered.Verb, want.Verb))
	}
	for _, h := range want.Headers {
		value, found := registered.Header(h.Name)
		switch {
		case found && (value == h.Value || masked(value)):
		case found:
			all = append(all, fmt.Sprintf("its header %s is not the one of server.secrets, so its events may be turned away", h.Name))
		case len(registered.Headers) > 0:
			all = append(all, fmt.Sprintf("it has no header %s, so its events may be turned away", h.Name))
		}
	}
	return strings.Join(all, ", and ")
}

// masked reports whether an answer hides a header's value instead of showing it: whether PPM Express does that is not
// published, and what is hidden cannot differ. A webhook that is listed without any headers is taken the same way.
func masked(value string) bool {
	credentials := strings.TrimSpace(strings.TrimPrefix(value, "Bearer"))
	return strings.Trim(credentials, "*•●.…xX") == "" || strings.EqualFold(credentials, "[secret]") || strings.EqualFold(credentials, "redacted")
}

func orNothing(types []event.Type) string {
	if len(types) == 0 {
		return "no events"
	}
	return join(types)
}

func join(types []event.Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

func noRoom(wanted, registered []ppm.Webhook) string {
	foreign := 0
	for _, w := range registered {
		if !Ours(wanted, w) {
			foreign++
		}
	}
	return fmt.Sprintf("all %d webhooks that a tenant may have are in use, %d of them not by this relay; "+
		"somebody has to delete one that is not needed: ppmrelay webhooks list", len(registered), foreign)
}

// foreign says what looks like a relay's webhook, but is not this one's.
func foreign(w ppm.Webhook) string {
	parsed, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	for _, t := range event.Types() {
		if strings.HasSuffix(parsed.Path, "/events/"+t.Entity()+"/"+t.Action()) {
			return "looks like a ppmrelay's under another server.public_url"
		}
	}
	return ""
}

func typeOf(w ppm.Webhook) event.Type {
	if len(w.EventTypes) == 0 {
		return ""
	}
	return w.EventTypes[0]
}
