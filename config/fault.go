package config

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with the file, or, as a warning, that is hardly meant.
type Fault struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`    // from 1; 0 when it is about the file as a whole
	Column  int    `json:"column,omitempty"`  // in characters, from 1
	Message string `json:"message"`           // what is wrong, in plain words
	Hint    string `json:"hint,omitempty"`    // what to write instead
	Excerpt string `json:"excerpt,omitempty"` // the line, and a caret below the column; secrets are left out
	Warning bool   `json:"warning,omitempty"` // the file counts all the same
}

// String returns the fault as "file:line:column: message; hint".
func (f Fault) String() string {
	text := f.Message
	if f.Warning {
		text = "warning: " + text
	}
	if f.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, text)
	} else {
		text = f.File + ": " + text
	}
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return text
}

// Errors is everything that is wrong with a file, in the order of its lines. It marshals to JSON as a list.
type Errors []Fault

// Error returns one line for each fault.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Print writes each fault with the line it is in.
func (e Errors) Print(w io.Writer) error {
	for _, fault := range e {
		text := fault.String()
		if fault.Excerpt != "" {
			text += "\n  " + strings.ReplaceAll(fault.Excerpt, "\n", "\n  ")
		}
		if _, err := io.WriteString(w, text+"\n"); err != nil {
			return fmt.Errorf("printing faults: %w", err)
		}
	}
	return nil
}

// Sorted returns the faults in the order of the file, then those of files of templates, without repetitions.
func (e Errors) Sorted() Errors {
	sorted := slices.SortedStableFunc(slices.Values(e), func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.ownFile(), b.ownFile()), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(sorted)
}

// ownFile returns the file of a template that is one by itself; else nothing, which comes first.
func (f Fault) ownFile() string {
	if strings.HasSuffix(f.File, ".tmpl") {
		return f.File
	}
	return ""
}
