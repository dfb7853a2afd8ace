package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func (a *app) eventsShowCommand() *cobra.Command {
	var asJSON bool
	show := &cobra.Command{
		Use:     "show NUMBER",
		Short:   "Show everything about one event",
		Example: "  ppmrelay events show 42\n  ppmrelay events show 42 --json | jq .body",
		Args:    arguments("NUMBER", 1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStory(c, args[0], func(_ *config.Config, story journal.Story) error {
				if asJSON {
					return a.printJSON(storyJSON(story))
				}
				return a.printStory(story)
			})
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return show
}

// withStory reads everything about the event whose number a person typed.
func (a *app) withStory(c *cobra.Command, typed string, use func(*config.Config, journal.Story) error) error {
	numbers, err := eventNumbers([]string{typed})
	if err != nil {
		return err
	}
	return a.withJournal(c.Context(), func(cfg *config.Config, store journal.Reader) error {
		story, err := store.Story(c.Context(), numbers[0])
		if errors.Is(err, journal.ErrNotFound) {
			return fmt.Errorf("there is no event %d: it is older than journal.keep, or was never received", numbers[0])
		}
		if err != nil {
			return err
		}
		return use(cfg, story)
	})
}

func (a *app) printStory(s journal.Story) error {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
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
		fmt.Fprintf(table, "%s\tto %s by route %s%s%s%s\n", d.State, d.Target, d.Route, again(d), double(d), because(d.Reason))
		if d.Effect != nil {
			fmt.Fprintf(table, "\teffect %s, attempt %d at %s%s\n", d.Effect.ID, d.Attempts, stamp(d.Effect.Started), because(d.Effect.Receipt))
		}
	}
	for _, v := range s.Verdicts {
		fmt.Fprintf(table, "not told\tby route %s%s\n", or(v.Route, "any"), because(v.Reason))
	}
	return table.Flush()
}

// double says that a delivery may stand twice in its channel.
func double(d journal.DeliveryStory) string {
	if d.Double {
		return ", a possible double"
	}
	return ""
}

// again says that a delivery is a repetition which a person asked for.
func again(d journal.DeliveryStory) string {
	if d.Generation > 1 {
		return fmt.Sprintf(" (replay %d)", d.Generation-1)
	}
	return ""
}

func marks(e journal.Entry) string {
	var all []string
	if e.ReusedID {
		all = append(all, "its message id had been used before")
	}
	if e.Late {
		all = append(all, "arrived late: newer changes were known")
	}
	if e.Recovered {
		all = append(all, foundWords(e.Missing))
	}
	if e.TooOld {
		all = append(all, "too old to know whether it was told before")
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

// foundWords says that nobody sent an event.
func foundWords(missing event.Span) string {
	if missing.Since.IsZero() {
		return "recovered: found by comparing"
	}
	return fmt.Sprintf("recovered: found by comparing, as events were missing from %s to %s", stamp(missing.Since), stamp(missing.Until))
}
