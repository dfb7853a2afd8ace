package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// wording is how people write an operator, and what it is here.
type wording struct{ heard, meant string }

// wordings are the operators of other languages, the longer ones first.
func wordings() []wording {
	return []wording{
		{`and|und`, "and"},
		{`or|oder`, "or"},
		{`(?:is )?not in|isn't in`, "not in"},
		{`is in|in`, "in"},
		{`(?:is|are) empty`, `== ""`},
		{`(?:is )?not empty|is not empty`, `!= ""`},
		{`is not equal to|is not|isnot|isn't|not equals?|differs from|ne|neq`, "!="},
		{`(?:is )?(?:greater|more|later|bigger) than|gt`, ">"},
		{`(?:is )?(?:less|earlier|smaller) than|lt`, "<"},
		{`gte|ge`, ">="},
		{`lte|le`, "<="},
		{`(?:is )?equals? to|equals?|is|eq`, "=="},
		{`(?:does not|doesn't|not) (?:contains?|includes?|like)`, "not contains"},
		{`contains?|includes?|like|ilike|has|containing`, "contains"},
		{`(?:starts?|begins?)[ _]?with`, "startsWith"},
		{`ends?[ _]?with`, "endsWith"},
		{`match(?:es)?|rlike|regexp?`, "matches"},
		{`not`, "not"},
	}
}

// wordingAt returns the wording that a text begins with, and what stands for it here; empty where that is the same.
func wordingAt(text string) (written, meant string) {
	for _, w := range wordings() {
		written = regexp.MustCompile(`^(?i:` + w.heard + `)\b`).FindString(text)
		if written != "" {
			if written == w.meant {
				return "", ""
			}
			return written, w.meant
		}
	}
	return "", ""
}

// word: an operator in other words or letters: AND, like, startswith; also one that is written as a function.
func (s *slips) word() *slip {
	t, left := s.before(0), s.before(1)
	if strings.EqualFold(left.text, "not") && left.text != "not" {
		return unexpected(left, "write not")
	}
	if !t.isWord() {
		return nil
	}
	if left.text == "not" && s.before(2).isOperand() { // Name not like "x"
		if written, meant := wordingAt(s.text[t.at:]); meant != "" {
			return unexpected(lexeme{written, t.at}, "write "+meant)
		}
	}
	if !left.isOperand() {
		if hint := asFunction(s.text[t.at:]); hint != "" {
			return unexpected(t, hint)
		}
		return nil
	}
	if written, meant := wordingAt(s.text[t.at:]); meant != "" {
		return unexpected(lexeme{written, t.at}, "write "+meant)
	}
	if t.text == "then" {
		return unexpected(t, "leave it out: the event is told where what stands before it is true")
	}
	if near := nearest(t.text, []string{"and", "contains", "endsWith", "matches", "startsWith"}); near != "" && near != t.text && len(t.text) > 2 {
		return unexpected(t, "did you mean `"+near+"`?")
	}
	return nil
}

// asFunction returns how an operator is written that stands as a function: contains(Name, "x"); empty where it is none.
func asFunction(text string) string {
	all := lexemesOf(text)
	if len(all) < 2 || all[1].text != "(" {
		return ""
	}
	_, meant := wordingAt(all[0].text + " ")
	if meant == "" {
		meant = all[0].text
	}
	if !slices.Contains([]string{"contains", "startsWith", "endsWith", "matches"}, meant) {
		return ""
	}
	depth, from := 0, all[1].at+1
	var arguments []string
	for _, t := range all[1:] {
		switch {
		case t.text == "(" || t.text == "[":
			depth++
		case (t.text == ")" || t.text == "]") && depth > 1:
			depth--
		case (t.text == "," || t.text == ")") && depth == 1:
			arguments, from = append(arguments, strings.TrimSpace(text[from:t.at])), t.at+1
			if t.text == ")" {
				depth = 0
			}
		}
		if depth == 0 {
			break
		}
	}
	if depth != 0 || len(arguments) != 2 || arguments[0] == "" || arguments[1] == "" {
		return fmt.Sprintf("it stands between two values: Name %s \"x\"", meant)
	}
	return fmt.Sprintf("write %s %s %s", arguments[0], meant, arguments[1])
}
