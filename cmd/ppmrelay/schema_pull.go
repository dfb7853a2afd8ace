package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/fields"
)

func (a *app) schemaPullCommand() *cobra.Command {
	var out string
	var asJSON bool
	pull := &cobra.Command{
		Use:   "pull [FILE]",
		Short: "Fetch the tenant's own fields, and what the numbers of its choices mean",
		Long: `Fetch the fields of projects, ideas, tasks and key dates, by the settings ppm_express of the configuration FILE, and write
them to a file: that of ppm_express.fields, or the one beside the journal.

From then on "ppmrelay check" warns of a field that is not there, choices are shown by the tenant's labels, and render and
test do the same. A running daemon fetches them by itself at its start and once a day; this command is for the place where
the configuration is edited. The file holds names of fields and of choices, nothing of any project, and can be kept beside the
configuration.

Only ppm_express has to be right in the configuration.`,
		Example: `  ppmrelay schema pull ppmrelay.yaml
  ppmrelay schema pull --out fields.json
  ppmrelay schema pull --json | jq '.entities[] | {entity, own}'`,
		Args: arguments("FILE", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			file := a.configPath()
			if len(args) == 1 {
				file = args[0]
			}
			if c.Flags().Changed("out") && !strings.HasSuffix(out, ".json") {
				return wrong(fmt.Errorf("--out %q: write a name that ends in .json", out))
			}
			return a.pull(c.Context(), file, out, asJSON)
		},
	}
	pull.Flags().StringVar(&out, "out", "", "write to this `PATH` in place of the configured one")
	pull.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return pull
}

// pulledJSON is what was fetched, as programs read it.
type pulledJSON struct {
	File     string           `json:"file"`
	Written  bool             `json:"written"` // false: the same was in it
	Tenant   string           `json:"tenant"`
	Pulled   time.Time        `json:"pulled"` // when these answers first came
	Entities []pulledKindJSON `json:"entities"`
	Missing  []string         `json:"missing"` // what could not be asked for, in words
}

type pulledKindJSON struct {
	Entity  string             `json:"entity"`
	Fields  int                `json:"fields"`
	Own     []string           `json:"own"` // the tenant's own fields, by name
	Choices []pulledChoiceJSON `json:"choices"`
	Puzzles []string           `json:"not_understood"`
}

type pulledChoiceJSON struct {
	Field  string            `json:"field"`
	Labels map[string]string `json:"labels"` // by the value as sent
}

// pull fetches the fields, writes them, and says what they are.
func (a *app) pull(ctx context.Context, file, out string, asJSON bool) error {
	cfg, err := a.loadTenant(file)
	if err != nil {
		return err
	}
	feed, missing := fields.Pull(ctx, newClient(cfg), cfg.PPMExpress.Tenant, time.Now())
	if feed == nil {
		return missing
	}
	if out == "" {
		out = cfg.FieldsFile()
	}
	if old, err := fields.Load(out); err == nil {
		if feed = feed.Or(old); feed.Same(old) {
			feed = old
		}
	}
	written, err := feed.Save(out)
	if err != nil {
		return err
	}
	said := describe(feed, out, written, missing)
	if asJSON {
		return a.printJSON(said)
	}
	return a.printPulled(said)
}

// loadTenant reads a configuration of which only ppm_express has to be right: where it is edited, other secrets may not be
// there. What is wrong with the others check tells.
func (a *app) loadTenant(file string) (*config.Config, error) {
	cfg, err := a.load(file)
	faults, known := errors.AsType[config.Errors](err)
	if err != nil && (!known || cfg == nil) {
		return nil, err
	}
	if cfg.PPMExpress == nil && len(faults) == 0 {
		return nil, wrong(errors.New("the configuration has no section ppm_express: it says which tenant is asked, and with which token"))
	}
	type place struct{ line, column int }
	ours := map[place]bool{}
	for _, key := range []string{"", ".url", ".tenant", ".token", ".api_version", ".fields"} {
		line, column := cfg.Place("ppm_express" + key)
		ours[place{line, column}] = true
	}
	told := slices.DeleteFunc(slices.Clone(faults), func(f config.Fault) bool { return !ours[place{f.Line, f.Column}] })
	if p := cfg.PPMExpress; p == nil || p.URL == "" || p.Tenant == "" || p.Token.Reveal() == "" {
		return nil, faults // what is missing stands there, wherever its place is
	}
	if len(told) > 0 {
		return nil, told
	}
	return cfg, nil
}

