package templates

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inQuotes tells of a quote that is not closed, and of a backslash that means nothing.
func (s *slips) inQuotes(at int) *slip {
	for _, t := range s.tokens {
		if !t.isText() && strings.ContainsAny(t.text, "\"'`") {
			if back := strings.IndexByte(s.text[t.at:], '\\'); back >= 0 && t.at+back < at && t.text != "`" {
				if found := s.backslash(lexeme{s.text[t.at:], t.at}); found != nil {
					return found
				}
			}
			return &slip{t.at, "a quote is not closed", "every " + t.text + " needs another in its line"}
		}
		if t.isText() && at < t.at+len(t.text) {
			if found := s.backslash(t); found != nil {
				return found
			}
			return &slip{t.at, "this text cannot be read", "write two backslashes where one is meant"}
		}
	}
	return &slip{at, "a quote is not closed", "every quote needs another in its line"}
}

// backslash finds one of a text in quotes that nothing is known of.
func (s *slips) backslash(t lexeme) *slip {
	for i := 1; i+1 < len(t.text); i++ {
		if t.text[i] != '\\' {
			continue
		}
		next, size := utf8.DecodeRuneInString(t.text[i+1:])
		if !strings.ContainsRune(`abfnrtv\`+t.text[:1], next) {
			return &slip{t.at + i, fmt.Sprintf("`\\%c` means nothing in quotes", next), fmt.Sprintf("write `\\\\%c`", next)}
		}
		i += size
	}
	return nil
}

// character tells of one that no expression has.
func (s *slips) character(at int) *slip {
	found, _ := utf8.DecodeRuneInString(s.text[min(at, len(s.text)):])
	said := fmt.Sprintf("`%c` means nothing here", found)
	meant := map[rune]string{
		'≠': "!=", '≤': "<=", '≥': ">=", '≈': "==", '–': "-", '—': "-", '−': "-", '×': "*", '÷': "/", '∧': "&&", '∨': "||", '¬': "not",
		'＝': "==", '＆': "&&", '（': "(", '）': ")", '，': ",", '∈': "in", '∉': "not in",
	}
	switch {
	case strings.ContainsRune("“”„‟‘’‚‛«»‹›′″´＂", found):
		return &slip{at, fmt.Sprintf("`%c` is no quote here", found), `write straight quotes: " or '`}
	case meant[found] != "":
		return &slip{at, said, "write " + meant[found]}
	case found == utf8.RuneError:
		return &slip{at, "this character cannot be read", "save the file as UTF-8"}
	case !unicode.IsPrint(found):
		return &slip{at, "a character that cannot be seen stands here", "take it out: write the words around it anew"}
	default:
		return &slip{at: at, said: said}
	}
}

// quote: a quote inside of a text in the same quotes ends it: 'O'Neil'.
func (s *slips) quote() *slip {
	t, left := s.before(0), s.before(1)
	end := t.at + len(t.text)
	if !t.begins() || t.isText() || !left.isText() || left.at+len(left.text) != t.at || end >= len(s.text) || s.text[end] != left.text[0] {
		return nil
	}
	if len(left.text) == 2 {
		return unexpected(t, "one of the quotes before it is too many")
	}
	if left.text[0] == '\'' {
		return unexpected(t, `the quote before it ends the text: write double quotes around all of it`)
	}
	return unexpected(t, fmt.Sprintf(`the quote before it ends the text: write \%c for one inside of it`, left.text[0]))
}
