package templates

import (
	"reflect"
	"slices"
	"text/template/parse"
)

// given is what a function is given, in order: what is written behind its name, and what is piped into it.
type given struct {
	name  *parse.IdentifierNode
	nodes []parse.Node // nil for what is piped in and is a call with values
	types []reflect.Type
	dot   reflect.Type
}

// at returns the place of one of the values; of what is piped in, that of the function.
func (g given) at(c *checker, i int) parse.Pos {
	if i < len(g.nodes) && g.nodes[i] != nil && g.nodes[i].Position() > g.name.Pos {
		return c.start(g.nodes[i])
	}
	return g.name.Pos
}

// function checks a call and returns the type of its result. In is what is piped into it; nil where nothing is.
func (c *checker) function(name *parse.IdentifierNode, args []parse.Node, dot reflect.Type, in *piped) reflect.Type {
	if _, known := c.functions[name.Ident]; !known && meantWord(name.Ident) != "" {
		c.noFunction(name) // what follows such a word is no value of it
		return nil
	}
	call := given{name: name, nodes: slices.Clone(args), dot: dot}
	for _, arg := range args {
		call.types = append(call.types, c.operand(arg, dot))
	}
	if in != nil {
		call.types, call.nodes = append(call.types, in.typ), append(call.nodes, in.node)
	}
	types := call.types
	t, ok := c.functions[name.Ident]
	if !ok {
		c.noFunction(name)
		return nil
	}
	if t == nil {
		c.calls(function{name: name.Ident}, args, types)
		return c.special(call)
	}
	f, known := c.functionNamed(name.Ident)
	if !known {
		f.name = name.Ident
	}
	c.calls(f, args, types)
	if known && f.least > len(types) {
		c.faultf(name.Pos, "", "%s takes at least %s, not %d", name.Ident, plural(f.least, "value"), len(types))
	} else if fixed := t.NumIn(); t.IsVariadic() && len(types) < fixed-1 || !t.IsVariadic() && len(types) != fixed {
		c.faultf(name.Pos, "", "%s takes %s, not %d", name.Ident, plural(fixed, "value"), len(types))
	} else {
		c.arguments(name, args, t, types)
		if known && f.written != nil {
			c.written(name, f, args, types)
		}
		c.meant(call)
		c.noteFields(name.Ident, args)
		c.noteEmails(name.Ident, args)
	}
	if given := t.Out(0); given.Kind() != reflect.Interface {
		return given
	}
	return nil // it depends on what is given
}

// arguments checks the types of what a function is given.
func (c *checker) arguments(name *parse.IdentifierNode, args []parse.Node, t reflect.Type, types []reflect.Type) {
	for i := range types {
		if isWhole(types[i]) {
			c.faultf(name.Pos, "", "%s", errWhole)
		}
		in := t.In(min(i, t.NumIn()-1))
		if t.IsVariadic() && i >= t.NumIn()-1 {
			in = in.Elem()
		}
		if types[i] == nil && in.Kind() != reflect.Interface {
			c.course.doubtful = true
		}
		if types[i] == nil || in.Kind() == types[i].Kind() && types[i].AssignableTo(in) {
			continue
		}
		at := name.Pos
		if i < len(args) {
			at = args[i].Position()
		}
		switch in.Kind() {
		case reflect.String:
			c.faultf(at, "", "%s takes a text in quotes here", name.Ident)
		case reflect.Int:
			c.faultf(at, "", "%s takes a whole number here, without quotes", name.Ident)
		default: // anything can be given
		}
	}
}

// noteFields keeps which fields are named.
func (c *checker) noteFields(function string, args []parse.Node) {
	switch function {
	case "field", "before", "after", "changed", "daysMoved", "label":
	case "eq", "ne": // {{ if eq .Field "OverallStatus" }}
		if !slices.ContainsFunc(args, func(arg parse.Node) bool { return isFieldName(arg.String()) }) {
			return
		}
	default:
		return
	}
	for _, arg := range args {
		if text, ok := arg.(*parse.StringNode); ok {
			use := FieldUse{Template: c.source.name, Field: text.Text}
			use.Line, use.Column = position(c.source.text, int(text.Pos))
			if !slices.Contains(c.named, use) {
				c.named = append(c.named, use)
			}
		}
	}
}

// noteEmails keeps which e-mail addresses are written to be rung.
func (c *checker) noteEmails(function string, args []parse.Node) {
	if text, ok := first(args).(*parse.StringNode); ok && function == "mention" && isEmail(text.Text) {
		c.emails = append(c.emails, text.Text)
	}
}

// written checks what is written in quotes, and numbers, also through a variable. A function that demands that something
// is written takes no variable for it.
func (c *checker) written(name *parse.IdentifierNode, f function, args []parse.Node, types []reflect.Type) {
	given := make([]argument, len(types))
	for i, t := range types {
		given[i].name = t == reflect.TypeFor[Name]()
	}
	for i, arg := range args {
		node := arg
		if known := c.known(arg); known != nil && !f.demands {
			node = known
		}
		switch n := node.(type) {
		case *parse.StringNode:
			given[i] = argument{text: n.Text, written: true}
		case *parse.NumberNode:
			given[i] = argument{number: n.Int64, counted: n.IsInt}
		}
	}
	if wrong, what := f.written(given); what != nil {
		at := name.Pos
		if wrong < len(args) && (given[wrong].written || given[wrong].counted) {
			at = args[wrong].Position()
		}
		c.faultf(at, "", "%s", what)
	}
}

// noToday answers whoever asks for the day on which something is told.
const noToday = "there is no today: what changed is told when it changes; .Occurred is when, and daysMoved is by how many days a date moved"

func (c *checker) noFunction(name *parse.IdentifierNode) {
	switch name.Ident {
	case "html", "js", "urlquery":
		c.faultf(name.Pos, "", "there is no function %s: everything that is printed is made safe by itself", name.Ident)
	case "call":
		c.faultf(name.Pos, "", "there is no function call: nothing here can be called that way")
	case "now", "today":
		c.faultf(name.Pos, "", "%s", noToday)
	default:
		if meantWord(name.Ident) != "" {
			c.faultf(name.Pos, "", "no function %s", name.Ident)
			return
		}
		if isUsualField(name.Ident) {
			c.faultf(name.Pos, "", "no function %s; a field is written in quotes: field %q", name.Ident, name.Ident)
			return
		}
		var names []string
		for known := range c.functions {
			names = append(names, known)
		}
		slices.Sort(names)
		near := nearest(name.Ident, names)
		c.faultf(name.Pos, near, "no function %s%s", name.Ident, didYouMean(near))
	}
}
