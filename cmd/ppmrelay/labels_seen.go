package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/fields"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const (
	mostEvents   = 1000 // of the journal that are looked at for values
	mostEntities = 500  // projects, and ideas
)

// seenValues are the values of choices that were met: by "Project.OverallStatus", then by the value as sent.
type seenValues map[string]map[string]bool

// unlabelled says which values of choices were seen that nobody has a label for: in the journal where there is one, else
// in the tenant as it is now.
func (q *inquiry) unlabelled(ctx context.Context, client *ppm.Client) {
	seen, where, err := q.inJournal(ctx)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		q.say("the journal cannot be read: %s", printable(err.Error()))
	}
	if seen == nil {
		seen, where = q.inTenant(ctx, client)
	}
	missing, assumed := seenValues{}, seenValues{}
	for name, values := range seen {
		entity, field, _ := strings.Cut(name, ".")
		for value := range values {
			if _, is := q.words.Assumed(entity, field, value); is {
				assumed.add(name, value)
			} else if !q.words.Labelled(entity, field, value) {
				missing.add(name, value)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		values := missing.sorted(name)
		have := "was seen and has"
		if len(values) > 1 {
			have = "were seen and have"
		}
		q.warn("display.labels", "`"+printable(name)+"`: "+strings.Join(values, ", ")+" "+have+" no label",
			"write one below display.labels")
	}
	if len(missing)+len(assumed) == 0 {
		q.say("every choice that was seen has a label (%s)", where)
		return
	}
	q.labels = q.toPaste(missing, assumed, where)
}

// inJournal returns the values of the newest events, and says where they are from.
func (q *inquiry) inJournal(ctx context.Context) (seen seenValues, where string, err error) {
	file := journalFile(q.cfg)
	if _, err := os.Stat(file); err != nil {
		return nil, "", err
	}
	store, err := sqlite.Open(ctx, file, sqlite.Options{Tenant: tenant(q.cfg), ReadOnly: true})
	if err != nil {
		return nil, "", err
	}
	defer store.Close() //nolint:errcheck // nothing was written
	events, err := store.Events(ctx, journal.Filter{Limit: mostEvents})
	if err != nil || len(events) == 0 {
		return nil, "", err
	}
	seen = seenValues{}
	for _, one := range events {
		story, err := store.Story(ctx, one.Entry.Number)
		if err != nil {
			return nil, "", err
		}
		if e, err := ppm.Decode(story.Entry.Body, story.Entry.Type); err == nil {
			q.gather(seen, e.Entity.Kind, e.Attributes)
			q.gather(seen, e.Entity.Kind, e.Before)
		}
	}
	if len(events) == 1 {
		return seen, "in the only event of the journal", nil
	}
	return seen, fmt.Sprintf("in the newest %s events of the journal", thousands(len(events))), nil
}

// inTenant returns the values of projects and ideas as they are now. Tasks and key dates are in one list for each project,
// which is too much to ask for.
func (q *inquiry) inTenant(ctx context.Context, client *ppm.Client) (seen seenValues, where string) {
	seen = seenValues{}
	var parts []string
	for _, entity := range []string{event.Project, event.Idea} {
		states, all, err := client.States(ctx, entity, mostEntities)
		if err != nil {
			q.warn("ppm_express.token", "the values of "+kindsOf(entity)+" cannot be looked at: "+printable(err.Error()), "")
			continue
		}
		for _, state := range states {
			q.gather(seen, entity, state)
		}
		part := count1(len(states), strings.ToLower(entity))
		if len(states) < all {
			part = fmt.Sprintf("%d of %s", len(states), count1(all, strings.ToLower(entity)))
		}
		parts = append(parts, part)
	}
	return seen, "in " + cmp.Or(strings.Join(parts, " and "), "nothing") + " of the tenant; there are no events yet to look at"
}

// gather adds what is a choice: by what is known of the attribute, or by what the tenant says of the field.
func (q *inquiry) gather(seen seenValues, entity string, attributes event.Attributes) {
	if !slices.Contains(fields.Kinds(), entity) {
		return // labels are for those that are known
	}
	for _, a := range attributes {
		field, _ := q.feed.Field(entity, a.Name)
		for _, v := range a.Value.Elements() {
			if v.Kind == event.Choice || v.Kind == event.Number && len(field.Options) > 0 {
				if regexp.MustCompile(`^-?[0-9]{1,18}$`).MatchString(v.Text) { // a name needs no label
					seen.add(entity+"."+a.Name, v.Text)
				}
			}
		}
	}
}

func (s seenValues) add(name, value string) {
	if s[name] == nil {
		s[name] = map[string]bool{}
	}
	s[name][value] = true
}

// sorted returns the values of a field, as numbers are sorted.
func (s seenValues) sorted(name string) []string {
	return slices.SortedFunc(maps.Keys(s[name]), byNumber)
}

func byNumber(a, b string) int {
	m, _ := strconv.ParseInt(a, 10, 64) // what is no number is told by its letters
	n, _ := strconv.ParseInt(b, 10, 64)
	return cmp.Or(cmp.Compare(m, n), strings.Compare(a, b))
}

// toPaste is a part of the configuration: a line for each field, with the labels that are there already.
func (q *inquiry) toPaste(missing, assumed seenValues, where string) string {
	var out strings.Builder
	names := slices.Concat(slices.Collect(maps.Keys(missing)), slices.Collect(maps.Keys(assumed)))
	slices.Sort(names)
	fmt.Fprintf(&out, "Values without a label of yours, %s. Replace the numbers behind the colons by words:\n\ndisplay:\n  labels:\n", where)
	for _, name := range slices.Compact(names) {
		labels := maps.Clone(q.cfg.Display.Labels[name])
		if labels == nil {
			labels = map[string]string{}
		}
		for value := range missing[name] {
			labels[value] = value
		}
		entity, field, _ := strings.Cut(name, ".")
		for value := range assumed[name] {
			labels[value], _ = q.words.Assumed(entity, field, value)
		}
		var pairs []string
		for _, value := range slices.SortedFunc(maps.Keys(labels), byNumber) {
			pairs = append(pairs, value+": "+inYAML(labels[value]))
		}
		note := ""
		if words := assumed.sorted(name); len(words) > 0 {
			note = " # assumed: " + strings.Join(words, ", ")
		}
		fmt.Fprintf(&out, "    %s: { %s }%s\n", labelsKey(name), strings.Join(pairs, ", "), note)
	}
	return out.String()
}

// labelsKey writes the name of a field as a key of YAML.
func labelsKey(name string) string {
	if regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`).MatchString(name) {
		return name
	}
	return inYAML(name)
}
