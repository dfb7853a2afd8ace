package templates

import (
	"reflect"
	"slices"
	"text/template/parse"
)

// infix finds a function that is written between values, or given to another one without brackets: text/template takes it
// for a value, which it is not. It reports whether it found one.
func (c *checker) infix(command *parse.CommandNode) bool {
	first, called := command.Args[0].(*parse.IdentifierNode)
	if called && c.functions[first.Ident] == nil && meantWord(first.Ident) != "" {
		return false // that word is the mistake
	}
	for i, arg := range command.Args[1:] {
		name, ok := arg.(*parse.IdentifierNode)
		if !ok || !c.takesValues(name.Ident) {
			continue
		}
		last := i+2 == len(command.Args)
		switch {
		case slices.Contains([]string{"and", "or"}, name.Ident):
			c.faultf(name.Pos, "", "%s does not stand between what it joins", name.Ident)
		case called && first.Ident == "not":
			c.faultf(name.Pos, "", "what follows not needs brackets: %s", name.Ident)
		case !called && slices.Contains([]string{"eq", "ne", "gt", "ge", "lt", "le"}, name.Ident):
			c.faultf(name.Pos, "", "%s does not stand between what it compares", name.Ident)
		case called && !last:
			c.faultf(name.Pos, "", "%s and what it is given need brackets", name.Ident)
		default:
			continue
		}
		return true
	}
	return false
}

// takesValues reports whether a function is known, and cannot be called without a value.
func (c *checker) takesValues(name string) bool {
	t, known := c.functions[name]
	if !known || t == nil {
		return known
	}
	f, _ := c.functionNamed(name)
	return f.least > 0 || t.NumIn() > 0 && !t.IsVariadic() || t.NumIn() > 1
}

// apart reports whether a name stands behind a dot and a space: {{ . Entity }}.
func (c *checker) apart(command *parse.CommandNode) bool {
	dot, ok := command.Args[0].(*parse.DotNode)
	if !ok || len(command.Args) == 1 {
		return false
	}
	name, ok := command.Args[1].(*parse.IdentifierNode)
	if !ok {
		return false
	}
	c.faultf(dot.Pos, "", "a space stands between the dot and %s", name.Ident)
	return true
}

// ofChange tells of a field of a change where the dot, or $, is the message; it reports whether it is one.
func (c *checker) ofChange(pos parse.Pos, t reflect.Type, name string) bool {
	if t != reflect.TypeFor[Data]() && t != reflect.TypeFor[RowData]() || !slices.Contains(fieldNames(reflect.TypeFor[Change]()), name) {
		return false
	}
	switch {
	case t == reflect.TypeFor[RowData]():
		c.faultf(pos, "", "no field .%s, did you mean .Change.%s?", name, name)
	case pos > 0 && c.source.text[pos-1] == '$':
		c.faultf(pos-1, "", "no $.%s: it belongs to a change, and $ is the message", name)
	default:
		c.faultf(pos, "", "no .%s here: it belongs to a change", name)
	}
	return true
}
