package templates

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// treeOf returns what an expression is made of; nil where it cannot be read.
func treeOf(text string) ast.Node {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil
	}
	return tree.Node
}

// misunderstood finds what the expression language takes and what never means what is written: the first in the text. It
// is nil also for a text that cannot be read.
func misunderstood(text string) *Error {
	root := treeOf(text)
	if root == nil {
		return nil
	}
	var first *slip
	walk(root, nil, func(node, parent ast.Node) bool {
		if found := misunderstoodNode(text, node, parent); found != nil && (first == nil || found.at < first.at) {
			first = found
		}
		return true
	})
	if first == nil {
		return nil
	}
	fault := &Error{Template: "when"}
	fault.tell(text, *first)
	return fault
}

func misunderstoodNode(text string, node, parent ast.Node) *slip {
	at := placeOf(text, node)
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return strangeName(n, parent, at)
	case *ast.BytesNode:
		return &slip{at, "no letter stands before a quote", fmt.Sprintf("write %q", n.Value)}
	case *ast.SequenceNode:
		return semicolon(text, n)
	case *ast.MemberNode:
		if kindOf(n.Node) == fieldKind {
			return partOfField(n, parent, at)
		}
	case *ast.CallNode:
		return strangeCall(text, n)
	case *ast.BinaryNode:
		return strangeOperator(text, n)
	}
	return nil
}

func semicolon(text string, n *ast.SequenceNode) *slip {
	last := placeOf(text, n.Nodes[1])
	at := strings.LastIndex(text[:last], ";")
	return &slip{max(at, 0), "`;` is not expected here", "write && where both have to be true, || where one is enough"}
}

// strangeName tells of a function that looks at nothing, and of what the language alone has.
func strangeName(n *ast.IdentifierNode, parent ast.Node, at int) *slip {
	if n.Value == "$env" {
		return &slip{at, "no name $env", ""}
	}
	if call, ok := parent.(*ast.CallNode); ok && call.Callee == ast.Node(n) || parent == nil || kindOf(n) != functionKind {
		return nil
	}
	field := "Name"
	if member, ok := parent.(*ast.MemberNode); ok && member.Node == ast.Node(n) {
		if property, written := member.Property.(*ast.StringNode); written {
			field = property.Value
		}
	}
	return &slip{at, n.Value + " is not told what to look at", fmt.Sprintf("write %s(%q)", n.Value, field)}
}

// partOfField tells of after("Manager").Name and after("Manager")[0].
func partOfField(n *ast.MemberNode, parent ast.Node, at int) *slip {
	if property, named := n.Property.(*ast.StringNode); named {
		if property.Value == "String" {
			return nil
		}
		s := &slip{at: at, said: "the value of a field has no ." + property.Value}
		if s.hint = hintForPart(n, parent); s.hint == "" || n.Method {
			return s
		}
		if !slices.Contains([]string{"Name", "Value", "Label", "Title", "Text"}, property.Value) {
			s.hint = "it is what people read of it: " + s.hint
		}
		return s
	}
	hint := fmt.Sprintf("write \"x\" in %s where one of several is asked for", n.Node)
	if compared, ok := parent.(*ast.BinaryNode); ok && compared.Operator == "==" && isLiteral(compared.Right) {
		hint = fmt.Sprintf("write %s in %s", compared.Right, n.Node)
	}
	return &slip{at, "there are no [ ] behind the value of a field", hint}
}

// strangeCall tells of a function that gets several names, or one without quotes.
func strangeCall(text string, call *ast.CallNode) *slip {
	function := functionOf(call)
	if kind := kindOf(call.Callee); kind != functionKind {
		if kind == textKind || kind == yesNoKind {
			return &slip{placeOf(text, call), call.Callee.String() + " is no function", "leave the ( ) out"}
		}
		return nil
	}
	if len(call.Arguments) > 1 {
		return severalFields(text, function, call)
	}
	if len(call.Arguments) == 0 {
		return &slip{placeOf(text, call), function + " is not told what to look at", fmt.Sprintf("write %s(\"Name\")", function)}
	}
	name, ok := call.Arguments[0].(*ast.IdentifierNode)
	if !ok || name.Value == "$env" {
		return nil
	}
	if isNothing(name.Value) {
		return &slip{placeOf(text, name), function + " is not told what to look at", fmt.Sprintf("write %s(\"Name\")", function)}
	}
	return &slip{placeOf(text, name), "the name of a field stands in quotes", fmt.Sprintf("write %s(%q)", function, name.Value)}
}

func severalFields(text, function string, call *ast.CallNode) *slip {
	at, said, joined := placeOf(text, call), function+" looks at one field", " || "
	var calls []string
	for _, argument := range call.Arguments {
		switch field := argument.(type) {
		case *ast.StringNode:
			calls = append(calls, fmt.Sprintf("%s(%q)", function, field.Value))
		case *ast.IdentifierNode:
			calls = append(calls, fmt.Sprintf("%s(%q)", function, field.Value))
		default:
			return nil
		}
	}
	if function != "changed" {
		joined = ", "
		return &slip{at, said, "write it once for each: " + strings.Join(calls, joined)}
	}
	return &slip{at, said, "write " + strings.Join(calls, joined)}
}

// strangeOperator tells of comparisons that nothing ever fits.
func strangeOperator(text string, n *ast.BinaryNode) *slip {
	at := placeOf(text, n)
	switch n.Operator {
	case "==", "!=", "<", "<=", ">", ">=", "in":
		if s := calculatedDay(text, n); s != nil {
			return s
		}
	}
	if list, ok := n.Right.(*ast.ArrayNode); ok && kindOf(n.Left) == fieldKind && compares(n) && n.Operator != "in" {
		return fieldAndList(n, list, at)
	}
	switch n.Operator {
	case "==", "!=":
		return neverNil(n, at)
	case "<", "<=", ">", ">=":
		return neitherNumberNorDay(text, n)
	case "??":
		if (kindOf(n.Left) == fieldKind) != (kindOf(n.Right) == fieldKind) {
			return &slip{at, "?? does not work with the value of a field", "leave ?? out: where there is no value, < <= > >= do not hold, and == nil does"}
		}
	}
	return nil
}

// fieldAndList tells of after("Manager") contains ["Brian Adams"].
func fieldAndList(n *ast.BinaryNode, list *ast.ArrayNode, at int) *slip {
	hint := hintForList(n, list)
	if hint == "" && n.Operator == "contains" && len(list.Nodes) == 1 {
		hint = fmt.Sprintf("write %s in %s", list.Nodes[0], n.Left)
	}
	return &slip{at, n.Operator + " does not look at a list", hint}
}

// neverNil tells of Parent == nil: what is empty is a text.
func neverNil(n *ast.BinaryNode, at int) *slip {
	for _, pair := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		if _, isNil := pair[1].(*ast.NilNode); !isNil {
			continue
		}
		side := pair[0]
		hint := map[kindOfNode]string{
			textKind:   fmt.Sprintf("write %s %s \"\"", side, n.Operator),
			yesNoKind:  fmt.Sprintf("write %s alone, or not %[1]s", bracketed(side)),
			numberKind: fmt.Sprintf("write %s %s 0", side, n.Operator),
		}[kindOf(side)]
		if hint != "" {
			return &slip{at, fmt.Sprintf("%s is never nil", side), hint}
		}
	}
	return nil
}
