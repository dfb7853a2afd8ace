package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile"
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
	fmt.Fprintln(table, "ID\tWHOSE\tEVENTS\tBROUGHT\tADDRESS\tHEADERS")
	for _, w := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(w.ID), d.owner(w), printable(typeNames(w)), d.brought(w), printable(d.address(w)),
			printable(strings.Join(headerNames(w), ", ")))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !d.known.Last.IsZero() {
		d.say("\nppmrelay last looked at %s.\n", clock(d.known.Last))
	}
	return nil
}

// brought says whether a webhook of ours has ever brought an event.
func (d *desk) brought(w ppm.Webhook) string {
	i := slices.IndexFunc(d.known.Records, func(r reconcile.Record) bool { return strings.EqualFold(r.ID, w.ID) })
	first, brought := d.firsts[strings.ToLower(w.ID)]
	switch {
	case d.owner(w) == "foreign":
		return ""
	case brought:
		return "first event " + clock(first)
	case i < 0 || !d.heard:
		return ""
	case d.known.Records[i].Created.IsZero():
		return "nothing yet"
	default:
		return "nothing yet, since " + clock(d.known.Records[i].Created)
	}
}

func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func (d *desk) printWebhook(w ppm.Webhook) error {
	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Id\t%s\n", printable(w.ID))
	fmt.Fprintf(table, "Whose\t%s\n", d.owner(w))
	fmt.Fprintf(table, "Events\t%s\n", printable(typeNames(w)))
	if brought := d.brought(w); brought != "" {
		fmt.Fprintf(table, "Brought\t%s\n", brought)
	}
	fmt.Fprintf(table, "Sends\t%s %s\n", printable(w.Verb), printable(d.address(w)))
	for _, name := range headerNames(w) {
		fmt.Fprintf(table, "Header\t%s (its value is a secret and is not shown)\n", printable(name))
	}
	return table.Flush()
}

// What programs read. Values of headers have no place in it.
type webhookOut struct {
	ID         string       `json:"id"`
	Owner      string       `json:"owner"` // "ours", "former" (of this relay, under a former address) or "foreign"
	EventTypes []event.Type `json:"event_types"`
	Verb       string       `json:"verb"`
	URL        string       `json:"url"` // of a foreign one, scheme and host alone
	Headers    []string     `json:"headers"`
	First      time.Time    `json:"first_event,omitzero"` // of one of ours, as far as it is known
}

func (d *desk) webhooksJSON(all []ppm.Webhook) []webhookOut {
	out := make([]webhookOut, len(all))
	for i, w := range all {
		types := w.EventTypes
		if types == nil {
			types = []event.Type{}
		}
		out[i] = webhookOut{w.ID, d.owner(w), types, w.Verb, d.address(w), headerNames(w), d.firsts[strings.ToLower(w.ID)]}
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
