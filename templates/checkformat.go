package templates

import (
	"reflect"
	"strings"
	"text/template/parse"
)

// format checks {{ printf "%s by %s" .Entity .By }}: how many gaps there are and what fits into them is known where the
// format is written.
func (c *checker) format(call given) {
	format, ok := c.known(call.nodes[0]).(*parse.StringNode)
	if !ok || checkFormat(format.Text) != nil {
		return
	}
	gaps := gapsOf(format.Text)
	if values := len(call.types) - 1; len(gaps) != values {
		c.faultf(call.name.Pos, "", "printf %q has %s for %s: each takes one", short(format.Text, maxName), plural(len(gaps), "gap"), plural(values, "value"))
		return
	}
	for i, gap := range gaps {
		t := call.types[i+1]
		if n, ok := c.known(call.nodes[i+1]).(*parse.NumberNode); ok && hasPoint(n) {
			t = reflect.TypeFor[float64]()
		}
		if t == nil || isWhole(t) {
			continue
		}
		if what, fitting, verbs := printedAs(t); strings.IndexByte(verbs, gap[len(gap)-1]) < 0 {
			c.faultf(call.at(c, i+1), "", "%s is for %s, and %s stands here: write %s", gap, gapFor(gap), what, fitting)
		}
	}
}

// gapsOf returns the gaps of a format that checkFormat took, as they are written: "%s", "%.1f".
func gapsOf(format string) []string {
	var gaps []string
	for {
		_, rest, found := strings.Cut(format, "%")
		if !found {
			return gaps
		}
		verb := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("-+# 0123456789.", r) })
		if verb < 0 {
			return gaps
		}
		if rest[verb] != '%' {
			gaps = append(gaps, "%"+rest[:verb+1])
		}
		format = rest[verb+1:]
	}
}

// printedAs returns what printf makes of a type, in words, the gap to write for it, and the letters of all that fit. What
// is ours is turned into words before it is printed.
func printedAs(t reflect.Type) (what, fitting, verbs string) {
	switch {
	case t == reflect.TypeFor[int]():
		return "a whole number", "%d", "dqcvxX"
	case t == reflect.TypeFor[float64]():
		return "a number with decimals", "%.1f", "fegvxX"
	case t == reflect.TypeFor[bool]():
		return "yes or no", "%t", "tv"
	case t == reflect.TypeFor[Value](), t == reflect.TypeFor[Item]():
		return "a value that prints as a text", "%s", "sqvxX"
	default:
		return "a text", "%s", "sqvxX"
	}
}

func gapFor(gap string) string {
	switch gap[len(gap)-1] {
	case 'd', 'c':
		return "a whole number"
	case 'f', 'e', 'g':
		return "a number with decimals"
	case 't':
		return "yes or no"
	default:
		return "a text"
	}
}
