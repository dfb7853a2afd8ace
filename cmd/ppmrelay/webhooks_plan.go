package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile"
)

// webhooksDone is a report as commands know it.
func webhooksDone(report reconcile.Report) control.WebhooksDone {
	done := control.WebhooksDone{Used: report.Used, Steps: make([]control.WebhookStep, len(report.Steps))}
	if report.Failed != nil {
		done.Failed = report.Failed.Error()
	}
	for i, s := range report.Steps {
		step := control.WebhookStep{Action: string(s.Action), Type: string(s.Type), ID: s.Webhook.ID, URL: stepAddress(s), Why: s.Why, Swap: s.Swap}
		n := slices.IndexFunc(report.Done, func(other reconcile.Step) bool {
			return other.Action == s.Action && other.Type == s.Type && (s.Action == reconcile.Create || other.Webhook.ID == s.Webhook.ID)
		})
		if n >= 0 {
			step.Done = true
			switch report.Done[n].Action {
			case reconcile.Create:
				step.New = report.Done[n].Webhook.ID
			case reconcile.Replace:
				step.New, step.Swap = report.Done[n].Wanted.ID, report.Done[n].Swap
			default: // brings nothing new
			}
		}
		done.Steps[i] = step
	}
	return done
}

func stepAddress(s reconcile.Step) string {
	if s.Action == reconcile.Foreign {
		return s.Webhook.Site()
	}
	return s.Webhook.Address()
}

// sign is what a line of a plan begins with.
func sign(action string) string {
	switch reconcile.Action(action) {
	case reconcile.Create:
		return "+"
	case reconcile.Replace:
		return "~"
	case reconcile.Remove:
		return "-"
	case reconcile.NoRoom, reconcile.Leave:
		return "!"
	default:
		return " "
	}
}

// printPlan prints what would change, and counts the rest.
func (d *desk) printPlan(plan control.WebhooksDone) error {
	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	counts := map[reconcile.Action]int{}
	for _, step := range plan.Steps {
		action := reconcile.Action(step.Action)
		counts[action]++
		if action == reconcile.Foreign || action == reconcile.Keep && step.Why == "" {
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", sign(step.Action), step.Type, printable(or(step.ID, step.URL)), printable(planWhy(step)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(plan.Steps) > counts[reconcile.Foreign]+counts[reconcile.Keep] {
		d.say("\n")
	}
	d.say("%s; %s left alone; %d of %d webhooks in use\n", planWords(counts), others(counts[reconcile.Foreign]), plan.Used, ppm.WebhookLimit)
	return nil
}

// planWhy says why a step is needed, and how it is taken where that is not as usual.
func planWhy(step control.WebhookStep) string {
	switch {
	case step.Action == string(reconcile.Create):
		return "nothing is registered for it"
	case step.Swap:
		return step.Why + "; it is deleted before its successor is created, because all places are taken"
	default:
		return step.Why
	}
}

func planWords(counts map[reconcile.Action]int) string {
	var parts []string
	for _, line := range []struct {
		action reconcile.Action
		words  string
	}{
		{reconcile.Keep, "as wanted"},
		{reconcile.Create, "to create"},
		{reconcile.Replace, "to replace"},
		{reconcile.Remove, "to remove"},
		{reconcile.NoRoom, "without room"},
		{reconcile.Leave, "to look at"},
	} {
		if n := counts[line.action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, line.words))
		}
	}
	return strings.Join(parts, ", ")
}

func others(n int) string {
	if n == 1 {
		return "1 of somebody else is"
	}
	return fmt.Sprintf("%d of others are", n)
}

// sayDone says what became of each type.
func (d *desk) sayDone(done control.WebhooksDone) {
	for _, step := range done.Steps {
		id := printable(step.ID)
		switch action := reconcile.Action(step.Action); {
		case action == reconcile.Foreign:
		case action == reconcile.Keep:
			d.say("%s: is registered as %s%s\n", step.Type, id, because(step.Why))
		case action == reconcile.Leave:
			d.say("%s: %s is left as it is: %s\n", step.Type, id, printable(step.Why))
		case action == reconcile.Create && step.Done:
			d.say("%s: created%s\n", step.Type, newID(step.New))
		case action == reconcile.Replace && step.Done:
			d.say("%s: %s is replaced%s: %s\n", step.Type, id, newID(step.New), printable(step.Why))
		case action == reconcile.Remove && step.Done:
			d.say("%s: %s is deleted: %s\n", step.Type, id, printable(step.Why))
		case action == reconcile.Replace:
			d.say("%s: %s is not replaced\n", step.Type, id)
		case action == reconcile.Remove:
			d.say("%s: %s is not deleted\n", step.Type, id)
		default:
			d.say("%s: not registered\n", step.Type)
		}
	}
}

func newID(id string) string {
	if id == "" {
		return "; PPM Express did not tell its id: see ppmrelay webhooks list"
	}
	return " as " + printable(id)
}
