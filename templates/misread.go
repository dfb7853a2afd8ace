package templates

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"text/template/parse"
)

// parseTrees parses the text of a template.
func parseTrees(text string) (map[string]*parse.Tree, error) {
	tree, all := parse.New(root), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck // unknown functions are found by the check, which knows the column
	_, err := tree.Parse(text, "", "", all)
	return all, err
}

// misreading is a template that the parser refuses, up to the token at which it stopped.
type misreading struct {
	tokens  []token // at least one
	last    int     // where the parser stopped
	message string  // what it says
}

// misread finds the place of an error of the parser, which tells only a line. The parser reads from left to right: the
// fault is at the end of the shortest text from the beginning that gives the same error.
func misread(name, text string, err error) *Error {
	fault := &Error{Template: name, Text: messageOf(err), cause: err}
	m := misreading{tokens: tokensOf(text), message: fault.Text}
	if len(m.tokens) == 0 {
		return fault
	}
	m.last = sort.Search(len(m.tokens)-1, func(i int) bool {
		_, other := parseTrees(text[:m.tokens[i].end] + " ") // a dot at the very end would be read as a number
		return other != nil && messageOf(other) == m.message
	})
	offset, said := m.explain()
	fault.Line, fault.Column = position(text, offset)
	fault.Text = said
	return fault
}

// messageOf returns what the parser says, without the places that it tells.
func messageOf(err error) string {
	message := strings.TrimPrefix(err.Error(), "template: "+root+":")
	_, message = leadingNumber(message)
	return regexp.MustCompile(`( in action)? started at \(root\):\d+$`).ReplaceAllString(strings.TrimSpace(message), "")
}

// explain returns the byte at which the mistake is, and what is wrong there.
func (m *misreading) explain() (offset int, said string) {
	at := m.tokens[m.last]
	switch {
	case m.says("unexpected EOF", "unexpected {{", "unexpected <define>", "expected end; found", "{{break}}", "{{continue}}"):
		return m.misplaced()
	case m.says("unclosed action"):
		return m.tokens[m.opening(len(m.tokens)-1)].start, m.message
	case m.says("missing value for"):
		return m.valueless()
	case m.says("non executable command"):
		stage := m.stage()
		return stage.start, "`" + short(stage.text, maxName) + "` is no function, so nothing can be given to it"
	case m.says("template: multiple definition"):
		return m.defined().start, strings.TrimPrefix(m.message, "template: ")
	case m.says("range can only") && at.text == ",":
		return m.after().start, m.message
	case m.says("unclosed left paren"):
		return m.bracket().start, m.message
	case m.says("comment ends before closing delimiter"):
		return at.end - len("*/"), m.message
	default:
		return m.explainWord()
	}
}

// explainWord is explain for a single word or sign.
func (m *misreading) explainWord() (offset int, said string) {
	at := m.tokens[m.last]
	switch {
	case m.says("undefined variable"):
		return m.unknownVariable()
	case m.says("unexpected . after term"):
		return at.start, "unexpected . after term " + short(m.before().text, maxName)
	case m.says("bad number syntax", "illegal number syntax"):
		return m.number()
	case m.says("malformed character constant"):
		return at.start, `write double quotes: "` + short(strings.Trim(at.text, "'"), maxName) + `"`
	case m.says("unexpected ") && !m.says("unexpected right paren"):
		return m.unexpected()
	case m.says("bad character", "unrecognized character"):
		return m.character()
	default:
		return at.start, m.message
	}
}

// says reports whether what the parser says begins with one of some words.
func (m *misreading) says(some ...string) bool {
	return slices.ContainsFunc(some, func(begin string) bool { return strings.HasPrefix(m.message, begin) })
}

// opening returns which token opens the action that a token belongs to.
func (m *misreading) opening(of int) int {
	for i := of; i >= 0; i-- {
		if m.tokens[i].kind == opening {
			return i
		}
	}
	return of
}

// word returns what an action begins with; false where it is empty.
func (m *misreading) word(opened int) (token, bool) {
	if opened+1 < len(m.tokens) && m.tokens[opened].kind == opening && m.tokens[opened+1].kind == otherwiseIn {
		return m.tokens[opened+1], true
	}
	return token{}, false
}

// valueless finds what is not followed by a value: a :=, a word, a bracket or a {{.
func (m *misreading) valueless() (offset int, said string) {
	opened := m.opening(m.last)
	word, found := m.word(opened)
	switch before := m.before(); {
	case before.text == ":=" || before.text == "=":
		return before.start, "missing value for " + before.text
	case m.message == "missing value for parenthesized pipeline":
		return m.bracket().start, m.message
	case found:
		return word.start, m.message
	}
	return m.tokens[opened].start, m.message
}

// bracket returns the ( that is not closed before the last token.
func (m *misreading) bracket() token {
	closed := 0
	for i := m.last - 1; i >= 0 && m.tokens[i].kind != opening; i-- {
		switch m.tokens[i].text {
		case ")":
			closed++
		case "(":
			if closed == 0 {
				return m.tokens[i]
			}
			closed--
		}
	}
	return m.tokens[m.last]
}

// stage returns what stands behind a | and can be given nothing.
func (m *misreading) stage() token {
	stage, err := strconv.Atoi(m.message[strings.LastIndexByte(m.message, ' ')+1:])
	if err != nil {
		return m.tokens[m.last]
	}
	begin := m.opening(m.last)
	if open := m.bracket(); open.text == "(" {
		begin = slices.Index(m.tokens, open)
	}
	depth := 0
	for i := begin + 1; i < m.last; i++ {
		switch m.tokens[i].text {
		case "(":
			depth++
		case ")":
			depth--
		case "|":
			if depth == 0 {
				stage--
			}
			if stage == 1 {
				return m.tokens[i+1]
			}
		}
	}
	return m.tokens[m.last]
}
