package templates

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const rowID = "0190a5c4-7d1e-7000-8000-000000000001"

// spell writes cells so that a table of them can be read: type, value, what else there is.
func spell(rows []event.Row) [][]string {
	var all [][]string
	for _, row := range rows {
		cells := []string{row.Key}
		for _, c := range row.Cells {
			cells = append(cells, spellCell(c))
		}
		all = append(all, cells)
	}
	return all
}

func spellCell(c event.Cell) string {
	switch c.Type {
	case event.CellDate:
		return "date " + c.Time.Format(time.DateOnly)
	case event.CellDateTime:
		return "datetime " + c.Time.Format("2006-01-02 15:04:05 -0700")
	case event.CellBoolean:
		return "boolean " + map[bool]string{true: "TRUE", false: "FALSE"}[c.Bool]
	case event.CellLink:
		return "link " + c.Text + " " + c.Link
	case event.CellNumber:
		return strings.TrimSpace("number " + c.Text + " " + c.Format)
	case event.CellText:
		return strings.TrimSpace("text " + c.Text)
	default:
		return "bad type " + string(c.Type)
	}
}

func rowsOf(t *testing.T, perRow PerRow, e event.Event, columns ...Column) [][]string {
	t.Helper()
	table, err := testWords(t).Table(perRow, columns)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Rows(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for i, c := range row.Cells {
			if want := table.Headers()[i].Header; c.Header != want {
				t.Errorf("cell %d has the header %q, want %q", i, c.Header, want)
			}
		}
	}
	return spell(rows)
}

