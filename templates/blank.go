package templates

import (
	"strings"
	"text/template/parse"
	"unicode"
)

// saysNothing reports whether a text that a template printed shows nothing: blanks, characters that cannot be seen, as they
// come along when text is copied from a web page, and signs of formatting with nothing between them.
//
// This is the one place that decides it, when templates are checked and when they are used.
func saysNothing(text string) bool { return !strings.ContainsFunc(text, shows) }

// shows reports whether a character alone shows something. What is drawn from several characters, as a flag, a family or
// a digit in a box, has one among them that does.
func shows(r rune) bool {
	const brailleBlank = '\u2800'
	switch {
	case r > ' ' && r < 0x7f:
		return !strings.ContainsRune("*_~`", r)
	case r == brailleBlank, unicode.IsSpace(r), unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Z):
		return false
	default:
		return !unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
	}
}

// saysSomething reports whether a template prints something that no condition can leave out: words of its own, or the
// entity, which has a name or says that it has none.
func saysSomething(list *parse.ListNode) bool {
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			if !saysNothing(string(n.Text)) {
				return true
			}
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 && n.Pipe.String() == ".Entity" {
				return true
			}
		}
	}
	return false
}
