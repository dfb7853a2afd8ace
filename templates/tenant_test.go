package templates

import (
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
)

// tenantOfTest knows a status by its key, a region that is sent as a number, and a field whose key is no name.
func tenantOfTest() Tenant {
	region := map[string]string{"1": "North", "2": "South", "a-guid": "West"}
	return Tenant{
		"Project.OverallStatus": {Label: "Overall Status", Choices: map[string]string{"0": "Green", "1": "Yellow"}},
		"Project.cf_7":          {Label: "Client’s region", Others: []string{"Client’s region"}, Choices: region},
		"Project.Client's region": {
			Label: "Client’s region", Others: []string{"cf_7"}, Choices: region,
		},
		"Project.cf_8":             {Label: "Due to the board", Others: []string{"Due to the board"}},
		"Project.Due to the board": {Label: "Due to the board", Others: []string{"cf_8"}},
	}
}

func wordsFor(t *testing.T, display Display) *Words {
	t.Helper()
	w, err := New(display)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// headed is the headline that a template makes.
func headed(t *testing.T, template *Template, net event.Net) string {
	t.Helper()
	message, err := template.Message(net)
	if err != nil {
		t.Fatal(err)
	}
	return message.Head
}

func cellAt(r event.Row, header string) event.Cell {
	at := slices.IndexFunc(r.Cells, func(c event.Cell) bool { return c.Header == header })
	return r.Cells[at]
}

// regionEvent moves the region and the status.
func regionEvent(field string) event.Event {
	number := func(s string) event.Value { return event.Value{Kind: event.Number, Text: s} }
	choice := func(s string) event.Value { return event.Value{Kind: event.Choice, Text: s} }
	e := sampleEvent("Project:Updated")
	e.Attributes = event.Attributes{
		{Name: "OverallStatus", Label: "Status", Value: choice("1")},
		{Name: field, Label: field, Rank: event.RankCustom, Value: number("2")},
		{Name: "Regions", Label: "Regions", Rank: event.RankCustom, Value: event.Value{Kind: event.List, List: []event.Value{number("1")}}},
	}
	e.Before = event.Attributes{
		{Name: "OverallStatus", Label: "Status", Value: choice("0")},
		{Name: field, Label: field, Rank: event.RankCustom, Value: number("1")},
		{Name: "Regions", Label: "Regions", Rank: event.RankCustom, Value: event.Value{Kind: event.List}},
	}
	return e
}

// TestOrderOfLabels: the configuration, else the tenant, else the default, else the number.
func TestOrderOfLabels(t *testing.T) {
	w := wordsFor(t, Display{Labels: map[string]map[string]string{
		"Project.OverallStatus": {"0": "All well"}, "Project.Client’s region": {"2": "Down south"},
	}})
	tenant := tenantOfTest()
	for _, tt := range []struct {
		field, sent, bare, want string
		labelled                bool
	}{
		{"OverallStatus", "0", "All well", "All well", true},
		{"OverallStatus", "1", "At risk", "Yellow", true},
		{"OverallStatus", "2", "Critical", "Critical", false},
		{"OverallStatus", "7", "7", "7", false},
		{"cf_7", "1", "1", "North", true},
		{"cf_7", "2", "2", "Down south", true}, // the label is written with the field's other name
		{"Client's region", "2", "Down south", "Down south", true},
		{"cf_7", "3", "3", "3", false},
		{"Stage", "3", "3", "3", false},
	} {
		if got := w.label("Project", tt.field, tt.sent); got != tt.bare {
			t.Errorf("%s %s without a tenant: got %q, want %q", tt.field, tt.sent, got, tt.bare)
		}
		with := w.With(tenant, nil)
		if got := with.label("Project", tt.field, tt.sent); got != tt.want || with.Labelled("Project", tt.field, tt.sent) != tt.labelled {
			t.Errorf("%s %s: got %q, want %q", tt.field, tt.sent, got, tt.want)
		}
		if _, assumed := with.Assumed("Project", tt.field, tt.sent); assumed != (!tt.labelled && tt.want != tt.sent) {
			t.Errorf("%s %s: assumed is %v", tt.field, tt.sent, assumed)
		}
	}
}

// A field that only the tenant knows as a choice is told as one, by whichever name it is sent.
func TestChoicesThatOnlyTheTenantKnows(t *testing.T) {
	w := wordsFor(t, Display{}).With(tenantOfTest(), nil)
	for _, field := range []string{"cf_7", "Client’s region"} {
		net := event.NetOf([]event.Event{regionEvent(field)}, w.Ignored)
		message := w.Message(net)
		lines := strings.Join(message.Lines, "\n")
		for _, want := range []string{"Client’s region: North → South", "Status: Green → Yellow"} {
			if !strings.Contains(lines, want) {
				t.Errorf("%s: got\n%s\nwant %q", field, lines, want)
			}
		}
		if strings.Contains(lines, "%") {
			t.Errorf("%s: got\n%s\nwith a difference between regions", field, lines)
		}
		template, err := wordsFor(t, Display{}).Compile("x", `{{ field "Client's region" }} {{ before "cf_7" }} {{ changed "cf_7" }} {{ label "cf_7" }} {{ eq (field "cf_7") "South" }}`)
		if err != nil {
			t.Fatal(err)
		}
		if got := headed(t, template.In(w), net); got != "South North yes Client’s region yes" {
			t.Errorf("%s: got %q", field, got)
		}
		table, err := wordsFor(t, Display{}).Table(RowPerChange, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := table.In(w).Rows(regionEvent(field))
		at := slices.IndexFunc(rows, func(r event.Row) bool { return cellAt(r, "Field").Text == "Client’s region" })
		if err != nil || at < 0 || cellAt(rows[at], "After").Text != "South" || cellAt(rows[at], "After").Type != event.CellText {
			t.Errorf("%s: got %+v, %v", field, rows, err)
		}
		for expression, want := range map[string]bool{
			`after("Client's region") == "South"`: true, `after("cf_7") == "2"`: true, `changed("cf_7") && daysMoved("cf_7") == 0`: true,
			`before("cf_7") == "South"`: false, `after("OverallStatus") == "Yellow"`: true,
		} {
			when, err := wordsFor(t, Display{}).When(expression)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := when.In(w).Holds(regionEvent(field)); err != nil || got != want {
				t.Errorf("%s: %s: got %v, %v", field, expression, got, err)
			}
		}
	}
}

// What a template was compiled with stays as it was: other words make another view of it.
func TestWordsAreNotChanged(t *testing.T) {
	w := wordsFor(t, Display{})
	template, err := w.Compile("x", `{{ field "cf_7" }}`)
	if err != nil {
		t.Fatal(err)
	}
	net := event.NetOf([]event.Event{regionEvent("cf_7")}, nil)
	for range 3 {
		if got := headed(t, template.In(w.With(tenantOfTest(), nil)), net); got != "South" {
			t.Errorf("got %q with the tenant", got)
		}
		if got := headed(t, template, net); got != "2" {
			t.Errorf("got %q without it", got)
		}
	}
	w.With(tenantOfTest(), nil).failures.add(&Error{Template: "x", Line: 1})
	if len(w.Failures()) != 1 {
		t.Error("failures are not counted together")
	}
}

func TestIgnoredByEitherName(t *testing.T) {
	w := wordsFor(t, Display{Ignore: []string{"Client's region", "LastModifiedDate"}})
	if w.Ignored("cf_7") || !w.Ignored("Client’s region") {
		t.Error("without a tenant only the name that is written counts")
	}
	with := w.With(tenantOfTest(), nil)
	if !with.Ignored("cf_7") || !with.Ignored("Client’s region") || !with.Ignored("LastModifiedDate") || with.Ignored("cf_8") || with.Ignored("OverallStatus") {
		t.Error("want both names of the field ignored, and no other")
	}
}

// Values that nobody has a label for are told of: numbers of choices, and no names.
func TestUnlabelledValues(t *testing.T) {
	var missed []string
	w := wordsFor(t, Display{Labels: map[string]map[string]string{"Project.Stage": {"1": "One"}}}).With(tenantOfTest(),
		func(entity, field, sent string) { missed = append(missed, entity+"."+field+"="+sent) })
	e := sampleEvent("Project:Updated")
	value := func(kind event.Kind, s string) event.Value { return event.Value{Kind: kind, Text: s} }
	e.Attributes = event.Attributes{
		{Name: "OverallStatus", Value: value(event.Choice, "1")},
		{Name: "ScheduleStatus", Value: value(event.Choice, "2")},
		{Name: "CostStatus", Value: value(event.Choice, "77")},
		{Name: "Stage", Value: value(event.Choice, "Delivery")},
		{Name: "cf_7", Value: value(event.Number, "9")},
		{Name: "cf_8", Value: value(event.Number, "9")},
		{Name: "Priority", Value: value(event.Choice, "-4")},
	}
	e.Before = nil
	for _, a := range e.Attributes {
		e.Before = append(e.Before, event.Attribute{Name: a.Name, Value: event.Value{}})
	}
	w.Message(event.NetOf([]event.Event{e}, w.Ignored))
	slices.Sort(missed)
	if got, want := slices.Compact(missed), []string{"Project.CostStatus=77", "Project.Priority=-4", "Project.cf_7=9"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What was written with an assumed label goes on to hold when the tenant calls it otherwise, unless that is the name of
// another choice.
func TestAssumedLabelsGoOnToHold(t *testing.T) {
	tenant := Tenant{"Project.OverallStatus": {Choices: map[string]string{"0": "On Track", "1": "At Risk", "2": "Red", "10": "Critical"}}}
	e := sampleEvent("Project:Updated")
	for _, tt := range []struct {
		sent, expression string
		want             bool
	}{
		{"1", `after("OverallStatus") == "At Risk"`, true},
		{"1", `after("OverallStatus") == "At risk"`, true},
		{"1", `after("OverallStatus") in ["At risk", "Done"]`, true},
		{"1", `after("OverallStatus") != "At risk"`, false},
		{"1", `after("OverallStatus") == "On track"`, false},
		{"2", `after("OverallStatus") == "Red"`, true},
		{"2", `after("OverallStatus") == "Critical"`, false}, // which is another one here
		{"10", `after("OverallStatus") == "Critical"`, true},
		{"10", `after("OverallStatus") == "Done"`, true},
	} {
		e.Attributes = event.Attributes{attribute("OverallStatus", event.Value{Kind: event.Choice, Text: tt.sent})}
		when, err := wordsFor(t, Display{}).When(tt.expression)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := when.In(wordsFor(t, Display{}).With(tenant, nil)).Holds(e); err != nil || got != tt.want {
			t.Errorf("%s: %s: got %v, %v", tt.sent, tt.expression, got, err)
		}
	}
}

func TestFieldsThatAConditionNames(t *testing.T) {
	w := wordsFor(t, Display{})
	when, err := w.When("changed(\"A\") ||\n  daysMoved(\"Ü\") > 7 && after(\"Idea’s sponsor\") == \"B\" || before(`C`) in [\"D\"] || Name == \"E\" || changed(\"A\")")
	if err != nil {
		t.Fatal(err)
	}
	want := []FieldUse{
		{"when", "A", 1, 9}, {"when", "Ü", 2, 13}, {"when", "Idea’s sponsor", 2, 31}, {"when", "C", 2, 66}, {"when", "A", 2, 106},
	}
	if got := when.Fields(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	template, err := w.Compile("x", `{{ range .Changes }}{{ if eq .Field "A" "B" }}{{ . }}{{ end }}{{ if ne "C" .Label }}{{ end }}{{ end }}x`)
	if err != nil {
		t.Fatal(err)
	}
	if got := template.Fields(); len(got) != 2 || got[0].Field != "A" || got[1].Field != "B" {
		t.Errorf("got %v, want what is compared with .Field", got)
	}
}
