package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// desk is where a person looks after webhooks. Each method is one command.
type desk struct {
	*app

	cfg    *config.Config
	client *ppm.Client
	tenant string
	in     io.Reader // what the person types
	known  reconcile.Known
	firsts map[string]time.Time // when each webhook brought its first event, by lower-case id
	heard  bool                 // one that is not in firsts has brought nothing
}

func (d *desk) list(ctx context.Context, asJSON bool) error {
	if err := d.recollect(ctx); err != nil {
		return err
	}
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
	if err := d.recollect(ctx); err != nil {
		return err
	}
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
	var report reconcile.Report
	err := d.reading(ctx, func(memory reconcile.Memory) error {
		report = d.reconciler(memory).Plan(ctx, true)
		return report.Failed
	})
	if err != nil {
		return err
	}
	done := webhooksDone(report)
	if asJSON {
		err = d.printJSON(done.Steps)
	} else {
		err = d.printPlan(done)
	}
	if err == nil && slices.ContainsFunc(report.Steps, func(s reconcile.Step) bool { return s.Action != reconcile.Keep && s.Action != reconcile.Foreign }) {
		return &exitError{code: exitDifference}
	}
	return err
}

// apply makes a pass for some types, or all, and says what became of each. The daemon makes it where one runs.
func (d *desk) apply(ctx context.Context, types []event.Type, asJSON bool) error {
	ask := control.Webhooks{}
	for _, t := range types {
		ask.Types = append(ask.Types, string(t))
	}
	done, err := control.NewClient(socketOf(d.cfg)).Webhooks(ctx, ask)
	if errors.Is(err, control.ErrNoDaemon) || errors.Is(err, control.ErrTooLong) {
		err = d.writing(ctx, func(memory reconcile.Memory) error {
			done = webhooksDone(d.reconciler(memory).Apply(ctx, types...))
			return nil
		})
	}
	if err != nil {
		return asDaemon(err)
	}
	if asJSON {
		err = d.printJSON(done)
	} else {
		d.sayDone(done)
	}
	return errors.Join(err, unfinished(done))
}

// unfinished is why a pass did not do all that is wanted.
func unfinished(done control.WebhooksDone) error {
	var all []error
	if done.Failed != "" {
		all = append(all, errors.New(done.Failed))
	}
	for _, step := range done.Steps {
		if step.Action == string(reconcile.NoRoom) {
			return errors.Join(append(all, errors.New(step.Why))...)
		}
	}
	return errors.Join(all...)
}

func (d *desk) reconciler(memory reconcile.Memory) *reconcile.Reconciler {
	return newReconciler(d.cfg, reconcile.Config{Memory: memory, Logger: slog.New(slog.DiscardHandler)})
}

// recollect reads what is known of the webhooks.
func (d *desk) recollect(ctx context.Context) error {
	return d.reading(ctx, func(memory reconcile.Memory) (err error) {
		if d.known, err = reconcile.Recollect(ctx, memory); err != nil {
			return err
		}
		arrivals, _ := memory.(reconcile.Arrivals) // none before the first start
		d.firsts, d.heard, err = reconcile.Firsts(ctx, memory, arrivals)
		return err
	})
}

// reading opens the journal's memory to look into it, also beside a running daemon. Before the first start there is none.
func (d *desk) reading(ctx context.Context, use func(reconcile.Memory) error) (err error) {
	if !exists(journalFile(d.cfg)) {
		return use(&shortMemory{})
	}
	store, err := sqlite.Open(ctx, journalFile(d.cfg), sqlite.Options{Tenant: tenant(d.cfg), ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return use(memoryOf(store))
}

// writing opens the journal's memory while no daemon has it.
func (d *desk) writing(ctx context.Context, use func(reconcile.Memory) error) error {
	if !exists(journalFile(d.cfg)) {
		return use(&shortMemory{}) // what is created is known by its address
	}
	return d.withIdleJournal(ctx, d.cfg, false, func(store *sqlite.Journal) error { return use(memoryOf(store)) })
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// situation is what says whose a webhook is.
func (d *desk) situation() reconcile.Situation {
	return reconcile.Situation{Wanted: wantedWebhooks(d.cfg), Records: d.known.Records, Now: time.Now()}
}

// delete deletes webhooks one by one, and goes on after one that is not there.
func (d *desk) delete(ctx context.Context, ids []string) error {
	if err := d.recollect(ctx); err != nil {
		return err
	}
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
		returns = returns || d.owner(one) == "ours"
		d.say("deleted %s (%s, %s)\n", printable(id), d.owner(one), printable(typeNames(one)))
	}
	if returns {
		d.say("A running ppmrelay creates its own again with the next pass.\n")
	}
	return errors.Join(failed...)
}

// deleteAll deletes everybody's webhooks, when a person has seen whose they are and typed the tenant's name.
func (d *desk) deleteAll(ctx context.Context) error {
	if err := d.recollect(ctx); err != nil {
		return err
	}
	all, err := d.client.Webhooks(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return d.printWebhooks(all)
	}
	foreign := slices.DeleteFunc(slices.Clone(all), func(w ppm.Webhook) bool { return d.owner(w) != "foreign" })
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
