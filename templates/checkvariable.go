package templates

import (
	"reflect"
	"regexp"
	"slices"
	"text/template/parse"
)

// variable is one of a template, as far as is known at the place that is being walked.
type variable struct {
	name  string
	typ   reflect.Type
	value parse.Node // what was written for it; nil where that is not known
	depth int        // of the branch that declares it
}

// declare adds a variable. Node is the pipeline that it stands for; nil where it goes through a list.
func (c *checker) declare(name string, given reflect.Type, node *parse.PipeNode) {
	c.vars = append(c.vars, variable{name, given, writtenAlone(node), c.depth})
}

// assign gives another value to a variable. In a branch deeper than its declaration nobody knows whether that happens: it
// keeps its type only as long as everything that it holds is of that type.
func (c *checker) assign(v *parse.VariableNode, given reflect.Type, node *parse.PipeNode) {
	for i := range slices.Backward(c.vars) {
		known := &c.vars[i]
		if known.name != v.Ident[0] {
			continue
		}
		known.value = nil
		switch {
		case known.typ == given:
		case known.depth == c.depth:
			known.typ = given
			c.course.doubtful = true
		default:
			known.typ = nil
			c.course.doubtful = true
		}
		if known.depth == c.depth {
			known.value = writtenAlone(node)
		}
		return
	}
	c.faultf(v.Pos, "", "there is no variable %s: the first time it is written {{ %s := … }}, with a colon", v.Ident[0], v.Ident[0])
}

// forget drops, where a loop begins, what was written for variables that are assigned anywhere: its later turns may see
// something else.
func (c *checker) forget() {
	if c.assigned == nil {
		c.assigned = map[string]bool{}
		for _, names := range regexp.MustCompile(`(?:(\$\w+)\s*,\s*)?(\$\w+)\s*=`).FindAllStringSubmatch(c.source.text, -1) {
			c.assigned[names[1]], c.assigned[names[2]] = true, true
		}
	}
	for i := range c.vars {
		if c.assigned[c.vars[i].name] {
			c.vars[i].value = nil
		}
	}
}

// writtenAlone returns the text or number that a pipeline consists of; nil where it is something else.
func writtenAlone(pipe *parse.PipeNode) parse.Node {
	if pipe == nil || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return nil
	}
	return literal(pipe.Cmds[0].Args[0])
}

// literal returns a node that is a written text or number, else nil.
func literal(node parse.Node) parse.Node {
	switch n := node.(type) {
	case *parse.StringNode, *parse.NumberNode:
		return n
	case *parse.PipeNode: // in parentheses
		return writtenAlone(n)
	default:
		return nil
	}
}

// known returns the text or number that a value surely is, also through a variable; nil where that is not known.
func (c *checker) known(node parse.Node) parse.Node {
	v, ok := node.(*parse.VariableNode)
	if !ok || len(v.Ident) > 1 {
		return literal(node)
	}
	for _, known := range slices.Backward(c.vars) {
		if known.name == v.Ident[0] {
			return known.value
		}
	}
	return nil
}

func (c *checker) variable(name string) reflect.Type {
	for _, v := range slices.Backward(c.vars) {
		if v.name == name {
			return v.typ
		}
	}
	return nil
}
