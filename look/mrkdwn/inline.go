package mrkdwn

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// styles is a set of kinds: those within which a text stands.
type styles uint

func (s styles) with(k Kind) styles { return s | 1<<k }
func (s styles) has(k Kind) bool    { return s&(1<<k) != 0 }

// inline reads a part of a line that stands within some styles, the edges of which are edges of words.
//
// It looks at each byte a few times at most: what has no end is looked for once in a part, and within a style the same
// style does not begin again, so that parts are in parts three times.
func (p *parser) inline(from, to int, within styles) (nodes []Node) {
	endless := within // styles whose end is not to be looked for
	written := from
	for i := from; i < to; {
		p.steps++
		node, end := p.piece(from, i, to, within, &endless)
		if end == 0 {
			i++
			continue
		}
		nodes = append(p.append(nodes, written, i), node)
		i, written = end, end
	}
	return p.append(nodes, written, to)
}

// append adds the text between two places.
func (p *parser) append(nodes []Node, from, to int) []Node {
	if from == to {
		return nodes
	}
	return append(nodes, Node{Kind: Text, Text: decode(p.text[from:to])})
}

// piece reads what begins at i, if it is not text, and returns where it ends.
func (p *parser) piece(from, i, to int, within styles, endless *styles) (node Node, end int) {
	switch c := p.text[i]; {
	case c == ':' && !p.literal:
		return p.emoji(i, to)
	case p.plain:
		return Node{}, 0
	case c == '<':
		return p.reference(i, to, within)
	case c == '`':
		if end = p.codeEnd(from, i, to); end > 0 {
			return Node{Kind: Code, Text: decode(p.text[i+1 : end-1])}, end
		}
	case c == '*' || c == '_' || c == '~':
		return p.styled(from, i, to, within, endless)
	}
	return Node{}, 0
}

func styleOf(mark byte) Kind {
	switch mark {
	case '*':
		return Bold
	case '_':
		return Italic
	default:
		return Strike
	}
}

// styled reads what stands between the mark at i and the next one that can close it.
func (p *parser) styled(from, i, to int, within styles, endless *styles) (node Node, end int) {
	style := styleOf(p.text[i])
	if endless.has(style) || !p.opens(from, i, to) {
		return Node{}, 0
	}
	for at := i + 1; at < to; {
		p.steps++
		switch c := p.text[at]; {
		case c == p.text[i] && at > i+1 && p.closes(at, to):
			return Node{Kind: style, Children: p.inline(i+1, at, within.with(style))}, at + 1
		case c == '<':
			at = max(at+1, p.referenceEnd(at, to))
		case c == '`':
			at = max(at+1, p.codeEnd(from, at, to))
		default:
			at++
		}
	}
	*endless = endless.with(style) // what would close a later one would have closed this one
	return Node{}, 0
}

// opens reports whether the mark at i may begin a style: at the edge of a word, which it touches. That it does not
// behind some characters is what Slack was seen to do.
func (p *parser) opens(from, i, to int) bool {
	next, _ := utf8.DecodeRuneInString(p.text[i+1 : to])
	if i+1 == to || unicode.IsSpace(next) || next == rune(p.text[i]) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(p.text[from:i])
	return i == from || !inWord(before) && !strings.ContainsRune("`@&*_)]}|\\<>", before)
}

// closes is opens for the end of a style.
func (p *parser) closes(i, to int) bool {
	last, _ := utf8.DecodeLastRuneInString(p.text[:i])
	if unicode.IsSpace(last) || last == rune(p.text[i]) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(p.text[i+1 : to])
	return i+1 == to || !inWord(after) && !strings.ContainsRune("`@&*_(|\\<>", after)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// codeEnd returns where the code ends whose backtick is at i; 0 = it is text. There is something in it, and no backtick.
func (p *parser) codeEnd(from, i, to int) int {
	if !p.opensCode(from, i) {
		return 0
	}
	last := i + 1 + p.until(i+1, to, "`")
	if last == to || last == i+1 || !p.closesCode(last) {
		return 0
	}
	return last + 1
}

func (p *parser) opensCode(from, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(p.text[from:i])
	return i == from || before != '`' && !inWord(before)
}

func (p *parser) closesCode(last int) bool {
	after, _ := utf8.DecodeRuneInString(p.text[last+1:])
	return last+1 == len(p.text) || after != '`' && !inWord(after)
}

// emoji reads :name:, and the tone of the skin behind it.
func (p *parser) emoji(i, to int) (node Node, end int) {
	end = p.nameEnd(i, to)
	if end == 0 {
		return Node{}, 0
	}
	name := p.text[i+1 : end-1]
	if more := p.nameEnd(end, to); more > 0 {
		toned := name + "::" + p.text[end+1:more-1]
		if character, ok := EmojiOf(toned); ok {
			return Node{Kind: Emoji, Name: toned, Text: character}, more
		}
	}
	character, ok := EmojiOf(name)
	if !ok {
		return Node{}, 0
	}
	return Node{Kind: Emoji, Name: name, Text: character}, end
}

// nameEnd returns where :name: ends that begins at i; 0 = there is none.
func (p *parser) nameEnd(i, to int) int {
	if i >= to || p.text[i] != ':' {
		return 0
	}
	for at := i + 1; at < to; at++ {
		p.steps++
		switch c := p.text[at]; {
		case c == ':' && at > i+1:
			return at + 1
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '+':
		default:
			return 0
		}
	}
	return 0
}
