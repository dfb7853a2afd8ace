package config

import "strings"

const (
	strayMessage = "this line does not belong to what is above it"
	strayHint    = "keys of one section, and entries of one list, begin in the same column"
)

// level is a section or a list. Its keys or entries begin in one column, from 0.
type level struct {
	column, line int
	list         bool
}

// enter goes to the level of a key, or of an entry of a list, and reports whether there is one.
func (o *outline) enter(column int, list bool) bool {
	left := false
	for n := len(o.levels); n > 0 && o.levels[n-1].column > column; n-- {
		o.levels, left = o.levels[:n-1], true
	}
	n := len(o.levels)
	if n > 1 && !list && o.levels[n-1].list && o.levels[n-1].column == column && o.levels[n-2].column == column {
		n-- // a list may begin in the column of its key
		o.levels, left = o.levels[:n], false
	}
	here := level{column: column, line: o.number, list: list}
	switch {
	case n == 0:
		o.levels = append(o.levels, here)
		return !left
	case o.levels[n-1].column == column && o.levels[n-1].list == list:
		return true
	case o.levels[n-1].column == column && !list, left, o.after != valueMissing:
		return false
	}
	o.levels = append(o.levels, here)
	return true
}

// stray tells of a line that fits nowhere.
func (o *outline) stray(line string, at int) {
	hasKey := keyEnd(line, at) >= 0
	column, message, hint := o.noColon(line, at)
	switch {
	case o.ended == o.number && (!hasKey || strings.HasPrefix(line[at:], "{{")):
		hint := "indent it like the first line of the text"
		if o.textless {
			hint = "indent it further than the key of the |"
		}
		o.note(at, certain, hint, "this line belongs to the text below a |, and is not indented like it")
	case o.ended == o.number && o.between:
		o.note(at, certain, "indent it like the text if it belongs to it, else like the key above the text",
			"this line is indented less than the text above it, and more than its key")
	case hasKey:
		column, message, hint = o.strangeKey(line[:keyEnd(line, at)], at)
		if message == "" && at == 0 && len(o.levels) == 1 && o.levels[0].line == o.number {
			o.firstIsIndented()
			return
		}
		if message == "" {
			column, message, hint = at, strayMessage, strayHint
		}
		o.note(column, certain, hint, message)
	case strings.HasPrefix(line[at:], "- "):
		o.note(at, certain, strayHint, strayMessage)
	case strings.HasPrefix(line[at:], "{{"):
		o.note(at, certain, bracesAdvice, bracesMessage)
	case strings.IndexByte("*&!%@`", line[at]) >= 0:
		o.begins(line, at)
		o.found[len(o.found)-1].sure = certain
	default:
		o.note(column, certain, hint, message)
	}
}

// firstIsIndented tells of a file whose first key is indented, where a later one is not.
func (o *outline) firstIsIndented() {
	for i, line := range o.lines {
		text := strings.TrimLeft(line, " ")
		if text != "" && text[0] != '#' && !strings.HasPrefix(line, "---") {
			o.noteAt(i+1, len(line)-len(text), certain, "begin it in the first column, as the keys below it", "the first key is indented, and others are not")
			o.found[len(o.found)-1].until = o.number
			return
		}
	}
}
