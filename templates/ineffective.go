package templates

import (
	"regexp"
	"strings"
)

// ineffective warns of what an author wrote around actions in a language that is not understood here, each way once: in
// messages of what only other programs format, in columns of what is no action alone.
func ineffective(s *source, message bool) []*Error {
	words := ownWords(s.text)
	var warnings []*Error
	for _, way := range ineffectiveWays() {
		if way.formats && !message || !strings.Contains(words, way.sign) {
			continue
		}
		found := regexp.MustCompile(way.written).FindStringSubmatchIndex(words)
		if found == nil {
			continue
		}
		said := way.said
		if len(found) > 2 {
			said = strings.ReplaceAll(said, "$1", s.text[found[2]:found[3]])
		}
		warning := &Error{Template: s.name, Text: said}
		warning.Line, warning.Column = position(s.text, found[0])
		warnings = append(warnings, warning)
	}
	return warnings
}

// ineffectiveWay is a way of writing that does nothing.
type ineffectiveWay struct {
	sign    string // that is part of it: most templates have none
	written string // a regular expression, in which an action is \x01
	formats bool   // it formats elsewhere
	said    string // with $1 for what its first group holds
}

func ineffectiveWays() []ineffectiveWay {
	return []ineffectiveWay{
		{"{", `\{ ?(\.(?:` + strings.Join(namesSeen(), "|") + `)(?:\.[A-Z][A-Za-z]*)?) ?\}`, false, "this is printed as it stands: an action is written with two braces, {{ $1 }}"},
		{"{%", `\{%[^{}\n]*%\}`, false, "this is printed as it stands: an action is written {{ … }}"},
		{"${", `\$\{[A-Za-z_][\w.]*\}`, false, "this is printed as it stands: an action is written {{ … }}, as in {{ .Entity }}"},
		{"**", `\*\*[^\s*](?:[^*\n]*[^\s*])?\*\*`, true, "Slack writes bold between single asterisks: *…*"},
		{"](", `\[[^\[\]\n]+\]\((?:https?://|mailto:|\x01)[^()\s]*\)`, true, "Slack makes no link of this: write {{ link \"https://…\" \"…\" }}"},
		{"<", `</?(?:b|i|u|s|strong|em|br|p|h[1-6]|ul|ol|li|div|span|a href=[^<>\n]*) ?/?>`, true, "Slack knows no HTML: bold is *…*, italic _…_, and a line breaks where yours does"},
	}
}

// namesSeen returns what stands behind a dot in a message.
func namesSeen() []string {
	return []string{
		"Action", "After", "Before", "By", "Changes", "Days", "Difference", "Emoji", "Entity", "Facts", "Initiator", "Label", "LastKnown",
		"Occurred", "Parent", "Trail", "Type", "Value", "When",
	}
}

// ownWords returns what an author wrote around actions and outside of code, with every byte at its place: of actions and
// code each byte is \x01, so that words in them are not taken for words of a message.
func ownWords(text string) string {
	var out strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, "{{")
		out.WriteString(before)
		if !found {
			break
		}
		end := actionEnd(rest)
		out.WriteString(hidden(text[len(before) : len(before)+len("{{")+end]))
		text = rest[end:]
	}
	if !strings.Contains(out.String(), "`") {
		return out.String()
	}
	return regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllStringFunc(out.String(), hidden)
}

// hidden returns a text in which each byte but line breaks is \x01.
func hidden(s string) string {
	bytes := []byte(s)
	for i := range bytes {
		if bytes[i] != '\n' {
			bytes[i] = '\x01'
		}
	}
	return string(bytes)
}

// actionEnd returns how long what follows {{ is, with the }} that closes it. Quotes and comments may hold braces.
func actionEnd(s string) int {
	const comment = "/*"
	if inner := strings.TrimPrefix(s, "- "); strings.HasPrefix(inner, comment) {
		if _, after, found := strings.Cut(inner[len(comment):], "*/"); found {
			s = strings.Repeat(" ", len(s)-len(after)) + after
		}
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '}':
			if strings.HasPrefix(s[i:], "}}") {
				return i + 2
			}
		case '`':
			i += 1 + max(0, strings.IndexByte(s[i+1:], '`'))
		case '"', '\'':
			i = quoteEnd(s, i)
		}
	}
	return len(s)
}

// quoteEnd returns where the quote ends that begins at from.
func quoteEnd(s string, from int) int {
	for i := from + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[from]:
			return i
		}
	}
	return len(s)
}
