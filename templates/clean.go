package templates

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Limits of what is shown. Characters are code points; the limits of Slack are counted in UTF-16 units, which is never
// below what Slack counts.
const (
	maxName  = 150    // of a name in a message
	maxQuote = 140    // of a quoted text
	maxText  = 300    // of any other value in a message
	maxCell  = 49_000 // of a cell; Google Sheets refuses more than 50,000
	maxBlock = 3000   // UTF-16 units of a section of a message (docs.slack.dev, text object)
	ellipsis = "…"
)

// line makes a text from outside fit into one line: line breaks, tabs and special blanks become one blank, and what
// cannot be seen (control characters, direction overrides, zero-width characters) is taken out. Joiners stay where they
// shape a script or an emoji.
func line(s string) string {
	if printableASCII(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	last, blank := rune(0), true // begins as if after a blank, so that leading ones are dropped
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			if !blank {
				out.WriteByte(' ')
			}
			last, blank = ' ', true
			continue
		case !visible(r, last):
			continue
		}
		out.WriteRune(r) // an invalid byte is U+FFFD by now
		last, blank = r, false
	}
	return strings.TrimRight(out.String(), " ")
}

// printableASCII reports whether line would leave the text as it is: the usual case, without an allocation.
func printableASCII(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return s == "" || !blank
}

// paragraphs is line for cells: line breaks and tabs stay, blanks stay as they are. It reads no more of a huge text than
// a cell may need.
func paragraphs(s string) string {
	const slack = 2 // for invisible characters, which are taken out
	if head, whole := firstRunes(s, slack*maxCell); !whole {
		s = head + ellipsis
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	last := rune(0)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			r = '\n'
		case !visible(r, last):
			return -1
		}
		last = r
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// visible reports whether a character may be shown after last.
func visible(r, last rune) bool {
	const joiner, nonJoiner, blackFlag = '\u200d', '\u200c', '\U0001F3F4'
	switch {
	case r >= ' ' && r < 0x7f:
		return true
	case r == joiner || r == nonJoiner:
		return last >= 0x80
	case isTag(r): // only behind a black flag: the flags of England, Scotland …
		return last == blackFlag || isTag(last)
	case r >= '\ufe00' && r <= '\ufe0f': // how the character before is drawn
		return true
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cs, r):
		return false
	default:
		return !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
	}
}

func isTag(r rune) bool { return r >= '\U000E0020' && r <= '\U000E007F' }

// short is line, cut to at most n characters. It reads no more of a huge text than it needs.
func short(s string, n int) string {
	const slack = 4 // invisible characters that may be taken out for each one that stays
	if len(s) <= n && printableASCII(s) {
		return s
	}
	head, whole := firstRunes(s, slack*n+slack)
	head = line(head)
	if !whole {
		head += ellipsis
	}
	return cut(head, n)
}

// firstRunes returns the first n characters, and reports whether that is all.
func firstRunes(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, true
	}
	for i := range s {
		if n == 0 {
			return s[:i], false
		}
		n--
	}
	return s, true
}

// cut shortens a text to at most n characters with an ellipsis at its end, never inside one that is made of several
// code points, unless that one alone is too long.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	if n > 0 && isASCII(s[:n]) { // the usual case
		return strings.TrimRight(s[:n-1], " ") + ellipsis
	}
	room, kept, state := n-1, 0, -1
	for rest := s; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if room -= utf8.RuneCountInString(cluster); room < 0 {
			break
		}
		kept += len(cluster)
	}
	if kept == 0 {
		head, _ := firstRunes(s, max(n-1, 0))
		kept = len(head)
	}
	return strings.TrimRight(s[:kept], " ") + ellipsis
}

// isASCII reports whether a text has only characters of which no two belong together.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' {
			return false
		}
	}
	return true
}

// units counts a text as Slack might at most.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
