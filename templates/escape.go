package templates

import (
	"strings"
	"unicode/utf8"
)

// voice is what a text is made for.
type voice int

const (
	marked voice = iota // mrkdwn, Slack's own formatting
	spoken              // plain words: notifications, screen readers, terminals
	celled              // a cell of a table
)

// zeroWidth parts characters that would become something together. It is not seen.
const zeroWidth = "\u200b"

// escape makes one line of text from outside harmless in mrkdwn, where Slack knows no complete escape:
//
//   - & < > become entities (docs.slack.dev, formatting message text): no mention, link or date can be formed;
//   - * _ ~ become look-alikes where Slack would format, which it does at the edge of a word: 2 * 3 and snake_case
//     stay as they are, findable and copyable. A backtick formats anywhere, so it always does;
//   - :name: would be an emoji, also with a colon beside the text; a > at the beginning a quotation, @here might ring: a zero-width space parts them.
func escape(s string) string {
	if !strings.ContainsAny(s, "&<>*_~`:@") {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + 16)
	for i := range len(s) {
		switch c := s[i]; c {
		case '&':
			out.WriteString("&amp;")
		case '<':
			out.WriteString("&lt;")
		case '>':
			if strings.Trim(s[:i], " ") == "" {
				out.WriteString(zeroWidth)
			}
			out.WriteString("&gt;")
		case '`':
			out.WriteString("ˋ")
		case '*', '_', '~':
			if formats(s, i) {
				out.WriteString(lookAlike(c))
			} else {
				out.WriteByte(c)
			}
		case ':':
			if endsEmoji(s, i) {
				out.WriteString(zeroWidth)
			}
			out.WriteByte(c)
			if beginsEmoji(s, i) {
				out.WriteString(zeroWidth)
			}
		case '@':
			out.WriteByte(c)
			if rings(s[i+1:]) {
				out.WriteString(zeroWidth)
			}
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// formats reports whether the * _ or ~ at i could begin or end formatting. Inside a word, and with blanks on both sides,
// it cannot. What stands beside the text is not known, so its edges count as places where it could.
func formats(s string, i int) bool {
	from, to := i, i+1
	for from > 0 && s[from-1] == s[i] {
		from--
	}
	for to < len(s) && s[to] == s[i] {
		to++
	}
	if from == 0 || to == len(s) {
		return true
	}
	before, after := s[from-1], s[to]
	inside, alone := isWord(before) && isWord(after), before == ' ' && after == ' '
	return !inside && !alone
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func lookAlike(c byte) string {
	switch c {
	case '*':
		return "∗"
	case '_':
		return "ˍ"
	default:
		return "∼"
	}
}

// namesEmoji reports whether :name: begins at i.
func namesEmoji(s string, i int) bool {
	end := nameEnd(s, i+1)
	return end > i+1 && end < len(s) && s[end] == ':' && !isTime(s, i, end)
}

// beginsEmoji reports whether the colon at i could begin :name:. A name that ends the text may be followed by a colon,
// as every label is.
func beginsEmoji(s string, i int) bool {
	end := nameEnd(s, i+1)
	return namesEmoji(s, i) || end > i+1 && end == len(s) && !isTime(s, i, end)
}

// endsEmoji reports whether the colon at i could end a :name: whose first colon stands before the text.
func endsEmoji(s string, i int) bool { return i > 0 && nameEnd(s, 0) == i && !isTime(s, -1, i) }

// nameEnd returns where the name of an emoji ends that begins at from.
func nameEnd(s string, from int) int {
	for from < len(s) && (isWord(s[from]) || strings.IndexByte("_+-'", s[from]) >= 0) {
		from++
	}
	return from
}

// isTime reports whether two colons, at i and end, belong to a time: 10:30:20.
func isTime(s string, i, end int) bool {
	digit := func(at int) bool { return at >= 0 && at < len(s) && s[at] >= '0' && s[at] <= '9' }
	return allDigits(s[i+1:end]) && (digit(i-1) || digit(end+1))
}

// rings reports whether an @ before this text would be a mention of many, should a message be read with that on.
func rings(after string) bool {
	for _, many := range [...]string{"here", "channel", "everyone"} {
		if len(after) >= len(many) && strings.EqualFold(after[:len(many)], many) {
			return true
		}
	}
	return false
}

// escapeCode is escape for what stands between backticks, where nothing is formatted.
func escapeCode(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "ˋ").Replace(s)
}

// escapeAddress makes an address safe inside <address|label>.
func escapeAddress(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			out.WriteString("&amp;")
		case r <= ' ' || r == 0x7f || r == '<' || r == '>' || r == '|' || r == '`' || r == '"' || r == '\\' || !visible(r, 0):
			for _, b := range []byte(string(r)) {
				const hex = "0123456789ABCDEF"
				out.Write([]byte{'%', hex[b>>4], hex[b&15]})
			}
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// unmarked takes the markup out of what a template's author wrote: emphasis, emoji, the address of a link.
func unmarked(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '`', (c == '*' || c == '_' || c == '~') && formats(s, i):
			i++
		case c == ':' && namesEmoji(s, i):
			i += strings.IndexByte(s[i+1:], ':') + 2
		case c == '<' && strings.IndexByte(s[i:], '>') > 0:
			end := i + strings.IndexByte(s[i:], '>')
			out.WriteString(labelOf(s[i+1 : end]))
			i = end + 1
		default:
			_, size := utf8.DecodeRuneInString(s[i:])
			out.WriteString(s[i : i+size])
			i += size
		}
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "▰", "", "▱", "").Replace(out.String())
}

// labelOf returns what is read of <address|label>.
func labelOf(inside string) string {
	if address, label, ok := strings.Cut(inside, "|"); ok && label != "" {
		return label
	} else if ok {
		return address
	}
	return strings.TrimLeft(inside, "!@#")
}
