package templates

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// MayFail reports whether a condition that compiles may fail on some event all the same, as 1 % daysMoved("Date") does.
// What is not known to fail on none may.
func MayFail(condition ast.Node) bool {
	finder := new(doubtFinder)
	ast.Walk(&condition, finder)
	return finder.found
}

// doubtFinder looks for what may fail: what calculates can divide by zero, or be too large; what chooses between values
// of two types is of a type that is known only then.
type doubtFinder struct{ found bool }

// Visit is called for every node of an expression.
func (f *doubtFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BoolNode, *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.NilNode, *ast.IdentifierNode:
	case *ast.ArrayNode:
		f.doubt(!slices.ContainsFunc(n.Nodes, func(entry ast.Node) bool { return !isLiteral(entry) }))
	case *ast.CallNode:
		_, named := n.Callee.(*ast.IdentifierNode)
		f.doubt(named)
	case *ast.UnaryNode:
		f.doubt(n.Operator == "!" || n.Operator == "not" || n.Operator == "-" && isLiteral(n.Node))
	case *ast.BinaryNode:
		f.doubt(compares(n))
	case *ast.ConditionalNode:
		f.doubt(isQuestion(n.Exp1) && isQuestion(n.Exp2))
	default:
		f.found = true
	}
}

func (f *doubtFinder) doubt(unless bool) { f.found = f.found || !unless }

// compares reports whether an operator compares what stands beside it, or joins comparisons.
func compares(n *ast.BinaryNode) bool {
	switch n.Operator {
	case "&&", "and", "||", "or", "==", "!=", "<", "<=", ">", ">=", "contains", "startsWith", "endsWith", "matches":
		return true
	case "in":
		_, written := n.Right.(*ast.ArrayNode)
		return written || kindOf(n.Right) == fieldKind
	default:
		return false
	}
}

// isQuestion reports whether a node is surely true or false.
func isQuestion(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.BoolNode:
		return true
	case *ast.IdentifierNode:
		return n.Value == "Late"
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		return ok && callee.Value == "changed"
	case *ast.UnaryNode:
		return n.Operator == "!" || n.Operator == "not"
	case *ast.BinaryNode:
		return compares(n)
	case *ast.ConditionalNode:
		return isQuestion(n.Exp1) && isQuestion(n.Exp2)
	default:
		return false
	}
}

func isLiteral(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.BoolNode, *ast.StringNode, *ast.IntegerNode, *ast.FloatNode:
		return true
	case *ast.UnaryNode:
		return n.Operator == "-" && isLiteral(n.Node)
	default:
		return false
	}
}
