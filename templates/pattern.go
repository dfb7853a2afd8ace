package templates

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Bounds of the regular expressions of a condition. Matching takes a time that grows with the text and with the
// instructions of the pattern, some 15 ns for one at one character: together they stay below 20 ms for an event.
const (
	maxPattern      = 200 // characters
	maxInstructions = 300 // of all patterns of a condition; .{0,40} has 80 of them
)

// patterns are the regular expressions of a condition, by their text.
type patterns map[string]*regexp.Regexp

// compilePatterns returns the patterns of an expression, and whether it is sure to fail on no event. An expression that
// cannot be read has none: compiling it says what is wrong with it.
func compilePatterns(text string) (found patterns, sure bool, fault *Error) {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, false, nil //nolint:nilerr // see above
	}
	finder := &patternFinder{text: text, found: patterns{}}
	ast.Walk(&tree.Node, finder)
	return finder.found, !MayFail(tree.Node), finder.fault
}

// patternFinder compiles what stands behind each `matches`.
type patternFinder struct {
	text         string
	found        patterns
	instructions int
	fault        *Error // the first one
}

// Visit is called for every node of an expression.
func (f *patternFinder) Visit(node *ast.Node) {
	match, ok := (*node).(*ast.BinaryNode)
	if !ok || match.Operator != "matches" || f.fault != nil {
		return
	}
	literal, ok := match.Right.(*ast.StringNode)
	if !ok {
		f.faultf(match, "what stands behind matches has to be written in quotes, so that its size is known")
		return
	}
	if f.found[literal.Value] == nil {
		f.add(match, literal.Value)
	}
}

func (f *patternFinder) add(match ast.Node, pattern string) {
	if utf8.RuneCountInString(pattern) > maxPattern {
		f.faultf(match, "a pattern is longer than %d characters", maxPattern)
		return
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		f.unread(match, err)
		return
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		f.unread(match, err)
		return
	}
	if f.instructions += len(program.Inst); f.instructions > maxInstructions {
		f.faultf(match, "the patterns are too large to be matched quickly: repeat less, as in .* for .{0,100}")
		return
	}
	f.found[pattern], err = regexp.Compile(pattern)
	if err != nil {
		f.unread(match, err)
	}
}

func (f *patternFinder) faultf(node ast.Node, format string, args ...any) {
	f.fault = &Error{Template: "when", Text: fmt.Sprintf(format, args...)}
	from, _ := firstRunes(f.text, node.Location().From)
	f.fault.Line, f.fault.Column = position(f.text, len(from))
}

// unread tells what is wrong with a pattern that cannot be read.
func (f *patternFinder) unread(node ast.Node, err error) {
	f.faultf(node, "%s", err)
	plain := inPlainWords(f.fault.Text, -1)
	f.fault.Text, f.fault.Hint = plain.said, plain.hint
}

// match reports whether a value matches one of the patterns.
func (p patterns) match(value, pattern any) (bool, error) {
	text, _ := pattern.(string)
	compiled := p[text]
	if compiled == nil {
		return false, fmt.Errorf("no pattern %q", text)
	}
	head, _ := firstRunes(bare(value), maxLooked)
	return compiled.MatchString(head), nil
}
