package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// terminal shows text on a terminal. Styled says that it may use bold and dim letters (ECMA-48); without them the same
// is there, only plainer.
type terminal struct{ styled bool }

// mrkdwn returns what a person sees of a text in Slack's markup (docs.slack.dev/messaging/formatting-message-text): bold
// and struck letters, emoji, links by their label, moments by their fallback. Text from outside cannot act: nothing in
// it reaches the terminal as a control character.
func (t terminal) mrkdwn(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		shown, used := t.piece(text, i)
		out.WriteString(shown)
		i += used
	}
	return out.String()
}

// piece returns how what begins at i is shown, and how many bytes of the text that covers.
func (t terminal) piece(text string, i int) (shown string, used int) {
	rest := text[i:]
	switch rest[0] {
	case '<':
		if end := strings.IndexByte(rest, '>'); end > 0 {
			return t.mrkdwn(reference(rest[1:end])), end + 1
		}
	case '&':
		for entity, means := range map[string]string{"&amp;": "&", "&lt;": "<", "&gt;": ">"} {
			if strings.HasPrefix(rest, entity) {
				return means, len(entity)
			}
		}
	case ':':
		if end := strings.IndexByte(rest[1:], ':'); end > 0 && emojiOf(rest[1:1+end]) != "" {
			return emojiOf(rest[1 : 1+end]), end + 2
		}
	case '*', '_', '~':
		if end := closes(text, i); end > 0 {
			return t.style(rest[0], t.mrkdwn(text[i+1:end])), end + 1 - i
		}
	}
	r, size := utf8.DecodeRuneInString(rest)
	if r != '\n' && r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
		return "", size // \u200d joins emoji; all others of these would act, or cannot be seen
	}
	return string(r), size
}

// style returns text in the letters that a mark of Slack's asks for. What is struck out must not look valid where there
// are no such letters.
func (t terminal) style(mark byte, text string) string {
	switch {
	case mark == '~' && !t.styled:
		return "~" + text + "~"
	case !t.styled:
		return text
	case mark == '*':
		return "\x1b[1m" + text + "\x1b[22m"
	case mark == '_':
		return "\x1b[3m" + text + "\x1b[23m"
	default:
		return "\x1b[9m" + text + "\x1b[29m"
	}
}

// bold and dim are for the words around the messages.
func (t terminal) bold(text string) string { return t.style('*', text) }

func (t terminal) dim(text string) string {
	if !t.styled || text == "" {
		return text
	}
	return "\x1b[2m" + text + "\x1b[22m"
}

// reference returns what is seen of what stands between < and >.
func reference(inner string) string {
	address, label, labelled := strings.Cut(inner, "|")
	switch {
	case labelled:
		return label
	case strings.HasPrefix(address, "!"):
		name, _, _ := strings.Cut(address[1:], "^")
		return "@" + name
	default:
		return address // a bare link, a mention by id
	}
}

// closes returns where the formatting ends that begins at i, or 0 where none does: marks count at the edges of words
// only, and within one line.
func closes(text string, i int) int {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	if i > 0 && inWord(before) || i+1 == len(text) || unicode.IsSpace(after) {
		return 0
	}
	for end := i + 1; end < len(text) && text[end] != '\n'; end++ {
		if text[end] == '<' {
			if skip := strings.IndexByte(text[end:], '>'); skip > 0 {
				end += skip
				continue
			}
		}
		if text[end] != text[i] || end == i+1 {
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(text[:end])
		next, _ := utf8.DecodeRuneInString(text[end+1:])
		if !unicode.IsSpace(last) && (end+1 == len(text) || !inWord(next)) {
			return end
		}
	}
	return 0
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// emojiOf returns the emoji of a name, as far as built-in messages use it; empty for others.
func emojiOf(name string) string {
	switch name {
	case "large_green_circle":
		return "🟢"
	case "large_orange_diamond":
		return "🔶"
	case "octagonal_sign":
		return "🛑"
	case "white_check_mark":
		return "✅"
	case "white_circle":
		return "⚪"
	case "fast_forward":
		return "⏩"
	case "rewind":
		return "⏪"
	case "label":
		return "🏷️"
	case "pencil2":
		return "✏️"
	case "new":
		return "🆕"
	case "wastebasket":
		return "🗑️"
	case "card_index_dividers":
		return "🗂️"
	case "grey_question":
		return "❔"
	default:
		return ""
	}
}

// wrap breaks text at blanks into lines of at most that many columns. A longer word stays whole.
func wrap(text string, columns int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		current := ""
		for word := range strings.SplitSeq(line, " ") {
			switch {
			case current == "":
				current = word
			case seen(current)+1+seen(word) <= columns:
				current += " " + word
			default:
				lines, current = append(lines, current), word
			}
		}
		lines = append(lines, current)
	}
	return lines
}

// seen returns how many columns a text takes on a terminal, which styles do not.
func seen(text string) int {
	n := 0
	styling := false
	for _, r := range text {
		switch {
		case r == '\x1b':
			styling = true
		case styling:
			styling = r != 'm'
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide || width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// fit makes text exactly that many columns wide: filled up with blanks, or cut with an ellipsis.
func fit(text string, columns int) string {
	if missing := columns - seen(text); missing >= 0 {
		return text + strings.Repeat(" ", missing)
	}
	cut := ""
	for _, r := range text {
		if seen(cut)+seen(string(r)) > columns-1 {
			break
		}
		cut += string(r)
	}
	return fit(cut+"…", columns)
}
