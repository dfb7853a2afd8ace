package config

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const maxDepth = 32 // the deepest value that means anything has a depth of 7

// readable refuses what no editor shows, at its place: characters that are no text, and those that YAML takes for the
// end of a line and editors do not, which would make all later positions wrong.
func (s *source) readable() bool {
	for i, line := range s.lines {
		column := 1
		for j, r := range line {
			_, size := utf8.DecodeRuneInString(line[j:])
			switch {
			case r == utf8.RuneError && size == 1:
				s.add(i+1, column, "save the file as UTF-8", "this is not UTF-8 text")
				return false
			case r < ' ' && r != '\t' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
				s.add(i+1, column, "remove it", "there is a character here that cannot be seen")
				return false
			}
			column++
		}
	}
	return true
}

// inspect looks at every node for what is YAML, but not wanted here: names for values (&x, *x, <<), which would hide
// where a value stands and can grow without bound, tags (!x), and depth. What is named like a secret is kept out of
// excerpts, also where it does not belong.
func (w *walker) inspect(root *yaml.Node) {
	var last *yaml.Node
	deep := false
	var visit func(n *yaml.Node, depth int)
	visit = func(n *yaml.Node, depth int) {
		if last != nil {
			w.next[last] = n.Line
		}
		last = n
		if hint, message := riddleOf(n); message != "" {
			w.bad[n] = true
			w.fault(n, hint, "%s", message)
		}
		if depth > maxDepth && !deep {
			deep = true
			w.fault(n, "", "this is nested deeper than %d levels", maxDepth)
		}
		for _, child := range n.Content {
			visit(child, depth+1)
		}
	}
	visit(root, 0)
	w.next[last] = len(w.lines)
	w.hideNamedSecrets(root)
}

func (w *walker) hideNamedSecrets(n *yaml.Node) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && speaksOfSecrets(n.Content[i-1].Value) {
			w.hide(child)
			continue
		}
		w.hideNamedSecrets(child)
	}
}

func riddleOf(n *yaml.Node) (hint, message string) {
	switch {
	case n.Kind == yaml.AliasNode:
		return "write the value out; text that begins with * must stand in quotes", "values cannot be taken from elsewhere with *"
	case n.Anchor != "":
		return "remove it; text that begins with & must stand in quotes", "values cannot be named with &"
	case n.Tag == "!!merge":
		return "write the keys out", "sections cannot be merged with <<"
	case n.Style&yaml.TaggedStyle != 0:
		return "write '…' around it", "a value that begins with ! must stand in quotes"
	default:
		return "", ""
	}
}
