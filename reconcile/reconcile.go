// Package reconcile keeps the webhooks registered that the relay depends on: it compares what PPM Express lists with what
// is wanted, one webhook for each event type, and takes typed steps from one to the other.
//
// # The life of a pass
//
//	list     one call; what was registered and is not listed is asked for by its id; without answers nothing is decided
//	plan     pure: a Situation in, Steps out: keep, create, replace, remove, report, no room
//	apply    one step at a time; what an answer left open is looked up before anything else happens
//	see      the list is read again: what was created has to be in it, by its id or its address
//	tell     the log hears of what was done, and once of what is wrong and that it is over; gaps are handed on
//
// Passes run at the start, on a cron schedule and when a person asks, never two at once. One that failed for a reason
// that passes by itself is made again after 10, 20, 40 … s, at most 5 min, or what PPM Express asks for.
//
// # The life of a record
//
// What is known of a webhook of ours is a Record: its id, type and address, the SHA-256 of the secret that it was created
// with, and of the form in which the list showed it first. It is written down before the next call, and survives the
// process. There is no call that changes a webhook: as long as it is shown as it was shown first, it is as it was created,
// however strange the form (masked, re-cased, without headers), and its record says whether that is what is wanted.
//
// # Invariants
//
//   - Ours is a webhook whose id is recorded, or whose address is {public_url}/events/{Entity}/{Action} of a wanted type.
//     Nothing else is ever deleted, and only by its own id: the call that deletes all is not even in Registry.
//   - One that is replaced goes after its successor was seen. Only when the tenant has no place left, and nothing of ours
//     is superfluous, one type at a time goes first, and that gap is recorded.
//   - One under a former public_url is deleted only after a live reload gave that address up, or when a person asks:
//     a copy of a journal must not delete what its original lives on.
//   - Nothing is created twice by an answer that got lost, and nothing beyond the tenant's limit. While nothing of what was
//     created last is listed, nothing is created: lists that show our webhooks as somebody else's would fill the tenant.
//   - What a list shows, as opposed to what was created, is reason for at most three replacements a day of one type.
//   - Whenever a type is not registered, the time is recorded as a Gap: since it last was, or since anything is known that
//     it could miss.
//   - A time that lies in the future, because the clock was put back, counts as now.
//   - No secret is in a step, a problem, the log or a record.
package reconcile

import (
	"net/http"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// secretHeader is the header that PPM Express has to show with every event.
const secretHeader = "Authorization"

// Wanted returns the webhooks that a relay at the address needs: one for each type, with an address of its own, because
// an event does not say its type. The secret is what PPM Express has to show with every event.
func Wanted(publicURL, secret string, types []event.Type) []ppm.Webhook {
	wanted := make([]ppm.Webhook, len(types))
	for i, t := range types {
		wanted[i] = ppm.Webhook{
			EventTypes: []event.Type{t},
			Headers:    []ppm.Header{{Name: secretHeader, Value: bearer(secret)}},
			Verb:       http.MethodPost,
			URL:        publicURL + pathOf(t),
		}
	}
	return wanted
}

func bearer(secret string) string { return "Bearer " + secret }

func pathOf(t event.Type) string { return "/events/" + t.Entity() + "/" + t.Action() }

// baseOf is the public_url of a webhook that Wanted made.
func baseOf(w ppm.Webhook) string { return strings.TrimSuffix(w.URL, pathOf(typeOf(w))) }
