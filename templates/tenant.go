package templates

import (
	"maps"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// KnownField is what the tenant itself says about a field.
type KnownField struct {
	Label   string            // what people call it
	Others  []string          // the other names that events may hold it by: the key where it is named by its label
	Choices map[string]string // what people call a value, by the value as sent; empty where nothing can be chosen
}

// Tenant is what the tenant says about its fields: by "Project.OverallStatus", with each name that events may hold a field
// by, an apostrophe straight.
type Tenant map[string]KnownField

// With returns the same Words with what a tenant says about its fields; labels of the configuration still come first.
// Unlabelled, unless nil, hears of the number of a choice that nobody has a label for, which it must take at once. What was
// compiled is used with other Words by their methods In.
func (w *Words) With(tenant Tenant, unlabelled func(entity, field, sent string)) *Words {
	with := *w
	with.tenant, with.unlabelled = tenant, unlabelled
	with.ignored = map[string]bool{}
	for _, field := range w.display.Ignore {
		with.ignored[plainName(field)] = true
	}
	written := maps.Clone(with.ignored)
	for name, known := range tenant {
		if _, field, _ := strings.Cut(name, "."); written[field] {
			for _, other := range known.Others {
				with.ignored[plainName(other)] = true
			}
		}
	}
	return &with
}

// In returns the template as other Words of the same Display use it.
func (t *Template) In(words *Words) *Template {
	in := *t
	in.words = words
	return &in
}

// In returns the table as other Words of the same Display use it.
func (t *Table) In(words *Words) *Table {
	in := *t
	in.words = words
	return &in
}

// In returns the condition as other Words of the same Display use it.
func (c *Condition) In(words *Words) *Condition {
	in := *c
	in.words = words
	return &in
}

// known returns what the tenant says about a field.
func (w *Words) known(entity, field string) (KnownField, bool) {
	if len(w.tenant) == 0 {
		return KnownField{}, false
	}
	known, found := w.tenant[plainName(entity+"."+field)]
	return known, found
}

// get returns the attribute of that name, or of another name of the same field, and reports whether it was sent.
func (w *Words) get(attributes event.Attributes, entity, name string) (event.Attribute, bool) {
	if a, ok := attributes.Get(name); ok {
		return a, true
	}
	known, _ := w.known(entity, name)
	for _, other := range known.Others {
		if a, ok := attributes.Get(other); ok {
			return a, true
		}
	}
	return event.Attribute{}, false
}

// isField reports whether an attribute as sent is what somebody names so.
func (w *Words) isField(entity, sent, name string) bool {
	if plainName(sent) == plainName(name) {
		return true
	}
	known, _ := w.known(entity, name)
	return slices.ContainsFunc(known.Others, func(other string) bool { return plainName(other) == plainName(sent) })
}

// called returns what people call a field whose label is only its name as sent.
func (w *Words) called(entity, field, label string) string {
	if label != field {
		return label
	}
	if known, _ := w.known(entity, field); known.Label != "" {
		return known.Label
	}
	return label
}

// chosen returns a value that was sent as a number or a text, and of which somebody knows that it is a choice, as one. In a
// list, each is looked at by itself.
func (w *Words) chosen(entity, field string, v event.Value) event.Value {
	if len(w.labels) == 0 && len(w.tenant) == 0 {
		return v
	}
	switch v.Kind {
	case event.Number, event.Text:
		if w.configuredOrKnown(entity, field, v.Text) != "" {
			return event.Value{Kind: event.Choice, Text: v.Text}
		}
		if known, _ := w.known(entity, field); len(known.Choices) > 0 && v.Kind == event.Number {
			w.miss(entity, field, v.Text)
		}
	case event.List:
		if slices.ContainsFunc(v.List, func(one event.Value) bool { return w.chosen(entity, field, one).Kind != one.Kind }) {
			v.List = slices.Clone(v.List)
			for i := range v.List {
				v.List[i] = w.chosen(entity, field, v.List[i])
			}
		}
	default:
	}
	return v
}

// chosenChange returns a change whose values are choices where somebody knows that they are.
func (w *Words) chosenChange(entity string, c *event.Change) *event.Change {
	if len(w.labels) == 0 && len(w.tenant) == 0 {
		return c
	}
	changed := *c
	changed.Before, changed.After = w.chosen(entity, c.Field, c.Before), w.chosen(entity, c.Field, c.After)
	switch {
	case c.Kind == event.List:
		changed.Added = w.chosen(entity, c.Field, event.Value{Kind: event.List, List: c.Added}).List
		changed.Removed = w.chosen(entity, c.Field, event.Value{Kind: event.List, List: c.Removed}).List
	case changed.Before.Kind == event.Choice || changed.After.Kind == event.Choice:
		changed.Kind = event.Choice
	default:
		return c
	}
	return &changed
}

// miss tells of a number of a choice that nobody has a label for. A name needs none.
func (w *Words) miss(entity, field, sent string) {
	if w.unlabelled != nil && sent != "" && strings.Trim(sent, "-0123456789") == "" {
		w.unlabelled(entity, field, sent)
	}
}
