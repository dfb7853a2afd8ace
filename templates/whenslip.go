package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexeme is a word, a text in quotes, a number or a sign of an expression.
type lexeme struct {
	text string
	at   int // in bytes
}

func (t lexeme) isText() bool {
	return len(t.text) > 1 && strings.ContainsRune("\"'`", rune(t.text[0])) && t.text[0] == t.text[len(t.text)-1]
}

func (t lexeme) isNumber() bool { return t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' }

func (t lexeme) isWord() bool {
	first, _ := utf8.DecodeRuneInString(t.text)
	return unicode.IsLetter(first) || first == '_'
}

func (t lexeme) isOperator() bool {
	return slices.Contains([]string{"and", "or", "not", "in", "matches", "contains", "startsWith", "endsWith", "if", "else", "let"}, t.text)
}

// isOperand reports whether a token can stand before an operator.
func (t lexeme) isOperand() bool {
	return t.isText() || t.isNumber() || t.isWord() && !t.isOperator() || t.text == ")" || t.text == "]"
}

// begins reports whether a token begins a value.
func (t lexeme) begins() bool {
	return t.isText() || t.isNumber() || t.isWord() && !t.isOperator()
}

// lexemesOf reads the lexemes of a text that the expression language may refuse. Comments and blanks are none.
func lexemesOf(text string) []lexeme {
	pattern := regexp.MustCompile("//[^\n]*|(?s:/\\*.*?\\*/)|" + `"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|` + "`[^`]*`" +
		`|[\pL_$][\pL\pN_$]*|\pN[\pL\pN_]*(?:\.\pN[\pL\pN_]*)?|&&|\|\||={2,3}|!==?|:=|=[~<>]|<>|<=|>=|\?[?.]|\*\*|\.\.|\{\{|\}\}|\S`)
	var all []lexeme
	for _, place := range pattern.FindAllStringIndex(text, -1) {
		t := lexeme{text[place[0]:place[1]], place[0]}
		if !strings.HasPrefix(t.text, "//") && !strings.HasPrefix(t.text, "/*") {
			all = append(all, t)
		}
	}
	return all
}

// slips finds what a person had in mind where an expression cannot be read.
type slips struct {
	text   string
	tokens []lexeme
	i      int // the token that is not understood; len(tokens) where the text ends too early
}

// slipAt returns what is wrong where the expression language cannot read a text, at a byte of it; nil where it can be read
// and is wrong all the same.
func slipAt(text string, at int, heard string) *slip {
	s := &slips{text: text, tokens: lexemesOf(text)}
	for s.i = range s.tokens {
		if t := s.tokens[s.i]; at < t.at+len(t.text) {
			break
		}
	}
	switch {
	case strings.HasPrefix(heard, "unexpected token EOF") || heard == "unexpected end of expression":
		s.i = len(s.tokens)
	case heard == "literal not terminated" || heard == "invalid char escape" || strings.HasPrefix(heard, "unable to unescape"):
		return s.inQuotes(at)
	case strings.HasPrefix(heard, "unrecognized character"):
		return s.character(at)
	case strings.HasPrefix(heard, "invalid ") && strings.Contains(heard, " literal: ") || strings.HasSuffix(heard, "literal is too large"):
		return s.number(at, inPlainWords(heard, at))
	case strings.HasPrefix(heard, "bad number syntax") && s.day() != nil:
		return s.day()
	case strings.HasPrefix(heard, "too many arguments") && s.before(1).text == "|":
		return s.pipe()
	case !strings.HasPrefix(heard, "unexpected token") && !strings.HasPrefix(heard, "a map key") && !strings.HasPrefix(heard, "expected name"):
		return nil
	}
	for _, rule := range []func() *slip{
		s.braces, s.question, s.pipe, s.sign, s.day, s.word, s.unbracketed, s.dot, s.quote, s.comma, s.ending, s.closing, s.leftover,
	} {
		if found := rule(); found != nil {
			return found
		}
	}
	return &slip{at: at, said: "this is not expected here"}
}

// number tells of one that is too large, where it stands: the expression language names the place behind it.
func (s *slips) number(at int, told slip) *slip {
	for _, t := range s.tokens {
		if t.at <= at && t.isNumber() {
			told.at = t.at
		}
	}
	return &told
}

// before returns the token that is n before the one that is not understood; an empty one where there is none.
func (s *slips) before(n int) lexeme { return s.nth(s.i - n) }

func (s *slips) nth(i int) lexeme {
	if i < 0 || i >= len(s.tokens) {
		return lexeme{at: len(strings.TrimRightFunc(s.text, unicode.IsSpace))}
	}
	return s.tokens[i]
}

func unexpected(t lexeme, hint string) *slip {
	head, whole := firstRunes(t.text, 40)
	if !whole {
		head += "…"
	}
	return &slip{t.at, "`" + head + "` is not expected here", hint}
}

// braces: a template where a condition belongs.
func (s *slips) braces() *slip {
	open := slices.IndexFunc(s.tokens, func(t lexeme) bool { return t.text == "{{" })
	if open < 0 {
		return nil
	}
	hint := `write a question without them, such as changed("Budget") && Action == "Updated"`
	asked := regexp.MustCompile(`^\{\{-?\s*(?:if\s+)?(changed)\s+("[^"]*")\s*-?\}\}$`)
	if m := asked.FindStringSubmatch(strings.TrimSpace(s.text)); m != nil {
		hint = fmt.Sprintf("write %s(%s)", m[1], m[2])
	}
	return &slip{s.tokens[open].at, "a condition has no {{ }}", hint}
}

// question: if, where the whole condition is one.
func (s *slips) question() *slip {
	if s.nth(0).text != "if" && s.nth(0).text != "If" && s.nth(0).text != "IF" {
		return nil
	}
	return &slip{s.tokens[0].at, "a condition has no if", "leave it out: the event is told where what stands behind it is true"}
}

// pipe: one stroke in the place of two. With a call behind it, it is known to the expression language.
func (s *slips) pipe() *slip {
	for n := range 3 {
		if t := s.before(n); t.text == "|" {
			return unexpected(t, "write ||, or the word or")
		}
	}
	return nil
}

// sign: an operator of other languages.
func (s *slips) sign() *slip {
	t := s.before(0)
	for written, meant := range map[string]string{
		"=": "==", "===": "==", ":=": "==", "!==": "!=", "<>": "!=", "=<": "<=", "=>": ">=", "=~": "matches", "&": "&&, or the word and",
	} {
		if t.text == written {
			return unexpected(t, "write "+meant)
		}
	}
	if percent := s.before(1); percent.text == "%" && s.before(2).isNumber() && !t.begins() {
		return unexpected(percent, "write the number alone")
	}
	return nil
}

// unbracketed: changed "Budget", as in a template.
func (s *slips) unbracketed() *slip {
	function, field := s.before(1), s.before(0)
	if !slices.Contains(whenFunctions(), function.text) || !field.isText() && (!field.isWord() || field.isOperator()) {
		return nil
	}
	var calls []string
	for i := s.i; s.nth(i).isText() || i == s.i; i++ {
		calls = append(calls, fmt.Sprintf("%s(%q)", function.text, strings.Trim(s.nth(i).text, "\"'`")))
	}
	if function.text != "changed" {
		calls = calls[:1]
	}
	return &slip{function.at, "the name of a field stands in brackets", "write " + strings.Join(calls, " || ")}
}

// dot: .Name, as in a template.
func (s *slips) dot() *slip {
	t, name := s.before(0), s.nth(s.i+1)
	if t.text != "." || s.before(1).isOperand() || !name.isWord() {
		return nil
	}
	return &slip{t.at, "a name has no dot before it in a condition", "write " + nameForTemplates(name.text)}
}

// nameForTemplates returns what a condition names what a template calls by this name.
func nameForTemplates(name string) string {
	switch {
	case slices.Contains(whenFunctions(), name):
		return name + `("Budget")`
	case slices.Contains(whenNames(), name):
		return name
	case name == "Entity":
		return "Name"
	case name == "By":
		return "Initiator"
	case name == "Before" || name == "After" || name == "Change" || name == "Changes" || name == "Field":
		return `changed("Budget"), before("Budget") or after("Budget")`
	default:
		return fmt.Sprintf("after(%q)", name)
	}
}
