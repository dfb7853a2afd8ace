package slack

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
)

// Limits of a message, in UTF-16 units, which are never fewer than the characters that Slack counts. Slack takes 50
// blocks and 3,000 characters in each text (docs.slack.dev/reference/block-kit/blocks). What it takes over all blocks is
// not published; about 13,200 were refused (github.com/slackapi/bolt-js/issues/2509). Text above 4,000 is split.
const (
	maxBlocks = 45
	maxTotal  = 10_000 // over all blocks
	maxText   = 3000   // of the text, and of a block's text
	ellipsis  = "…"
)

// reference is what Perform adds to the plain form. Its length is left free.
const (
	reference = "\n(sent without formatting, reference %s)"
	maxPlain  = maxText - len(reference) - len("01234567-89ab-cdef-0123-456789abcdef")
)

// says reports whether there is anything to see in a message.
func says(m event.Message) bool { return notice(m) != "" || len(sections(m, "")) > 0 }

// add appends an item's blocks and text, and reports whether they fitted. The first item always does.
func (m *message) add(item event.Message) bool {
	text := notice(item)
	blocks := sections(item, text)
	if len(m.Blocks) == 0 {
		m.Blocks, m.Text = blocks, cut(text, maxText)
		return true
	}
	if len(m.Blocks)+1+len(blocks) > maxBlocks || size(m.Blocks)+size(blocks) > maxTotal {
		return false
	}
	m.Blocks = append(append(m.Blocks, part{Kind: divider}), blocks...)
	m.Text = cut(m.Text+"\n"+text, maxText)
	return true
}

// addPlain appends an item's text, and reports whether it fitted. The first item always does.
func (m *message) addPlain(item event.Message) bool {
	text := notice(item)
	if m.Text == "" {
		m.Text = cut(text, maxPlain)
		return true
	}
	if units(m.Text)+1+units(text) > maxPlain {
		return false
	}
	m.Text += "\n" + text
	return true
}

// notice returns an item's text for notifications, escaped. An item without one is told by its lines.
func notice(m event.Message) string {
	if text := strings.TrimSpace(visible(m.Text)); text != "" {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	}
	return strings.Join(append(lines(m), nonBlank(m.Context)...), "\n")
}

// lines returns the lines of a message that can be seen, none longer than a block.
func lines(m event.Message) []string { return nonBlank(append([]string{m.Head}, m.Lines...)...) }

func nonBlank(all ...string) []string {
	var kept []string
	for _, line := range all {
		if line = strings.TrimRight(visible(line), " \n\t"); line != "" {
			kept = append(kept, cut(line, maxText))
		}
	}
	return kept
}

// sections makes the blocks of one item. Its lines share a section as long as they fit into it; those that do not fit
// into the message are left out, and an ellipsis says so. Without lines, the text is shown.
func sections(m event.Message, text string) []part {
	shown, closing := lines(m), nonBlank(m.Context)
	if len(shown) == 0 {
		shown = nonBlank(text)
	}
	room := maxTotal - units(strings.Join(closing, ""))
	var blocks []part
	for _, line := range shown {
		full := size(blocks)+len(blocks)+units(line)+units("\n"+ellipsis) > room
		if full {
			line = ellipsis
		}
		if last := len(blocks) - 1; last >= 0 && units(blocks[last].Text)+1+units(line) <= maxText {
			blocks[last].Text += "\n" + line
		} else {
			blocks = append(blocks, part{Kind: section, Text: line})
		}
		if full {
			break
		}
	}
	for _, line := range closing {
		blocks = append(blocks, part{Kind: small, Text: line})
	}
	return blocks
}

// size returns how many UTF-16 units blocks have.
func size(blocks []part) int {
	n := 0
	for _, block := range blocks {
		n += units(block.Text)
	}
	return n
}

// units returns how long a text is in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// cut shortens escaped text to that many UTF-16 units, with an ellipsis at its end. It never cuts into an entity, a link
// or a mention: half of one would be shown as it is written.
func cut(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	end, n := 0, units(ellipsis)
	for i, r := range s {
		if n += unitsOf(r); n > limit {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	kept := s[:end]
	if open := strings.LastIndexByte(kept, '<'); open > strings.LastIndexByte(kept, '>') {
		kept = kept[:open]
	}
	if open := strings.LastIndexByte(kept, '&'); open >= 0 && !strings.Contains(kept[open:], ";") {
		kept = kept[:open]
	}
	return kept + ellipsis
}

// visible makes text valid UTF-8 without control characters: Slack's form could end at a NUL. Lines stay.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r // an invalid byte has become U+FFFD
	}, s)
}
