package templates

import (
	"fmt"
	"testing"
)

// Each of these is what people write who know other languages, or templates. The words end with what to write instead.
func TestSlipsOfConditions(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	for _, test := range []struct{ text, want string }{
		// operators
		{`Name = "x"`, "6: `=` is not expected here; write =="},
		{`Name === "x"`, "6: `===` is not expected here; write =="},
		{`Late & changed("A")`, "6: `&` is not expected here; write &&, or the word and"},
		{`changed("A") AND Late`, "14: `AND` is not expected here; write and"},
		{`changed("A") Or Late`, "14: `Or` is not expected here; write or"},
		{`NOT Late`, "1: `NOT` is not expected here; write not"},
		{`NOT changed("A")`, "1: `NOT` is not expected here; write not"},
		{`Late and NOT (Late)`, "10: no name NOT; write not"},
		{`Kind <> "Task"`, "6: `<>` is not expected here; write !="},
		{`Name like "x"`, "6: `like` is not expected here; write contains"},
		{`Name not like "x"`, "10: `like` is not expected here; write contains"},
		{`Name =~ "x"`, "6: `=~` is not expected here; write matches"},
		{`Name startswith "x"`, "6: `startswith` is not expected here; write startsWith"},
		{`Name starts with "x"`, "6: `starts with` is not expected here; write startsWith"},
		{`Name is "x"`, "6: `is` is not expected here; write =="},
		{`Name is not "x"`, "6: `is not` is not expected here; write !="},
		{`Name does not contain "x"`, "6: `does not contain` is not expected here; write not contains"},
		{`Late xor changed("A")`, "6: `xor` is not expected here; "},
		{`contains(Name, "x")`, "1: `contains` is not expected here; write Name contains \"x\""},
		{`not contains(after("Name"), "x, (y") && Late`, "5: `contains` is not expected here; write after(\"Name\") contains \"x, (y\""},
		{`startswith(Name, "x")`, "1: no name startswith; write Name startsWith \"x\""},
		{`Name.startswith("x")`, "6: a text has no field startswith; write Name startsWith \"x\""},
		{`changed("B") | Late`, "14: `|` is not expected here; write ||, or the word or"},
		{`changed("B") | changed("C")`, "14: `|` is not expected here; write ||, or the word or"},
		{`changed("B") | !Late`, "14: `|` is not expected here; write ||, or the word or"},
		{`Name == "a" || "b"`, "13: || cannot stand between yes/no and a text; write Name in [\"a\", \"b\"]"},
		{`Name contains "a" or "b"`, "19: or cannot stand between yes/no and a text; write Name contains \"a\" or Name contains \"b\""},
		{`Kind == ["Task","Idea"]`, "6: == cannot stand between a text and a list; write Kind in [\"Task\", \"Idea\"]"},
		{`daysMoved("A") ≥ 7`, "16: `≥` means nothing here; write >="},

		// as in a template
		{`{{ changed "Budget" }}`, "1: a condition has no {{ }}; write changed(\"Budget\")"},
		{`changed "Budget"`, "1: the name of a field stands in brackets; write changed(\"Budget\")"},
		{`changed "A" "B"`, "1: the name of a field stands in brackets; write changed(\"A\") || changed(\"B\")"},
		{`changed["Budget"]`, "1: changed is not told what to look at; write changed(\"Budget\")"},
		{`.Name == "x"`, "1: a name has no dot before it in a condition; write Name"},
		{`.Entity.Name == "x"`, "1: a name has no dot before it in a condition; write Name"},
		{`.Budget > 5`, "1: a name has no dot before it in a condition; write after(\"Budget\")"},
		{`if changed("A") then`, "1: a condition has no if; leave it out: the event is told where what stands behind it is true"},
		{`has("x", after("Manager"))`, "1: there is no function has; write \"Brian Adams\" in after(\"Manager\")"},

		// fields
		{`changed("A","B")`, "1: changed looks at one field; write changed(\"A\") || changed(\"B\")"},
		{`daysMoved("A","B") > 7`, "1: daysMoved looks at one field; write it once for each: daysMoved(\"A\"), daysMoved(\"B\")"},
		{`before(Budget) > 5`, "8: the name of a field stands in quotes; write before(\"Budget\")"},
		{`changed(Name)`, "9: the name of a field stands in quotes; write changed(\"Name\")"},
		{`changed && Late`, "1: changed is not told what to look at; write changed(\"Name\")"},
		{`after("Manager").Name == "x"`, "18: the value of a field has no .Name; write after(\"Manager\")"},
		{`after("Manager")[0] == "x"`, "17: there are no [ ] behind the value of a field; write \"x\" in after(\"Manager\")"},
		{`after("Manager") contains ["x"]`, "18: contains does not look at a list; write \"x\" in after(\"Manager\")"},
		{`Name[0] == "x"`, "5: there are no [ ] behind a text; write Name startsWith \"x\""},
		{`(after("Budget") ?? 0) > 5`, "18: ?? does not work with the value of a field; leave ?? out: where there is no value, < <= > >= do not hold, and == nil does"},
		{`Parent == nil`, "8: Parent is never nil; write Parent == \"\""},
		{`Late && after("Approved")`, "6: && cannot stand between yes/no and the value of a field; " +
			"write what it is compared with, as in after(\"Approved\") == \"x\" or after(\"Approved\") != nil"},

		// names, texts and numbers
		{`after("A") == null`, "15: no name null; write nil"},
		{`after("A") == None`, "15: no name None; write nil"},
		{`Late == True`, "9: no name True; write true"},
		{`Kind == Project`, "9: no name Project; a text stands in quotes: write \"Project\""},
		{`after("OverallStatus") in [Critical]`, "28: no name Critical; a text stands in quotes: write \"Critical\""},
		{`changed(‘B’)`, "9: `‘` is no quote here; write straight quotes: \" or '"},
		{`Initiator == 'O'Neil'`, "17: `Neil` is not expected here; the quote before it ends the text: write double quotes around all of it"},
		{`Name matches "\d+"`, "15: `\\d` means nothing in quotes; write `\\\\d`"},
		{`changed("Name) && Late`, "9: a quote is not closed; every \" needs another in its line"},
		{"Na\u200bme == 'x'", "3: a character that cannot be seen stands here; take it out: write the words around it anew"},
		{`after("Budget") > 99999999999999999999`, "19: this number is too large; write a whole number of at most 18 digits"},
		{`after("Budget") > 100,000`, "22: `,` is not expected here; write 100000"},
		{`daysMoved("A") > 7 days`, "20: `days` is not expected here; write the number alone"},
		{`daysMoved("A") > "7"`, "16: > cannot stand between a number and a text; write 7 without quotes"},
		{`Name == 3`, "6: == cannot stand between a text and a number; write it in quotes: \"3\""},
		{`daysMoved("A") % daysMoved("A") == 0`, "16: this divides by zero; "},
		{`changed("A"); changed("B")`, "13: `;` is not expected here; write && where both have to be true, || where one is enough"},
		{`changed("A"`, "11: it ends too early; a ) is missing"},
		{`[changed("A"]`, "13: `]` is not expected here; a ) is missing before it"},
		{`Name matchees "x"`, "6: `matchees` is not expected here; did you mean `matches`?"},
		{`Kind == ""Task"`, "11: `Task` is not expected here; one of the quotes before it is too many"},
		{`changed("A"))`, "13: `)` is not expected here; it closes nothing: leave it out, or open a bracket before it"},

		// days
		{`after("FinishDate") > "31.12.2022"`, "23: > compares numbers and days, and \"31.12.2022\" is neither, so this never holds; write the day as \"2022-12-31\""},
		{`not (after("FinishDate") < "01/02/2022")`, "28: < compares numbers and days, and \"01/02/2022\" is neither, so this never holds; " +
			"write a number as 100000, a day as \"2022-03-31\""},
		{`"100,000" < after("Budget")`, "1: < compares numbers and days, and \"100,000\" is neither, so this never holds; write the number as 100000"},
		{`after("FinishDate") > 2022-12-31`, "23: 2022-12-31 is calculated here: it is 1979; put the day into quotes: write \"2022-12-31\""},
		{`after("FinishDate") in [31-12-2022]`, "25: 31-12-2022 is calculated here: it is -2003; put the day into quotes: write \"2022-12-31\""},
		{`after("FinishDate") > 31.12.2022`, "23: a day stands in quotes; write \"2022-12-31\""},
	} {
		_, err := w.When(test.text)
		faults := Errors(err)
		if len(faults) != 1 {
			t.Errorf("%s: got %v, want one fault", test.text, err)
			continue
		}
		f := faults[0]
		if got := fmt.Sprintf("%d: %s; %s", f.Column, f.Text, f.Hint); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.text, got, test.want)
		}
	}
}
