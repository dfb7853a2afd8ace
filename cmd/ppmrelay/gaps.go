package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// mostHidden is how many entities that are no longer visible are named to people.
const mostHidden = 100

func (a *app) gapsCommand() *cobra.Command {
	gaps := &cobra.Command{
		Use:   "gaps",
		Short: "See when events may have been missed, and what was found",
		Long: `See when events may have been missed, and what was found.

A gap is a time in which PPM Express may have had nobody to call: ppmrelay did not run, its address could not be reached,
or a webhook was missing (docs/recovery.md). gaps alone lists them, as gaps list does.`,
		Example: "  ppmrelay gaps\n  ppmrelay gaps list --open\n  ppmrelay gaps list --json",
	}
	list := a.gapsListCommand()
	gaps.AddCommand(list)
	usageIsWrong(gaps)
	gaps.RunE = func(c *cobra.Command, _ []string) error { return list.RunE(c, nil) }
	return gaps
}

func (a *app) gapsListCommand() *cobra.Command {
	var asJSON, open bool
	var limit int
	list := &cobra.Command{
		Use:   "list",
		Short: "List the times in which events may have been missed",
		Long: `List the times in which events may have been missed, the newest first: why, what was found, and what cannot be found.

A gap is closed when all of PPM Express was read after its end. What differed then is told as found later.

It only reads the journal: it works beside a running daemon, and without one.`,
		Example: "  ppmrelay gaps list\n  ppmrelay gaps list --open --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return wrong(fmt.Errorf("--limit %d: write a number above zero", limit))
			}
			return a.listGaps(c.Context(), open, limit, asJSON)
		},
	}
	flags := list.Flags()
	flags.SortFlags = false
	flags.BoolVar(&open, "open", false, "only those that are not dealt with yet")
	flags.IntVar(&limit, "limit", 50, "at most this many")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return list
}

// gapReport is everything about gaps.
type gapReport struct {
	open   bool // only those that are open were asked for
	gaps   []journal.Gap
	sweeps map[int64]journal.Sweep // by number
	newest []journal.Sweep
	hidden []journal.EntityState // all that are no longer visible
	silent []journal.SilentField // those of which a change without an event is no gap
}

func (a *app) listGaps(ctx context.Context, open bool, limit int, asJSON bool) error {
	cfg, err := a.whereJournal()
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, journalFile(cfg), sqlite.Options{Tenant: tenant(cfg), ReadOnly: true})
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // nothing was written
	report := gapReport{open: open, sweeps: map[int64]journal.Sweep{}}
	if report.gaps, err = recordedGaps(ctx, store, open, limit); err != nil {
		return err
	}
	if report.newest, err = store.Sweeps(ctx, 1000); err != nil {
		return err
	}
	for _, s := range report.newest {
		report.sweeps[s.Number] = s
	}
	if report.hidden, err = store.HiddenEntities(ctx, math.MaxInt); err != nil {
		return err
	}
	if report.silent, err = store.SilentFields(ctx); err != nil {
		return err
	}
	report.silent = slices.DeleteFunc(report.silent, func(f journal.SilentField) bool { return f.Times < journal.SilentAfter })
	if asJSON {
		return a.printJSON(report.out())
	}
	return a.printGaps(report)
}

func (a *app) printGaps(r gapReport) error {
	switch {
	case len(r.gaps) == 0 && r.open:
		_, _ = fmt.Fprintln(a.out, "no gap is open: as far as is known, all that was missed was looked for")
	case len(r.gaps) == 0:
		_, _ = fmt.Fprintln(a.out, "no gaps: as far as is known, no event was missed")
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	if len(r.gaps) > 0 {
		fmt.Fprintln(table, "FROM\tTO\tEVENTS\tWHY\tWHAT BECAME OF IT")
	}
	for i := range r.gaps {
		g := &r.gaps[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", minuteStamp(g.Since), or(minuteStamp(g.Until), "goes on"), printable(gapTypes(g)),
			printable(gapWhy(g)), printable(r.fate(g)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(r.newest) > 0 && r.newest[0].Ended.IsZero() {
		_, _ = fmt.Fprintf(a.out, "\nPPM Express is being read: %s\n", stageWords(sweepOut(r.newest[0])))
	}
	if len(r.hidden) > 0 {
		_, _ = fmt.Fprintf(a.out, "\nNo longer visible (deleted, archived, moved, private, or the right to see it was lost):\n")
		named := r.hidden[:min(mostHidden, len(r.hidden))]
		for i := range named {
			e := &named[i]
			_, _ = fmt.Fprintf(a.out, "  %s, since %s\n", printable(strings.TrimSpace(e.Entity.Kind+" "+or(e.Entity.Name, e.Entity.ID))), minuteStamp(e.Hidden))
		}
		if more := len(r.hidden) - len(named); more > 0 {
			_, _ = fmt.Fprintf(a.out, "  and %s more: ppmrelay gaps list --json names all\n", thousands(more))
		}
	}
	if len(r.silent) > 0 {
		_, _ = fmt.Fprintf(a.out, "\nNo gap any more, as they changed several times without an event although nothing was missed: %s.\n", printable(r.silentNames()))
	}
	if len(r.gaps) > 0 {
		_, _ = fmt.Fprintf(a.out, "\nWhat no reading can find: %s.\n", strings.Join(unfindable(), "; "))
	}
	return nil
}

func (r gapReport) silentNames() string {
	names := make([]string, len(r.silent))
	for i, s := range r.silent {
		names[i] = s.Kind + " " + s.Field
	}
	return strings.Join(names, ", ")
}

// unfindable is what cannot be recovered, whatever the gap.
func unfindable() []string {
	return []string{
		"key dates of programs and portfolios, which the API does not list",
		"whether what is no longer visible was deleted",
		"who made a change, when, and in how many steps",
		"what was changed and changed back",
		"the stage of an idea, where events give its number and the API its name",
	}
}

func minuteStamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func gapTypes(g *journal.Gap) string {
	if g.Cause == journal.CauseChain {
		return g.Entity.Kind + " " + g.Entity.ID
	}
	if len(g.Types) == 0 || len(g.Types) == len(event.Types()) {
		return "all"
	}
	names := make([]string, len(g.Types))
	for i, t := range g.Types {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

func gapWhy(g *journal.Gap) string {
	if g.Cause == journal.CauseChain {
		return fmt.Sprintf("event %d: %s", g.Event, g.Detail)
	}
	return or(g.Detail, string(g.Cause))
}

// fate says what became of a gap.
func (r gapReport) fate(g *journal.Gap) string {
	switch {
	case g.Closed.IsZero() && g.Cause == journal.CauseChain:
		return "open: waits whether the events in between are only late"
	case g.Closed.IsZero() && g.Until.IsZero():
		return "open: goes on"
	case g.Closed.IsZero():
		return "open: PPM Express was not read since"
	case g.Cause == journal.CauseChain:
		return g.Found
	}
	s, known := r.sweeps[g.Sweep]
	if !known {
		return "closed"
	}
	p := s.Progress
	if s.Mode == journal.Adopt {
		return fmt.Sprintf("closed: %s taken as known, nobody was told", thousands(p.Adopted))
	}
	said := fmt.Sprintf("closed: %s updated, %s created, %s no longer visible", thousands(p.Updated), thousands(p.Created), thousands(p.Hidden))
	return strings.Join(append([]string{said}, leftOut(sweepOut(s))...), "; ")
}
