package templates

import (
	"cmp"
	"fmt"
	"slices"
	"text/template/parse"
)

// warnf adds a warning at a byte of the text. One place is told once.
func (c *checker) warnf(pos parse.Pos, format string, args ...any) {
	warning := &Error{Template: c.source.name, Text: fmt.Sprintf(format, args...)}
	warning.Line, warning.Column = position(c.source.text, int(pos))
	if !slices.ContainsFunc(c.warnings, func(known *Error) bool { return samePlace(known, warning) }) {
		c.warnings = append(c.warnings, warning)
	}
}

// Warnings returns what counts in a template and in those that it includes, and is hardly meant, in the order of each text.
func (t *Template) Warnings() []*Error {
	all := slices.Concat(t.source.warnings, ineffective(t.source, true))
	for _, name := range t.Includes() {
		if t.words.library[name] == nil { // a built-in one has none
			all = append(all, ineffective(t.source.library[name], true)...)
		}
	}
	return inOrder(all)
}

// Warnings returns what counts in the columns, and is hardly meant. An Error's Template is the header.
func (t *Table) Warnings() []*Error {
	var all []*Error
	for _, c := range t.columns {
		all = append(all, inOrder(slices.Concat(c.source.warnings, ineffective(c.source, false)))...)
	}
	return all
}

// inOrder sorts warnings by their templates and places.
func inOrder(warnings []*Error) []*Error {
	slices.SortStableFunc(warnings, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), byPlace(a, b))
	})
	return warnings
}
