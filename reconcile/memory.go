package reconcile

import (
	"context"
	"errors"
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// This file is what a Reconciler knows of the webhooks that it created. The lock of passes is held.

// remember keeps what was created, and reads the list again: what is deleted from now on was there.
func (r *Reconciler) remember(ctx context.Context, done []Step) {
	if len(done) == 0 {
		return
	}
	r.unseen = nil
	for _, step := range done {
		r.unseen = append(r.unseen, step.Webhook)
	}
	r.created = append(r.created, r.unseen...)
	if registered, err := r.config.Registry.Webhooks(ctx); err == nil {
		r.see(registered)
	} // else the next pass sees it
}

// see looks for what was created. That some of it is listed is enough: the rest was deleted, or is late.
func (r *Reconciler) see(registered []ppm.Webhook) {
	for _, w := range r.unseen {
		if slices.ContainsFunc(registered, func(listed ppm.Webhook) bool { return belongs(w, listed, r.unseen) && delivers(w, listed) }) {
			r.unseen = nil
			return
		}
	}
}

// unlisted is why nothing more is created, if that is so.
func (r *Reconciler) unlisted(steps []Step) error {
	if len(r.unseen) == 0 || !slices.ContainsFunc(steps, func(s Step) bool { return s.Action == Create }) {
		return nil
	}
	types := make([]event.Type, len(r.unseen))
	for i, w := range r.unseen {
		types[i] = typeOf(w)
	}
	return errors.New("PPM Express said that webhooks were created for " + join(types) + ", but lists none of them, neither by id " +
		"nor by address; no more are created until one of them is listed or ppmrelay is started again: see ppmrelay webhooks list")
}

// tellRenamed says once of each webhook that it is listed under another address.
func (r *Reconciler) tellRenamed(ctx context.Context, steps []Step) {
	for _, step := range steps {
		if step.Action != Keep || step.Why == "" || slices.ContainsFunc(r.renamed, func(w ppm.Webhook) bool { return w.ID == step.Webhook.ID }) {
			continue
		}
		r.renamed = append(r.renamed, step.Webhook)
		r.config.Logger.WarnContext(ctx, "a webhook is listed under another address",
			"type", step.Type, "webhook_id", step.Webhook.ID, "url", step.Webhook.Address())
	}
}
