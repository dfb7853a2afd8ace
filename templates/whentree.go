package templates

import (
	"github.com/expr-lang/expr/ast"
)

// children returns what a node is made of, in the order of the text.
func children(node ast.Node) []ast.Node {
	var all []ast.Node
	switch n := node.(type) {
	case *ast.UnaryNode:
		all = []ast.Node{n.Node}
	case *ast.BinaryNode:
		all = []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		all = []ast.Node{n.Node}
	case *ast.MemberNode:
		all = []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		all = []ast.Node{n.Node, n.From, n.To}
	case *ast.CallNode:
		all = append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		all = n.Arguments
	case *ast.PredicateNode:
		all = []ast.Node{n.Node}
	case *ast.ConditionalNode:
		all = []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.ArrayNode:
		all = n.Nodes
	case *ast.MapNode:
		all = n.Pairs
	case *ast.PairNode:
		all = []ast.Node{n.Key, n.Value}
	case *ast.SequenceNode:
		all = n.Nodes
	case *ast.VariableDeclaratorNode:
		all = []ast.Node{n.Value, n.Expr}
	}
	return all
}

// walk calls a function for every node with the one that it is part of, until it returns false.
func walk(node, parent ast.Node, each func(node, parent ast.Node) bool) bool {
	if node == nil {
		return true
	}
	if !each(node, parent) {
		return false
	}
	for _, child := range children(node) {
		if !walk(child, node, each) {
			return false
		}
	}
	return true
}

// nodeAt returns the node of a text at a byte that is wanted, and the one that it is part of; nil where there is none.
func nodeAt(text string, at int, wanted func(ast.Node) bool) (found, parent ast.Node) {
	walk(treeOf(text), nil, func(node, of ast.Node) bool {
		if found == nil && placeOf(text, node) == at && wanted(node) {
			found, parent = node, of
		}
		return found == nil
	})
	return found, parent
}

// placeOf returns the byte of a text at which a node stands.
func placeOf(text string, node ast.Node) int {
	head, _ := firstRunes(text, node.Location().From)
	return len(head)
}

// kindOf is what a node of a condition surely gives.
type kindOfNode int

const (
	otherKind kindOfNode = iota
	fieldKind            // the value of a field
	textKind
	numberKind
	yesNoKind
	functionKind
)

// kindOf returns what a node gives, as far as it can be seen from the node alone.
func kindOf(node ast.Node) kindOfNode {
	switch n := node.(type) {
	case *ast.StringNode:
		return textKind
	case *ast.IntegerNode, *ast.FloatNode:
		return numberKind
	case *ast.IdentifierNode:
		switch n.Value {
		case "Late", "Recovered":
			return yesNoKind
		case "changed", "daysMoved", "before", "after":
			return functionKind
		case "Type", "Action", "Kind", "Name", "Parent", "Initiator", "Account":
			return textKind
		}
	case *ast.CallNode:
		switch functionOf(n) {
		case "changed":
			return yesNoKind
		case "daysMoved":
			return numberKind
		case "before", "after":
			return fieldKind
		}
	case *ast.BinaryNode:
		if compares(n) {
			return yesNoKind
		}
	}
	return otherKind
}

// functionOf returns the name of what is called; empty where it is no name.
func functionOf(call *ast.CallNode) string {
	if callee, ok := call.Callee.(*ast.IdentifierNode); ok {
		return callee.Value
	}
	return ""
}
