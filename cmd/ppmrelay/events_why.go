package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func (a *app) eventsWhyCommand() *cobra.Command {
	var asJSON bool
	why := &cobra.Command{
		Use:   "why NUMBER",
		Short: "Say what each route decided about an event, and where it stands",
		Long: `Say what each route decided about an event when it came, in the order of the configuration as it is now, each with its
line. What holds for all routes comes first; routes that the configuration no longer has come last.`,
		Example: "  ppmrelay events why 42\n  ppmrelay events why 42 --json | jq '.routes[] | select(.taken)'",
		Args:    arguments("NUMBER", 1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := a.load(a.configPath()); err != nil {
				return err // the routes decide here
			}
			return a.withStory(c, args[0], func(cfg *config.Config, story journal.Story) error {
				reasons := explain(cfg, a.configPath(), story)
				if asJSON {
					return a.printJSON(reasons)
				}
				return a.printReasons(reasons)
			})
		},
	}
	why.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return why
}

// reasonsJSON is why an event was told where it was. Fields are added, never renamed.
type reasonsJSON struct {
	Number     int64        `json:"number"`
	ID         string       `json:"id"`
	Type       event.Type   `json:"type"`
	Name       string       `json:"name"`
	Received   time.Time    `json:"received"`
	Everywhere []string     `json:"everywhere"` // what was decided before any route was asked
	Routes     []reasonJSON `json:"routes"`     // at least one line for each route
}

// reasonJSON is what one route decided.
type reasonJSON struct {
	Route   string        `json:"route"`
	File    string        `json:"file,omitempty"` // empty when the configuration no longer has the route
	Line    int           `json:"line,omitempty"`
	Taken   bool          `json:"taken"` // the route took the event; State says how far that is
	Told    bool          `json:"told"`  // it is delivered
	Target  string        `json:"target,omitempty"`
	State   journal.State `json:"state,omitempty"`
	Replay  int           `json:"replay,omitempty"` // the number of the repetition that a person asked for
	When    string        `json:"when,omitempty"`   // the condition of the route, as it is now
	Reason  string        `json:"reason,omitempty"`
	Changed time.Time     `json:"changed,omitzero"`
}

// explain joins what the journal knows with the routes of the configuration.
func explain(cfg *config.Config, file string, story journal.Story) reasonsJSON {
	e := story.Entry
	all := reasonsJSON{
		Number: e.Number, ID: e.ID, Type: e.Type, Name: e.Entity.Name, Received: e.Received,
		Everywhere: everywhere(story), Routes: []reasonJSON{},
	}
	var today []string
	add := func(name, place, when string) {
		line, _ := cfg.Place(place)
		today = append(today, name)
		found := decided(story, name)
		if len(found) == 0 {
			found = []reasonJSON{{Reason: notAsked(story)}}
		}
		for _, reason := range found {
			reason.Route, reason.File, reason.Line, reason.When = name, file, line, when
			all.Routes = append(all.Routes, reason)
		}
	}
	for i, route := range cfg.Routes {
		if !e.Type.Own() {
			add(route.Name, fmt.Sprintf("routes[%d].name", i), route.When.Value)
		}
	}
	if cfg.Ops != nil && e.Type.Own() {
		add(config.OpsRoute, "ops.channel", "")
	}
	for _, name := range routesOf(story) {
		if slices.Contains(today, name) {
			continue
		}
		for _, reason := range decided(story, name) {
			reason.Route = name
			all.Routes = append(all.Routes, reason)
		}
	}
	return all
}

// everywhere is what was decided about an event whatever the routes say.
func everywhere(story journal.Story) []string {
	all := []string{}
	if story.Entry.Quarantine != "" {
		all = append(all, "its body cannot be read: "+story.Entry.Quarantine)
	}
	for _, v := range story.Verdicts {
		if v.Route == "" {
			all = append(all, v.Reason)
		}
	}
	if len(all) == 0 && story.Entry.Late {
		all = append(all, "arrived late, when newer changes were known: told as such")
	}
	return all
}

// decided is what one route decided: that it takes the event, at least once, or why it does not.
func decided(story journal.Story, route string) []reasonJSON {
	var all []reasonJSON
	for _, d := range story.Deliveries {
		if d.Route == route {
			all = append(all, reasonJSON{
				Taken: true, Told: d.State == journal.Delivered, Target: d.Target, State: d.State, Replay: max(0, d.Generation-1),
				Reason: d.Reason, Changed: d.Changed,
			})
		}
	}
	for _, v := range story.Verdicts {
		if v.Route == route {
			all = append(all, reasonJSON{Reason: v.Reason})
		}
	}
	return all
}

// notAsked is why the journal knows nothing of a route.
func notAsked(story journal.Story) string {
	switch {
	case story.Entry.Quarantine != "":
		return "not asked"
	case !story.Entry.Planned:
		return "not asked yet: the event waits"
	case slices.ContainsFunc(story.Verdicts, func(v journal.Verdict) bool { return v.Route == "" }):
		return "not asked"
	default:
		return "not asked: the configuration did not have the route then"
	}
}

// routesOf names the routes that the journal knows of, in its order.
func routesOf(story journal.Story) (names []string) {
	for _, d := range story.Deliveries {
		names = append(names, d.Route)
	}
	for _, v := range story.Verdicts {
		if v.Route != "" {
			names = append(names, v.Route)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(names, func(name string) bool {
		known := seen[name]
		seen[name] = true
		return known
	})
}

func (a *app) printReasons(r reasonsJSON) error {
	head := []string{fmt.Sprintf("event %d", r.Number), or(string(r.Type), "of unknown type"), printable(r.Name), "received " + stamp(r.Received)}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(slices.DeleteFunc(head, func(s string) bool { return s == "" }), ", "))
	for _, reason := range r.Everywhere {
		fmt.Fprintf(table, "all routes: %s\n", printable(reason))
	}
	for _, reason := range r.Routes {
		place := "no longer there"
		if reason.File != "" {
			place = fmt.Sprintf("%s:%d", reason.File, reason.Line)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", place, printable(reason.Route), printable(reason.text()))
		if reason.Taken && reason.When != "" {
			fmt.Fprintf(table, "\t\twhen: %s\n", printable(reason.When))
		}
	}
	return table.Flush()
}

// text is the reason in one line.
func (r reasonJSON) text() string {
	switch {
	case !r.Taken && strings.HasPrefix(r.Reason, "not asked"):
		return r.Reason
	case !r.Taken:
		return "not told: " + r.Reason
	}
	again := ""
	if r.Replay > 0 {
		again = fmt.Sprintf(" again (replay %d)", r.Replay)
	}
	if r.Told {
		return fmt.Sprintf("told%s to %s: %s", again, r.Target, r.State) + because(r.Reason)
	}
	return fmt.Sprintf("takes it%s, for %s: %s", again, r.Target, r.State) + because(r.Reason)
}
