package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/journal"
)

func (a *app) incidentsCommand() *cobra.Command {
	var filter journal.IncidentFilter
	var since string
	var asJSON bool
	incidents := &cobra.Command{
		Use:   "incidents",
		Short: "List what has been wrong, and what still is",
		Long: `List what has been wrong for a while, newest first, and what still is. The channel that the configuration names as ops is
told of each when it begins and when it is over.

It only reads the journal: it works beside a running daemon, and without one.`,
		Example: "  ppmrelay incidents\n  ppmrelay incidents --open\n  ppmrelay incidents --since 7d --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if filter.Since, err = pointInTime("--since", since, time.Now()); err != nil {
				return err
			}
			if filter.Limit < 1 {
				return wrong(fmt.Errorf("--limit %d: write a number above zero", filter.Limit))
			}
			return a.withJournal(c.Context(), func(_ *config.Config, store journal.Reader) error {
				found, err := store.Incidents(c.Context(), filter)
				if err != nil {
					return err
				}
				if asJSON {
					return a.printJSON(incidentsJSON(found))
				}
				return a.printIncidents(found)
			})
		},
	}
	flags := incidents.Flags()
	flags.SortFlags = false
	flags.BoolVar(&filter.Open, "open", false, "only what still is")
	flags.StringVar(&since, "since", "", "only what began at this `TIME` or later: 2h, 7d, 2026-03-01, 2026-03-01T08:00:00Z")
	flags.IntVar(&filter.Limit, "limit", 50, "at most this many")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return incidents
}

// incidentJSON is an incident as programs read it. Fields are added, never renamed.
type incidentJSON struct {
	ID    string    `json:"id"`
	Key   string    `json:"key"` // the same for all that are of one kind
	Part  string    `json:"part"`
	Title string    `json:"title"`
	Why   string    `json:"why"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // absent while it lasts
	Told  time.Time `json:"told,omitzero"`  // absent when nobody was told
	Event int64     `json:"event,omitempty"`
}

func incidentsJSON(found []journal.Incident) []incidentJSON {
	all := make([]incidentJSON, len(found))
	for i, in := range found {
		all[i] = incidentJSON{
			ID: in.ID, Key: in.Key, Part: in.Part, Title: in.Title, Why: in.Why, Since: in.Since, Until: in.Until, Told: in.Told, Event: in.Event,
		}
	}
	return all
}

func (a *app) printIncidents(found []journal.Incident) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(a.out, "no incidents")
		return err
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SINCE\tUNTIL\tTOLD\tWHAT\tWHY")
	for _, in := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", stamp(in.Since), or(stamp(in.Until), "still so"), toldIn(in),
			printable(in.Title), printable(in.Why))
	}
	return table.Flush()
}

// toldIn says how people were told of an incident.
func toldIn(in journal.Incident) string {
	switch {
	case in.Told.IsZero():
		return "no"
	case in.Event > 0:
		return fmt.Sprintf("event %d", in.Event)
	default:
		return "at its end"
	}
}
