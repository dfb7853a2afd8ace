package templates

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Fields returns where the expression names fields of the event, in order. A FieldUse's Template is "when".
func (c *Condition) Fields() []FieldUse { return slices.Clone(c.fields) }

// namedFields gathers where an expression names fields of the event.
type namedFields struct {
	text []rune
	uses []FieldUse
}

// Visit is called by the compiler for every node, perhaps more than once.
func (n *namedFields) Visit(node *ast.Node) {
	call, ok := (*node).(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return
	}
	function, named := call.Callee.(*ast.IdentifierNode)
	field, written := call.Arguments[0].(*ast.StringNode)
	if !named || !written || !slices.Contains([]string{"changed", "daysMoved", "before", "after"}, function.Value) {
		return
	}
	before := string(n.text[:min(field.Location().From, len(n.text))])
	use := FieldUse{Template: "when", Field: field.Value}
	use.Line, use.Column = position(before, len(before))
	if !slices.Contains(n.uses, use) {
		n.uses = append(n.uses, use)
	}
}

// inOrder returns what was gathered, in the order of the text.
func (n *namedFields) inOrder() []FieldUse {
	slices.SortFunc(n.uses, func(a, b FieldUse) int {
		return byPlace(&Error{Line: a.Line, Column: a.Column}, &Error{Line: b.Line, Column: b.Column})
	})
	return n.uses
}

// isFieldName reports whether an operand of a comparison is the name of a field as sent: .Field, .Change.Field.
func isFieldName(operand string) bool {
	return operand == ".Field" || strings.HasSuffix(operand, ".Field")
}
