package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// desk is where a person looks after webhooks. Each method is one command.
type desk struct {
	*app

	client *ppm.Client
	wanted []ppm.Webhook // of this relay
	tenant string
	in     io.Reader // what the person types
}

func (d *desk) list(ctx context.Context, asJSON bool) error {
	all, err := d.client.Webhooks(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return d.printJSON(d.webhooksJSON(all))
	}
	return d.printWebhooks(all)
}

func (d *desk) show(ctx context.Context, id string, asJSON bool) error {
	one, err := d.client.Webhook(ctx, id)
	if err != nil {
		return notThere(id, err)
	}
	if asJSON {
		return d.printJSON(d.webhooksJSON([]ppm.Webhook{one})[0])
	}
	return d.printWebhook(one)
}

// plan ends with an exit code of its own when something is not as wanted.
func (d *desk) plan(ctx context.Context, asJSON bool) error {
	all, err := d.client.Webhooks(ctx)
	if err != nil {
		return err
	}
	steps := reconcile.Plan(d.wanted, all)
	if asJSON {
		err = d.printJSON(stepsJSON(steps))
	} else {
		err = d.printPlan(steps, len(all))
	}
	if err == nil && slices.ContainsFunc(steps, func(s reconcile.Step) bool { return s.Action != reconcile.Keep && s.Action != reconcile.Foreign }) {
		return &exitError{code: exitDifference}
	}
	return err
}

// create creates what is missing of the types, and says what became of each.
func (d *desk) create(ctx context.Context, types []event.Type) error {
	all, err := d.client.Webhooks(ctx)
	if err != nil {
		return err
	}
	steps := slices.DeleteFunc(reconcile.Plan(d.wanted, all), func(s reconcile.Step) bool { return !slices.Contains(types, s.Type) })
	done, err := reconcile.Apply(ctx, d.client, steps)
	var shut error
	for _, step := range steps {
		switch step.Action {
		case reconcile.Keep:
			d.say("%s: is registered as %s\n", step.Type, printable(step.Webhook.ID))
		case reconcile.Drifted, reconcile.Surplus:
			d.say("%s: %s is left as it is: %s\n", step.Type, printable(step.Webhook.ID), printable(step.Why))
		case reconcile.NoRoom:
			d.say("%s: not registered\n", step.Type)
			shut = errors.New(step.Why)
		case reconcile.Create:
			d.say("%s: %s\n", step.Type, outcome(step, done))
		case reconcile.Foreign: // has no type, so it was left out
		}
	}
	return errors.Join(err, shut)
}

func outcome(step reconcile.Step, done []reconcile.Step) string {
	i := slices.IndexFunc(done, func(s reconcile.Step) bool { return s.Type == step.Type })
	switch {
	case i < 0:
		return "not registered"
	case done[i].Webhook.ID == "":
		return "created; PPM Express did not tell its id: see ppmrelay webhooks list"
	default:
		return "created as " + printable(done[i].Webhook.ID)
	}
}

// delete deletes webhooks one by one, and goes on after one that is not there.
func (d *desk) delete(ctx context.Context, ids []string) error {
	var failed []error
	returns := false
	for _, id := range ids {
		one, err := d.client.Webhook(ctx, id)
		if err == nil {
			err = d.client.DeleteWebhook(ctx, id)
		}
		if err != nil {
			failed = append(failed, notThere(id, err))
			continue
		}
		returns = returns || reconcile.Ours(d.wanted, one)
		d.say("deleted %s (%s, %s)\n", printable(id), d.owner(one), printable(typeNames(one)))
	}
	if returns {
		d.say("A running ppmrelay creates its own again with the next pass.\n")
	}
	return errors.Join(failed...)
}

// deleteAll deletes everybody's webhooks, when a person has seen whose they are and typed the tenant's name.
func (d *desk) deleteAll(ctx context.Context) error {
	all, err := d.client.Webhooks(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return d.printWebhooks(all)
	}
	foreign := slices.DeleteFunc(slices.Clone(all), func(w ppm.Webhook) bool { return reconcile.Ours(d.wanted, w) })
	if len(foreign) > 0 {
		d.say("%s not of this relay. Whoever made them is not told that they are gone:\n\n", isAre(len(foreign)))
		if err := d.printWebhooks(foreign); err != nil {
			return err
		}
		d.say("\n")
	}
	d.say("To delete all %s of the tenant, type its name (%s): ", count1(len(all), "webhook"), printable(d.tenant))
	typed, err := d.typed(ctx)
	d.say("\n")
	if err != nil {
		return err
	}
	if typed != d.tenant {
		return errors.New("nothing was deleted: what was typed is not the tenant's name")
	}
	if err := d.client.DeleteAllWebhooks(ctx); err != nil {
		return err
	}
	d.say("deleted %s. A running ppmrelay creates its own again with the next pass.\n", count1(len(all), "webhook"))
	return nil
}

// say tells the person something. Who closed the terminal does not hear it, which changes nothing.
func (d *desk) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, format, args...)
}

// typed reads a line, or ends with ctx.
func (d *desk) typed(ctx context.Context) (string, error) {
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(d.in).ReadString('\n') // an end without a line break is a line, too
		line <- strings.TrimSpace(text)
	}()
	select {
	case text := <-line:
		return text, nil
	case <-ctx.Done():
		return "", errors.New("nothing was deleted: it was broken off")
	}
}

// notThere says in one sentence that there is no such webhook, and leaves other errors as they are.
func notThere(id string, err error) error {
	if failed, ok := errors.AsType[*ppm.CallError](err); ok && failed.Status == http.StatusNotFound {
		return fmt.Errorf("there is no webhook %s: see ppmrelay webhooks list", printable(id))
	}
	return err
}

func isAre(n int) string {
	if n == 1 {
		return "1 webhook is"
	}
	return fmt.Sprintf("%d webhooks are", n)
}

// typeNamed finds a type of events by its name in any case.
func typeNamed(name string) (event.Type, bool) {
	for _, t := range event.Types() {
		if strings.EqualFold(string(t), name) {
			return t, true
		}
	}
	return "", false
}
