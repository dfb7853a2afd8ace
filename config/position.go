package config

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// text reads a template or an expression with its place.
func (w *walker) text(path string, at place, target *Text) {
	value, ok := w.plain(path, at, "text")
	if !ok {
		return
	}
	n := at.value
	condition := leaf(path) == "when"
	if w.cutOff(n, condition) {
		w.bad[n] = true
		w.fault(n, hashHint, "%s is cut off: %s", nameOf(path), hashMessage)
		return
	}
	if condition && w.typographic(n) {
		w.bad[n] = true
		return
	}
	*target = w.placed(n)
	target.Value = value
}

// placed returns a text with its place.
func (w *walker) placed(n *yaml.Node) Text {
	text := Text{Value: n.Value, Line: n.Line, Column: n.Column}
	switch {
	case n.Style&yaml.LiteralStyle != 0:
		text.Block, text.indent = true, w.blockIndent(n)
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		text.indent = 1
	}
	return text
}

// blockIndent counts the characters before the lines of a block: those before its first line with text, less those that
// are part of the text.
func (w *walker) blockIndent(n *yaml.Node) int {
	for i, line := range strings.Split(n.Value, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		return max(utf8.RuneCountInString(w.line(n.Line+1+i))-utf8.RuneCountInString(line), 0)
	}
	return 0
}

// hide keeps all lines of a node and of what is below it out of excerpts.
func (w *walker) hide(n *yaml.Node) {
	for line := n.Line; line <= w.lastLine(n); line++ {
		w.hidden[line] = true
	}
	for _, child := range n.Content {
		w.hide(child)
	}
}

// forget keeps a key out of excerpts that show keys alone.
func (w *walker) forget(key *yaml.Node) {
	w.keys[key.Line] = slices.DeleteFunc(w.keys[key.Line], func(n *yaml.Node) bool { return n == key })
}

// lastLine returns the last line that a scalar may reach. A scalar that does not visibly end in its own line is taken
// to reach to the next node.
func (w *walker) lastLine(n *yaml.Node) int {
	if n.Kind != yaml.ScalarNode || w.endsInLine(n) {
		return n.Line
	}
	return max(n.Line, w.next[n])
}

// endsInLine reports whether a scalar stands in its line as it was read.
func (w *walker) endsInLine(n *yaml.Node) bool {
	written := n.Value
	switch n.Style {
	case 0:
	case yaml.DoubleQuotedStyle:
		written = `"` + n.Value + `"`
	case yaml.SingleQuotedStyle:
		written = `'` + n.Value + `'`
	default:
		return false
	}
	if w.last != n.Line {
		w.last, w.runes = n.Line, []rune(w.line(n.Line))
	}
	begin := min(max(n.Column-1, 0), len(w.runes))
	end := min(begin+utf8.RuneCountInString(written), len(w.runes))
	return string(w.runes[begin:end]) == written
}

// learn notes the value of a secret, so that no fault repeats it. Very short ones would black out common words.
func (w *walker) learn(value string) {
	if len(value) >= 6 {
		w.secrets = append(w.secrets, value)
	}
}
