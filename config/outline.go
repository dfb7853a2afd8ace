package config

import (
	"strings"
	"unicode/utf8"
)

// outline reads a file roughly as YAML does, to find the place where it stops being YAML. It is asked only about files
// that YAML does not take; what it does not know goes by unnoticed.
type outline struct {
	lines    []string
	known    map[string]bool // keys
	number   int             // of the line that is read, from 1
	levels   []level         // the sections and lists around it, outermost first
	after    standing        // what the key or entry above has
	block    *block          // the text below a | that goes on
	ended    int             // the line at which such a text ended
	between  bool            // that line is indented less than the text, and more than its key
	textless bool            // that text has no line at all
	quote    *opened         // the quote that goes on
	flow     []bracket       // the { and [ that are open
	text     int             // the riddle that the text began with, from 1; 0 when it began with none

	found []riddle
	lost  bool // something stands there that the outline does not know
}

// standing says how far what stands behind a key or a - has got.
type standing int

const (
	valueMissing standing = iota // it may follow in the next lines
	valueText                    // text without quotes: it may go on in the next lines
	valueWhole                   // nothing may follow
)

// opened is where a quote or bracket was opened.
type opened struct {
	line, at int // at counts bytes from 0
	sign     byte
}

// bracket is an open bracket and how far its entry has got.
type bracket struct {
	opened

	indent int // of its line
	colons int // in the entry
	after  standing
}

// riddle is something that YAML understands in another way than people.
type riddle struct {
	line, column  int
	from          int // the column of the text or key that it is about
	until         int // the last line that it makes part of a text
	message, hint string
	sure          reach
}

// reach says how far the trouble of a riddle reaches.
type reach int

const (
	certain   reach = iota // no file with it is YAML
	sameLine               // it may be meant, and troubles its own line if not
	lineBelow              // it may be meant, and troubles the next line if not
)

// outlineOf returns what the lines hold, up to the first thing that is wrong for certain.
func outlineOf(lines []string) []riddle {
	o := &outline{lines: lines, known: knownKeys()}
	for i, line := range lines {
		o.number = i + 1
		o.read(line)
		if o.lost || o.failed() {
			return o.found
		}
	}
	switch {
	case o.quote != nil:
		o.noteAt(o.quote.line, o.quote.at, certain, openHint, openMessage)
	case len(o.flow) > 0:
		o.unclosed()
	}
	return o.found
}

// failed reports whether something was found that no YAML has.
func (o *outline) failed() bool {
	return len(o.found) > 0 && o.found[len(o.found)-1].sure == certain
}

// read takes one line.
func (o *outline) read(line string) {
	if o.block != nil && o.blockLine(line) {
		return
	}
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	switch {
	case o.quote != nil:
		o.quoteGoesOn(line)
	case strings.TrimLeft(text, "\t") == "" || text[0] == '#':
	case len(o.flow) > 0:
		o.flowGoesOn(line, indent, text)
	case text[0] == '\t':
		o.note(indent, certain, "indent with spaces", "a line begins with a tab")
	case indent == 0 && (strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...")):
		o.levels, o.after = nil, valueMissing
		o.lost = len(text) > 3
	case strings.HasPrefix(text, "? ") || text[0] == ':' || indent == 0 && text[0] == '%':
		o.lost = true
	default:
		o.entries(line, indent)
	}
}

// entries takes the - at the beginning of a line, and what follows.
func (o *outline) entries(line string, at int) {
	for strings.HasPrefix(line[at:], "- ") || line[at:] == "-" {
		if !o.enter(at, true) {
			o.stray(line, at)
			return
		}
		o.after = valueMissing
		at += 1 + leadingBlanks(line[at+1:])
		if isComment(line, at) {
			return
		}
	}
	o.content(line, at)
}

// content takes a key and its value, or text.
func (o *outline) content(line string, at int) {
	colon := keyEnd(line, at)
	if colon < 0 {
		o.noKey(line, at)
		return
	}
	if !o.enter(at, false) {
		o.stray(line, at)
		return
	}
	if column, message, hint := o.strangeKey(line[:colon], at); message != "" {
		o.note(column, lineBelow, hint, message)
		o.found[len(o.found)-1].from = at + 1
	}
	o.after, o.text = valueMissing, 0
	o.value(line, colon+1)
}

// noKey takes a line that has no key: an entry, or what goes on with the text above.
func (o *outline) noKey(line string, at int) {
	deeper := len(o.levels) == 0 || at > o.levels[len(o.levels)-1].column
	switch {
	case o.after == valueText && deeper:
		if o.text > 0 {
			o.found[o.text-1].until = o.number
		}
	case o.after == valueMissing && deeper:
		column, message, hint := o.noColon(line, at)
		if strings.IndexByte("\"'[{|>&*!%@`,]}", line[at]) < 0 {
			o.note(column, lineBelow, hint, message)
			o.text = len(o.found)
			o.found[o.text-1].from = at + 1
		}
		o.value(line, at)
	default:
		o.stray(line, at)
	}
}

// note notes a riddle in the line that is read, at a byte from 0.
func (o *outline) note(at int, sure reach, hint, message string) {
	o.noteAt(o.number, at, sure, hint, message)
}

func (o *outline) noteAt(line, at int, sure reach, hint, message string) {
	text := o.lines[line-1]
	column := utf8.RuneCountInString(text[:min(at, len(text))]) + 1
	o.found = append(o.found, riddle{line: line, until: line, column: column, from: column, message: message, hint: hint, sure: sure})
}

// keyEnd returns where the colon behind the key is that begins at a byte of a line; -1 when none does.
func keyEnd(line string, at int) int {
	i := at
	if i < len(line) && (line[i] == '"' || line[i] == '\'') {
		end := closing(line[i:])
		if end < 0 {
			return -1
		}
		i += end + leadingBlanks(line[i+end:])
		if i < len(line) && line[i] == ':' && isBlankAt(line, i+1) {
			return i
		}
		return -1
	}
	if i < len(line) && strings.IndexByte("[{|>", line[i]) >= 0 {
		return -1
	}
	for ; i < len(line); i++ {
		switch {
		case line[i] == ':' && isBlankAt(line, i+1):
			return i
		case line[i] == '#' && line[i-1] == ' ':
			return -1
		}
	}
	return -1
}

// isBlankAt reports whether a word ends before a byte of a line.
func isBlankAt(line string, at int) bool {
	return at >= len(line) || line[at] == ' ' || line[at] == '\t'
}

func leadingBlanks(text string) int { return len(text) - len(strings.TrimLeft(text, " \t")) }

// isComment reports whether nothing but a comment follows from a byte of a line on.
func isComment(line string, at int) bool {
	rest := strings.TrimLeft(line[at:], " \t")
	return rest == "" || rest[0] == '#' && (len(rest) == len(line) || strings.IndexByte(" \t", line[len(line)-len(rest)-1]) >= 0)
}
