package config

import (
	"strings"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// table checks the columns of a tab or file.
func (c *checker) table(path string, t TableConfig) {
	if t.Columns != nil && len(t.Columns) == 0 {
		c.complain(path+".columns", "leave the key out for the built-in columns", "`columns` has no entry")
	}
	lines := map[string]int{}
	for i, column := range t.Columns {
		inner := entry(path+".columns", i)
		if c.bad[c.places[inner].value] {
			continue
		}
		c.require(inner, "header", "write header: When")
		c.require(inner, "value", "write value: \"{{ .Occurred }}\"")
		if column.Header == "" {
			continue
		}
		at, key := c.places[inner+".header"].value, strings.ToLower(strings.TrimSpace(column.Header))
		if hint, message := wrongHeader(column.Header); message != "" {
			c.fault(at, hint, "%s", message)
			continue
		}
		if first, taken := lines[key]; taken {
			c.fault(at, "columns are found by their header", "the header %s is taken by the column in line %d", quoted(column.Header), first)
			continue
		}
		lines[key] = at.Line
	}
}

// wrongHeader says what a header must not be. That of the key is taken: a table would show the key below it, whatever the
// column's value.
func wrongHeader(header string) (hint, message string) {
	trimmed := strings.TrimSpace(header)
	switch {
	case strings.EqualFold(trimmed, sinks.KeyHeader):
		return "choose another; that column is added by itself", quoted(trimmed) + " is the header of ppmrelay's own column"
	case strings.ContainsAny(trimmed, "\r\n\x00"):
		return "write it in one line", "a header with a line break in it would not be found again"
	case trimmed != header:
		return "write \"" + trimmed + "\"", "a header with blanks around it would not be found again"
	default:
		return "", ""
	}
}

// sameHeaders tells when two routes would fight for the first line of a tab or file.
func (c *checker) sameHeaders(path, what, name string, t TableConfig, tables map[string]table) {
	headers := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		headers[i] = column.Header
	}
	if len(headers) == 0 { // the built-in columns, which are others for changes than for events
		headers = []string{"built-in", string(t.Rows)}
	}
	mine := table{line: c.places[path].key.Line, headers: strings.Join(headers, "\n")}
	first, shared := tables[name]
	if !shared {
		tables[name] = mine
		return
	}
	if first.headers != mine.headers {
		c.complainKey(path, "write the same columns in the same order, or choose another "+what,
			"the route in line %d writes other headers to this %s", first.line, what)
	}
}
