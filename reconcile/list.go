package reconcile

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// list reads what is registered. A type that is missing in the list, but was registered before, is asked for by its id:
// a list can be stale, or one page of several, and nothing of that is published.
func (r *Reconciler) list(ctx context.Context) ([]ppm.Webhook, error) {
	registered, err := r.config.Registry.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	registered = unique(registered)
	r.see(registered)
	r.recount(registered)
	missing := slices.Clone(r.config.Wanted)
	finder := r.situation(registered, request{}).finder()
	for _, w := range registered {
		if f := finder.find(w); f.whose == ours && !f.stale {
			url := r.config.Wanted[f.want].URL
			missing = slices.DeleteFunc(missing, func(want ppm.Webhook) bool { return want.URL == url })
		}
	}
	for _, want := range missing {
		found, err := r.lookUp(ctx, want)
		if err != nil {
			return nil, err
		}
		registered = append(registered, found...)
	}
	return registered, nil
}

// lookUp asks for what was registered for the type, the newest first, until one is there. What is not is forgotten.
func (r *Reconciler) lookUp(ctx context.Context, want ppm.Webhook) ([]ppm.Webhook, error) {
	for i, known := range slices.Backward(slices.Clone(r.state.Records)) {
		if known.ID == "" || !known.is(want) || !known.Deleted.IsZero() {
			continue
		}
		w, err := r.config.Registry.Webhook(ctx, known.ID)
		switch {
		case err == nil:
			if w.ID == "" {
				w.ID = known.ID
			}
			r.seen(w.ID)
			return []ppm.Webhook{w}, nil
		case !isMissing(err):
			return nil, err
		}
		r.open(known.Type, known.Good, causeMissing)
		r.state.Records = slices.Delete(r.state.Records, i, i+1)
	}
	return nil, nil
}

// isMissing reports whether an error says that there is no such webhook.
func isMissing(err error) bool {
	failed, ok := errors.AsType[*ppm.CallError](err)
	return ok && failed.Status == http.StatusNotFound
}

// see compares a list with what is recorded: the form in which a webhook is shown first is kept, and an id that no
// answer told is learned. That some of what was created last is listed is enough: the rest was deleted, or is late.
func (r *Reconciler) see(registered []ppm.Webhook) {
	for _, w := range registered {
		if known := recordOf(r.state.Records, w.ID); known != nil {
			fast := time.Since(known.Created) < time.Minute // else somebody may have changed it meanwhile
			if known.Shown == "" && !known.Created.IsZero() && (fast || plain(known.Type, w) && r.likely(w, registered)) {
				known.Shown = form(w)
			}
			continue
		}
		i := slices.IndexFunc(r.state.Records, func(known Record) bool { return known.ID == "" && r.isFor(known, w) })
		if i >= 0 && w.ID != "" {
			r.state.Records[i].ID, r.state.Records[i].Shown = w.ID, form(w)
		}
	}
	for _, known := range r.state.Unseen {
		if slices.ContainsFunc(registered, func(w ppm.Webhook) bool {
			listed := recordOf(r.state.Records, w.ID)
			return r.isFor(known, w) && (listed == nil || !listed.Created.Before(known.Created)) || // else it is what was to be replaced
				known.ID != "" && strings.EqualFold(known.ID, w.ID)
		}) {
			r.state.Unseen, r.state.Blind = nil, 0
			return
		}
	}
}

// likely reports whether what a list shows of a webhook's secret may be what it makes of the true one. It may not, where
// the true one can be read in the same list.
func (r *Reconciler) likely(w ppm.Webhook, registered []ppm.Webhook) bool {
	wanted, _ := r.config.Wanted[0].Header(secretHeader)
	value, _ := w.Header(secretHeader)
	return value == wanted || masked(value) || !slices.ContainsFunc(registered, func(other ppm.Webhook) bool {
		shown, _ := other.Header(secretHeader)
		return shown == wanted
	})
}

// isFor reports whether a webhook may be the one of a record, by all but its id.
func (r *Reconciler) isFor(known Record, w ppm.Webhook) bool {
	if len(w.EventTypes) != 1 || w.EventTypes[0] != known.Type {
		return false
	}
	return sameAddress(known.URL, w.URL) || slices.ContainsFunc(r.config.Wanted, func(want ppm.Webhook) bool {
		return known.is(want) && alike(want.URL, w.URL) && proves(want, w)
	})
}

// seen notes that a webhook is there.
func (r *Reconciler) seen(id string) {
	if slices.ContainsFunc(r.state.Unseen, func(known Record) bool { return strings.EqualFold(known.ID, id) }) {
		r.state.Unseen, r.state.Blind = nil, 0
	}
}

// settle notes what a plan found out: what brings events, since when some do not, and what is there although it was not
// created here.
func (r *Reconciler) settle(steps []Step, now time.Time) {
	covered := map[event.Type]bool{}
	for _, step := range steps {
		known := recordOf(r.state.Records, step.Webhook.ID)
		if known == nil && step.Action == Keep && step.Webhook.ID != "" {
			r.state.Records = append(r.state.Records, Record{
				ID: step.Webhook.ID, Type: step.Type, URL: step.Wanted.URL, Secret: secretOf(step.Wanted),
			})
			known = &r.state.Records[len(r.state.Records)-1]
		}
		covered[step.Type] = covered[step.Type] || step.covers
		if known == nil || step.Action == Create || step.Action == NoRoom {
			continue
		}
		known.Seen = now
		if step.covers {
			known.Good = now
		}
		if step.Action == Keep && (!known.Created.IsZero() || proves(step.Wanted, step.Webhook)) { // else nobody knows what is hidden
			known.Shown = form(step.Webhook)
		}
	}
	for _, want := range r.config.Wanted {
		if t := typeOf(want); covered[t] {
			r.shut(now, t)
		} else {
			r.open(t, r.lastGood(t), causeMissing)
		}
	}
}

// lastGood is when a type last brought events, as far as that is known; zero = it was never registered.
func (r *Reconciler) lastGood(t event.Type) time.Time {
	var last time.Time
	for _, known := range r.state.Records {
		if known.Type == t && known.Good.After(last) {
			last = known.Good
		}
	}
	return last
}
