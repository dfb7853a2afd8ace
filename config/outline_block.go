package config

import "strings"

// block is a text below a |.
type block struct {
	least  int // the fewest blanks before its lines
	indent int // of its lines; 0 while there is none
	empty  int // the most blanks of an empty line before them
	at     int // that line
}

// blockHead takes a | or >, and what else stands in its line.
func (o *outline) blockHead(line string, at int) {
	end := at + 1
	for end < len(line) && strings.IndexByte("+-0123456789", line[end]) >= 0 {
		end++
	}
	if !isComment(line, end) || end < len(line) && line[end] == '#' {
		end += leadingBlanks(line[end:])
		o.note(end, certain, "write it into the next line, indented, or leave the "+line[at:at+1]+" out and put the text into quotes",
			"text stands behind the "+line[at:at+1]+", and not below it")
		return
	}
	parent := -1
	if len(o.levels) > 0 {
		parent = o.levels[len(o.levels)-1].column
	}
	o.after = valueWhole
	o.block = &block{least: max(parent+1, 1)}
	if digits := strings.Trim(line[at+1:end], "+-"); digits != "" {
		o.lost = o.lost || digits == "0" || len(digits) > 1
		o.block.indent = max(parent, 0) + int(digits[0]-'0')
	}
}

// blockLine takes a line below a |, and reports whether it belongs to the text.
func (o *outline) blockLine(line string) bool {
	text := strings.TrimLeft(line, " ")
	indent, b := len(line)-len(text), o.block
	switch {
	case text == "":
		if b.indent == 0 && indent > b.empty {
			b.empty, b.at = indent, o.number
		}
		return true
	case b.indent == 0 && indent >= b.least:
		b.indent = indent
		if b.empty > indent {
			o.noteAt(b.at, 0, certain, "remove its blanks", "this empty line has more blanks than the text below it")
		}
		return true
	case b.indent > 0 && indent >= b.indent:
		return true
	}
	o.block = nil
	if text[0] == '#' || text[0] == '\t' {
		return false
	}
	o.ended, o.textless, o.between = o.number, b.indent == 0, b.indent > 0 && indent >= b.least
	if b.indent == 0 && strings.HasPrefix(text, "{{") {
		o.stray(line, indent)
		return true
	}
	return false
}