func TestDefaultRowsOfAnUpdate(t *testing.T) {
	t.Parallel()
	const when, open = "datetime 2022-02-15 14:20:44 +0100", "link open " + projectPage + "28e92b4c-3b0c-4100-83c8-80231b62efcb"
	row := func(n, field, before, after string) []string {
		return []string{
			rowID + "/" + n, when, "text Updated", "text Project", "text Customer Portal", "text", "text " + field,
			before, after, "text Anna Doe", open,
		}
	}
	want := [][]string{
		row("1", "Status", "text On track", "text At risk"),
		row("2", "Finish", "date 2022-03-31", "date 2022-04-14"),
		row("3", "Budget", "number 250000", "number 275000"),
		row("4", "Manager", "text John Doe", "text John Doe, Brian Adams"),
		row("5", "Schedule", "text Not set", "text At risk"),
		row("6", "Description", "text", "text Finish moved: the test environment is late."),
		row("7", "Tags", "text #portal", "text #portal, #late"),
	}
	if diff := cmp.Diff(want, rowsOf(t, RowPerChange, sampleFile(t, "Project-Updated"))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestDefaultRowsOfACreation(t *testing.T) {
	t.Parallel()
	const when = "datetime 2022-02-11 10:12:33 +0100"
	row := func(n, field, after string) []string {
		return []string{
			rowID + "/" + n, when, "text Created", "text Task", "text Create a test environment", "text Customer Portal",
			"text " + field, "text", after, "text Anna Doe", "text",
		}
	}
	want := [][]string{
		row("1", "Start", "date 2022-02-14"), row("2", "Due", "date 2022-02-24"), row("3", "Group", "text Backlog"),
	}
	if diff := cmp.Diff(want, rowsOf(t, RowPerChange, named(sampleFile(t, "Task-Created"), "Customer Portal"))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestDefaultRowsOfADeletion(t *testing.T) {
	t.Parallel()
	want := [][]string{{
		rowID + "/1", "datetime 2022-02-16 09:03:19 +0100", "text Deleted", "text Project", "text Old Intranet", "text", "text",
		"text", "text", "text Brian Adams", "text",
	}}
	if diff := cmp.Diff(want, rowsOf(t, RowPerChange, sampleFile(t, "Project-Deleted"))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestDefaultRowPerEvent(t *testing.T) {
	t.Parallel()
	tests := []struct{ file, changes string }{
		{"KeyDate-Updated", "text Status: At risk → Done; Complete: no → yes"},
		{"KeyDate-Deleted", "text 21 Mar 2022, not complete"},
		{"Task-Created", "text Dates: 14 Feb 2022 – 24 Feb 2022 (9 working days); Group: Backlog"},
	}
	for _, test := range tests {
		rows := rowsOf(t, RowPerEvent, sampleFile(t, test.file))
		if len(rows) != 1 || rows[0][0] != rowID+"/1" || rows[0][6] != test.changes {
			t.Errorf("%s: got %q, want one row with %q", test.file, rows, test.changes)
		}
	}
}

func TestNumberOfRows(t *testing.T) {
	t.Parallel()
	unknownBefore := updated(nil, event.Attributes{attribute("Budget", money("2"))})
	unchanged := updated(unknownBefore.Attributes, unknownBefore.Attributes)
	strange := unchanged
	strange.Type = "Risk:Escalated"
	empty := updated(nil, nil)
	empty.Type = "Project:Created"
	tests := []struct {
		name string
		e    event.Event
		want int
	}{
		{"an update that says what changed", sampleFile(t, "Project-Updated"), 7},
		{"an update whose state before was not sent", unknownBefore, 1},
		{"an update in which nothing changed", unchanged, 0},
		{"an unknown type", strange, 1},
		{"a creation that says nothing", empty, 1},
		{"400 changes", hostileFile(t, "many-attributes", "Project:Updated"), 400},
	}
	for _, test := range tests {
		if got := len(rowsOf(t, RowPerChange, test.e)); got != test.want {
			t.Errorf("%s: got %d rows, want %d", test.name, got, test.want)
		}
		if got := len(rowsOf(t, RowPerEvent, test.e)); got != min(test.want, 1) {
			t.Errorf("%s: got %d rows per event", test.name, got)
		}
	}
}

// A column that is exactly one action keeps the type of its value; text is never read as anything else.
func TestTypedCells(t *testing.T) {
	raced.Calculates(t)
	at := time.Date(2022, 7, 1, 22, 30, 0, 0, time.UTC)
	e := updated(event.Attributes{attribute("X", event.Value{})}, event.Attributes{
		attribute("X", event.Value{Kind: event.Text, Text: "y"}),
		attribute("Money", money("275000.50")),
		attribute("Whole", money("-1e3")),
		{Name: "Progress", Label: "Progress", Unit: "%", Value: event.Value{Kind: event.Number, Text: "40"}},
		{Name: "Duration", Label: "Duration", Unit: "working days", Value: event.Value{Kind: event.Number, Text: "15"}},
		attribute("Huge", event.Value{Kind: event.Number, Text: "9007199254740993"}),
		attribute("Endless", event.Value{Kind: event.Number, Text: "1e400"}),
		attribute("Day", date(2022, 7, 2)),
		attribute("Moment", event.Value{Kind: event.Instant, Time: at}),
		attribute("Flag", event.Value{Kind: event.Boolean, Bool: true}),
		attribute("Digits", event.Value{Kind: event.Text, Text: "00123"}),
		attribute("Formula", event.Value{Kind: event.Text, Text: "=1+1"}),
		attribute("Choice", event.Value{Kind: event.Choice, Text: "3"}),
		attribute("OverallStatus", event.Value{Kind: event.Choice, Text: "2"}),
		attribute("People", event.Value{Kind: event.List, List: []event.Value{person("A"), person("B")}}),
		attribute("One", event.Value{Kind: event.List, List: []event.Value{date(2022, 7, 2)}}),
		attribute("Lines", event.Value{Kind: event.Text, Text: "a\r\n<b> *c* \u202e\x00"}),
	})
	tests := []struct {
		value string
		typ   event.CellType
		want  string
	}{
		{`{{ field "Money" }}`, "", "number 275000.50 #,##0.00"},
		{`{{ field "Whole" }}`, "auto", "number -1000"},
		{`{{ field "Progress" }}`, "", `number 40 0" %"`},
		{`{{ field "Duration" }}`, "", "number 15"},
		{`{{ field "Huge" }}`, "", "text 9007199254740993"},
		{`{{ field "Endless" }}`, "number", "text 1e400"},
		{`{{ field "Day" }}`, "", "date 2022-07-02"},
		{` {{ field "Day" }} `, "", "date 2022-07-02"},
		{`on {{ field "Day" }}`, "", "text on 2 Jul 2022"},
		{`{{ field "Day" }}{{ field "Nope" }}`, "", "text 2 Jul 2022"},
		{`{{ field "Day" }}`, "text", "text 2 Jul 2022"},
		{`{{ field "Moment" }}`, "", "datetime 2022-07-02 00:30:00 +0200"},
		{`{{ field "Moment" }}`, "date", "date 2022-07-02"},
		{`{{ field "Flag" }}`, "", "boolean TRUE"},
		{`{{ field "Flag" }}`, "text", "text yes"},
		{`{{ field "Digits" }}`, "", "text 00123"},
		{`{{ field "Digits" }}`, "number", "number 123"},
		{`{{ field "Formula" }}`, "", "text =1+1"},
		{`{{ field "Formula" }}`, "number", "text =1+1"},
		{`{{ field "Choice" }}`, "", "text 3"},
		{`{{ field "Choice" }}`, "number", "number 3"},
		{`{{ field "OverallStatus" }}`, "", "text Critical"},
		{`{{ field "People" }}`, "", "text A, B"},
		{`{{ field "One" }}`, "", "date 2022-07-02"},
		{`{{ field "Nope" }}`, "", "text"},
		{`{{ field "Nope" }}`, "number", "text"},
		{`{{ field "Nope" }}`, "date", "text"},
		{`{{ field "Lines" }}`, "", "text a\n<b> *c*"},
		{`{{ .Entity }}`, "link", "link Customer Portal " + projectPage + "1"},
		{`{{ .Entity }}`, "", "link Customer Portal " + projectPage + "1"},
		{`{{ .Entity }}`, "text", "text Customer Portal"},
		{`{{ .Parent }}`, "link", "text"},
		{`{{ link "https://example.com/a" "open" }}`, "link", "link open https://example.com/a"},
		{`{{ bold .Entity.Name }}`, "", "text Customer Portal"},
		{`{{ .Occurred }}`, "", "datetime 2022-02-15 14:20:44 +0100"},
		{`{{ .Occurred }}`, "date", "date 2022-02-15"},
		{`at {{ .Occurred }}`, "", "text at 15 Feb 2022 14:20"},
		{`{{ .Edits }}`, "", "number 1"},
		{`{{ .Late }}`, "", "boolean FALSE"},
		{`{{ .Change.Steps }}`, "", "number 1"},
		{`{{ .Change }}`, "", "text X: added “y”"},
		{`{{ if .Late }}late{{ else }}in time{{ end }}`, "", "text in time"},
		{`{{ $x := .Edits }}{{ $x }}`, "", "text 1"},
		{`2022-07-02`, "", "text 2022-07-02"},
		{`2022-07-02`, "date", "text 2022-07-02"},
		{`5`, "number", "number 5"},
		{``, "", "text"},
	}
	for _, test := range tests {
		rows := rowsOf(t, RowPerChange, e, Column{Header: "H", Value: test.value, Type: test.typ})
		if got := rows[0][1]; got != test.want {
			t.Errorf("%s as %q: got %q, want %q", test.value, test.typ, got, test.want)
		}
	}
}

func TestLongCells(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("漢", 60_000), strings.Repeat("🚀", 40_000)} {
		e := updated(event.Attributes{attribute("X", event.Value{})}, event.Attributes{attribute("X", event.Value{Kind: event.Text, Text: text})})
		rows := rowsOf(t, RowPerChange, e, Column{Header: "A", Value: "{{ .Change.After }}"}, Column{Header: "B", Value: "x {{ .Change.After }}"})
		for _, cell := range rows[0][1:] {
			if n := units(cell); n > 49_005 || n < 48_000 || !strings.HasSuffix(cell, "… (shortened)") {
				t.Errorf("%d units, ends with %q", n, cell[len(cell)-20:])
			}
		}
	}
}

func TestTableFindsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		perRow  PerRow
		columns []Column
		want    string
	}{
		{"field", RowPerChange, []Column{{Header: "After", Value: "{{ .Change.Aftr }}"}}, "After:1:11: no field .Aftr, did you mean .After?"},
		{"change of an event", RowPerEvent, []Column{{Header: "After", Value: "{{ .Change.After }}"}}, "no field .Change"},
		{"type", RowPerChange, []Column{{Header: "A", Value: "x", Type: "money"}}, `column "A": no type "money"; there are auto, text, number`},
		{"twice", RowPerChange, []Column{{Header: "A", Value: "x"}, {Header: "A", Value: "y"}}, `column "A": another column has this header`},
		{"no header", RowPerChange, []Column{{Header: " ", Value: "x"}}, "a column has no header"},
		{"rows", "entity", nil, `rows "entity": there are rows "change" and "event"`},
		{"index", RowPerEvent, []Column{{Header: "A", Value: "{{ index .Changes 0 }}"}}, "A:1:4: index out of range (with"},
		{"endless", RowPerChange, []Column{{Header: "A", Value: "{{ range 300000000 }}{{ end }}"}}, "it takes too many steps"},
		{"two at once", RowPerChange, []Column{{Header: "A", Value: "{{ .Foo }}"}, {Header: "B", Value: "{{ .Bar }}"}}, "B:1:4: no field .Bar"},
	}
	for _, test := range tests {
		_, err := testWords(t).Table(test.perRow, test.columns)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
}

// A column that fails on a real event costs no row.
func TestFailingColumn(t *testing.T) {
	t.Parallel()
	table, err := testWords(t).Table(RowPerChange, []Column{
		{Header: "A", Value: `{{ if eq (field "X") "y" }}{{ index .Changes 7 }}{{ end }}`}, {Header: "B", Value: "{{ .Change.After }}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := updated(event.Attributes{attribute("X", event.Value{}), attribute("Z", money("1"))},
		event.Attributes{attribute("X", event.Value{Kind: event.Text, Text: "y"}), attribute("Z", money("2"))})
	rows, err := table.Rows(e)
	var fault *Error
	if !errors.As(err, &fault) || fault.Template != "A" || fault.Column != 31 || len(Errors(err)) != 1 {
		t.Errorf("got error %v, want one fault at A:1:31", err)
	}
	want := [][]string{{rowID + "/1", "text (template failed)", "text y"}, {rowID + "/2", "text (template failed)", "number 2"}}
	if diff := cmp.Diff(want, spell(rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	table, err := testWords(t).Table(RowPerChange, []Column{{Header: "A", Value: "x"}, {Header: "B", Value: "x", Type: "date", Width: 90, Format: "yyyy"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{{"A", "x", "auto", 120, ""}, {"B", "x", "date", 90, "yyyy"}}
	if diff := cmp.Diff(want, table.Headers()); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	defaults, err := testWords(t).Table(RowPerChange, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range defaults.Headers() {
		names = append(names, h.Header)
	}
	if got := strings.Join(names, " "); got != "When Event Entity Name Parent Field Before After By Link" {
		t.Errorf("default headers: %s", got)
	}
}

// Every payload of the samples becomes rows: typed, unique, within the limits of a cell, without what nobody sees.
func TestSamplesBecomeRows(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	var tables []*Table
	for _, perRow := range []PerRow{RowPerChange, RowPerEvent} {
		table, err := w.Table(perRow, nil)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	files, err := filepath.Glob("../samples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	hostile, err := filepath.Glob("../samples/hostile/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, hostile...) {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range []event.Type{"Project:Updated", "Idea:Created", "KeyDate:Deleted", "Risk:Escalated"} {
			e, err := ppm.Decode(body, typ)
			if err != nil {
				break
			}
			for _, table := range tables {
				rows, err := table.Rows(e)
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				checkRows(t, filepath.Base(path), rows)
			}
		}
	}
}

func checkRows(t *testing.T, name string, rows []event.Row) {
	t.Helper()
	keys := map[string]bool{}
	for _, row := range rows {
		if keys[row.Key] {
			t.Errorf("%s: key %s twice", name, row.Key)
		}
		keys[row.Key] = true
		for _, c := range row.Cells {
			if strings.HasPrefix(spellCell(c), "bad") || units(c.Text) > maxCell {
				t.Errorf("%s: cell %.100q", name, spellCell(c))
			}
			if found := unseen(strings.ReplaceAll(c.Text, "\t", "")); found != "" {
				t.Errorf("%s: cell %.100q shows %q", name, spellCell(c), found)
			}
		}
	}
}
