package templates

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"

	"github.com/ppmrelay/ppmrelay/event"
)

// comparisons makes values comparable with texts, numbers, yes/no and each other.
func comparisons(found patterns) []expr.Option {
	var options []expr.Option
	for _, operator := range []string{"==", "!=", "<", "<=", ">", ">=", "contains", "startsWith", "endsWith"} {
		function := "compare " + operator // a name that no expression can spell
		options = append(options, expr.Operator(operator, function), expr.Function(function,
			func(args ...any) (any, error) { return holds(operator, args[0], args[1]), nil },
			new(func(Value, any) bool), new(func(any, Value) bool)))
	}
	const matches, among = "compare matches", "compare in"
	options = append(options, expr.Operator("matches", matches), expr.Function(matches,
		func(args ...any) (any, error) { return found.match(args[0], args[1]) }, new(func(any, any) bool)))
	return append(options, expr.Operator("in", among), expr.Function(among, func(args ...any) (any, error) {
		switch list := args[1].(type) {
		case []any:
			return slices.ContainsFunc(list, func(one any) bool { return is(args[0], one) }), nil
		case []int: // 1..3
			return slices.ContainsFunc(list, func(one int) bool { return is(args[0], one) }), nil
		case Value: // of several people
			return slices.ContainsFunc(list, func(one Item) bool { return is(args[0], one) }), nil
		default:
			return false, nil
		}
	}, new(func(Value, []any) bool), new(func(Value, []int) bool), new(func(string, Value) bool), new(func(int, Value) bool),
		new(func(float64, Value) bool), new(func(bool, Value) bool), new(func(Value, Value) bool)))
}

func holds(operator string, a, b any) bool {
	switch operator {
	case "==":
		return is(a, b)
	case "!=":
		return !is(a, b)
	case "contains":
		return strings.Contains(bare(a), bare(b))
	case "startsWith":
		return strings.HasPrefix(bare(a), bare(b))
	case "endsWith":
		return strings.HasSuffix(bare(a), bare(b))
	}
	way, ok := order(a, b)
	switch {
	case !ok:
		return false
	case operator == "<":
		return way < 0
	case operator == "<=":
		return way <= 0
	case operator == ">":
		return way > 0
	default:
		return way >= 0
	}
}

// order compares two numbers or two days: -1, 0 or 1. It reports false where one of them is neither.
func order(a, b any) (int, bool) {
	if x, ok := a.(int); ok { // the usual case in templates: gt .Edits 1
		if y, ok := b.(int); ok {
			return cmp.Compare(x, y), true
		}
	}
	if x, ok := rational(a); ok {
		y, known := rational(b)
		if !known {
			return 0, false
		}
		return x.Cmp(y), true
	}
	x, ok := day(a)
	y, known := day(b)
	return x.Compare(y), ok && known
}

// day returns a date, also of a text like "2022-03-31".
func day(x any) (time.Time, bool) {
	if list, ok := x.(Value); ok && len(list) == 1 {
		x = list[0]
	}
	switch v := x.(type) {
	case Item:
		return v.value.Time, v.value.Kind == event.Date
	case string:
		t, err := time.Parse(time.DateOnly, v)
		return t, err == nil
	default:
		return time.Time{}, false
	}
}
