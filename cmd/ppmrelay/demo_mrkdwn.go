package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

// terminal shows text on a terminal. Styled says that it may use bold and dim letters (ECMA-48); without them the same
// is there, only plainer.
type terminal struct{ styled bool }

// mrkdwn returns what a person sees of a text in Slack's markup: bold and struck letters, emoji, links by their label,
// moments by their fallback. Text from outside cannot act: nothing in it reaches the terminal as a control character.
func (t terminal) mrkdwn(text string) string { return t.nodes(mrkdwn.Parse(text)) }

func (t terminal) nodes(nodes []mrkdwn.Node) string {
	var out strings.Builder
	for _, n := range nodes {
		out.WriteString(t.node(n))
	}
	return out.String()
}

func (t terminal) node(n mrkdwn.Node) string {
	switch n.Kind {
	case mrkdwn.Bold:
		return t.style('*', t.nodes(n.Children))
	case mrkdwn.Italic:
		return t.style('_', t.nodes(n.Children))
	case mrkdwn.Strike:
		return t.style('~', t.nodes(n.Children))
	case mrkdwn.Quote:
		return quoted(t.nodes(n.Children))
	case mrkdwn.Link:
		return t.nodes(n.Children)
	case mrkdwn.Emoji:
		return n.Text
	default:
		return harmless(mrkdwn.Reader{}.Words(n))
	}
}

// bar stands before each line of a quotation.
const bar = "│ "

func quoted(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = bar + line
		}
	}
	return strings.Join(lines, "")
}

// harmless leaves out of a text what would act on a terminal, or cannot be seen there.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)):
			return -1 // \u200d joins emoji
		default:
			return r
		}
	}, text)
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
