package templates

import (
	"slices"
	"strings"
)

// comma: between two questions, or inside of a number.
func (s *slips) comma() *slip {
	t, left, right := s.before(0), s.before(1), s.nth(s.i+1)
	if left.isNumber() && t.isNumber() && len(t.text) == 3 {
		return unexpected(t, "write "+left.text+t.text)
	}
	switch {
	case t.text != "," && t.text != ";":
		return nil
	case left.isNumber() && right.isNumber() && len(right.text) == 3:
		return unexpected(t, "write "+left.text+right.text)
	case left.isOperand() && right.text != "" && s.open(s.i) == "" && s.open(len(s.tokens)) == "":
		return unexpected(t, "write && where both have to be true, || where one is enough")
	default:
		return unexpected(t, "")
	}
}

// open returns the bracket that is still open before the nth token; empty where none is. A bracket that closes nothing is
// returned itself.
func (s *slips) open(n int) string {
	var open []string
	for _, t := range s.tokens[:n] {
		switch {
		case t.text == "(" || t.text == "[" || t.text == "{":
			open = append(open, t.text)
		case t.text != ")" && t.text != "]" && t.text != "}":
		case len(open) == 0:
			return t.text
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return ""
	}
	return open[len(open)-1]
}

// closes returns the bracket that closes another; empty where it is none that opens.
func closes(open string) string { return map[string]string{"(": ")", "[": "]", "{": "}"}[open] }

// ending: the text ends before it is complete.
func (s *slips) ending() *slip {
	if s.i < len(s.tokens) {
		return nil
	}
	const said = "it ends too early"
	if len(s.tokens) == 0 {
		return &slip{0, said, `write a question such as changed("Budget")`}
	}
	last, missing := s.before(1), closes(s.open(s.i))
	at := max(0, last.at+len(last.text)-1)
	switch {
	case !last.isOperand() && !strings.ContainsAny(last.text, "([{},"):
		return &slip{at, said, "what belongs behind " + last.text + " is missing"}
	case missing != "" && last.isOperand():
		return &slip{at, said, "a " + missing + " is missing"}
	default:
		return &slip{at, said, "a bracket, or what follows the last word, is missing"}
	}
}

// closing: a bracket that closes none, or too early.
func (s *slips) closing() *slip {
	t, left, missing := s.before(0), s.before(1), closes(s.open(s.i))
	switch {
	case t.text != ")" && t.text != "]" && t.text != "}":
		return nil
	case s.open(s.i) == "":
		return unexpected(t, "it closes nothing: leave it out, or open a bracket before it")
	case missing != "" && missing != t.text && left.isOperand():
		return unexpected(t, "a "+missing+" is missing before it")
	case left.text != "" && !left.isOperand() && !strings.ContainsAny(left.text, "([{,"):
		return unexpected(t, "what belongs behind "+left.text+" is missing")
	default:
		return unexpected(t, "")
	}
}

// leftover: two values side by side, and all else.
func (s *slips) leftover() *slip {
	t, left, right := s.before(0), s.before(1), s.nth(s.i+1)
	switch {
	case left.isNumber() && slices.Contains([]string{"d", "day", "days", "Tage", "EUR", "USD"}, t.text):
		return unexpected(t, "write the number alone")
	case t.isWord() && right.begins(): // perhaps an operator of some language
	case t.begins() && left.isOperand():
		return unexpected(t, "something is missing before it: && or || between two questions, == or contains between two values")
	}
	return unexpected(t, "")
}
