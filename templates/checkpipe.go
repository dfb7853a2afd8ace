package templates

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// pipe checks a pipeline and returns the type of what it gives.
func (c *checker) pipe(pipe *parse.PipeNode, dot reflect.Type) reflect.Type {
	if pipe == nil {
		return nil
	}
	var given reflect.Type
	for i, command := range pipe.Cmds {
		given = c.command(command, dot, given, i > 0)
	}
	for _, v := range pipe.Decl {
		if pipe.IsAssign {
			c.assign(v.Ident[0], given)
		} else {
			c.vars = append(c.vars, variable{v.Ident[0], given})
		}
	}
	return given
}

// assign keeps the type of a variable only as long as everything that it holds is of that type.
func (c *checker) assign(name string, given reflect.Type) {
	for i := range slices.Backward(c.vars) {
		if c.vars[i].name == name {
			if c.vars[i].typ != given {
				c.vars[i].typ = nil
			}
			return
		}
	}
}

// command checks one command. Final is the type of what is piped into it.
func (c *checker) command(command *parse.CommandNode, dot, final reflect.Type, piped bool) reflect.Type {
	first := command.Args[0]
	if name, ok := first.(*parse.IdentifierNode); ok {
		return c.function(name, command.Args[1:], dot, final, piped)
	}
	given := c.operand(first, dot)
	if len(command.Args) > 1 || piped {
		c.faultf(first.Position(), "", "%s is no function, so nothing can be given to it", first)
	}
	return given
}

// operand checks what stands for a value and returns its type.
func (c *checker) operand(node parse.Node, dot reflect.Type) reflect.Type {
	switch n := node.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.fields(n.Pos, dot, n.Ident)
	case *parse.VariableNode:
		return c.fields(n.Pos, c.variable(n.Ident[0]), n.Ident[1:])
	case *parse.ChainNode:
		return c.fields(n.Pos, c.operand(n.Node, dot), n.Field)
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.IdentifierNode:
		return c.function(n, nil, dot, nil, false)
	case *parse.StringNode:
		return reflect.TypeFor[string]()
	case *parse.BoolNode:
		return reflect.TypeFor[bool]()
	case *parse.NumberNode:
		if n.IsInt {
			return reflect.TypeFor[int]()
		}
		return reflect.TypeFor[float64]()
	default:
		return nil
	}
}

func (c *checker) variable(name string) reflect.Type {
	for _, v := range slices.Backward(c.vars) {
		if v.name == name {
			return v.typ
		}
	}
	return nil
}

// fields follows .A.B from a type.
func (c *checker) fields(pos parse.Pos, t reflect.Type, names []string) reflect.Type {
	for i, name := range names {
		if t == nil {
			return nil
		}
		field, ok := reflect.StructField{}, false
		if t.Kind() == reflect.Struct {
			field, ok = t.FieldByName(name)
		}
		if !ok || !field.IsExported() || field.Anonymous {
			c.noField(c.place(pos, names[:i+1]), t, name)
			return nil
		}
		t = field.Type
	}
	return t
}

// place finds the last of .A.B in the text. The parser gives the place of one of them, depending on the node.
func (c *checker) place(pos parse.Pos, names []string) parse.Pos {
	text, chain := c.source.text, "."+strings.Join(names, ".")
	at := strings.Index(text[max(0, int(pos)-len(chain)):], chain)
	if at < 0 {
		return pos
	}
	return parse.Pos(max(0, int(pos)-len(chain)) + at + strings.LastIndexByte(chain, '.'))
}

func (c *checker) noField(pos parse.Pos, t reflect.Type, name string) {
	names := fieldNames(t)
	near := nearest(name, names)
	switch {
	case near != "":
		c.faultf(pos, near, "no field .%s, did you mean .%s?", name, near)
	case t == reflect.TypeFor[Data]() && name == "Change":
		c.faultf(pos, "Changes", "no field .Change: a message goes through all of them with range .Changes; .Change is for tables with a row per change")
	case len(names) == 0:
		c.faultf(pos, "", "no field .%s: this is a single value", name)
	default:
		c.faultf(pos, "", "no field .%s; there are .%s", name, strings.Join(names, " ."))
	}
}

// fieldNames returns what a template can name of a type.
func fieldNames(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, field := range reflect.VisibleFields(t) {
		if field.IsExported() && !field.Anonymous {
			names = append(names, field.Name)
		}
	}
	return names
}

// function checks a call and returns the type of its result.
func (c *checker) function(name *parse.IdentifierNode, args []parse.Node, dot, final reflect.Type, piped bool) reflect.Type {
	types := make([]reflect.Type, 0, len(args)+1)
	for _, arg := range args {
		types = append(types, c.operand(arg, dot))
	}
	if piped {
		types = append(types, final)
	}
	t, ok := c.functions[name.Ident]
	if !ok {
		c.noFunction(name)
		return nil
	}
	if t == nil {
		return c.special(name, types)
	}
	if fixed := t.NumIn(); t.IsVariadic() && len(types) < fixed-1 || !t.IsVariadic() && len(types) != fixed {
		c.faultf(name.Pos, "", "%s takes %s, not %d", name.Ident, plural(fixed, "value"), len(types))
		return t.Out(0)
	}
	c.arguments(name, args, t, types)
	return t.Out(0)
}

// arguments checks the types of what a function is given.
func (c *checker) arguments(name *parse.IdentifierNode, args []parse.Node, t reflect.Type, types []reflect.Type) {
	for i := range types {
		if isWhole(types[i]) {
			c.faultf(name.Pos, "", "%s", errWhole)
		}
		if i >= t.NumIn() || t.IsVariadic() && i >= t.NumIn()-1 || types[i] == nil {
			continue
		}
		if t.In(i).Kind() == reflect.String && types[i].Kind() != reflect.String {
			c.faultf(name.Pos, "", "%s takes a text in quotes", name.Ident)
		}
	}
	switch literal, isText := firstText(args); name.Ident {
	case "mention":
		if !isText {
			c.faultf(name.Pos, "", "mention takes a written id, so that no field can ring people")
		} else if _, err := mention(literal); err != nil {
			c.faultf(args[0].Position(), "", "%s", err)
		}
	case "printf":
		if isText {
			if err := checkFormat(literal); err != nil {
				c.faultf(args[0].Position(), "", "%s", err)
			}
		}
	}
}

func firstText(args []parse.Node) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	text, ok := args[0].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return text.Text, true
}

// special returns the type of what a function of text/template gives whose type depends on what it is given.
func (c *checker) special(name *parse.IdentifierNode, types []reflect.Type) reflect.Type {
	if len(types) == 0 {
		c.faultf(name.Pos, "", "%s takes at least 1 value", name.Ident)
		return nil
	}
	switch name.Ident {
	case "index":
		if types[0] != nil && types[0].Kind() == reflect.Slice && len(types) == 2 {
			return types[0].Elem()
		}
	case "slice":
		return types[0]
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

func (c *checker) noFunction(name *parse.IdentifierNode) {
	switch name.Ident {
	case "html", "js", "urlquery":
		c.faultf(name.Pos, "", "there is no function %s: everything that is printed is made safe by itself", name.Ident)
	case "call":
		c.faultf(name.Pos, "", "there is no function call: nothing here can be called that way")
	default:
		var names []string
		for known := range c.functions {
			names = append(names, known)
		}
		slices.Sort(names)
		near := nearest(name.Ident, names)
		c.faultf(name.Pos, near, "no function %s%s", name.Ident, didYouMean(near))
	}
}
