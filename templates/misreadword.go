package templates

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unexpected names the token that should not be there as it is written: the parser shortens long ones and shows its own
// words for it in < >.
func (m *misreading) unexpected() (offset int, said string) {
	at := m.tokens[m.last]
	offset = at.start
	named := at.text
	context := m.message[strings.LastIndex(m.message, " in ")+len(" in "):]
	before := m.before()
	switch {
	case at.text == "|" && before.text == "|" && before.end == at.start:
		offset, named = before.start, "||"
	case isOneOf(at.text, "=!<>&{"):
		named = m.sign()
	case at.text == "/" && m.after().text == "*":
		return offset, "comment ends before closing delimiter"
	case isOneOf(at.text, "#/") && before.kind == opening:
		return offset, `unexpected "` + at.text + `" before a word`
	case before.kind == quotedText && before.end == at.start && (at.kind == quotedText || isWord(at.text[0])):
		return offset, "no space behind a quote"
	case at.kind == closing:
		named = "}}"
	}
	return offset, `unexpected "` + short(named, maxName) + `" in ` + context
}

func isOneOf(text, signs string) bool { return len(text) == 1 && strings.ContainsAny(text, signs) }

func (m *misreading) before() token {
	if m.last == 0 {
		return token{}
	}
	return m.tokens[m.last-1]
}

func (m *misreading) after() token {
	if m.last+1 >= len(m.tokens) {
		return token{}
	}
	return m.tokens[m.last+1]
}

// sign returns the last token with what stands right behind it and belongs to it: ==, &&, {{.
func (m *misreading) sign() string {
	at, after := m.tokens[m.last], m.after()
	if after.start == at.end && (after.text == "=" || after.text == at.text || at.text+after.text == "<>") {
		return at.text + after.text
	}
	return at.text
}

// number tells of a number that is none. A - may be meant for {{- or -}}.
func (m *misreading) number() (offset int, said string) {
	at, before, after := m.tokens[m.last], m.before(), m.after()
	_, written, _ := strings.Cut(m.message, `"`)
	written = strings.TrimSuffix(written, `"`)
	if !strings.HasPrefix(at.text, written) && strings.HasPrefix(before.text, written[:min(len(written), len(before.text))]) {
		at, before, after = before, token{}, at // 5-: the parser takes both for one
	}
	switch {
	case at.text[0] == '-' && before.kind == opening && before.end == at.start:
		return at.start, "no space behind {{-"
	case strings.HasSuffix(at.text, "-") && after.kind == closing && after.start == at.end:
		return at.end - 1, "no space before -}}"
	case after.text == "-" && strings.HasSuffix(written, "-"):
		return after.start, "no space before -}}"
	case at.text == "-" || at.text == "+":
		return at.start, `unexpected "` + at.text + `" in operand`
	}
	return at.start, `bad number syntax: "` + short(at.text, maxName) + `"`
}

// character tells of a character that means nothing in an action.
func (m *misreading) character() (offset int, said string) {
	at := m.tokens[m.last]
	r, _ := utf8.DecodeRuneInString(at.text)
	switch {
	case strings.ContainsRune("{}=!<>&", r):
		return at.start, `unexpected "` + m.sign() + `" in operand`
	case strings.ContainsRune("\"'`", r) && m.last > 1 && m.tokens[m.last-2].kind == quotedText && m.tokens[m.last-2].end == m.before().start:
		return m.before().start, "no space behind a quote" // "a"b"
	case strings.ContainsRune("\"'`", r):
		return at.start, "no space before a quote"
	case r == '-' && m.after().kind == closing && m.after().start == at.end:
		return at.start, "no space before -}}"
	case r == utf8.RuneError, !unicode.IsPrint(r):
		return at.start, "there is a character here that cannot be seen"
	default:
		return at.start, "unrecognized character in action: " + string(r)
	}
}

// unknownVariable tells of a variable that is not declared, or was in a block that has ended.
func (m *misreading) unknownVariable() (offset int, said string) {
	at := m.tokens[m.last]
	opened := m.opening(m.last)
	word, _ := m.word(opened)
	if meantWord(word.text) == "range" {
		return word.start, "no function " + word.text
	}
	if word.text == "range" || word.text == "with" {
		for _, t := range m.tokens[opened:] {
			if t.kind == closing {
				break
			}
			if slices.Contains([]string{"in", "of", "as", ":"}, t.text) {
				return t.start, `unexpected "` + t.text + `" in ` + word.text + " of " + at.text
			}
		}
	}
	if m.after().text == ":" {
		return m.after().start, "expected :="
	}
	if m.wasDeclared(at.text) {
		return at.start, m.message + " any more"
	}
	return at.start, m.message
}

// wasDeclared reports whether a variable is declared before the last token, in the same define.
func (m *misreading) wasDeclared(name string) bool {
	for i := m.last - 2; i >= 0; i-- {
		if word, _ := m.word(i); word.text == "define" || word.text == "block" {
			return false
		}
		if t := m.tokens[i]; t.kind == otherwiseIn && t.text == name && slices.Contains([]string{":=", ","}, m.tokens[i+1].text) {
			return true
		}
	}
	return false
}
