package templates

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"text/template"
)

// compareFunctions are what `if` and `with` are asked with.
func compareFunctions() []function {
	const ways = "They compare numbers, or days as `\"2022-03-31\"`; false where there is no value"
	return []function{
		{
			name: "eq", group: "Questions", of: func(r *run) any { return r.equal }, sure: never, least: 2,
			does: "whether the first is one of the others, as people read it: by label, digits, yes or no; a choice also equals the number that was sent",
			examples: []example{
				{`{{ if eq .Action "Created" "Updated" }}new or other{{ end }}`, "new or other"},
				{`{{ if eq (field "OverallStatus") "At risk" }}look here{{ end }}`, "look here"},
			},
		},
		{
			name: "ne", of: func(r *run) any { return r.differ }, sure: never, does: "the opposite, of two",
			examples: []example{{`{{ if ne .By "John Doe" }}not John{{ end }}`, "not John"}},
		},
		{
			name: "gt", also: "ge", of: func(r *run) any { return r.compare(1, 1) }, sure: never, does: "greater; greater or equal. " + ways,
			examples: []example{{`{{ if gt (field "Budget") 100000 }}large{{ end }}`, "large"}},
		},
		{name: "ge", of: func(r *run) any { return r.compare(1, 0) }, sure: never},
		{
			name: "lt", also: "le", of: func(r *run) any { return r.compare(-1, -1) }, sure: never, does: "less; less or equal. " + ways,
			examples: []example{{`{{ if lt (field "FinishDate") "2022-05-01" }}in time{{ end }}`, "in time"}},
		},
		{name: "le", of: func(r *run) any { return r.compare(-1, 0) }, sure: never},
		{
			name: "has", of: func(r *run) any { return r.has }, sure: never,
			does:     "whether a list holds this, as people read it",
			examples: []example{{`{{ if field "Manager" | has "Brian Adams" }}Brian is in{{ end }}`, "Brian is in"}},
		},
		{
			name: "default", of: func(r *run) any { return r.otherwise }, sure: never,
			does: "the first where the second is no value, empty, zero or no; else the second",
			examples: []example{
				{`{{ field "Sponsor" | default "nobody yet" }}`, "nobody yet"}, {`{{ field "Manager" | default "nobody yet" }}`, "John Doe, Brian Adams"},
			},
		},
	}
}

func (r *run) equal(a any, others ...any) (bool, error) {
	for _, other := range others {
		if is(a, other) {
			return true, r.spend(1)
		}
	}
	return false, r.spend(1)
}

func (r *run) differ(a, b any) (bool, error) { return !is(a, b), r.spend(1) }

// compare returns a function that reports whether a and b, as numbers or days, compare in one of two ways. What is
// neither compares with nothing.
func (r *run) compare(one, other int) func(a, b any) (bool, error) {
	return func(a, b any) (bool, error) {
		way, ok := order(a, b)
		return ok && (way == one || way == other), r.spend(1)
	}
}

// maxDigits bounds what is calculated with.
const maxDigits = 1000

func rational(x any) (*big.Rat, bool) {
	text := bare(x)
	if f, ok := x.(float64); ok {
		text = fmt.Sprint(f)
	}
	plain, ok := writtenOut(text)
	if !ok || len(plain) > maxDigits {
		return nil, false
	}
	return new(big.Rat).SetString(plain)
}

func (r *run) has(wanted, list any) (bool, error) {
	items, ok := list.(Value)
	if !ok {
		return is(list, wanted), r.spend(1)
	}
	found := slices.ContainsFunc(items, func(item Item) bool { return is(item, wanted) })
	return found, r.spend(1 + len(items)/maxListed)
}

func (r *run) otherwise(fallback, x any) (any, error) {
	if isEmpty(x) {
		return fallback, r.spend(1)
	}
	return x, r.spend(1)
}

// isEmpty reports whether there is nothing to say of a thing.
func isEmpty(x any) bool {
	switch v := x.(type) {
	case nil:
		return true
	case Entity:
		return line(v.Name) == ""
	case Time:
		return v.moment.IsZero()
	case Markup:
		return v.mrkdwn == "" && v.plain == ""
	case Value:
		return !slices.ContainsFunc(v, func(item Item) bool { return item.raw() != "" })
	case string:
		return line(v) == ""
	case Name:
		return line(string(v)) == ""
	}
	if isWhole(reflect.TypeOf(x)) {
		return false
	}
	truth, ok := template.IsTrue(x)
	return ok && !truth
}
