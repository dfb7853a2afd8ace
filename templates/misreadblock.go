package templates

import (
	"slices"
	"strconv"
	"strings"
)

// misplaced tells of an action that begins, parts or ends what is not there.
func (m *misreading) misplaced() (offset int, said string) {
	last, meant := m.last, []string{"end"}
	switch {
	case m.says("unexpected EOF"):
		last = len(m.tokens) - 1
	case m.says("unexpected {{"):
		meant = []string{"if", "range", "with", "else if"}
	case !m.says("unexpected <define>"):
		return m.tokens[m.opening(last)].start, m.message
	}
	if word, found := m.slip(last, meant...); found {
		return word.start, "no function " + word.text
	}
	switch {
	case m.says("unexpected EOF"):
		return m.unended()
	case m.says("unexpected {{"):
		return m.tokens[m.opening(last)].start, m.message
	default:
		return m.unexpected()
	}
}

// slip finds the first action that begins with a word of another language, or in capitals, for one of ours.
func (m *misreading) slip(last int, meant ...string) (token, bool) {
	for i := range last + 1 {
		if word, found := m.word(i); found && slices.Contains(meant, meantWord(word.text)) {
			return word, true
		}
	}
	return token{}, false
}

// unended finds which {{ if }} has no {{ end }}.
func (m *misreading) unended() (offset int, said string) {
	var open []int
	for i := range m.tokens {
		switch word, _ := m.word(i); word.text {
		case "if", "with", "range", "define", "block":
			open = append(open, i)
		case "end":
			open = open[:max(len(open)-1, 0)]
		}
	}
	if len(open) == 0 {
		return m.tokens[m.last].start, m.message
	}
	last := open[len(open)-1]
	return m.tokens[last].start, m.message + ": no end of {{ " + m.tokens[last+1].text + " }}"
}

// defined returns the name of the define that has the name of another one.
func (m *misreading) defined() token {
	_, name, _ := strings.Cut(m.message, "definition of template ")
	name, _ = strconv.Unquote(name) // else none is found
	for i := m.last; i > 0; i-- {
		written, err := strconv.Unquote(m.tokens[i].text)
		if before := m.tokens[i-1].text; err == nil && written == name && (before == "define" || before == "block") {
			return m.tokens[i]
		}
	}
	return m.tokens[m.last]
}

// meantWord returns which of our words somebody means who knows another language; empty where the word is ours, or
// anything else.
func meantWord(word string) string {
	meant := ""
	switch strings.ToLower(word) {
	case "if", "unless":
		meant = "if"
	case "range", "for", "foreach", "each", "while", "loop":
		meant = "range"
	case "with":
		meant = "with"
	case "else":
		meant = "else"
	case "elseif", "elsif", "elif", "else_if":
		return "else if"
	case "end", "endif", "endfor", "endforeach", "endrange", "endwith", "endeach", "endloop", "endwhile", "fi", "done":
		meant = "end"
	}
	if word == meant {
		return ""
	}
	return meant
}
