package templates

import (
	"reflect"
	"strings"
	"text/template/parse"
)

// order checks functions whose two values are easily swapped, where it is sure that they are: what is piped in, and so
// the value that is told, comes last.
func (c *checker) order(call given) {
	if len(call.nodes) != 2 {
		return
	}
	first, last := c.known(call.nodes[0]), c.known(call.nodes[1])
	swapped := func() {
		c.faultf(call.name.Pos, "", "the value comes last: write %s %s %s", call.name.Ident, call.spelt(1), call.spelt(0))
	}
	switch call.name.Ident {
	case "has":
		if first == nil && last != nil && call.types[0] == reflect.TypeFor[Value]() {
			swapped()
		}
	case "default":
		if first == nil && call.nodes[0] != nil && last != nil && !writtenEmpty(last) {
			swapped()
		}
	case "percent":
		c.share(call, first, last)
	default:
		c.linked(call, first, last)
	}
}

// writtenEmpty reports whether what is written is empty or zero.
func writtenEmpty(node parse.Node) bool {
	switch n := node.(type) {
	case *parse.StringNode:
		return line(n.Text) == ""
	case *parse.NumberNode:
		return n.IsInt && n.Int64 == 0 || n.IsFloat && n.Float64 == 0
	default:
		return false
	}
}

// share checks {{ percent (before "Budget") (after "Budget") }}. A written number can be either of both.
func (c *checker) share(call given, values ...parse.Node) {
	for i, value := range values {
		text, ok := value.(*parse.StringNode)
		if _, isNumber := rational(textOf(text)); ok && !isNumber {
			c.faultf(call.at(c, i), "", "percent takes two numbers, and %q is none: write percent (before \"Budget\") (after \"Budget\")", short(text.Text, maxName))
			return
		}
	}
	if values[0] == nil && call.nodes[0] != nil && values[1] != nil {
		c.warnf(call.name.Pos, "this says how much of %s %s is: the part comes last; for the opposite write percent %s %s",
			call.spelt(0), call.spelt(1), call.spelt(1), call.spelt(0))
	}
}

// linked checks {{ link "https://…" "our rules" }}.
func (c *checker) linked(call given, first, last parse.Node) {
	address, ok := first.(*parse.StringNode)
	if !ok || webAddress(strings.TrimSpace(address.Text)) {
		return
	}
	if label, ok := last.(*parse.StringNode); ok && webAddress(strings.TrimSpace(label.Text)) {
		c.faultf(call.name.Pos, "", "the address comes first: write link %s %s", call.spelt(1), call.spelt(0))
		return
	}
	c.warnf(call.at(c, 0), "this is no address, so nothing is linked: one begins with https:// or http://")
}
