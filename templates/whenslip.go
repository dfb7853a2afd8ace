package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a text in quotes, a number or a sign of an expression.
type token struct {
	text string
	at   int // in bytes
}

func (t token) isText() bool {
	return len(t.text) > 1 && strings.ContainsRune("\"'`", rune(t.text[0])) && t.text[0] == t.text[len(t.text)-1]
}

func (t token) isNumber() bool { return t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' }

func (t token) isWord() bool {
	first, _ := utf8.DecodeRuneInString(t.text)
	return unicode.IsLetter(first) || first == '_'
}

func (t token) isOperator() bool {
	return slices.Contains([]string{"and", "or", "not", "in", "matches", "contains", "startsWith", "endsWith", "if", "else", "let"}, t.text)
}

// isOperand reports whether a token can stand before an operator.
func (t token) isOperand() bool {
	return t.isText() || t.isNumber() || t.isWord() && !t.isOperator() || t.text == ")" || t.text == "]"
}

// begins reports whether a token begins a value.
func (t token) begins() bool {
	return t.isText() || t.isNumber() || t.isWord() && !t.isOperator()
}

// tokensOf reads the tokens of a text that the expression language may refuse. Comments and blanks are none.
func tokensOf(text string) []token {
	pattern := regexp.MustCompile("//[^\n]*|(?s:/\\*.*?\\*/)|" + `"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|` + "`[^`]*`" +
		`|[\pL_$][\pL\pN_$]*|\pN[\pL\pN_]*(?:\.\pN[\pL\pN_]*)?|&&|\|\||={2,3}|!==?|:=|=[~<>]|<>|<=|>=|\?[?.]|\*\*|\.\.|\{\{|\}\}|\S`)
	var all []token
	for _, place := range pattern.FindAllStringIndex(text, -1) {
		t := token{text[place[0]:place[1]], place[0]}
		if !strings.HasPrefix(t.text, "//") && !strings.HasPrefix(t.text, "/*") {
			all = append(all, t)
		}
	}
	return all
}

// slips finds what a person had in mind where an expression cannot be read.
type slips struct {
	text   string
	tokens []token
	i      int // the token that is not understood; len(tokens) where the text ends too early
}

// slipAt returns what is wrong where the expression language cannot read a text, at a byte of it; nil where it can be read
// and is wrong all the same.
func slipAt(text string, at int, heard string) *slip {
	s := &slips{text: text, tokens: tokensOf(text)}
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

// before returns the token that is n before the one that is not understood; an empty one where there is none.
func (s *slips) before(n int) token { return s.nth(s.i - n) }

func (s *slips) nth(i int) token {
	if i < 0 || i >= len(s.tokens) {
		return token{at: len(strings.TrimRightFunc(s.text, unicode.IsSpace))}
	}
	return s.tokens[i]
}

func unexpected(t token, hint string) *slip {
	head, whole := firstRunes(t.text, 40)
	if !whole {
		head += "…"
	}
	return &slip{t.at, "`" + head + "` is not expected here", hint}
}

// braces: a template where a condition belongs.
func (s *slips) braces() *slip {
	open := slices.IndexFunc(s.tokens, func(t token) bool { return t.text == "{{" })
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
	if t.text == "%" || s.before(1).text == "%" && s.before(2).isNumber() && !t.begins() {
		return &slip{s.before(1).at, "`%` is not expected here", "write the number alone"}
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
		calls = append(calls, fmt.Sprintf("%s(\"%s\")", function.text, strings.Trim(s.nth(i).text, "\"'`")))
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
	case left.isOperand() && right.text != "" && s.depth() == 0:
		return unexpected(t, "write && where both have to be true, || where one is enough")
	default:
		return unexpected(t, "")
	}
}

// depth is how many brackets are open before what is not understood; below zero where one too many is closed by it.
func (s *slips) depth() int {
	open := 0
	for i := range min(s.i+1, len(s.tokens)) {
		switch s.tokens[i].text {
		case "(", "[", "{":
			open++
		case ")", "]", "}":
			open--
		}
	}
	return open
}

// ending: the text ends before it is complete.
func (s *slips) ending() *slip {
	if s.i < len(s.tokens) {
		return nil
	}
	const said = "it ends too early"
	last := s.before(1)
	at := max(0, last.at+len(last.text)-1)
	if n := len(s.tokens); n == 0 {
		return &slip{0, said, `write a question such as changed("Budget")`}
	}
	if !last.isOperand() && last.text != "(" && last.text != "[" && last.text != "," && last.text != "}" && last.text != "{" {
		return &slip{at, said, "what belongs behind " + last.text + " is missing"}
	}
	if s.depth() == 1 && (last.isOperand() || last.text == "(") {
		for i := len(s.tokens) - 1; i >= 0; i-- {
			s.i = i
			if open := s.tokens[i].text; s.depth() == 1 && (open == "(" || open == "[") {
				return &slip{at, said, "a " + map[string]string{"(": ")", "[": "]"}[open] + " is missing"}
			}
		}
	}
	return &slip{at, said, "a bracket, or what follows the last word, is missing"}
}

// closing: a bracket that closes none, or too early.
func (s *slips) closing() *slip {
	t := s.before(0)
	switch {
	case t.text != ")" && t.text != "]" && t.text != "}":
		return nil
	case s.depth() < 0:
		return unexpected(t, "it closes nothing: leave it out, or open a bracket before it")
	case !s.before(1).isOperand() && s.before(1).text != "" && s.before(1).text != "(" && s.before(1).text != ",":
		return unexpected(t, "what belongs behind "+s.before(1).text+" is missing")
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
