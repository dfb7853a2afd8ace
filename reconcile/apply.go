package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Registry is what a pass needs of PPM Express. Its errors are *ppm.CallError.
type Registry interface {
	Webhooks(ctx context.Context) ([]ppm.Webhook, error)
	CreateWebhook(ctx context.Context, w ppm.Webhook) (ppm.Webhook, error)
}

// Apply carries out the steps that create something, one after the other, and returns those that are done, with the
// webhook as it is registered. A refusal that is about one webhook does not keep the others from being created; any
// other error ends it. The plan is then made anew, from a new list.
func Apply(ctx context.Context, registry Registry, steps []Step) (done []Step, err error) {
	var refused refusals
	for _, step := range steps {
		if step.Action != Create {
			continue
		}
		step.Webhook, err = create(ctx, registry, step.Webhook)
		switch {
		case err == nil:
			done = append(done, step)
		case aboutOne(err):
			refused.add(step.Type, err)
		default:
			return done, errors.Join(err, refused.err())
		}
	}
	return done, refused.err()
}

// create creates one webhook. Where the answer does not tell whether it happened, the list does.
func create(ctx context.Context, registry Registry, want ppm.Webhook) (ppm.Webhook, error) {
	made, err := registry.CreateWebhook(ctx, want)
	failed, ok := errors.AsType[*ppm.CallError](err)
	if !ok || !failed.Unsure() {
		return made, err
	}
	registered, listErr := registry.Webhooks(ctx)
	if listErr != nil {
		return want, fmt.Errorf("%w; whether it was created is not known yet", err)
	}
	i := slices.IndexFunc(registered, func(w ppm.Webhook) bool { return belongs(want, w, nil) && delivers(want, w) })
	if i < 0 {
		return want, err
	}
	return registered[i], nil
}

// aboutOne reports whether a refusal is about the webhook rather than about whoever asks or the moment.
func aboutOne(err error) bool {
	failed, ok := errors.AsType[*ppm.CallError](err)
	if !ok || failed.Temporary() || failed.Unsure() {
		return false
	}
	return !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, failed.Status)
}

// refusals gathers what was refused for the same reason.
type refusals struct {
	errs  []error
	types [][]event.Type // by error
}

func (r *refusals) add(t event.Type, err error) {
	for i := range r.errs {
		if reason(r.errs[i]) == reason(err) {
			r.types[i] = append(r.types[i], t)
			return
		}
	}
	r.errs, r.types = append(r.errs, err), append(r.types, nil)
}

func (r *refusals) err() error {
	all := make([]error, len(r.errs))
	for i, err := range r.errs {
		all[i] = err
		if len(r.types[i]) > 0 {
			all[i] = fmt.Errorf("%w; the same for %s", err, join(r.types[i]))
		}
	}
	return errors.Join(all...)
}

// reason is what an error says apart from what was being done.
func reason(err error) string {
	if failed, ok := errors.AsType[*ppm.CallError](err); ok {
		return fmt.Sprint(failed.Status, failed.Message, failed.Fields)
	}
	return err.Error()
}
