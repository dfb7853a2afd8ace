package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/ppmrelay/ppmrelay/event"
)

// binary is what is known of two facts with an operator between them.
func binary(n *ast.BinaryNode, t event.Type) fact {
	a, b := of(n.Left, t), of(n.Right, t)
	switch n.Operator {
	case "&&", "and":
		if both := joinedBy(a, b, false); both != nil || !contradicts(n) {
			return both
		}
		return false
	case "||", "or":
		return joinedBy(a, b, true)
	case "==":
		return equal(a, b)
	case "!=":
		return opposite(equal(a, b))
	case "in":
		return among(a, n.Right, t)
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return texts(n.Operator, x, y)
		}
	case int:
		if y, ok := b.(int); ok {
			return numbers(n.Operator, x, y)
		}
	}
	return nil
}

// joinedBy is && for a decisive false, || for a decisive true.
func joinedBy(a, b fact, decisive bool) fact {
	switch {
	case a == decisive || b == decisive:
		return decisive
	case a == !decisive && b == !decisive:
		return !decisive
	default:
		return nil
	}
}

func opposite(f fact) fact {
	if value, ok := f.(bool); ok {
		return !value
	}
	return nil
}

func equal(a, b fact) fact {
	if none, ok := a.(other); ok {
		a, b = b, none
	}
	if none, ok := b.(other); ok {
		if word, ok := a.(string); ok && slices.Contains(none, word) {
			return false
		}
		return nil
	}
	if !isPlain(a) || reflect.TypeOf(a) != reflect.TypeOf(b) {
		return nil
	}
	return a == b
}

// among is what is known of a fact in a list.
func among(a fact, list ast.Node, t event.Type) fact {
	array, ok := list.(*ast.ArrayNode)
	if !ok {
		return nil
	}
	var found fact = false
	for _, entry := range array.Nodes {
		found = joinedBy(found, equal(a, of(entry, t)), true)
	}
	return found
}

func texts(operator, a, b string) fact {
	switch operator {
	case "contains":
		return strings.Contains(a, b)
	case "startsWith":
		return strings.HasPrefix(a, b)
	case "endsWith":
		return strings.HasSuffix(a, b)
	default:
		return nil
	}
}

func numbers(operator string, a, b int) fact {
	switch operator {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	default:
		return nil
	}
}

// misspelt returns the first word that Type, Action or Kind is compared with although it is none of theirs, and the one
// that is meant.
func (c condition) misspelt() (word, meant string) {
	ast.Walk(&c.root, visitor(func(node ast.Node) {
		n, ok := node.(*ast.BinaryNode)
		if !ok || word != "" || !slices.Contains([]string{"==", "!=", "in"}, n.Operator) {
			return
		}
		for _, pair := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
			name, ok := pair[0].(*ast.IdentifierNode)
			if !ok {
				continue
			}
			for _, given := range wordsOf(pair[1]) {
				if near := nearWord(name.Value, given); near != "" {
					word, meant = given, near
					return
				}
			}
		}
	}))
	return word, meant
}

// nearWord returns the word that is meant by one that a name is never equal to; empty where that is not known.
func nearWord(name, given string) string {
	known := map[string][]string{"Type": typeNames(), "Action": actions(), "Kind": entities()}[name]
	if slices.Contains(known, given) {
		return ""
	}
	return Nearest(given, known)
}

// wordsOf returns the texts that stand for a node: one, or those of a list.
func wordsOf(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.StringNode:
		return []string{n.Value}
	case *ast.ArrayNode:
		var all []string
		for _, entry := range n.Nodes {
			all = append(all, wordsOf(entry)...)
		}
		return all
	default:
		return nil
	}
}

type visitor func(ast.Node)

// Visit is called for every node.
func (v visitor) Visit(node *ast.Node) { v(*node) }
