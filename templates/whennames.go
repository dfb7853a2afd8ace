package templates

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/ppmrelay/ppmrelay/event"
)

// unknownName returns the name that the expression language does not know.
func unknownName(heard string) (string, bool) {
	if name, ok := strings.CutPrefix(heard, "unknown name "); ok {
		return name, true
	}
	name, ok := strings.CutPrefix(heard, "cannot fetch ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, " from templates.whenData")
}

// unknown tells of a name that is not known, and of what is meant by it.
func (f *Error) unknown(text, name string, at int) {
	f.tell(text, slip{at, "no name " + name, ""})
	node, parent := nodeAt(text, at, func(n ast.Node) bool {
		id, ok := n.(*ast.IdentifierNode)
		return ok && id.Value == name
	})
	if hint := meantByName(text, name, at); hint != "" {
		f.Hint = hint
		return
	}
	if isYesNoWord(name) {
		f.Hint = fmt.Sprintf("a text stands in quotes: write %q", name)
		if other, ok := parent.(*ast.BinaryNode); ok && kindOf(other.Left) == yesNoKind {
			f.Hint = hintForLiteral(other.Operator, other.Left, &ast.BoolNode{})
		}
		return
	}
	if f.Nearest = nearest(name, whenNames()); f.Nearest != "" {
		f.Text += didYouMean(f.Nearest)
		return
	}
	switch {
	case name == "now" || name == "today":
		f.Text = "there is no today: what changed is told when it changes; daysMoved is by how many days a date moved"
	case isCalled(text, name, at):
		f.Text, f.Hint = "there is no function "+name, meantByFunction(name)
	case isUsualField(name):
		f.Text = fmt.Sprintf("no name %s; a field is written after(%q)", name, name)
	case isCompared(parent, node):
		f.Hint = fmt.Sprintf("a text stands in quotes: write %q", name)
	}
}

// isNothing reports whether a name is that of nil in other languages.
func isNothing(name string) bool {
	return slices.Contains([]string{"null", "none", "undefined", "nothing"}, strings.ToLower(name))
}

func isYesNoWord(name string) bool {
	return strings.EqualFold(name, "yes") || strings.EqualFold(name, "no")
}

// meantByName returns what to write for a name that is known by others; empty where nothing is.
func meantByName(text, name string, at int) string {
	isCall := isCalled(text, name, at)
	switch lower := strings.ToLower(name); {
	case isCall && lower == "not":
		return "write not"
	case isCall && lower != "has":
		return asFunction(text[at:])
	case isNothing(name):
		return "write nil"
	case lower == "true" || lower == "false":
		return "write " + lower
	case slices.Contains(wordsOfTypes(), name):
		return fmt.Sprintf("a text stands in quotes: write %q", name)
	case name == "Entity" || name == "By":
		return "write " + nameForTemplates(name)
	default:
		return ""
	}
}

// isCalled reports whether a bracket stands behind a name.
func isCalled(text, name string, at int) bool {
	behind, ok := strings.CutPrefix(text[min(at, len(text)):], name)
	return ok && strings.HasPrefix(strings.TrimSpace(behind), "(")
}

// wordsOfTypes are the words of types of events.
func wordsOfTypes() []string {
	var all []string
	for _, t := range event.Types() {
		all = append(all, t.Entity(), t.Action())
	}
	return all
}

// meantByFunction returns what does the same as a function of other languages.
func meantByFunction(name string) string {
	switch lower := strings.ToLower(name); {
	case meantByLetters(name) != "":
		return meantByLetters(name)
	case slices.Contains([]string{"field", "value", "get"}, lower):
		return `write after("Budget"), or before("Budget")`
	case lower == "has":
		return `write "Brian Adams" in after("Manager")`
	case lower == "eq" || lower == "ne" || lower == "gt" || lower == "lt" || lower == "ge" || lower == "le":
		return `write a sign between two values: Name == "x"`
	default:
		return "there is " + strings.Join(whenFunctions(), ", ")
	}
}

// meantByLetters returns what does the same as lower and upper.
func meantByLetters(function string) string {
	if lower := strings.ToLower(function); !strings.Contains(lower, "lower") && !strings.Contains(lower, "upper") {
		return ""
	}
	return `for letters of any case write (?i): Name matches "(?i)pilot"`
}

// isCompared reports whether a node stands behind an operator that compares, also in a list.
func isCompared(parent, node ast.Node) bool {
	switch p := parent.(type) {
	case *ast.BinaryNode:
		return p.Right == node && compares(p)
	case *ast.ArrayNode:
		return true
	default:
		return false
	}
}
