package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

func (a *app) eventsCommand() *cobra.Command {
	events := &cobra.Command{
		Use:   "events",
		Short: "Look at what was received and what became of it",
		Long:  "Look at what was received and what became of it. The journal is only read: this works beside a running daemon.",
	}
	events.AddCommand(a.eventsListCommand(), a.eventsShowCommand())
	return events
}

func (a *app) eventsListCommand() *cobra.Command {
	var filter journal.Filter
	var kind, state string
	var asJSON bool
	list := &cobra.Command{
		Use:     "list",
		Short:   "List the newest events",
		Example: "  ppmrelay events list\n  ppmrelay events list --state buried\n  ppmrelay events list --type Project:Updated --limit 200 --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			filter.Type, filter.State = event.Type(kind), journal.State(state)
			if filter.State != "" && !slices.Contains(states(), filter.State) {
				return wrong(fmt.Errorf("--state %q: write one of %v", state, states()))
			}
			return a.withJournal(c.Context(), func(store journal.Reader) error {
				found, err := store.Events(c.Context(), filter)
				if err != nil {
					return err
				}
				if asJSON {
					return a.printJSON(summariesJSON(found))
				}
				return printSummaries(a.out, found)
			})
		},
	}
	flags := list.Flags()
	flags.SortFlags = false
	flags.StringVar(&kind, "type", "", "only events of this type, as Project:Updated")
	flags.StringVar(&filter.Entity, "entity", "", "only events of the entity with this id")
	flags.StringVar(&state, "state", "", "only events with a delivery that is pending, unsure, delivered, skipped or buried")
	flags.BoolVar(&filter.Quarantine, "quarantine", false, "only bodies that could not be read")
	flags.Int64Var(&filter.Before, "before", 0, "only events with a smaller number: the next page")
	flags.IntVar(&filter.Limit, "limit", 50, "at most this many")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return list
}

func (a *app) eventsShowCommand() *cobra.Command {
	var asJSON bool
	show := &cobra.Command{
		Use:     "show NUMBER",
		Short:   "Show everything about one event",
		Example: "  ppmrelay events show 42\n  ppmrelay events show 42 --json | jq .body",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return wrong(fmt.Errorf("%q is not the number of an event: see the first column of ppmrelay events list", args[0]))
			}
			return a.withJournal(c.Context(), func(store journal.Reader) error {
				story, err := store.Story(c.Context(), number)
				if err != nil {
					return err
				}
				if asJSON {
					return a.printJSON(storyJSON(story))
				}
				return printStory(a.out, story)
			})
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return show
}

// withJournal opens the configuration's journal for reading.
func (a *app) withJournal(ctx context.Context, read func(journal.Reader) error) (err error) {
	cfg, err := a.load(a.configPath())
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, cfg.Resolve(cfg.Journal.URL.Path()), sqlite.Options{Tenant: tenant(cfg), ReadOnly: true})
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // nothing was written
	return read(store)
}

func states() []journal.State {
	return []journal.State{journal.Pending, journal.Uncertain, journal.Delivered, journal.Skipped, journal.Buried}
}

func printSummaries(w io.Writer, found []journal.Summary) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "no events")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NUMBER\tRECEIVED\tTYPE\tNAME\tBY\tWHAT BECAME OF IT")
	for _, s := range found {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", s.Entry.Number, stamp(s.Entry.Received), or(string(s.Entry.Type), "unknown"),
			printable(s.Entry.Entity.Name), printable(s.Entry.Initiator), fate(s.Entry, s.States))
	}
	return table.Flush()
}

// fate says in a few words what became of an event.
func fate(entry journal.Entry, counts map[journal.State]int) string {
	if entry.Quarantine != "" {
		return "cannot be read: " + printable(entry.Quarantine)
	}
	var parts []string
	for _, state := range states() {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case entry.Planned:
		return "skipped: no route took it"
	}
	return "waiting to be planned"
}

func printStory(w io.Writer, s journal.Story) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	e := s.Entry
	for _, line := range [][2]string{
		{"Event", strconv.FormatInt(e.Number, 10)},
		{"Id", e.ID},
		{"Type", or(string(e.Type), "unknown")},
		{"Entity", printable(strings.TrimSpace(e.Entity.Kind + " " + e.Entity.Name + " " + e.Entity.ID))},
		{"Parent", printable(strings.TrimSpace(e.Parent.Kind + " " + e.Parent.ID))},
		{"By", printable(e.Initiator)},
		{"Occurred", stamp(e.Occurred)},
		{"Received", stamp(e.Received)},
		{"Message id", printable(e.MessageID)},
		{"Webhook id", printable(e.WebhookID)},
		{"Marks", marks(e)},
		{"Cannot be read", printable(e.Quarantine)},
	} {
		if line[1] != "" {
			fmt.Fprintf(table, "%s\t%s\n", line[0], line[1])
		}
	}
	fmt.Fprintln(table)
	for _, d := range s.Deliveries {
		fmt.Fprintf(table, "%s\tto %s by route %s%s\n", d.State, d.Target, d.Route, because(d.Reason))
		if d.Effect != nil {
			fmt.Fprintf(table, "\teffect %s, attempt %d at %s%s\n", d.Effect.ID, d.Attempts, stamp(d.Effect.Started), because(d.Effect.Receipt))
		}
	}
	for _, v := range s.Verdicts {
		fmt.Fprintf(table, "not told\tby route %s%s\n", or(v.Route, "any"), because(v.Reason))
	}
	return table.Flush()
}

func marks(e journal.Entry) string {
	var all []string
	if e.ReusedID {
		all = append(all, "its message id had been used before")
	}
	if e.Late {
		all = append(all, "arrived late: newer changes were known")
	}
	return strings.Join(all, "; ")
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + printable(reason)
}

// printable keeps text from outside from acting on a terminal, and on one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000Z")
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
