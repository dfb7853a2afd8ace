package templates

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// doubtFinder looks for what may fail on some event: whatever is not known to fail on none, once it was compiled. What
// calculates can divide by zero; what chooses between two values is of a type that is known only then.
type doubtFinder struct{ found bool }

// Visit is called for every node of an expression.
func (f *doubtFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BoolNode, *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.IdentifierNode:
	case *ast.ArrayNode:
		f.doubt(!slices.ContainsFunc(n.Nodes, func(entry ast.Node) bool { return !isLiteral(entry) }))
	case *ast.CallNode:
		_, named := n.Callee.(*ast.IdentifierNode)
		f.doubt(named)
	case *ast.UnaryNode:
		f.doubt(n.Operator == "!" || n.Operator == "not" || n.Operator == "-" && isLiteral(n.Node))
	case *ast.BinaryNode:
		f.doubt(compares(n))
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
		return written
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
