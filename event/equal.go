package event

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Empty reports whether the value says nothing: null, an empty list, a text without characters.
func (v Value) Empty() bool {
	switch v.Kind {
	case Null:
		return true
	case Text, Choice:
		return v.Text == ""
	case List:
		return len(v.Elements()) == 0
	default:
		return false
	}
}

// Elements returns what a list holds, without what is empty. Any other value is a list of itself, null an empty one:
// the sender writes one and the same field now as null, now as an object, now as a list.
func (v Value) Elements() []Value {
	if v.Kind == List {
		return slices.DeleteFunc(slices.Clone(v.List), Value.Empty)
	}
	if v.Empty() {
		return nil
	}
	return []Value{v}
}

// Equal reports whether two values mean the same:
//
//   - what is Empty is equal to what is Empty;
//   - one object is equal to a list of that one;
//   - people and references are compared by id without case, by name where neither side has an id;
//   - numbers, money and choices are compared as exact decimals: 1.0 = 1, -0 = 0, 1e2 = 100;
//   - lists are compared without order, but not without number: a, a is not a.
func (v Value) Equal(other Value) bool {
	return v.same(other) || v.identity() == other.identity()
}

// same is the quick way for most of the attributes of an update, which did not change: no allocation.
func (v Value) same(other Value) bool {
	return v.Kind == other.Kind && v.Text == other.Text && v.Bool == other.Bool && v.Ref == other.Ref &&
		v.Time.Equal(other.Time) && slices.EqualFunc(v.List, other.List, Value.same)
}

// identity returns a text that is equal for values of equal meaning, and only for them.
func (v Value) identity() string {
	if v.Empty() {
		return ""
	}
	switch v.Kind {
	case Number, Money, Choice:
		if number, ok := parseDecimal(v.Text); ok {
			return "number " + number.normal()
		}
		return "text " + v.Text
	case Date:
		return "date " + v.Time.UTC().Format(time.DateOnly)
	case Instant:
		return "instant " + v.Time.UTC().Format(time.RFC3339Nano)
	case Boolean:
		return "boolean " + strconv.FormatBool(v.Bool)
	case PersonRef, Reference:
		return v.Ref.identity()
	case List:
		return listIdentity(v.Elements())
	default:
		return string(v.Kind) + " " + v.Text
	}
}

func (r Ref) identity() string {
	if r.ID == "" {
		return "name " + r.Name
	}
	return "id " + strings.ToLower(r.ID)
}

// listIdentity of one element is the element's own. Lengths keep apart what would be ambiguous when joined.
func listIdentity(elements []Value) string {
	if len(elements) == 1 {
		return elements[0].identity()
	}
	all := make([]string, len(elements))
	for i := range elements {
		all[i] = elements[i].identity()
	}
	slices.Sort(all)
	var joined strings.Builder
	joined.WriteString("list")
	for _, one := range all {
		joined.WriteString(" " + strconv.Itoa(len(one)) + ":" + one)
	}
	return joined.String()
}

// without returns the elements of a that are not in b, each as often as it is there more often.
func without(a, b []Value) []Value {
	count := make(map[string]int, len(b))
	for i := range b {
		count[b[i].identity()]++
	}
	var rest []Value
	for i := range a {
		if id := a[i].identity(); count[id] > 0 {
			count[id]--
		} else {
			rest = append(rest, a[i])
		}
	}
	return rest
}

// sameName compares the names of attributes. People and help pages write "Idea's" now with U+0027, now with U+2019.
func sameName(a, b string) bool { return a == b || plainName(a) == plainName(b) }

func plainName(name string) string { return strings.ReplaceAll(name, "’", "'") }
