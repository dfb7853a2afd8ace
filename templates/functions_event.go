package templates

import (
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
)

// eventFunctions ask for fields of the event by their names as sent.
func eventFunctions() []function {
	return []function{
		{
			name: "field", group: "Fields", of: func(r *run) any { return r.field }, sure: never,
			does: "the value of any field by its name as sent, also of your own ones; a straight and a typographic apostrophe " +
				"are the same. No value where it was not sent",
			examples: []example{
				{`{{ field "Budget" }}`, "275,000"}, {`{{ field "Client's contact" }}`, "Brian Adams"}, {`{{ field "Nope" }}`, "none"},
			},
		},
		{
			name: "before", of: func(r *run) any { return r.before }, sure: never,
			does:     "the value before the change; of several edits before the first. No value for creations and deletions, and where it was not sent",
			examples: []example{{`{{ before "OverallStatus" }}`, "On track"}},
		},
		{
			name: "after", of: func(r *run) any { return r.field }, sure: never,
			does:     "the value after the change: the same as `field`",
			examples: []example{{`{{ before "FinishDate" }} → {{ after "FinishDate" }}`, "31 Mar 2022 → 14 Apr 2022"}},
		},
		{
			name: "changed", of: func(r *run) any { return r.changed }, sure: never, least: 1,
			does:     "whether one of these fields has another value than before",
			examples: []example{{`{{ if changed "OverallStatus" "FinishDate" }}the plan moved{{ end }}`, "the plan moved"}},
		},
		{
			name: "daysMoved", of: func(r *run) any { return r.daysMoved }, sure: never,
			does:     "by how many days a date moved: 14 is later, -1 earlier, 0 not moved or no date",
			examples: []example{{`{{ if gt (daysMoved "FinishDate") 7 }}{{ daysMoved "FinishDate" }} days late{{ end }}`, "14 days late"}},
		},
		{
			name: "label", of: func(r *run) any { return r.label }, sure: never,
			does: "what people call a field. A value needs no function for that: it prints by its label, as in `At risk`",
			examples: []example{
				{`{{ label "FinishDate" }}: {{ field "FinishDate" }}`, "Finish: 14 Apr 2022"},
			},
		},
	}
}

func (r *run) field(name string) (Value, error) {
	a, ok := r.words.get(r.event.Attributes, r.event.Entity.Kind, name)
	if !ok {
		return nil, r.spend(1)
	}
	return r.words.attribute(r.event.Entity.Kind, a), r.spend(1)
}

func (r *run) before(name string) (Value, error) {
	kind := r.event.Entity.Kind
	if c, ok := r.change(name); ok {
		return r.words.value(kind, c.Field, c.Unit, c.Before), r.spend(1)
	}
	if len(r.net.Events) == 0 {
		return nil, r.spend(1)
	}
	a, ok := r.words.get(r.net.First().Before, kind, name)
	if !ok {
		return nil, r.spend(1)
	}
	return r.words.attribute(kind, a), r.spend(1)
}

func (r *run) changed(names ...string) (bool, error) {
	found := slices.ContainsFunc(names, func(name string) bool { _, ok := r.change(name); return ok })
	return found, r.spend(max(len(names), 1))
}

func (r *run) daysMoved(name string) (int, error) {
	days := 0
	for _, c := range r.net.Changes {
		if r.words.isField(r.event.Entity.Kind, c.Field, name) {
			moved, _ := c.DaysMoved()
			days += moved // where an edit in between was not seen, there are two changes
		}
	}
	return days, r.spend(1)
}

func (r *run) label(name string) (string, error) {
	kind := r.event.Entity.Kind
	if a, ok := r.words.get(r.event.Attributes, kind, name); ok && line(a.Label) != "" {
		return r.words.called(kind, a.Name, a.Label), r.spend(1)
	}
	return r.words.called(kind, name, name), r.spend(1)
}

// change returns the first change of a field: by the exact name first, as two fields may differ by the apostrophe alone.
func (r *run) change(name string) (event.Change, bool) {
	for _, same := range [...]func(string) bool{
		func(field string) bool { return field == name },
		func(field string) bool { return r.words.isField(r.event.Entity.Kind, field, name) },
	} {
		if at := slices.IndexFunc(r.net.Changes, func(c event.Change) bool { return same(c.Field) }); at >= 0 {
			return r.net.Changes[at], true
		}
	}
	return event.Change{}, false
}
