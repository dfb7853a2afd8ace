package templates

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/ppmrelay/ppmrelay/event"
)

// meant checks a call that is possible and cannot mean what it says: it fails, never holds or does nothing, whatever the
// event is.
func (c *checker) meant(call given) {
	switch call.name.Ident {
	case "len":
		c.lengths(call)
	case "printf":
		c.format(call)
	case "eq", "ne":
		c.words(call)
	case "has":
		c.words(call)
		c.order(call)
	case "gt", "ge", "lt", "le":
		c.compared(call)
	case "default", "percent", "link":
		c.order(call)
	case "date", "zone":
		c.moment(call)
	}
}

// words warns where .Action, .Type or .Entity.Kind is compared with a word that PPM Express never sends.
func (c *checker) words(call given) {
	for i, node := range call.nodes {
		named := c.wordOf(call.dot, node)
		if named == "" {
			continue
		}
		for j, other := range call.nodes {
			text, written := other.(*parse.StringNode)
			if !written || i == j {
				continue
			}
			if meant := wordMeant(named, text.Text); meant != "" {
				c.warnf(text.Pos, "no event that PPM Express sends has `%s` as its %s: %s", short(text.Text, maxName), named, meant)
			}
		}
	}
}

// wordOf returns ".Action", ".Type" or ".Entity.Kind" where a node stands for that of an event.
func (c *checker) wordOf(dot reflect.Type, node parse.Node) string {
	t, names := dot, []string(nil)
	switch n := node.(type) {
	case *parse.FieldNode:
		names = n.Ident
	case *parse.VariableNode:
		t, names = c.variable(n.Ident[0]), n.Ident[1:]
	}
	switch name := "." + strings.Join(names, "."); {
	case t != reflect.TypeFor[Data]() && t != reflect.TypeFor[RowData]():
		return ""
	case name == ".Action", name == ".Type", name == ".Entity.Kind":
		return name
	default:
		return ""
	}
}

// wordMeant says what to write instead of a word that is none of those that .Action, .Type or .Entity.Kind can be; nothing
// where it is one, or where nobody knows what is meant.
func wordMeant(named, given string) string {
	known := map[string][]string{}
	for _, t := range event.Types() {
		for name, word := range map[string]string{".Type": string(t), ".Action": t.Action(), ".Entity.Kind": kindWords(t.Entity())} {
			if !slices.Contains(known[name], word) {
				known[name] = append(known[name], word)
			}
		}
	}
	if slices.Contains(known[named], given) {
		return ""
	}
	for _, other := range [...]string{".Action", ".Type", ".Entity.Kind"} {
		if slices.Contains(known[other], given) {
			return "did you mean " + other + "?"
		}
	}
	if near := nearest(given, known[named]); near != "" {
		return "did you mean `" + near + "`?"
	}
	return ""
}

// compared checks {{ gt (field "Budget") 100000 }}: what is neither a number nor a day is never greater or less.
func (c *checker) compared(call given) {
	for i, t := range call.types {
		text, written := c.known(call.nodes[i]).(*parse.StringNode)
		_, isNumber := rational(textOf(text))
		_, isDay := day(textOf(text))
		switch {
		case written && !isNumber && !isDay:
			c.faultf(call.at(c, i), "", "%s compares numbers and days, and %q is neither: write a number like 1000, or a day like \"2022-03-31\"", call.name.Ident, short(text.Text, maxName))
		case t == reflect.TypeFor[Time]():
			c.faultf(call.at(c, i), "", "%s compares numbers and days, and %s is a moment: its day is (date \"yyyy-mm-dd\" %s)", call.name.Ident, call.spelt(i), call.spelt(i))
		case isList(t):
			c.faultf(call.at(c, i), "", "%s compares numbers and days, and %s is a list: how many entries it has is (len %s)", call.name.Ident, call.spelt(i), call.spelt(i))
		}
	}
}

func textOf(node *parse.StringNode) string {
	if node == nil {
		return ""
	}
	return node.Text
}

// moment refuses .When where a moment is asked for: it is text already, so that nothing would be done.
func (c *checker) moment(call given) {
	last := len(call.nodes) - 1
	if call.nodes[last] == nil || call.types[last] != reflect.TypeFor[Markup]() {
		return
	}
	if written := call.nodes[last].String(); written == ".When" || written == "$.When" {
		c.faultf(call.at(c, last), "", "%s does nothing with .When, which is text already: write .Occurred", call.name.Ident)
	}
}
