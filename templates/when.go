package templates

import (
	"fmt"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/ppmrelay/ppmrelay/event"
)

// Bounds of an expression. It has no loops and no variables, so its time and memory follow from its length and
// the event.
const (
	maxExpression = 4 << 10 // bytes
	maxNodes      = 500
	maxMemory     = 10_000 // elements that a range like 1..9 makes
	maxLooked     = 4096   // characters of a name, or of what a regular expression matches, that are looked at
)

// Condition is an expression that was compiled: whether an event is told. It is safe for concurrent use.
type Condition struct {
	words   *Words
	text    string
	program *vm.Program
	fields  []FieldUse
}

// whenData is what an expression sees, by its expr names.
//
//	changed("OverallStatus") || daysMoved("FinishDate") > 7
//	after("OverallStatus") == "Critical" && Initiator != "Anna Doe"
//	after("Budget") > 100000 and Parent startsWith "Digital"
//	"Brian Adams" in after("Manager")
//
// Fields are named as sent. What before and after return is compared as in templates: by label, digits, yes or no; with
// numbers and days ("2022-03-31") also by < <= > >=, which are false where there is no value.
type whenData struct {
	Type      string `expr:"Type"`      // "Project:Updated"
	Action    string `expr:"Action"`    // "Updated"
	Kind      string `expr:"Kind"`      // "Project", "KeyDate"
	Name      string `expr:"Name"`      // of the entity, after the change
	Parent    string `expr:"Parent"`    // name of the parent; may be empty
	Initiator string `expr:"Initiator"` // name of who made the change; empty where nobody is named
	Account   string `expr:"Account"`   // of the same: "anna.doe@company.com"
	Late      bool   `expr:"Late"`      // newer changes were told before
	Recovered bool   `expr:"Recovered"` // nobody sent it: it was found by comparing

	Changed   func(field string) bool  `expr:"changed"`   // whether the field has another value than before
	DaysMoved func(field string) int   `expr:"daysMoved"` // 14 is later, -1 earlier, 0 not moved or no date
	Before    func(field string) Value `expr:"before"`    // no value where it was not sent
	After     func(field string) Value `expr:"after"`     // the same
}

func (w *Words) whenData(e event.Event, changes func() []event.Change) whenData {
	find := func(field string) (event.Change, bool) {
		for _, c := range changes() {
			if w.isField(e.Entity.Kind, c.Field, field) {
				return c, true
			}
		}
		return event.Change{}, false
	}
	value := func(attributes event.Attributes, field string) Value {
		a, _ := w.get(attributes, e.Entity.Kind, field)
		return w.attribute(e.Entity.Kind, a)
	}
	name := func(s string) string { head, _ := firstRunes(s, maxLooked); return head }
	return whenData{
		Type: string(e.Type), Action: e.Type.Action(), Kind: e.Entity.Kind, Late: e.Late, Recovered: e.Recovered,
		Name: name(e.Entity.Name), Parent: name(e.Parent.Name),
		Initiator: name(e.Initiator.Name), Account: name(e.Initiator.Account),
		Changed: func(field string) bool { _, ok := find(field); return ok },
		DaysMoved: func(field string) int {
			c, _ := find(field)
			days, _ := c.DaysMoved()
			return days
		},
		Before: func(field string) Value { return value(e.Before, field) },
		After:  func(field string) Value { return value(e.Attributes, field) },
	}
}

// When compiles an expression, which must be true or false. The error is an *Error whose Template is "when".
func (w *Words) When(text string) (*Condition, error) {
	if len(text) > maxExpression {
		return nil, &Error{Template: "when", Text: fmt.Sprintf("it is longer than %d KB", maxExpression>>10), Hint: "write several routes"}
	}
	found, sure, fault := compilePatterns(text)
	if fault == nil {
		fault = misunderstood(text)
	}
	if fault != nil {
		return nil, fault
	}
	limits, named := &expressionLimits{}, &namedFields{text: []rune(text)}
	options := append(comparisons(found), expr.Env(whenData{}), expr.AsBool(), expr.MaxNodes(maxNodes),
		expr.DisableAllBuiltins(), expr.Patch(limits), expr.Patch(named))
	program, err := expr.Compile(text, options...)
	if limits.fault != "" {
		fault := &Error{Template: "when"}
		fault.tell(text, slip{placeOf(text, limits.node), limits.fault, limits.hint})
		return nil, fault
	}
	if err != nil {
		return nil, expressionFault(text, err)
	}
	c := &Condition{words: w, text: text, program: program, fields: named.inOrder()}
	samples := w.tried
	if sure {
		samples = w.brief
	}
	for _, s := range samples() {
		w.rest()
		if sure && (!s.full || len(s.net.Events) > 1) {
			continue // nothing of it can fail, which the usual ones show
		}
		if _, err := c.holds(s.net.Last(), func() []event.Change { return s.net.Changes }); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Whens compiles several expressions at once. Each has its condition or its error at its own place; an empty one has
// neither.
func (w *Words) Whens(texts []string) ([]*Condition, []error) {
	conditions, faults := make([]*Condition, len(texts)), make([]error, len(texts))
	w.atOnce(len(texts), func(i int) {
		if texts[i] != "" {
			conditions[i], faults[i] = w.When(texts[i])
		}
	})
	return conditions, faults
}

// Holds reports whether the expression is true for an event. The error is an *Error: it could not be worked out, as in
// 1 % 0.
func (c *Condition) Holds(e event.Event) (bool, error) {
	return c.holds(e, sync.OnceValue(func() []event.Change { return event.Changes(e, c.words.Ignored) }))
}

func (c *Condition) holds(e event.Event, changes func() []event.Change) (bool, error) {
	machine := vm.VM{MemoryBudget: maxMemory}
	result, err := machine.Run(c.program, c.words.whenData(e, changes))
	if err != nil {
		return false, expressionFault(c.text, err)
	}
	holds, ok := result.(bool)
	if !ok {
		return false, &Error{Template: "when", Text: "it is neither true nor false"}
	}
	return holds, nil
}

// expressionLimits refuses variables, with which a text could be doubled without end, and loops.
type expressionLimits struct {
	node        ast.Node // the last one that is refused, which is the outermost
	fault, hint string
}

// Visit is called by the compiler for every node.
func (l *expressionLimits) Visit(node *ast.Node) {
	switch (*node).(type) {
	case *ast.VariableDeclaratorNode:
		l.node, l.fault, l.hint = *node, "there is no let in a condition", "write out what it stands for"
	case *ast.BuiltinNode, *ast.PredicateNode:
		l.node, l.fault, l.hint = *node, "a condition does not go through lists", `where one of several is asked for, write "x" in after("Manager")`
	}
}
