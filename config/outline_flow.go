package config

import "strings"

// deepest is how many brackets inside one another are looked at one by one.
const deepest = 100

// flowGoesOn takes a further line of what stands in [ ] or { }.
func (o *outline) flowGoesOn(line string, indent int, text string) {
	key := keyEnd(line, indent)
	if indent <= o.flow[0].indent && (strings.HasPrefix(text, "- ") || key >= 0) {
		o.unclosed()
		return
	}
	o.inFlow(line, indent)
}

// unclosed tells of the innermost bracket that is open.
func (o *outline) unclosed() {
	last := o.flow[len(o.flow)-1]
	o.noteAt(last.line, last.at, certain, unclosedHint, unclosedMessage)
}

// inFlow takes what stands in [ ] or { }, from a byte of a line on, to the end of the line or of the outermost bracket.
func (o *outline) inFlow(line string, at int) {
	for i := at; i < len(line) && !o.failed(); {
		switch {
		case line[i] == ' ' || line[i] == '\t':
			i++
		case line[i] == '#' && (i == 0 || strings.IndexByte(" \t", line[i-1]) >= 0):
			if top := o.top(); top != nil && top.after == valueMissing && top.colons > 0 {
				o.note(i, sameLine, hashHint, hashMessage)
			}
			return
		default:
			i = o.inBracket(line, i)
			if i < 0 {
				return
			}
			if len(o.flow) == 0 {
				o.ends(line, i, at)
				return
			}
		}
	}
}

func (o *outline) top() *bracket {
	if len(o.flow) == 0 {
		return nil
	}
	return &o.flow[len(o.flow)-1]
}

// inBracket takes one sign or value, and returns where the next begins; -1 when the line is done with.
func (o *outline) inBracket(line string, i int) int {
	top := o.top()
	switch sign := line[i]; sign {
	case '[', '{':
		if top != nil && top.after != valueMissing {
			o.comma(line, i)
			return -1
		}
		if top != nil && len(o.flow) < deepest && strings.HasPrefix(line[i:], "{{") {
			o.note(i, sameLine, bracesAdvice, bracesMessage)
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		o.flow = append(o.flow, bracket{opened: opened{line: o.number, at: i, sign: sign}, indent: indent})
		return i + 1
	case ']', '}':
		return o.closed(line, i)
	case ',':
		if top.after == valueMissing && top.colons == 0 {
			o.note(i, certain, "remove it", "there is one comma too many")
			return -1
		}
		top.after, top.colons = valueMissing, 0
		return i + 1
	case '"', '\'':
		return o.quotedInBracket(line, i)
	case ':':
		return o.colon(line, i)
	case '-':
		if top.after == valueMissing && isBlankAt(line, i+1) {
			o.note(i, certain, "remove it", "entries in [ ] have no - before them")
			return -1
		}
	}
	return o.plainInBracket(line, i)
}

// closed takes the end of a bracket.
func (o *outline) closed(line string, i int) int {
	top := o.top()
	want := byte(']')
	if top.sign == '{' {
		want = '}'
	}
	if line[i] != want {
		o.note(i, certain, "write "+string(want), "a "+string(line[i])+" closes no "+string(top.sign))
		return -1
	}
	o.flow = o.flow[:len(o.flow)-1]
	if outer := o.top(); outer != nil {
		outer.after = valueWhole
	}
	return i + 1
}

// colon takes the colon between a key and its value.
func (o *outline) colon(line string, i int) int {
	top := o.top()
	if top.after == valueMissing && top.colons == 0 {
		o.note(i, certain, "write the key, or put the text into quotes: '…'", "a key is missing before the colon")
		return -1
	}
	if top.colons++; top.colons > 1 {
		before := strings.TrimRight(line[:i], " ")
		begin := strings.LastIndexAny(before, " ,[{") + 1
		if o.known[before[begin:]] {
			o.note(begin, certain, commaHint, commaMessage)
		} else {
			o.note(i, certain, colonHint, colonMessage)
		}
		return -1
	}
	top.after = valueMissing
	return i + 1
}

func (o *outline) quotedInBracket(line string, i int) int {
	top := o.top()
	if top.after == valueWhole {
		o.comma(line, i)
		return -1
	}
	top.after = valueWhole
	end := o.quoted(line, i)
	if end < 0 {
		return -1
	}
	if next := end + leadingBlanks(line[end:]); !isComment(line, end) && !endsValue(line, next) && !o.beginsEntry(line, next) {
		o.note(i, certain, goesOnHint, goesOnMessage)
		return -1
	}
	return end
}

func endsValue(line string, at int) bool { return strings.IndexByte(",:]}", line[at]) >= 0 }

// beginsEntry reports whether what stands there looks like an entry of its own: in quotes, in brackets, or a key.
func (o *outline) beginsEntry(line string, at int) bool {
	if strings.IndexByte("\"'[{", line[at]) >= 0 {
		return true
	}
	end := keyEnd(line, at)
	return end >= 0 && o.known[line[at:end]]
}

// comma tells of two entries with nothing between them.
func (o *outline) comma(_ string, at int) { o.note(at, certain, commaHint, commaMessage) }

// plainInBracket takes text without quotes.
func (o *outline) plainInBracket(line string, i int) int {
	top := o.top()
	if top.after == valueWhole {
		o.comma(line, i)
		return -1
	}
	if top.after == valueMissing && o.begins(line, i) {
		return -1
	}
	top.after = valueText
	for at := i; at < len(line); at++ {
		switch c := line[at]; {
		case c == ',' || c == ']' || c == '}', c == '#' && at > 0 && line[at-1] == ' ':
			return at
		case (c == '[' || c == '{') && at > 0 && line[at-1] == ':':
			o.note(at-1, certain, "write a colon and a blank", "a blank is missing behind the colon")
			return -1
		case c == '[' || c == '{':
			o.note(at, certain, "write '…' around all of it", "inside of { } and [ ], text with brackets in it must stand in quotes")
			return -1
		case c == ':' && (isBlankAt(line, at+1) || strings.IndexByte(",]}", line[at+1]) >= 0):
			return at
		}
	}
	return len(line)
}
