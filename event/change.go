package event

import (
	"cmp"
	"slices"
)

// RankCustom is the first rank of attributes that the sender's schema does not know. They are ordered by label, all
// others as they were sent.
const RankCustom = 1000

// Changes returns what an update changed, ordered as people read it: by rank, within a rank as sent, custom attributes
// by label.
//
// An attribute changed when it was sent before and after, and does not mean the same (Value.Equal). A key that is
// absent from Before is unknown before; a key that is absent after was not sent, which is not the same as emptied.
// Neither is a change. Noise is left out, and so are fields that ignore, unless nil, reports true for.
//
// Creations, deletions and events without Before change nothing that could be compared.
func Changes(e Event, ignore func(field string) bool) []Change {
	if e.Before == nil || e.Type.Action() == Created || e.Type.Action() == Deleted {
		return nil
	}
	var changes []Change
	before := indexOf(e.Before)
	for i := range e.Attributes {
		after := &e.Attributes[i]
		if after.Noise || ignore != nil && ignore(after.Name) {
			continue
		}
		if old, known := before.get(after.Name); known && !old.Equal(after.Value) {
			changes = append(changes, changeOf(after, old))
		}
	}
	slices.SortStableFunc(changes, byRank)
	return changes
}

func byRank(a, b Change) int {
	if order := cmp.Compare(a.Rank, b.Rank); order != 0 || a.Rank < RankCustom {
		return order
	}
	return cmp.Compare(a.Label, b.Label)
}

// changeOf describes the change of one attribute from before to its value.
func changeOf(a *Attribute, before Value) Change {
	c := Change{Field: a.Name, Label: a.Label, Rank: a.Rank, Unit: a.Unit, Steps: 1}
	return c.between(before, a.Value)
}

// between returns the change with all that follows from its two values.
func (c Change) between(before, after Value) Change {
	c.Before, c.After, c.Added, c.Removed = before, after, nil, nil
	switch {
	case before.Kind == List || after.Kind == List:
		c.Kind = List
		c.Added = without(after.Elements(), before.Elements())
		c.Removed = without(before.Elements(), after.Elements())
	case after.Empty():
		c.Kind = before.Kind
	default:
		c.Kind = after.Kind
	}
	return c
}

// DaysMoved returns by how many days a date moved: 14 is later, -1 earlier. It reports false unless both are dates.
func (c Change) DaysMoved() (days int, ok bool) {
	if c.Before.Kind != Date || c.After.Kind != Date {
		return 0, false
	}
	const day = 24 * 60 * 60 // a time.Duration would end after 292 years
	return int((c.After.Time.Unix() - c.Before.Time.Unix()) / day), true
}

// Difference returns by how much a number or an amount grew, exact, without grouping and without a plus: "25000",
// "-0.5". It reports false unless both are numbers that can be written out.
func (c Change) Difference() (string, bool) {
	before, after, ok := c.numbers()
	if !ok {
		return "", false
	}
	diff, _, exponent := difference(before, after)
	return plain(diff, exponent), true
}

// Percent returns the difference in percent of the number before, with at most one decimal, without sign for more:
// "10", "-12.7". It reports false where Difference does, from 0, and where it rounds to nothing.
func (c Change) Percent() (string, bool) {
	before, after, ok := c.numbers()
	if !ok || before.digits == "" {
		return "", false
	}
	diff, base, _ := difference(before, after)
	rounded := percent(diff, base)
	return rounded, rounded != "0"
}

func (c Change) numbers() (before, after decimal, ok bool) {
	if !c.Before.numeric() || !c.After.numeric() {
		return decimal{}, decimal{}, false
	}
	before, known := parseDecimal(c.Before.Text)
	after, ok = parseDecimal(c.After.Text)
	return before, after, known && ok && before.calculable() && after.calculable()
}

func (v Value) numeric() bool { return v.Kind == Number || v.Kind == Money }

// index finds values by name: by the exact name first, as two attributes may differ by the apostrophe alone.
type index struct {
	attributes Attributes
	place      map[string]int
}

func indexOf(attributes Attributes) index {
	place := make(map[string]int, len(attributes))
	note := func(name string, at int) {
		if _, taken := place[name]; !taken { // the first of a name is the one that Get returns
			place[name] = at
		}
	}
	for i := range attributes {
		note(attributes[i].Name, i)
	}
	for i := range attributes {
		note(plainName(attributes[i].Name), i)
	}
	return index{attributes, place}
}

func (i index) get(name string) (Value, bool) {
	at, ok := i.place[name]
	if !ok {
		at, ok = i.place[plainName(name)]
	}
	if !ok {
		return Value{}, false
	}
	return i.attributes[at].Value, true
}
