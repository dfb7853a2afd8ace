package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Registry is what a pass needs of PPM Express. Its errors are *ppm.CallError.
type Registry interface {
	Webhooks(ctx context.Context) ([]ppm.Webhook, error)
	Webhook(ctx context.Context, id string) (ppm.Webhook, error)
	CreateWebhook(ctx context.Context, w ppm.Webhook) (ppm.Webhook, error)
	DeleteWebhook(ctx context.Context, id string) error // of one that is not there, no error
	Me(ctx context.Context) (ppm.Identity, error)
}

// carrying is a plan that is being carried out.
type carrying struct {
	*Reconciler

	registered []ppm.Webhook // the list that the plan was made of
	done       []Step
	refused    refusals
	good       time.Time // when the first was created: what stops together before the next pass is one gap, not twelve
}

// apply carries out a plan, one step after the other. A refusal that is about one webhook does not keep the others from
// being created; any other error ends it. The plan is then made anew, from a new list.
func (r *Reconciler) apply(ctx context.Context, steps []Step, registered []ppm.Webhook) ([]Step, error) {
	c := carrying{Reconciler: r, registered: registered}
	for _, action := range order(steps, len(registered)) {
		for _, step := range steps {
			if step.Action != action {
				continue
			}
			if err := c.carryOut(ctx, step); err != nil && !aboutOne(err) {
				return c.done, errors.Join(err, c.refused.err())
			} else if err != nil {
				c.refused.add(step.Type, err)
			}
		}
	}
	return c.done, c.refused.err()
}

// order is what is done first: what is superfluous goes before what is missing comes only where its place is needed; and
// always before what differs is replaced, which PPM Express may refuse as long as there is a twin.
func order(steps []Step, used int) []Action {
	needed := 0
	for _, step := range steps {
		switch step.Action {
		case Create:
			needed++
		case Replace:
			needed = max(needed, 1)
		case Keep, Remove, Leave, NoRoom, Foreign:
		}
	}
	if used+needed > ppm.WebhookLimit {
		return []Action{Remove, Create, Replace}
	}
	return []Action{Create, Remove, Replace}
}

func (c *carrying) carryOut(ctx context.Context, step Step) error {
	switch step.Action {
	case Create:
		made, err := c.create(ctx, step.Webhook)
		if err == nil {
			step.Webhook = made
			c.shut(time.Now(), step.Type)
			c.finished(ctx, step)
		}
		return err
	case Replace:
		return c.replace(ctx, step)
	case Remove:
		return c.remove(ctx, step)
	case Keep, Leave, NoRoom, Foreign:
	}
	return nil
}

// replace puts what is wanted in the place of a webhook.
func (c *carrying) replace(ctx context.Context, step Step) error {
	if step.Swap {
		return c.swap(ctx, step)
	}
	made, err := c.create(ctx, step.Wanted)
	c.count(step, err)
	if err == nil {
		made, err = c.confirm(ctx, made)
	} else if twinRefused(step, err) {
		return c.swap(ctx, step)
	}
	if err != nil {
		return err
	}
	c.shut(time.Now(), step.Type)
	if err := c.delete(ctx, step.Webhook.ID, step.Type); err != nil {
		return err
	}
	step.Wanted = made
	c.finished(ctx, step)
	return nil
}

// swap deletes a webhook before what is wanted is created, because PPM Express takes no two. One at a time: where the
// second half fails, the pass ends, and nothing is swapped until all that was is there again.
func (c *carrying) swap(ctx context.Context, step Step) error {
	for t, open := range c.state.Open {
		if len(c.refused.errs) > 0 || t != step.Type && open.Cause == causeSwap {
			return nil // what is wanted would be refused as well
		}
	}
	if step.covers {
		c.open(step.Type, time.Now(), causeSwap)
	}
	if err := c.delete(ctx, step.Webhook.ID, step.Type); err != nil {
		return err
	}
	c.count(step, nil) // whichever pass creates its successor
	made, err := c.create(ctx, step.Wanted)
	if err != nil {
		return fmt.Errorf("the webhook for %s was deleted to make place for its successor: %w", step.Type, &halfDoneError{err})
	}
	c.shut(time.Now(), step.Type)
	step.Swap, step.Wanted = true, made
	c.finished(ctx, step)
	return nil
}

// halfDoneError ends a pass, whatever it is about.
type halfDoneError struct{ error }

func (e *halfDoneError) Unwrap() error { return e.error }

// twinRefused reports whether a refusal may well be because of the webhook that is to be replaced, which has the same
// address and type. One that blames the header is not: what comes next would be refused, too.
func twinRefused(step Step, err error) bool {
	failed, ok := errors.AsType[*ppm.CallError](err)
	return ok && slices.Contains([]int{http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity}, failed.Status) &&
		sameAddress(step.Webhook.URL, step.Wanted.URL) && slices.Contains(step.Webhook.EventTypes, step.Type) &&
		!slices.ContainsFunc(failed.Fields, func(f ppm.FieldError) bool { return strings.Contains(strings.ToLower(f.Field), "header") })
}

// remove deletes what is superfluous, once what stays is seen.
func (c *carrying) remove(ctx context.Context, step Step) error {
	if _, err := c.config.Registry.Webhook(ctx, step.stays); isMissing(err) {
		return nil // the list was a stale one: the next pass sees
	} else if err != nil {
		return err
	}
	if err := c.delete(ctx, step.Webhook.ID, step.Type); err != nil {
		return err
	}
	c.finished(ctx, step)
	return nil
}

func (c *carrying) finished(ctx context.Context, step Step) {
	c.done = append(c.done, step)
	c.save(ctx)
}

// delete deletes one webhook of ours. Where the answer does not tell whether it happened, it is asked for.
func (c *carrying) delete(ctx context.Context, id string, t event.Type) error {
	err := c.config.Registry.DeleteWebhook(ctx, id)
	if failed, ok := errors.AsType[*ppm.CallError](err); ok && failed.Unsure() {
		if _, look := c.config.Registry.Webhook(ctx, id); isMissing(look) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	known := recordOf(c.state.Records, id)
	if known == nil {
		c.state.Records = append(c.state.Records, Record{ID: id, Type: t})
		known = &c.state.Records[len(c.state.Records)-1]
	}
	known.Deleted = time.Now()
	c.save(ctx)
	return nil
}

// aboutOne reports whether a refusal is about the webhook rather than about whoever asks or the moment.
func aboutOne(err error) bool {
	if _, ok := errors.AsType[*unseenError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*halfDoneError](err); ok {
		return false
	}
	failed, ok := errors.AsType[*ppm.CallError](err)
	if !ok || failed.Temporary() || failed.Unsure() {
		return false
	}
	return !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, failed.Status)
}
