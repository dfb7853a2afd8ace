package templates

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is a fault of a template or an expression: what is wrong, and where.
type Error struct {
	Template string // its name: "status"
	Line     int    // in its text, from 1; 0 when no place is known
	Column   int    // in characters, from 1; 0 when only the line is known
	Text     string // what is wrong, in plain words
	Nearest  string // the right name that is nearest to a wrong one, already part of Text; may be empty
	Hint     string // what to write instead; may be empty

	cause error
}

// Unwrap returns what the fault was made of; nil where it is all there is.
func (f *Error) Unwrap() error { return f.cause }

// Error returns "status:2:14: no field .Befor, did you mean .Before?".
func (f *Error) Error() string {
	switch {
	case f.Line == 0:
		return f.Template + ": " + f.Text
	case f.Column == 0:
		return fmt.Sprintf("%s:%d: %s", f.Template, f.Line, f.Text)
	default:
		return fmt.Sprintf("%s:%d:%d: %s", f.Template, f.Line, f.Column, f.Text)
	}
}

// Errors returns every Error that an error of this package holds, in the order of their places.
func Errors(err error) []*Error {
	switch e := err.(type) { //nolint:errorlint // walks the whole tree itself
	case *Error:
		return []*Error{e}
	case interface{ Unwrap() []error }:
		var all []*Error
		for _, one := range e.Unwrap() {
			all = append(all, Errors(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		return Errors(e.Unwrap())
	default:
		return nil
	}
}

// position returns line and column of a byte of a text, both from 1.
func position(text string, offset int) (line, column int) {
	offset = min(max(offset, 0), len(text))
	before := text[:offset]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
}

// faultOf reads an error of executing a template, "template: NAME:2:5: executing …: what". ParsedAs is the NAME.
func faultOf(name, parsedAs, text string, err error) *Error {
	fault := &Error{Template: name, Text: err.Error(), cause: err}
	rest, ok := strings.CutPrefix(err.Error(), "template: "+parsedAs+":")
	if !ok {
		return fault
	}
	fault.Line, rest = leadingNumber(rest)
	if column, after := leadingNumber(rest); column > 0 || strings.HasPrefix(rest, "0:") {
		fault.Column, rest = column+1, after // text/template counts columns from 0, in bytes
	}
	fault.Text = plainWords(strings.TrimSpace(rest))
	if line := lineOf(text, fault.Line); fault.Column > 0 && fault.Column <= len(line) {
		fault.Column = utf8.RuneCountInString(line[:fault.Column-1]) + 1
	}
	return fault
}

// leadingNumber reads "12:" and returns what follows it.
func leadingNumber(s string) (int, string) {
	digits, rest, ok := strings.Cut(s, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return 0, s
	}
	return n, rest
}

func lineOf(text string, n int) string {
	lines := strings.Split(text, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// nearest returns the name that is most like a wrong one; empty when none is near.
func nearest(wrong string, names []string) string {
	best, least := "", max(1, (len(wrong)+1)/3)+1
	for _, name := range names {
		if d := distance(strings.ToLower(wrong), strings.ToLower(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the letters to change, add, take out or swap between two names (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
