package config

import (
	"strings"
)

const (
	openMessage     = "a quote that is opened here is not closed in its line"
	openHint        = "every \" needs another, every ' too"
	bracesMessage   = "text that begins with {{ must stand in quotes"
	bracesAdvice    = "or below a |, on lines of its own"
	goesOnMessage   = "a quote begins here, and the text goes on after its end"
	goesOnHint      = "put all of the text into quotes: '…'"
	colonMessage    = "text with a colon and a space in it must stand in quotes"
	colonHint       = "write '…' around it, or put it below a |"
	escapeMessage   = "there is a \\ inside of \"…\" that means nothing"
	escapeHint      = "write '…' around the text instead"
	unclosedMessage = "a bracket that is opened here is not closed, or a comma is missing"
	unclosedHint    = "every [ needs a ], every { a }"
	commaMessage    = "a comma is missing before this"
	commaHint       = "entries in [ ] and { } stand with a comma between them"
)

// value takes what stands behind a key, or a -.
func (o *outline) value(line string, at int) {
	at += leadingBlanks(line[at:])
	if isComment(line, at) {
		return
	}
	rest := line[at:]
	switch {
	case rest[0] == '|' || rest[0] == '>':
		o.blockHead(line, at)
	case rest[0] == '"' || rest[0] == '\'':
		if end := o.quoted(line, at); end >= 0 {
			o.ends(line, end, at)
		}
	case rest[0] == '[' || rest[0] == '{':
		if strings.HasPrefix(rest, "{{") {
			o.note(at, sameLine, bracesAdvice, bracesMessage)
		}
		o.inFlow(line, at)
	case strings.HasPrefix(rest, "- "):
		o.note(at, certain, "write it into the next line, indented, or [a, b] for a list in one line", "an entry of a list stands in a line of its own")
	case rest[0] == ']' || rest[0] == '}':
		o.tooMany(at, rest[:1])
	case !o.begins(line, at):
		o.plainValue(line, at)
	}
}

// plainValue takes text without quotes, to the end of its line.
func (o *outline) plainValue(line string, at int) {
	o.after = valueText
	for i := at; i < len(line); i++ {
		switch {
		case line[i] == '#' && (line[i-1] == ' ' || line[i-1] == '\t'):
			o.after = valueWhole
			return
		case line[i] == ':' && isBlankAt(line, i+1):
			o.note(i, certain, colonHint, colonMessage)
			return
		}
	}
}

// begins tells of a value that begins with what means something to YAML, and reports whether it is no value for certain.
func (o *outline) begins(line string, at int) bool {
	if strings.IndexByte("*&!%@`,", line[at]) < 0 {
		return false
	}
	name, sure := "`"+line[at:at+1]+"`", certain
	if line[at] == '`' {
		name = "a backtick"
	}
	if strings.IndexByte("*&!", line[at]) >= 0 {
		sure = sameLine
	}
	o.note(at, sure, "write '…' around it", "a value that begins with "+name+" must stand in quotes")
	return sure == certain
}

// quoted takes a text in quotes and returns where it ends; -1 when it goes on in the next line.
func (o *outline) quoted(line string, at int) int {
	if bad := badEscape(line[at:]); bad > 0 {
		o.note(at+bad, certain, escapeHint, escapeMessage)
		return -1
	}
	end := closing(line[at:])
	if end < 0 {
		o.note(at, sameLine, openHint, openMessage)
		o.quote = &opened{line: o.number, at: at, sign: line[at]}
		return -1
	}
	return at + end
}

// quoteGoesOn takes a further line of a text in quotes.
func (o *outline) quoteGoesOn(line string) {
	begin := *o.quote
	end := closing(string(begin.sign) + line)
	if end < 0 {
		return
	}
	o.quote = nil
	if end--; len(o.flow) > 0 {
		o.flow[len(o.flow)-1].after = valueWhole
		o.inFlow(line, end)
		return
	}
	if !isComment(line, end) {
		o.noteAt(begin.line, begin.at, certain, openHint, openMessage)
	}
	o.after = valueWhole
}

// ends tells of what follows in the line of a value that is whole. From is where the value began.
func (o *outline) ends(line string, at, from int) {
	o.after = valueWhole
	if isComment(line, at) {
		return
	}
	at += leadingBlanks(line[at:])
	switch sign := line[at]; {
	case sign == '}' && line[at-1] == '}' && !strings.Contains(line[from:at], ": "):
		o.note(from, certain, "write '…' around it", "text that begins with { must stand in quotes")
	case sign == ']' || sign == '}':
		o.tooMany(at, line[at:at+1])
	case sign == ',' && isComment(line, at+1):
		o.note(at, certain, "remove it", "a comma stands behind the value")
	case line[from] == '"' || line[from] == '\'':
		o.note(from, certain, goesOnHint, goesOnMessage)
	case sign == ':':
		o.lost = true
	default:
		o.note(from, certain, goesOnHint, "a bracket begins here, and the text goes on after its end")
	}
}

func (o *outline) tooMany(at int, sign string) {
	other := map[string]string{"]": "[", "}": "{"}[sign]
	o.note(at, certain, "remove it, or write the "+other+" that belongs to it", "there is one "+sign+" too many")
}

// badEscape returns where a text in double quotes has a \ that means nothing; 0 when nowhere.
func badEscape(text string) int {
	for i := 1; i < len(text) && text[0] == '"' && text[i] != '"'; i++ {
		if text[i] != '\\' {
			continue
		}
		if i+1 < len(text) && strings.IndexByte("0abt\tnvfre \"/\\N_LP", text[i+1]) < 0 {
			digits := strings.IndexByte("xuU", text[i+1])
			if digits < 0 || !startsWithHex(text[i+2:], 2<<digits) {
				return i
			}
		}
		i++
	}
	return 0
}

func startsWithHex(text string, digits int) bool {
	return len(text) >= digits && strings.Trim(text[:digits], "0123456789abcdefABCDEF") == ""
}
