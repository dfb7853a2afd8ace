package templates

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/ppmrelay/ppmrelay/event"
)

// pipe checks a pipeline and returns the type of what it gives.
func (c *checker) pipe(pipe *parse.PipeNode, dot reflect.Type) reflect.Type {
	if pipe == nil {
		return nil
	}
	var given reflect.Type
	var in *piped
	for _, command := range pipe.Cmds {
		given = c.command(command, dot, in)
		in = &piped{typ: given}
		if len(command.Args) == 1 {
			in.node = command.Args[0]
		}
	}
	for _, v := range pipe.Decl {
		if pipe.IsAssign {
			c.assign(v, given, pipe)
		} else {
			c.declare(v.Ident[0], given, pipe)
		}
	}
	return given
}

// piped is what stands before a | and is given to what stands behind it.
type piped struct {
	typ  reflect.Type
	node parse.Node // nil where it is a call with values
}

// command checks one command. In is what is piped into it; nil where nothing is.
func (c *checker) command(command *parse.CommandNode, dot reflect.Type, in *piped) reflect.Type {
	if c.infix(command) || c.apart(command) {
		return nil
	}
	first := command.Args[0]
	if name, ok := first.(*parse.IdentifierNode); ok {
		return c.function(name, command.Args[1:], dot, in)
	}
	given := c.operand(first, dot)
	switch {
	case len(command.Args) > 1 || in != nil:
		c.faultf(first.Position(), "", "%s is no function, so nothing can be given to it", first)
	case first.Type() == parse.NodeNil:
		c.faultf(first.Position(), "", "nil alone is nothing that can be asked or printed")
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
		return c.function(n, nil, dot, nil)
	case *parse.StringNode:
		return reflect.TypeFor[string]()
	case *parse.BoolNode:
		return reflect.TypeFor[bool]()
	case *parse.NumberNode:
		if n.IsInt {
			return reflect.TypeFor[int]()
		}
		c.course.doubtful = true // some are too large
		return reflect.TypeFor[float64]()
	default:
		c.course.doubtful = true
		return nil
	}
}

// fields follows .A.B from a type.
func (c *checker) fields(pos parse.Pos, t reflect.Type, names []string) reflect.Type {
	for i, name := range names {
		if t == nil {
			c.course.doubtful = true
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

// start returns where a value begins. Of .A.B the parser gives the place of .B.
func (c *checker) start(node parse.Node) parse.Pos {
	switch node.(type) {
	case *parse.FieldNode, *parse.VariableNode:
		written := node.String()
		from := max(0, int(node.Position())-len(written))
		if at := strings.Index(c.source.text[from:], written); at >= 0 {
			return parse.Pos(from + at)
		}
	}
	return node.Position()
}

func (c *checker) noField(pos parse.Pos, t reflect.Type, name string) {
	if c.ofChange(pos, t, name) {
		return
	}
	names := fieldNames(t)
	near := nearest(name, names)
	switch {
	case near != "" && !isUsualField(name):
		c.faultf(pos, near, "no field .%s, did you mean .%s?", name, near)
	case t == reflect.TypeFor[Data]() && name == "Change":
		c.faultf(pos, "Changes", "no field .Change: a message goes through all of them with range .Changes; .Change is for tables with a row per change")
	case len(names) == 0:
		c.faultf(pos, "", "no field .%s: this is a single value", name)
	case isUsualField(name):
		c.faultf(pos, "", "no .%s here; a field of the project is written {{ field %q }}", name, name)
	default:
		c.faultf(pos, "", "no field .%s; there are .%s", name, strings.Join(names, " ."))
	}
}

// isUsualField reports whether a name is that of a field that PPM Express sends.
func isUsualField(name string) bool {
	return slices.Contains([]string{"ScheduleStatus", "Priority", "Progress", "Sponsor"}, name) || slices.ContainsFunc(event.Types(), func(t event.Type) bool {
		_, known := sampleEvent(t).Attributes.Get(name)
		return known
	})
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
