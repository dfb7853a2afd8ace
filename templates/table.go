package templates

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	"github.com/ppmrelay/ppmrelay/event"
)

// PerRow says what one row of a table tells.
type PerRow string

// What a row tells.
const (
	RowPerChange PerRow = "change" // one changed field; of a creation one said field; a deletion has one row
	RowPerEvent  PerRow = "event"  // one event with all its changes
)

// Auto is the type of a column whose cells are shown as their values ask.
const Auto event.CellType = "auto"

// Column is one column of a table, as it is configured.
type Column struct {
	Header string         // unique among the columns
	Value  string         // template; its dot is RowData
	Type   event.CellType // empty = Auto; what a value cannot be shown as, it is shown as its kind asks
	Width  int            // pixels; 0 = a default
	Format string         // of numbers and dates in Google Sheets; empty = by the type
}

// Table turns events into rows. It is safe for concurrent use.
type Table struct {
	words   *Words
	perRow  PerRow
	columns []column
	runners *sync.Pool // of *tableRunner
}

type column struct {
	Column
	source *source
	cells  program
	typed  bool // the template is exactly one action, whose value keeps its type
	same   bool // it says the same in every row of an event
}

type tableRunner struct {
	run     run
	columns []*template.Template
}

// DefaultColumns returns the columns of a table for which none are configured. The key column is the sink's.
func DefaultColumns(perRow PerRow) []Column {
	columns := []Column{
		{"When", "{{ .Occurred }}", event.CellDateTime, 140, "yyyy-mm-dd hh:mm"},
		{"Event", "{{ .Action }}{{ if .Recovered }} (found later){{ end }}", event.CellText, 80, ""},
		{"Entity", "{{ .Entity.Kind }}", event.CellText, 80, ""},
		{"Name", "{{ .Entity.Name }}", event.CellText, 180, ""},
		{"Parent", "{{ .Parent.Name }}", event.CellText, 160, ""},
		{"Field", "{{ .Change.Label }}", event.CellText, 100, ""},
		{"Before", "{{ .Change.Before }}", Auto, 160, ""},
		{"After", "{{ .Change.After }}", Auto, 220, ""},
		{"By", "{{ .Initiator }}", event.CellText, 100, ""},
		{"Link", `{{ and .Entity.Link (link .Entity.Link "open") }}`, event.CellLink, 60, ""},
	}
	if perRow == RowPerEvent {
		changes := Column{"Changes", "{{ .Changes }}{{ .Facts }}{{ .LastKnown }}", event.CellText, 400, ""}
		columns = slices.Replace(columns, 5, 8, changes)
	}
	return columns
}

// Table checks the columns of a table and prepares them; none means DefaultColumns. The error holds every fault: of a
// template it is an *Error, whose Template is the header.
//
// Types are the event types that its templates can meet and are tried on; none means all.
func (w *Words) Table(perRow PerRow, columns []Column, types ...event.Type) (*Table, error) {
	if perRow != RowPerChange && perRow != RowPerEvent {
		return nil, fmt.Errorf("rows %q: there are rows %q and %q", perRow, RowPerChange, RowPerEvent)
	}
	if len(columns) == 0 {
		columns = DefaultColumns(perRow)
	}
	t := &Table{words: w, perRow: perRow, runners: new(sync.Pool)}
	var faults []error
	for i, c := range columns {
		if err := checkColumn(c, columns[:i]); err != nil {
			faults = append(faults, err)
			continue
		}
		compiled, err := compileColumn(c, perRow)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		t.columns = append(t.columns, compiled)
	}
	if len(faults) == 0 && !slices.Equal(columns, DefaultColumns(perRow)) { // ours are tried by tests
		faults = t.tried(types)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

func checkColumn(c Column, before []Column) error {
	switch c.Type {
	case "", Auto, event.CellText, event.CellNumber, event.CellDate, event.CellDateTime, event.CellBoolean, event.CellLink:
	default:
		return fmt.Errorf("column %q: no type %q; there are auto, text, number, date, datetime, boolean, link", c.Header, c.Type)
	}
	if strings.TrimSpace(c.Header) == "" {
		return errors.New("a column has no header")
	}
	if slices.ContainsFunc(before, func(other Column) bool { return other.Header == c.Header }) {
		return fmt.Errorf("column %q: another column has this header", c.Header)
	}
	return nil
}

func compileColumn(c Column, perRow PerRow) (column, error) {
	dot := reflect.TypeFor[RowData]()
	if perRow == RowPerEvent {
		dot = reflect.TypeFor[Data]()
	}
	s, err := parseSource(c.Header, c.Value, dot, nil)
	if err != nil {
		return column{}, err
	}
	compiled := column{Column: c, source: s, typed: oneAction(s), same: sameInEveryRow(c.Value)}
	compiled.cells = s.program(celled, map[bool]string{true: cellFunction, false: showFunction}[compiled.typed])
	return compiled, nil
}

// oneAction reports whether a template is one action that prints, with nothing but blanks around it.
func oneAction(s *source) bool {
	actions := 0
	for _, node := range s.trees[root].Root.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			if strings.TrimSpace(string(n.Text)) != "" {
				return false
			}
		case *parse.ActionNode:
			actions++
			if len(n.Pipe.Decl) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return actions == 1
}

// sameInEveryRow reports whether a template surely names nothing of the row's own change: executing it once for an event
// is enough.
func sameInEveryRow(text string) bool {
	bareDot := regexp.MustCompile(`\.[^A-Za-z]|\.$`)
	return !strings.Contains(text, "Change") && !strings.Contains(text, "$") && !bareDot.MatchString(text)
}

// Headers returns the columns in order, with the widths and types that a sheet is made with.
func (t *Table) Headers() []Column {
	headers := make([]Column, len(t.columns))
	for i, c := range t.columns {
		headers[i] = c.Column
		if c.Type == "" {
			headers[i].Type = Auto
		}
		if c.Width == 0 {
			headers[i].Width = 120
		}
	}
	return headers
}

// Fields returns where the columns name fields of the event. A FieldUse's Template is the header.
func (t *Table) Fields() []FieldUse {
	var all []FieldUse
	for _, c := range t.columns {
		all = append(all, c.source.fields...)
	}
	return all
}

// oneOfEach returns the first of the changes of each kind of value: the others look like it.
func oneOfEach(changes []Change) []Change {
	var some []Change
	seen := map[[2]event.Kind]bool{}
	for _, c := range changes {
		if kinds := [2]event.Kind{c.Before.kind(), c.After.kind()}; !seen[kinds] {
			seen[kinds] = true
			some = append(some, c)
		}
	}
	return some
}

func (v Value) kind() event.Kind {
	switch len(v) {
	case 0:
		return event.Null
	case 1:
		return v[0].value.Kind
	default:
		return event.List
	}
}
