package templates

import (
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// Silent returns a warning where a template surely says nothing about some updates: all that it says stands inside
// questions that hold for some of them only, without {{ else }}. What says nothing is told in the built-in wording, and
// whoever wrote it mostly wanted nothing to be told: that is asked in `when` of a route. Nil where it always says something,
// or nobody knows.
func (t *Template) Silent() *Error {
	questions := questionsAround(t.source.trees[root].Root)
	if len(questions) == 0 {
		return nil
	}
	var asked []string
	fieldsOnly := true
	for _, question := range questions {
		call := question.Cmds[0].Args
		switch fields := writtenNames(call[1:]); {
		case call[0].String() == "changed" && len(fields) > 0:
			for _, field := range fields {
				asked = append(asked, "changed("+strconv.Quote(field)+")")
			}
		case len(questions) > 1 && !asksForMove(call):
			return nil // together they may hold for everything
		default:
			fieldsOnly = false
		}
	}
	warning := &Error{Template: t.source.name, Text: "it says nothing where this does not hold, and the built-in wording is told then: " +
		"to tell nothing, write the question into `when` of the route"}
	if fieldsOnly {
		warning.Text = "it says nothing about an update that changes something else, and the built-in wording is told then: " +
			"to tell nothing, write when: " + strings.Join(asked, " || ") + " into the route"
	}
	warning.Line, warning.Column = position(t.source.text, int(questions[0].Pos))
	return warning
}

// questionsAround returns the questions inside which all stands that a template says, where each surely holds for some
// events only; none where something may stand outside of them.
func questionsAround(list *parse.ListNode) []*parse.PipeNode {
	if list == nil {
		return nil
	}
	var all []*parse.PipeNode
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.CommentNode:
		case *parse.TextNode:
			if !saysNothing(string(n.Text)) {
				return nil
			}
		case *parse.IfNode:
			others := questionsAround(n.ElseList) // of {{ else if … }}
			if !isOpen(n.Pipe) || n.ElseList != nil && len(others) == 0 {
				return nil
			}
			all = append(append(all, n.Pipe), others...)
		default:
			return nil
		}
	}
	return all
}

// isOpen reports whether a question surely holds for some updates and not for others: whether a field changed, a date
// moved, or a field has a value that is written.
func isOpen(question *parse.PipeNode) bool {
	if len(question.Cmds) != 1 || len(question.Decl) > 0 {
		return false
	}
	args := question.Cmds[0].Args
	switch args[0].String() {
	case "changed":
		return len(writtenNames(args[1:])) > 0
	case "and":
		return slices.ContainsFunc(args[1:], func(arg parse.Node) bool {
			inner, ok := arg.(*parse.PipeNode)
			return ok && isOpen(inner)
		})
	case "eq":
		return len(args) == 3 && literal(args[2]) != nil && asks(args[1], "field", "after", "before", "daysMoved")
	default:
		return asksForMove(args)
	}
}

// asksForMove reports whether a call asks whether a date moved, or how far.
func asksForMove(call []parse.Node) bool {
	switch call[0].String() {
	case "daysMoved":
		return true
	case "gt", "lt":
		return len(call) == 3 && literal(call[2]) != nil && asks(call[1], "daysMoved")
	default:
		return false
	}
}

// asks reports whether a node is a call of one of some functions, in parentheses.
func asks(node parse.Node, functions ...string) bool {
	inner, ok := node.(*parse.PipeNode)
	return ok && len(inner.Cmds) == 1 && slices.Contains(functions, inner.Cmds[0].Args[0].String())
}

// writtenNames returns the texts that are written; none where something else is among them.
func writtenNames(nodes []parse.Node) []string {
	var names []string
	for _, node := range nodes {
		text, ok := node.(*parse.StringNode)
		if !ok {
			return nil
		}
		names = append(names, text.Text)
	}
	return names
}
