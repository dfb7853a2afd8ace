package templates

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// special checks a function of text/template whose type depends on what it is given, and returns that type.
func (c *checker) special(call given) reflect.Type {
	name, types := call.name, call.types
	if len(types) == 0 {
		c.faultf(name.Pos, "", "%s takes at least 1 value", name.Ident)
		return nil
	}
	switch name.Ident {
	case "index":
		return c.index(call)
	case "slice":
		return c.slice(call)
	default: // and, or
		if at := slices.IndexFunc(types, isWhole); at >= 0 {
			return types[at]
		}
		if !slices.ContainsFunc(types, func(t reflect.Type) bool { return t != types[0] }) {
			return types[0]
		}
	}
	return nil
}

// index checks {{ index .Changes 0 }} and returns the type of the entry.
func (c *checker) index(call given) reflect.Type {
	list := call.types[0]
	for i := range call.types[1:] {
		if list == nil {
			return nil
		}
		if list.Kind() != reflect.Slice {
			c.faultf(call.at(c, 0), "", "index takes one entry of a list, and %s is none", call.spelt(0))
			return nil
		}
		c.counts(call, i+1)
		list = list.Elem()
	}
	if len(call.types) == 1 {
		return nil
	}
	return list
}

// slice checks {{ slice .Changes 0 3 }} and returns its type.
func (c *checker) slice(call given) reflect.Type {
	const most = 3 // what follows the list
	list := call.types[0]
	switch {
	case list == nil:
	case list.Kind() == reflect.String:
		c.sliceOfText(call)
	case list.Kind() != reflect.Slice:
		c.faultf(call.at(c, 0), "", "slice takes a part of a list, and %s is none", call.spelt(0))
		return nil
	case len(call.types) > most+1:
		c.faultf(call.name.Pos, "", "slice takes from where and up to where, as in slice .Changes 0 3")
	default:
		for i := range call.types[1:] {
			c.counts(call, i+1)
		}
	}
	return list
}

// sliceOfText refuses to cut a text at bytes: it may be shorter, or be cut inside a character. What a function made may be
// long enough.
func (c *checker) sliceOfText(call given) {
	write := "write truncate " + call.length() + call.behind(0)
	switch call.nodes[0].(type) {
	case *parse.StringNode:
	case *parse.PipeNode:
		c.warnf(call.name.Pos, "slice takes a part of a list, and may cut a text inside a character: %s", write)
	default:
		c.faultf(call.name.Pos, "", "slice takes a part of a list, and %s is a text, which may be shorter, or be cut inside a character: %s", call.spelt(0), write)
	}
}

// counts requires that a value is a whole number from 0 on, as far as that is known.
func (c *checker) counts(call given, i int) {
	n, isNumber := c.known(call.nodes[i]).(*parse.NumberNode)
	wrong := isNumber && (!n.IsInt || n.Int64 < 0 || hasPoint(n))
	if t := call.types[i]; wrong || t != nil && t.Kind() != reflect.Int {
		c.faultf(call.at(c, i), "", "%s takes a whole number here, from 0 on and without quotes", call.name.Ident)
	}
}

// hasPoint reports whether a number is written as one with decimals, like 5.0: where anything can be given it is one.
func hasPoint(n *parse.NumberNode) bool {
	return strings.ContainsAny(n.Text, ".eEpP") && !strings.HasPrefix(strings.ToLower(strings.TrimLeft(n.Text, "+-")), "0x") && n.Text[0] != '\''
}

// length returns up to where a text is cut that slice is given: "3" of slice .By 0 3.
func (g given) length() string {
	if last, ok := g.nodes[len(g.nodes)-1].(*parse.NumberNode); ok && len(g.nodes) > 2 && last.IsInt && last.Int64 > 0 {
		return last.Text
	}
	return "20"
}

// spelt returns a value as it is written, as an argument of another call.
func (g given) spelt(i int) string {
	switch n := g.nodes[i].(type) {
	case nil:
		return "what is piped in"
	case *parse.PipeNode:
		return "(" + n.String() + ")"
	default:
		return n.String()
	}
}

// behind returns a value as it stands behind the name of a function; nothing where it is piped in.
func (g given) behind(i int) string {
	if g.nodes[i] == nil {
		return ""
	}
	return " " + g.spelt(i)
}

// lengths checks {{ len .Changes }}.
func (c *checker) lengths(call given) {
	t := call.types[0]
	if t == nil || t.Kind() == reflect.Slice || t.Kind() == reflect.String {
		return
	}
	c.faultf(call.at(c, 0), "", "len counts the entries of a list or the characters of a text, and %s is neither", call.spelt(0))
}
