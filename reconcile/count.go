package reconcile

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// How often a type is replaced for what the list shows. A tenant that always shows something else would have it created
// and deleted for ever.
const (
	day          = 24 * time.Hour
	replacedMost = 3 // a day, of one type
)

// count counts a replacement for what the list shows, once there is a successor, or room for one. What PPM Express refused
// does not count: else an outage would wear a type out that was never replaced.
func (c *carrying) count(step Step, created error) {
	failed, ok := errors.AsType[*ppm.CallError](created)
	switch {
	case !step.shown:
	case created == nil:
		c.counted(step.Type)
	case ok && failed.Unsure():
		c.doubt(step)
	}
}

func (r *Reconciler) counted(t event.Type) {
	r.state.Replaced[t] = append(r.state.Replaced[t], time.Now())
	delete(r.state.Doubted, t)
}

// doubt notes what was listed when nobody could tell whether a successor was created: a list may be late. What a later
// list shows beside that was.
func (c *carrying) doubt(step Step) {
	ids := []string{}
	for _, w := range c.registered {
		if sameAddress(step.Wanted.URL, w.URL) {
			ids = append(ids, strings.ToLower(w.ID))
		}
	}
	c.state.Doubted[step.Type] = ids
}

// recount counts the replacements that happened after all.
func (r *Reconciler) recount(registered []ppm.Webhook) {
	for _, want := range r.config.Wanted {
		t := typeOf(want)
		before, doubted := r.state.Doubted[t]
		if doubted && slices.ContainsFunc(registered, func(w ppm.Webhook) bool {
			known := recordOf(r.state.Records, w.ID) != nil || slices.Contains(before, strings.ToLower(w.ID))
			return !known && sameAddress(want.URL, w.URL)
		}) {
			r.counted(t) // one doubt is one replacement, however many there are now
		}
	}
}
