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
func Plan(wanted, registered []ppm.Webhook) []Step { return plan(wanted, registered, nil) }

// plan is Plan for who knows what was created before, which is ours by its id.
func plan(wanted, registered []ppm.Webhook, created made) []Step {
	var steps []Step
	room := ppm.WebhookLimit - len(registered)
	for _, want := range wanted {
		ours := slices.DeleteFunc(slices.Clone(registered), func(w ppm.Webhook) bool { return !belongs(want, w, created) })
		judged, covered := judge(want, ours, registered)
		if !covered && room > 0 {
			room--
			judged = append([]Step{{Action: Create, Type: typeOf(want), Webhook: want}}, judged...)
		} else if !covered {
			judged = append([]Step{{Action: NoRoom, Type: typeOf(want), Webhook: want}}, judged...)
		}
		steps = append(steps, judged...)
	}
	others := slices.DeleteFunc(slices.Clone(registered), func(w ppm.Webhook) bool {
		return slices.ContainsFunc(wanted, func(want ppm.Webhook) bool { return belongs(want, w, created) })
	})
	for i := range steps {
		if steps[i].Action == NoRoom {
			steps[i].Why = noRoom(len(registered), len(others))
		}
	}
	for _, w := range others {
		steps = append(steps, Step{Action: Foreign, Webhook: w, Why: foreign(w)})
	}
	return steps
}

// judge looks at those webhooks of a list that are the wanted one. Covered means that one of them brings its events here.
// The one that is kept is the first as wanted, else the first that brings events: the order of lists is not promised,
// so that a good one wins over its place.
func judge(want ppm.Webhook, ours, list []ppm.Webhook) (steps []Step, covered bool) {
	kept := slices.IndexFunc(ours, func(w ppm.Webhook) bool { return !w.Odd && difference(want, w, list) == "" })
	if kept < 0 {
		kept = slices.IndexFunc(ours, func(w ppm.Webhook) bool { return delivers(want, w) })
	}
	for i, w := range ours {
		step := Step{Action: Keep, Type: typeOf(want), Webhook: w}
		switch why := difference(want, w, list); {
		case w.Odd:
			step.Action, step.Why = Drifted, "PPM Express shows it in a form that is not understood; it is taken for the wanted one"
		case i != kept && delivers(want, w):
			step.Action, step.Why = Surplus, "a second webhook for the same events; "+remove(w)
		case why != "":
			step.Action, step.Why = Drifted, why+"; "+remove(w)+", then the next pass creates what is missing"
		case !sameAddress(want.URL, w.URL):
			step.Why = elsewhere(w)
		}
		steps = append(steps, step)
	}
	return steps, kept >= 0
}

func elsewhere(w ppm.Webhook) string {
	return "PPM Express lists it under another address than it was created with: " + w.Address()
}

func remove(w ppm.Webhook) string { return "remove it by: ppmrelay webhooks delete " + w.ID }

// delivers reports whether a webhook makes PPM Express send the wanted events. Of one that is not understood this is
// assumed: there would be a new one with every pass.
func delivers(want, registered ppm.Webhook) bool {
	return registered.Odd || slices.Contains(registered.EventTypes, typeOf(want)) && strings.EqualFold(registered.Verb, http.MethodPost)
}

// difference says how a webhook differs from the wanted one, in plain words; empty when it does not, as far as the list
// shows it. Names of headers match in any case, and the order and number of other headers is their owner's business.
func difference(want, registered ppm.Webhook, list []ppm.Webhook) string {
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
		case found && (value == h.Value || masked(value) && !showsValues(list, h.Name)):
		case found:
			all = append(all, fmt.Sprintf("its header %s is not the one of server.secrets, so its events may be turned away", h.Name))
		case len(registered.Headers) > 0 || shows(list):
			all = append(all, fmt.Sprintf("it has no header %s, so its events may be turned away", h.Name))
		}
	}
	return strings.Join(all, ", and ")
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

func noRoom(registered, foreign int) string {
	return fmt.Sprintf("all %d webhooks that a tenant may have are in use, %d of them not by this relay; "+
		"somebody has to delete one that is not needed: ppmrelay webhooks list", registered, foreign)
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
