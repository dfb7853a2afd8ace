package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of a template between whose neighbours its text can be cut, so that the parser reads what is before the
// cut as it reads it in the whole.
type token struct {
	kind       tokenKind
	start, end int // bytes
	text       string
}

type tokenKind int

const (
	plainText   tokenKind = iota // also comments
	opening                      // {{ or {{-
	closing                      // }} or -}}
	quotedText                   // in any of the three quotes; to the end of the line, or the text, where none closes it
	otherwiseIn                  // inside an action: a word, a number, a sign
)

// tokensOf reads a template as the parser of text/template does, up to its first fault. The parser itself tells no places
// but lines.
func tokensOf(text string) []token {
	var all []token
	inside := false
	for at := 0; at < len(text); {
		next := tokenOutside
		if inside {
			at += blanksBefore(text[at:])
			next = tokenInside
		}
		kind, length := next(text[at:])
		if length == 0 {
			break // blanks at the end
		}
		if kind == opening || kind == closing {
			inside = kind == opening
		}
		all = append(all, token{kind, at, at + length, text[at : at+length]})
		at += length
	}
	return all
}

// blanksBefore counts the blanks before a token, without the one that belongs to a -}}.
func blanksBefore(s string) int {
	n := len(s) - len(strings.TrimLeft(s, " \t\r\n"))
	if n > 0 && strings.HasPrefix(s[n:], "-}}") {
		n--
	}
	return n
}

func tokenOutside(s string) (tokenKind, int) {
	at := strings.Index(s, "{{")
	switch {
	case at < 0:
		return plainText, len(s)
	case at > 0:
		return plainText, at
	}
	length := len("{{")
	if len(s) > 3 && s[2] == '-' && isBlank(s[3]) {
		length = len("{{- ")
	}
	if !strings.HasPrefix(s[length:], "/*") {
		return opening, length
	}
	length += len("/*")
	end := strings.Index(s[length:], "*/")
	if end < 0 {
		return plainText, len(s)
	}
	length += end + len("*/")
	for _, closed := range []string{"}}", " -}}", "\t-}}", "\n-}}", "\r-}}"} {
		if strings.HasPrefix(s[length:], closed) {
			return plainText, length + len(closed)
		}
	}
	return plainText, length // a fault
}

func tokenInside(s string) (tokenKind, int) {
	if s == "" {
		return otherwiseIn, 0
	}
	first, size := utf8.DecodeRuneInString(s)
	switch {
	case strings.HasPrefix(s, "}}"):
		return closing, len("}}")
	case isBlank(s[0]): // of a -}}
		return closing, len(" -}}")
	case first == '`':
		return quotedText, size + through(s[size:], "`")
	case first == '"', first == '\'':
		return quotedText, quotedLength(s)
	case strings.HasPrefix(s, ":="):
		return otherwiseIn, len(":=")
	case first >= '0' && first <= '9', strings.ContainsRune("+-", first), first == '.' && len(s) > 1 && s[1] >= '0' && s[1] <= '9':
		return otherwiseIn, numberLength(s)
	case first == '.', first == '$', isLetter(first):
		return otherwiseIn, size + wordLength(s[size:])
	default:
		return otherwiseIn, size
	}
}

// through returns the length of a text up to and with an end; all of it where there is none.
func through(s, end string) int {
	if at := strings.Index(s, end); at >= 0 {
		return at + len(end)
	}
	return len(s)
}

// quotedLength returns the length of what begins with a " or '. A \ keeps the character after it from ending it.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return i + 1
		case '\n':
			return i
		case '\\':
			if i+1 < len(s) && s[i+1] != '\n' {
				i++
			}
		}
	}
	return len(s)
}

func wordLength(s string) int {
	return len(s) - len(strings.TrimLeftFunc(s, isLetter))
}

// numberLength returns the length of a number, or of what is wrongly taken for one: 12, -1.5, 5x, 1e-3.
func numberLength(s string) int {
	at := 1
	for at < len(s) {
		n := wordLength(s[at:])
		at += n
		switch {
		case at < len(s) && s[at] == '.':
			at++
		case at < len(s) && strings.IndexByte("+-", s[at]) >= 0 && strings.IndexByte("eEpP", s[at-1]) >= 0:
			at++
		default:
			return at
		}
	}
	return at
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func isBlank(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 }
