package config

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	dashes      = "–—−•‐‑" // what word processors make of a -
	invisible   = "\u00ad\u200b\u200c\u200d\u2060\u200e\u200f"
	otherBlanks = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)

// unseen returns the first character of a text that looks like nothing, or like a blank, and is neither; -1 when there is
// none. It says what to write.
func unseen(text string) (at int, message, hint string) {
	at = strings.IndexAny(text, invisible+otherBlanks)
	if at < 0 {
		return -1, "", ""
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	switch {
	case r == '\u00a0':
		return at, "there is a no-break space here, which looks like a blank and is none", "write an ordinary blank"
	case strings.ContainsRune(otherBlanks, r):
		return at, "there is a character here that looks like a blank and is none", "write an ordinary blank"
	default:
		return at, "there is a character here that cannot be seen", "remove it"
	}
}

// visible drops what cannot be seen, as strings.Map asks.
func visible(r rune) rune {
	if strings.ContainsRune(invisible, r) {
		return -1
	}
	return r
}

// strangeKey says what is wrong with a key that is none of ours, by the line up to its colon.
func (o *outline) strangeKey(line string, at int) (column int, message, hint string) {
	key := line[at:]
	if i, message, hint := unseen(key); i >= 0 {
		return at + i, message, hint
	}
	first, size := utf8.DecodeRuneInString(key)
	word, _, _ := strings.Cut(key, " ")
	switch {
	case strings.ContainsRune(dashes, first):
		return at, "`" + string(first) + "` is no - here", "write - and a blank"
	case first == '-' && o.known[key[size:]]:
		return at, "a blank is missing behind the -", "write - " + key[size:] + ": and the value"
	case word != key && o.known[word]:
		return at + len(word), quoted(word) + " is not followed by a colon", "write " + word + ": and the value"
	}
	if i := strings.IndexByte(key, ':'); i > 0 && o.known[key[:i]] {
		return at + i, "a blank is missing behind the colon", "write " + key[:i] + ": and the value"
	}
	return 0, "", ""
}

// noColon says what is wrong with a line that has no key.
func (o *outline) noColon(line string, at int) (column int, message, hint string) {
	text := line[at:]
	if slices.ContainsFunc([]string{"<<<<<<<", "=======", ">>>>>>>"}, func(mark string) bool { return strings.HasPrefix(text, mark) }) {
		return at, "two versions of the file were merged, and this is the mark of where they differ", "keep one of them, and remove the marks"
	}
	if strings.HasPrefix(text, "- ") {
		return at, strayMessage, strayHint
	}
	if column, message, hint := o.strangeKey(line, at); message != "" {
		return column, message, hint
	}
	name := strings.TrimLeft(text, "-")
	if i := strings.IndexByte(name, ':'); i > 0 && isName(name[:i]) && !strings.HasPrefix(name[i:], "://") {
		hint := "write a blank" // a name that is none of ours may be a part of a secret
		if o.known[name[:i]] {
			hint = "write " + name[:i] + ": and the value"
		}
		if name != text {
			return at, "a blank is missing behind the -, and one behind the colon", "write both"
		}
		return len(line) - len(name) + i, "a blank is missing behind the colon", hint
	}
	if i := strings.IndexRune(text, '：'); i > 0 {
		return at + i, "`：` is no colon here", "write : and a blank"
	}
	return at, "a key is not followed by a colon", "write key: value"
}
