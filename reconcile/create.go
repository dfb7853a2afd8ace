package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// create creates a webhook and writes down that it did. Where the answer does not tell whether it happened, the list
// does.
func (c *carrying) create(ctx context.Context, want ppm.Webhook) (ppm.Webhook, error) {
	made, err := c.config.Registry.CreateWebhook(ctx, want)
	if failed, ok := errors.AsType[*ppm.CallError](err); ok && failed.Unsure() {
		if made, err = c.search(ctx, want, err); err != nil {
			return want, err
		}
	}
	if err != nil {
		return want, err
	}
	known := Record{ID: made.ID, Type: typeOf(want), URL: want.URL, Secret: secretOf(want), Created: time.Now()}
	if c.good.IsZero() {
		c.good = known.Created
	}
	known.Good = c.good
	if old := recordOf(c.state.Records, made.ID); old != nil {
		*old = known
	} else {
		c.state.Records = append(c.state.Records, known)
	}
	if !c.creating {
		c.state.Unseen, c.creating = nil, true
	}
	c.state.Unseen = append(c.state.Unseen, known)
	c.save(ctx)
	return made, nil
}

// search looks in the list for what may have been created.
func (c *carrying) search(ctx context.Context, want ppm.Webhook, unsure error) (ppm.Webhook, error) {
	listed, err := c.config.Registry.Webhooks(ctx)
	if err != nil {
		return want, fmt.Errorf("%w; whether it was created is not known yet", unsure)
	}
	if i := c.fresh(want, listed); i >= 0 {
		return listed[i], nil
	}
	return want, unsure
}

// fresh returns the place of a webhook in a list that is the wanted one, and was not there before; -1 = there is none.
func (c *carrying) fresh(want ppm.Webhook, listed []ppm.Webhook) int {
	return slices.IndexFunc(listed, func(w ppm.Webhook) bool {
		old := slices.ContainsFunc(c.registered, func(other ppm.Webhook) bool { return strings.EqualFold(other.ID, w.ID) })
		at := sameAddress(want.URL, w.URL) || alike(want.URL, w.URL) && proves(want, w)
		return at && !old && recordOf(c.state.Records, w.ID) == nil && slices.Contains(w.EventTypes, typeOf(want))
	})
}

// confirm looks whether what was created is there: by its id, else in the list.
func (c *carrying) confirm(ctx context.Context, made ppm.Webhook) (ppm.Webhook, error) {
	if made.ID != "" {
		_, err := c.config.Registry.Webhook(ctx, made.ID)
		if err == nil {
			c.seen(made.ID)
		}
		if err == nil || !isMissing(err) {
			return made, err
		}
	}
	listed, err := c.config.Registry.Webhooks(ctx)
	if err != nil {
		return made, err
	}
	if slices.ContainsFunc(listed, func(w ppm.Webhook) bool { return made.ID != "" && strings.EqualFold(w.ID, made.ID) }) {
		c.see(listed)
		return made, nil
	}
	if i := c.fresh(made, listed); i >= 0 { // under an id that no answer told
		known := &c.state.Records[len(c.state.Records)-1]
		known.ID, known.Shown, made.ID = listed[i].ID, form(listed[i]), listed[i].ID
		c.see(listed)
		return made, nil
	}
	return made, &unseenError{typeOf(made)}
}

// unseenError is about a webhook that was created and is not to be seen.
type unseenError struct{ about event.Type }

func (e *unseenError) Error() string {
	return fmt.Sprintf("PPM Express said that a webhook was created for %s, but does not show it yet; the one that it is to replace stays", e.about)
}
