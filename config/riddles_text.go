package config

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// typographic are the quotes that word processors make of straight ones.
const (
	typographic  = "“”„‘’‚«»"
	straightHint = "write straight quotes: \" or '"
)

// cutOff reports whether YAML took the end of a condition or template for a comment: a quote, or an action, is open where
// one begins.
func (w *walker) cutOff(n *yaml.Node, condition bool) bool {
	open := strings.LastIndex(n.Value, "{{") > strings.LastIndex(n.Value, "}}")
	if condition {
		open = strings.Count(n.Value, `"`)%2 == 1
	}
	if n.Style != 0 || !open {
		return false
	}
	line := w.line(n.Line)
	at := strings.Index(line, n.Value)
	return at >= 0 && strings.HasPrefix(strings.TrimLeft(line[at+len(n.Value):], " "), "#")
}

// typographic tells of a quote in an expression that only looks like one, and reports whether there is one. Inside of a
// text such a character is itself.
func (w *walker) typographic(n *yaml.Node) bool {
	var open rune
	for i, r := range n.Value {
		switch {
		case open != 0:
			if r == open {
				open = 0
			}
		case r == '"' || r == '\'' || r == '`':
			open = r
		case strings.ContainsRune(typographic, r):
			line, column := w.placed(n).At(placeIn(n.Value, i))
			w.add(line, column, straightHint, "`"+string(r)+"` is no quote here")
			return true
		}
	}
	return false
}

// placeIn returns line and column of a byte of a text, from 1.
func placeIn(text string, at int) (line, column int) {
	before := text[:at]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}
