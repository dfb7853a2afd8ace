package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// hintFor returns what to write instead of what the expression language refuses, at a byte of a text that can be read; empty
// where that is not known.
func hintFor(text string, at int, heard string) string {
	if at < 0 {
		return hintForWhole(text)
	}
	wanted := func(ast.Node) bool { return true }
	if strings.HasPrefix(heard, "invalid operation") || strings.HasPrefix(heard, "cannot use") {
		wanted = func(n ast.Node) bool {
			switch n.(type) {
			case *ast.BinaryNode, *ast.UnaryNode, *ast.CallNode:
				return true
			default:
				return false
			}
		}
	}
	node, parent := nodeAt(text, at, wanted)
	switch n := node.(type) {
	case *ast.BinaryNode:
		return hintForOperator(n)
	case *ast.UnaryNode:
		return hintForQuestion(n.Node)
	case *ast.MemberNode:
		return hintForPart(n, parent)
	case *ast.CallNode:
		if member, ok := n.Callee.(*ast.MemberNode); ok {
			return hintForPart(member, n)
		}
	}
	return ""
}

// hintForWhole is for a text that is no question.
func hintForWhole(text string) string {
	return hintForQuestion(treeOf(text))
}

// hintForQuestion is for what has to be true or false, and is not.
func hintForQuestion(node ast.Node) string {
	switch kindOf(node) {
	case otherKind, yesNoKind: // nothing is known, and nothing is wrong
	case fieldKind:
		return fmt.Sprintf("write what it is compared with, as in %s == \"x\" or %[1]s != nil", node)
	case textKind:
		if _, written := node.(*ast.StringNode); !written {
			return fmt.Sprintf("write what it is compared with, as in %s == \"x\"", node)
		}
	case numberKind:
		if _, called := node.(*ast.CallNode); called {
			return fmt.Sprintf("write what it is compared with, as in %s > 7", node)
		}
	case functionKind:
		return fmt.Sprintf("write %s(\"Name\")", node)
	}
	return ""
}

// hintForOperator is for what stands on two sides of an operator, and does not fit.
func hintForOperator(n *ast.BinaryNode) string {
	for _, side := range []ast.Node{n.Left, n.Right} {
		if kindOf(side) == functionKind {
			return hintForQuestion(side)
		}
	}
	switch n.Operator {
	case "&&", "and", "||", "or":
		return hintForJoined(n)
	case "+", "-", "*", "/", "%", "**", "^":
		if kindOf(n.Left) == fieldKind || kindOf(n.Right) == fieldKind {
			return "the value of a field is compared, and not calculated with"
		}
		return ""
	case "in":
		return hintForIn(n)
	}
	if list, ok := n.Right.(*ast.ArrayNode); ok {
		return hintForList(n, list)
	}
	for _, pair := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		if hint := hintForLiteral(n.Operator, pair[0], pair[1]); hint != "" {
			return hint
		}
	}
	return ""
}

// hintForLiteral is for something that is compared with what is written.
func hintForLiteral(operator string, side, literal ast.Node) string {
	number, isText := literal.(*ast.StringNode)
	equals := operator == "==" || operator == "!="
	switch kind := kindOf(side); {
	case !isLiteral(literal):
		return ""
	case kind == yesNoKind:
		return fmt.Sprintf("write %s alone, or not %[1]s", bracketed(side))
	case kind == numberKind && isText && isNumeric(number.Value):
		return "write " + number.Value + " without quotes"
	case kind == textKind && !isText && !isYesNo(literal) && (equals || slices.Contains([]string{"contains", "startsWith", "endsWith"}, operator)):
		return fmt.Sprintf("write it in quotes: %q", literal.String())
	default:
		return ""
	}
}

func isYesNo(node ast.Node) bool {
	_, ok := node.(*ast.BoolNode)
	return ok
}

func isNumeric(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && !strings.ContainsAny(text, "xXpP_nN")
}

func bracketed(node ast.Node) string {
	if _, ok := node.(*ast.BinaryNode); ok {
		return "(" + node.String() + ")"
	}
	return node.String()
}

// hintForJoined is for Name == "a" || "b", and for what is no question.
func hintForJoined(n *ast.BinaryNode) string {
	for _, side := range []ast.Node{n.Left, n.Right} {
		if hint := hintForQuestion(side); hint != "" {
			return hint
		}
	}
	first, ok := n.Left.(*ast.BinaryNode)
	if !ok || !isLiteral(n.Right) || !compares(first) {
		return ""
	}
	or := n.Operator == "||" || n.Operator == "or"
	switch first.Operator {
	case "==":
		if or {
			return fmt.Sprintf("write %s in [%s, %s]", first.Left, first.Right, n.Right)
		}
	case "!=":
		return fmt.Sprintf("write %s not in [%s, %s]", first.Left, first.Right, n.Right)
	case "contains", "startsWith", "endsWith", "matches", "<", "<=", ">", ">=":
		return fmt.Sprintf("write %s %s %s %s %s", first, n.Operator, first.Left, first.Operator, n.Right)
	}
	return ""
}

// hintForList is for Kind == ["Project", "Idea"].
func hintForList(n *ast.BinaryNode, list *ast.ArrayNode) string {
	switch n.Operator {
	case "==":
		return fmt.Sprintf("write %s in %s", n.Left, list)
	case "!=":
		return fmt.Sprintf("write %s not in %s", n.Left, list)
	default:
		return ""
	}
}

// hintForIn is for what is no list.
func hintForIn(n *ast.BinaryNode) string {
	_, left := n.Left.(*ast.StringNode)
	_, right := n.Right.(*ast.StringNode)
	switch {
	case right:
		return fmt.Sprintf("write %s == %s, or a list: [%[2]s, \"y\"]", n.Left, n.Right)
	case left && kindOf(n.Right) == textKind:
		return fmt.Sprintf("write %s contains %s", n.Right, n.Left)
	default:
		return ""
	}
}

// hintForPart is for Name[0], Name.contains("x") and after("Manager").Name.
func hintForPart(n *ast.MemberNode, parent ast.Node) string {
	property, named := n.Property.(*ast.StringNode)
	call, called := parent.(*ast.CallNode)
	switch kind := kindOf(n.Node); {
	case named && called && call.Callee == ast.Node(n) && len(call.Arguments) == 1:
		if _, meant := wordingAt(property.Value); meant != "" || slices.Contains([]string{"contains", "startsWith", "endsWith", "matches"}, property.Value) {
			return fmt.Sprintf("write %s %s %s", n.Node, orElse(meant, property.Value), call.Arguments[0])
		}
		return ""
	case kind == textKind && !named:
		return fmt.Sprintf("write %s startsWith \"x\"", n.Node)
	case named && called && call.Callee == ast.Node(n):
		return meantByLetters(property.Value)
	case named:
		return fmt.Sprintf("write %s", n.Node)
	default:
		return ""
	}
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