func describe(feed *fields.Feed, file string, written bool, missing error) pulledJSON {
	said := pulledJSON{File: file, Written: written, Tenant: feed.Tenant, Pulled: feed.Pulled, Missing: []string{}}
	if missing != nil {
		said.Missing = strings.Split(missing.Error(), "\n")
	}
	for _, entity := range fields.Kinds() {
		kind := pulledKindJSON{Entity: entity, Own: []string{}, Choices: []pulledChoiceJSON{}, Puzzles: []string{}}
		kind.Puzzles = append(kind.Puzzles, feed.Puzzles(entity)...)
		for _, field := range feed.Fields(entity) {
			kind.Fields++
			if field.Builtin == "" {
				kind.Own = append(kind.Own, field.Name())
			}
			if len(field.Options) == 0 {
				continue
			}
			labels := map[string]string{}
			for _, option := range field.Options {
				labels[option.Value] = option.Label
			}
			kind.Choices = append(kind.Choices, pulledChoiceJSON{field.Name(), labels})
		}
		said.Entities = append(said.Entities, kind)
	}
	return said
}

// printPulled says in plain words what was fetched.
func (a *app) printPulled(said pulledJSON) error {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	var puzzles []string
	fmt.Fprintf(table, "PPM Express, tenant %s\n", printable(said.Tenant))
	for _, kind := range said.Entities {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", kindsOf(kind.Entity), count1(kind.Fields, "field"), ownFields(kind.Own), choiceWords(kind.Choices))
		for _, puzzle := range kind.Puzzles {
			puzzles = append(puzzles, kindsOf(kind.Entity)+": "+printable(puzzle))
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing fields: %w", err)
	}
	for _, line := range said.Missing {
		puzzles = append(puzzles, printable(line))
	}
	var out strings.Builder
	if len(puzzles) > 0 {
		out.WriteString("Not understood; their numbers need labels in display.labels:\n")
		for _, puzzle := range puzzles {
			out.WriteString("- " + puzzle + "\n")
		}
	}
	if said.Written {
		out.WriteString("written to " + said.File + "\n")
	} else {
		out.WriteString(said.File + " holds the same already\n")
	}
	if _, err := fmt.Fprint(a.out, out.String()); err != nil {
		return fmt.Errorf("printing fields: %w", err)
	}
	return nil
}

func ownFields(own []string) string {
	const most = 5
	switch {
	case len(own) == 0:
		return "none of your own"
	case len(own) > most:
		return fmt.Sprintf("%d of your own: %s and %d more", len(own), printable(strings.Join(own[:most], ", ")), len(own)-most)
	default:
		return fmt.Sprintf("%d of your own: %s", len(own), printable(strings.Join(own, ", ")))
	}
}

func choiceWords(choices []pulledChoiceJSON) string {
	labels := 0
	for _, choice := range choices {
		labels += len(slices.Compact(slices.Sorted(maps.Values(choice.Labels))))
	}
	if labels == 0 {
		return "no choices with labels"
	}
	return fmt.Sprintf("%s with labels, in %s", count1(labels, "choice"), count1(len(choices), "field"))
}

// kindsOf is what people call several entities of a kind.
func kindsOf(entity string) string {
	if entity == event.KeyDate {
		return "key dates"
	}
	return strings.ToLower(entity) + "s"
}
