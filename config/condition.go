package config

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// maxCondition is how many bytes of a condition are looked at. A longer one is refused by those who compile it.
const maxCondition = 4 << 10

// condition is an expression of a route, as far as it depends on the type of an event alone. What else it asks for
// counts as unknown, so that what is said about it is true for every event.
type condition struct {
	root    ast.Node
	mayFail bool // on some event, which is told then
}

// conditionOf reads an expression. It reports false for one that cannot be read: who compiles it says why.
func conditionOf(text string) (condition, bool) {
	if strings.TrimSpace(text) == "" || len(text) > maxCondition {
		return condition{}, false
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return condition{}, false
	}
	return condition{root: tree.Node, mayFail: templates.MayFail(tree.Node)}, true
}

// plainly returns the condition as it is written by everybody: without comments, with blanks and operators of one kind. Two
// that are the same so say the same.
func (c condition) plainly() string {
	ast.Walk(&c.root, visitor(func(node ast.Node) {
		switch n := node.(type) {
		case *ast.BinaryNode:
			if signs := map[string]string{"and": "&&", "or": "||"}; signs[n.Operator] != "" {
				n.Operator = signs[n.Operator]
			}
		case *ast.UnaryNode:
			if n.Operator == "not" {
				n.Operator = "!"
			}
		}
	}))
	return c.root.String()
}

// fact is what is known of a part of an expression for one type of event: a bool, a string or an int; nil when it
// depends on more than the type.
type fact any

// never reports whether the condition holds for no event of these types, and fails on none.
func (c condition) never(types []event.Type) bool { return !c.mayFail && c.is(false, types) }

// always reports whether it holds for every event of these types.
func (c condition) always(types []event.Type) bool { return c.is(true, types) }

func (c condition) is(want bool, types []event.Type) bool {
	return !slices.ContainsFunc(types, func(t event.Type) bool { return of(c.root, t) != want })
}

// of works out what is known of a node.
func of(node ast.Node, t event.Type) fact {
	switch n := node.(type) {
	case *ast.BoolNode:
		return n.Value
	case *ast.StringNode:
		return n.Value
	case *ast.IntegerNode:
		return n.Value
	case *ast.IdentifierNode:
		return nameFact(n.Value, t)
	case *ast.CallNode:
		return called(n, t)
	case *ast.UnaryNode:
		return unary(n, t)
	case *ast.BinaryNode:
		return binary(n, t)
	case *ast.ConditionalNode:
		return chosen(n, t)
	default:
		return nil
	}
}

// nameFact is what a name of an expression stands for. A type whose word is not known may have any word but ours.
func nameFact(name string, t event.Type) fact {
	switch {
	case name == "Type" && t.Entity() != "" && t.Action() != "":
		return string(t)
	case name == "Type":
		return other(typeNames())
	case name == "Action" && t.Action() != "":
		return t.Action()
	case name == "Action":
		return other(actions())
	case name == "Kind" && t.Entity() != "":
		return t.Entity()
	case name == "Kind" && t.Action() != "":
		return other(entities())
	default: // also the kind of an event without a type, which its shape may tell
		return nil
	}
}

// other is some text that is none of these.
type other []string

// called is what a function gives. Only an update changes something: see event.Changes.
func called(call *ast.CallNode, t event.Type) fact {
	name, ok := call.Callee.(*ast.IdentifierNode)
	if !ok || t.Action() != event.Created && t.Action() != event.Deleted {
		return nil
	}
	switch name.Value {
	case "changed":
		return false
	case "daysMoved":
		return 0
	default:
		return nil
	}
}

func unary(n *ast.UnaryNode, t event.Type) fact {
	switch value := of(n.Node, t).(type) {
	case bool:
		if n.Operator == "!" || n.Operator == "not" {
			return !value
		}
	case int:
		if n.Operator == "-" {
			return -value
		}
	}
	return nil
}

func chosen(n *ast.ConditionalNode, t event.Type) fact {
	a, b := of(n.Exp1, t), of(n.Exp2, t)
	switch of(n.Cond, t) {
	case true:
		return a
	case false:
		return b
	}
	if isPlain(a) && a == b {
		return a
	}
	return nil
}

// isPlain reports whether a fact is one value.
func isPlain(f fact) bool {
	switch f.(type) {
	case bool, string, int:
		return true
	default:
		return false
	}
}
