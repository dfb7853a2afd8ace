package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

func (a *app) eventsCommand() *cobra.Command {
	events := &cobra.Command{
		Use:   "events",
		Short: "Look at what was received and what became of it, and tell it again",
		Long: `Look at what was received and what became of it, and tell it again.

list, show and why only read the journal: they work beside a running daemon, and without one. replay asks the daemon.`,
		Example: "  ppmrelay events list\n  ppmrelay events show 42\n  ppmrelay events why 42\n  ppmrelay events replay 42 --dry-run",
	}
	events.AddCommand(a.eventsListCommand(), a.eventsShowCommand(), a.eventsWhyCommand(), a.eventsReplayCommand())
	return events
}

func (a *app) eventsListCommand() *cobra.Command {
	var typed selection
	var filter journal.Filter
	var asJSON bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List the newest events",
		Example: `  ppmrelay events list
  ppmrelay events list --state buried
  ppmrelay events list --type Project:Updated --since 2h
  ppmrelay events list --since 2026-03-01 --until 2026-03-02 --limit 200 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := typed.apply(&filter); err != nil {
				return err
			}
			if filter.Limit < 1 {
				return wrong(fmt.Errorf("--limit %d: write a number above zero", filter.Limit))
			}
			if filter.Before < 0 {
				return wrong(fmt.Errorf("--before %d: write the number of an event", filter.Before))
			}
			return a.withJournal(c.Context(), func(_ *config.Config, store journal.Reader) error {
				found, err := store.Events(c.Context(), filter)
				if err != nil {
					return err
				}
				if len(found) == 0 {
					a.hint(typed.hint())
				}
				if asJSON {
					return a.printJSON(summariesJSON(found))
				}
				return a.printSummaries(found)
			})
		},
	}
	flags := list.Flags()
	flags.SortFlags = false
	typed.flags(flags)
	flags.BoolVar(&filter.Quarantine, "quarantine", false, "only bodies that could not be read")
	flags.Int64Var(&filter.Before, "before", 0, "only events with a smaller number: the next page")
	flags.IntVar(&filter.Limit, "limit", 50, "at most this many")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return list
}

// whereJournal reads the configuration for those who need to know only where the journal is. Faults elsewhere, and
// secrets that are not there, do not keep anybody from looking.
func (a *app) whereJournal() (*config.Config, error) {
	cfg, err := a.load(a.configPath())
	if err != nil && cfg != nil && cfg.Sound("journal.url") && cfg.Sound("ppm_express.tenant") {
		a.hint("the configuration has faults: ppmrelay check names them")
		return cfg, nil
	}
	return cfg, err
}

// withJournal opens the configuration's journal for reading.
func (a *app) withJournal(ctx context.Context, read func(*config.Config, journal.Reader) error) (err error) {
	cfg, err := a.whereJournal()
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, journalFile(cfg), sqlite.Options{Tenant: tenant(cfg), ReadOnly: true})
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // nothing was written
	return read(cfg, store)
}

// journalFile is where the journal of a configuration is.
func journalFile(cfg *config.Config) string { return cfg.Resolve(cfg.Journal.URL.Path()) }

func (a *app) printSummaries(found []journal.Summary) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(a.out, "no events")
		return err
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NUMBER\tRECEIVED\tTYPE\tNAME\tBY\tWHAT BECAME OF IT")
	for _, s := range found {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", s.Entry.Number, stamp(s.Entry.Received), or(string(s.Entry.Type), "unknown"),
			printable(s.Entry.Entity.Name), printable(whoOf(s.Entry)), fate(s.Entry, s.States))
	}
	return table.Flush()
}

// whoOf names who made a change, or says that nobody sent it.
func whoOf(e journal.Entry) string {
	if e.Recovered {
		return "(found later)"
	}
	return e.Initiator
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
		return "told nobody: see ppmrelay events why " + strconv.FormatInt(entry.Number, 10)
	}
	return "waiting to be planned"
}

// hint says something to a person that is no part of the answer.
func (a *app) hint(text string) {
	if text != "" {
		_, _ = fmt.Fprintln(a.err, "ppmrelay: "+text)
	}
}
