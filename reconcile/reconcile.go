// Package reconcile keeps the webhooks registered that the relay depends on: it compares what PPM Express lists with what
// is wanted, one webhook for each event type, and creates what is missing.
//
// # The life of a pass
//
//	list     one call; without its answer nothing is decided
//	plan     pure: wanted and registered in, steps out
//	apply    one step at a time; after an ambiguous answer the list is read again before anything else is created
//	see      the list is read again: what was created has to be in it, by its id or its address
//	tell     the log hears of what was created, and once of what is wrong and that it is over
//
// Passes run at the start and on a cron schedule, never two at once. One that failed for a reason that passes by itself
// is made again after 10, 20, 40 … s, at most 5 min, or what PPM Express asks for.
//
// # Invariants
//
//   - Ours is a webhook whose address is {public_url}/events/{Entity}/{Action} of one of the wanted types, which this
//     process created, or whose address is like that and which shows our own secret. All others are counted and left
//     alone.
//   - A pass only creates. What is ours but differs from what is wanted, or is there twice, is told to whoever runs the
//     relay, with the command that mends it.
//   - Nothing is created twice by an answer that got lost, and nothing beyond the tenant's limit. While nothing of what was
//     created last is listed, nothing is created: lists that show our webhooks as somebody else's would fill the tenant.
//   - No secret is in a step, a problem or the log.
package reconcile

import (
	"net/http"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Wanted returns the webhooks that a relay at the address needs: one for each type, with an address of its own, because
// an event does not say its type. The secret is what PPM Express has to show with every event.
func Wanted(publicURL, secret string, types []event.Type) []ppm.Webhook {
	wanted := make([]ppm.Webhook, len(types))
	for i, t := range types {
		wanted[i] = ppm.Webhook{
			EventTypes: []event.Type{t},
			Headers:    []ppm.Header{{Name: "Authorization", Value: "Bearer " + secret}},
			Verb:       http.MethodPost,
			URL:        publicURL + "/events/" + t.Entity() + "/" + t.Action(),
		}
	}
	return wanted
}
