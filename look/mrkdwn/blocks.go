package mrkdwn

import "strings"

// fence begins and ends a block of code.
const fence = "```"

// parser reads one text. All positions are bytes of it.
type parser struct {
	text    string
	plain   bool // no markup but emoji
	literal bool // no emoji either
	steps   int  // bytes looked at: what the time grows with
}

func (p *parser) all() []Node {
	if p.plain {
		return p.lines(len(p.text))
	}
	return p.blocks(0, len(p.text), true)
}

// lines reads text without blocks.
func (p *parser) lines(to int) (nodes []Node) {
	for i := 0; i < to; {
		end := i + p.until(i, to, "\n")
		nodes = append(nodes, p.inline(i, end, 0)...)
		if i = end + 1; end < to {
			nodes = append(nodes, lineEnd())
		}
	}
	return nodes
}

func lineEnd() Node { return Node{Kind: Break, Text: "\n"} }

// until returns how many bytes from i on, and before to, are none of the stops.
func (p *parser) until(i, to int, stops string) int {
	n := strings.IndexAny(p.text[i:to], stops)
	if n < 0 {
		n = to - i
	}
	p.steps += n + 1
	return n
}

// blocks reads lines from a place on where a line begins: blocks of code, quotations where they are allowed, and text.
func (p *parser) blocks(from, to int, quotes bool) (nodes []Node) {
	fenceless := false // nothing closes a block of code any more
	begins := true
	for i := from; i < to; {
		if quotes && begins {
			if quote, end := p.quote(i, to); end > 0 {
				nodes, i = append(nodes, quote), end
				continue
			}
		}
		stop, block, end := p.line(i, to, &fenceless)
		nodes = append(nodes, p.inline(i, stop, 0)...)
		switch {
		case end > 0:
			nodes, i = append(nodes, block), end
		case stop < to:
			nodes, i = append(nodes, lineEnd()), stop+1
		default:
			i = to
		}
		begins = p.text[i-1] == '\n'
	}
	return nodes
}

// line returns where the text of a line stops that goes on at i: at its end, or where a block of code begins, of which
// end is not 0 then.
func (p *parser) line(i, to int, fenceless *bool) (stop int, block Node, end int) {
	for at := i; at < to; at++ {
		p.steps++
		switch {
		case p.text[at] == '\n':
			return at, Node{}, 0
		case !*fenceless && strings.HasPrefix(p.text[at:to], fence) && p.opensCode(i, at):
			if block, end = p.code(at, to); end > 0 {
				return at, block, end
			}
			*fenceless = true // no later fence could be closed if this one is not
		}
	}
	return to, Node{}, 0
}

// code reads the block of code whose fence begins at i. What it holds is not empty. Line ends right inside the fences are
// none of its text; the one behind it is, as the block stands in lines of its own.
func (p *parser) code(i, to int) (block Node, end int) {
	from := i + len(fence)
	first := from
	for first < to && isSpace(p.text[first]) {
		first++
	}
	p.steps += first - from
	for at := first; at < to; at++ {
		p.steps++
		if at == first || !strings.HasPrefix(p.text[at:to], fence) || !p.closesCode(at+len(fence)-1) {
			continue
		}
		end = at + len(fence)
		text := strings.TrimSuffix(strings.TrimPrefix(p.text[from:at], "\n"), "\n")
		if end < to && p.text[end] == '\n' {
			end++
			text += "\n"
		}
		return Node{Kind: Block, Text: decode(text)}, end
	}
	return Node{}, 0
}

// quote reads the quotation that begins at i: lines behind >, or everything behind >>>.
func (p *parser) quote(i, to int) (quote Node, end int) {
	mark := p.quoteMark(i, to)
	if mark == 0 {
		return Node{}, 0
	}
	if all := p.quoteAll(i, to, mark); all > 0 {
		return Node{Kind: Quote, Children: p.blocks(all, to, false)}, to
	}
	quote.Kind = Quote
	for ; mark > 0; mark = p.quoteMark(i, to) {
		from := p.unspaced(i+mark, to)
		end = from + p.until(from, to, "\n")
		quote.Children = append(quote.Children, p.blocks(from, end, false)...)
		if end == to {
			return quote, end
		}
		quote.Children = append(quote.Children, lineEnd())
		end++
		i = end
	}
	return quote, end
}

// quoteMark returns the length of the > at i, as it was sent or as Slack stores it; 0 = there is none.
func (p *parser) quoteMark(i, to int) int {
	for _, mark := range [...]string{"&gt;", ">"} {
		if strings.HasPrefix(p.text[i:to], mark) {
			return len(mark)
		}
	}
	return 0
}

// quoteAll returns where the text begins behind the >>> at i; 0 = there is no >>>, or nothing behind it.
func (p *parser) quoteAll(i, to, mark int) int {
	second := p.quoteMark(i+mark, to)
	if second == 0 {
		return 0
	}
	third := p.quoteMark(i+mark+second, to)
	from := p.unspaced(i+mark+second+third, to)
	if third == 0 || from == to {
		return 0
	}
	return from
}

// unspaced skips the blank behind a mark.
func (p *parser) unspaced(i, to int) int {
	if i < to && p.text[i] == ' ' {
		return i + 1
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }
