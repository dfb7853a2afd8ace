package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

func TestConditionHolds(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	slip := named(sampleFile(t, "Project-Updated"), "Digital")
	created := sampleFile(t, "Idea-Created")
	tests := []struct {
		text string
		e    event.Event
		want bool
	}{
		{`changed("OverallStatus") || daysMoved("FinishDate") > 7`, slip, true},
		{`changed("OverallStatus") || daysMoved("FinishDate") > 7`, created, false},
		{`daysMoved("FinishDate") == 14 and daysMoved("StartDate") == 0 and daysMoved("Budget") == 0`, slip, true},
		{`!changed("Name")`, slip, true},
		{`changed("LastModifiedDate")`, slip, false},
		{`after("OverallStatus") == "At risk" && before("OverallStatus") == "On track"`, slip, true},
		{`after("OverallStatus") == 1 && 0 == before("OverallStatus")`, slip, true},
		{`after("OverallStatus") in ["At risk", "Critical"]`, slip, true},
		{`after("OverallStatus") in [2, 10]`, slip, false},
		{`after("OverallStatus") in 1..2`, slip, true},
		{`after("OverallStatus") not in ["Done"]`, slip, true},
		{`after("Budget") > 270000.5 && after("Budget") <= 275000`, slip, true},
		{`after("Budget") > before("Budget")`, slip, true},
		{`after("Nope") > 5 || after("Nope") < 5 || after("Nope") >= 5`, slip, false},
		{`after("Nope") == "" && after("Nope") == nil`, slip, true},
		{`after("Name") > 5`, slip, false},
		{`after("FinishDate") > "2022-04-13" && after("FinishDate") > before("FinishDate")`, slip, true},
		{`after("FinishDate") > "2021-12-31" and after("Budget") < "300000"`, slip, true},
		{`after("Go-live approved") == true`, slip, false},
		{`after("Go-live approved") == "no"`, slip, true},
		{`after("Client's contact") == "Brian Adams"`, slip, true},
		{`"Brian Adams" in after("Manager") && "John Doe" in before("Manager")`, slip, true},
		{`"Brian" in after("Manager") || "Brian Adams, John Doe" in after("Manager")`, slip, false},
		{`"Anna Doe" not in after("Manager") && not ("x" in after("Nope")) && Name not in after("Manager")`, slip, true},
		{`after("Manager") contains "John Doe, Brian Adams" && "Customer Portal" in after("Name") && after("Budget") in after("Budget")`, slip, true},
		{`1 in after("OverallStatus") && "At risk" in after("OverallStatus") && 275000.0 in after("Budget")`, slip, true},
		{`after("Description") contains "late" && after("Name") startsWith "Customer" && after("Name") endsWith "Portal"`, slip, true},
		{`after("Description") matches "^Finish .* late" && !(after("Name") matches "portal$")`, slip, true},
		{`before("Name") != after("Name")`, slip, false},
		{`Type == "Project:Updated" && Action == "Updated" && Kind == "Project"`, slip, true},
		{`Name matches "^Cust" && Parent == "Digital" && Initiator == "Anna Doe" && Account endsWith "company.com" && !Late`, slip, true},
		{`after("Stage") == "Draft" && before("Stage") == nil`, created, true},
		{`changed("Name") ? false : true`, slip, true},
		{`true`, slip, true},
	}
	for _, test := range tests {
		condition, err := w.When(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		got, err := condition.Holds(test.e)
		if err != nil || got != test.want {
			t.Errorf("%s: got %v, %v, want %v", test.text, got, err, test.want)
		}
	}
}

func TestWhenFindsFaults(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ text, want string }{
		{``, "it ends too early"},
		{`chnged("x")`, "when:1:1: no name chnged, did you mean changed?"},
		{"true &&\n  Nam == 'x'", "when:2:3: no name Nam, did you mean Name?"},
		{`changed(5)`, "when:1:9:"},
		{`changed()`, "when:1:1: changed is not told what to look at"},
		{`daysMoved("x")`, "when: it has to be true or false, and is a number"},
		{`after("x")`, "when: it has to be true or false, and is the value of a field"},
		{`Name`, "when: it has to be true or false, and is a text"},
		{`changed`, "when: it has to be true or false, and is a function"},
		{`Name == 5`, "when:1:6: == cannot stand between a text and a number"},
		{`Type.Foo`, "when:1:6: a text has no field Foo"},
		{`after("x") + 1 > 2`, "when:1:12:"},
		{`changed("x"`, "when:1:11: it ends too early"},
		{`"x`, "when:1:1: a quote is not closed"},
		{`Name matches "("`, "when:1:6: the pattern cannot be read: a ( is not closed"},
		{`after("Name") matches "("`, "when:1:15: the pattern cannot be read"},
		{`Name matches Parent`, "when:1:6: what stands behind matches has to be written in quotes"},
		{"true &&\n after(\"Name\") matches (\"a\" + Name)", "when:2:16: what stands behind matches has to be written in quotes"},
		{`Name matches "` + strings.Repeat("x", 201) + `"`, "when:1:6: a pattern is longer than 200 characters"},
		{`Name matches "((a?){30}){30}y"`, "when:1:6: the patterns are too large to be matched quickly"},
		{`Name matches "[^,]{1,300}x"`, "the patterns are too large"},
		{`Name matches "((((.?){90}){90}){90})y"`, "when:1:6: the pattern cannot be read: `{90}` repeats too often"},
		{`Name matches "(.?){50}x" || Name matches "(.?){50}y"`, "when:1:34: the patterns are too large"},
		{`let x = "a"; x == x`, "when:1:5: there is no let in a condition"},
		{`count(1..9, true) > 5`, "a condition does not go through lists"},
		{`[1, 2] | any(# == 1)`, "a condition does not go through lists"},
		{`len(Name) > 5`, "there is no function len"},
		{`now() > 5`, "when:1:1: there is no today"},
		{`after("FinishDate") < today`, "there is no today"},
		{`Status == "Critical"`, `when:1:1: no name Status; a field is written after("Status")`},
		{`(1..100000) == (1..5)`, "when:1:3: a list is too long"},
		{`1 % 0 == 0`, "when:1:3: this divides by zero"},
		{`1..1000000000000 == 5`, "when:1:"},
		{strings.Repeat(`changed("x") || `, 300) + "true", "when: it is longer than 4 KB"},
		{strings.Repeat(`true||`, 600) + "true", "it has too many parts"},
		{strings.Repeat(`(`, 2000), "when:"},
	}
	for _, test := range tests {
		_, err := w.When(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.100s: got %v, want %s", test.text, err, test.want)
		}
		if err != nil && (strings.Contains(err.Error(), "templates.") || len(Errors(err)) != 1) {
			t.Errorf("%.100s: %v", test.text, err)
		}
	}
}

// The slowest conditions that are accepted take no longer for a text of 4 MiB than for the part of it that is looked at.
// Without the bound of the text it would be a thousand times as long.
func TestConditionIsBounded(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	of := func(length int) event.Event {
		e := updated(nil, event.Attributes{attribute("Text", event.Value{Kind: event.Text, Text: strings.Repeat("a", length)})})
		e.Entity.Name = strings.Repeat("a", length)
		return e
	}
	for _, text := range []string{
		`after("Text") matches "(.?){70}y"`,
		`after("Text") matches "((a?){8}){8}y"`,
		`Name matches "(.?){35}y" || after("Text") matches "(.?){35}z"`,
		strings.TrimSuffix(strings.Repeat("Name + ", 30), " + ") + ` matches "(.?){70}y"`,
		`(true ? Name + Name + Name : after("Text")) matches "(.?){70}y"`,
		strings.TrimSuffix(strings.Repeat(`after("Text") matches "(a*)*b" || `, 10), " || "),
	} {
		condition, err := w.When(text)
		if err != nil {
			t.Errorf("%.100s: %v", text, err)
			continue
		}
		all, looked := of(4<<20), of(4<<10)
		long, short := fastest(t, condition, all), fastest(t, condition, looked)
		for tries := 0; long > 20*short && tries < 10; tries++ { // a busy machine
			long, short = min(long, fastest(t, condition, all)), max(short, fastest(t, condition, looked))
		}
		if long > 20*short {
			t.Errorf("%.100s: took %v for 4 MiB, and %v for what is looked at of them", text, long, short)
		}
	}
}

// fastest returns the shortest of some times that a condition takes: other tests run beside this one.
func fastest(t *testing.T, condition *Condition, e event.Event) time.Duration {
	t.Helper()
	best := time.Hour
	for range 3 {
		began := time.Now()
		if _, err := condition.Holds(e); err != nil {
			t.Error(err)
		}
		best = min(best, time.Since(began))
	}
	return best
}

func TestIgnoredFieldsDoNotCount(t *testing.T) {
	t.Parallel()
	w, err := New(Display{Ignore: []string{"OverallStatus", "Client's contact"}})
	if err != nil {
		t.Fatal(err)
	}
	if !w.Ignored("Client’s contact") || w.Ignored("Budget") {
		t.Error("a name is ignored with either apostrophe, others are not")
	}
	condition, err := w.When(`changed("OverallStatus")`)
	if err != nil {
		t.Fatal(err)
	}
	if holds, err := condition.Holds(sampleFile(t, "Project-Updated")); holds || err != nil {
		t.Errorf("got %v, %v for a field that is ignored", holds, err)
	}
}
