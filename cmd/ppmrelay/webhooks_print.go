package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// owner says whose a webhook is.
func (d *desk) owner(w ppm.Webhook) string { return d.situation().Whose(w) }

// address is what may be shown of a webhook's address: all of our own, where a stranger's leads to. What is behind that
// is a secret with some services.
func (d *desk) address(w ppm.Webhook) string {
	if d.owner(w) != "foreign" {
		return w.Address()
	}
	return w.Site()
}

func (d *desk) printWebhooks(all []ppm.Webhook) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(d.out, "no webhooks are registered")
		return err
	}
	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tWHOSE\tEVENTS\tADDRESS\tHEADERS")
	for _, w := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", printable(w.ID), d.owner(w), printable(typeNames(w)), printable(d.address(w)),
			printable(strings.Join(headerNames(w), ", ")))
	}
	return table.Flush()
}

func (d *desk) printWebhook(w ppm.Webhook) error {
	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Id\t%s\n", printable(w.ID))
	fmt.Fprintf(table, "Whose\t%s\n", d.owner(w))
	fmt.Fprintf(table, "Events\t%s\n", printable(typeNames(w)))
	fmt.Fprintf(table, "Sends\t%s %s\n", printable(w.Verb), printable(d.address(w)))
	for _, name := range headerNames(w) {
		fmt.Fprintf(table, "Header\t%s (its value is a secret and is not shown)\n", printable(name))
	}
	return table.Flush()
}

// What programs read. Values of headers have no place in it.
type webhookOut struct {
	ID         string       `json:"id"`
	Owner      string       `json:"owner"` // "ours" or "foreign"
	EventTypes []event.Type `json:"event_types"`
	Verb       string       `json:"verb"`
	URL        string       `json:"url"` // of a foreign one, scheme and host alone
	Headers    []string     `json:"headers"`
}

func (d *desk) webhooksJSON(all []ppm.Webhook) []webhookOut {
	out := make([]webhookOut, len(all))
	for i, w := range all {
		types := w.EventTypes
		if types == nil {
			types = []event.Type{}
		}
		out[i] = webhookOut{w.ID, d.owner(w), types, w.Verb, d.address(w), headerNames(w)}
	}
	return out
}

func headerNames(w ppm.Webhook) []string {
	names := make([]string, len(w.Headers))
	for i, h := range w.Headers {
		names[i] = h.Name
	}
	return names
}

func typeNames(w ppm.Webhook) string {
	names := make([]string, len(w.EventTypes))
	for i, t := range w.EventTypes {
		names[i] = string(t)
	}
	return or(strings.Join(names, ", "), "no events")
}
