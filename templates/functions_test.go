package templates

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

var update = flag.Bool("update", false, "write what is expected anew")

const manual = "../docs/templates.md"

// printed is what an action prints of the main sample in a message, with moments as they are read.
func printed(t *testing.T, w *Words, action string) string {
	t.Helper()
	template, err := w.Compile("example", "x "+action, "Project:Updated")
	if err != nil {
		t.Errorf("%s: %v", action, err)
		return ""
	}
	m, err := template.Message(netOf(named(sampleFile(t, "Project-Updated"), "Customer Portal")))
	if err != nil {
		t.Errorf("%s: %v", action, err)
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.Join(append([]string{m.Head}, m.Lines...), "\n"), "x"), " ")
}

// Every function has an example, which prints what the manual says.
func TestExamplesOfFunctions(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	for _, f := range functionTable() {
		explained := slices.ContainsFunc(functionTable(), func(other function) bool { return other.also == f.name })
		if (len(f.examples) == 0 || f.does == "") != explained {
			t.Errorf("%s has no example", f.name)
		}
		for _, e := range f.examples {
			if got := printed(t, w, e.action); got != e.prints {
				t.Errorf("%s: got %q, want %q", e.action, got, e.prints)
			}
			if !regexp.MustCompile(`\b` + f.name + `\b`).MatchString(e.action) {
				t.Errorf("%s is no example of %s", e.action, f.name)
			}
		}
	}
}

// The manual lists the functions that there are. With -update it is written anew.
func TestManualListsFunctions(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "<!-- functions -->\n", "<!-- end of functions -->"
	head, rest, found := strings.Cut(string(page), from)
	listed, tail, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatal("the manual has no place for functions")
	}
	want := "\n" + Manual() + "\n"
	if *update {
		if err := os.WriteFile(manual, []byte(head+from+want+to+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if listed != want {
		t.Errorf("docs/templates.md lists other functions than there are: go test ./templates -run ManualLists -update\ngot\n%s\nwant\n%s", listed, want)
	}
}

func TestFunctionsSay(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ action, want string }{
		{`{{ field "Client’s contact" }} {{ before "Client's contact" }} {{ label "Client’s contact" }}`, "Brian Adams Brian Adams Client’s contact"},
		{`{{ before "Nope" }} {{ label "Nope" }} {{ changed "Nope" }} {{ daysMoved "Nope" }} {{ daysMoved "Budget" }}`, "none Nope no 0 0"},
		{`{{ before "Name" }} {{ changed "Name" }} {{ changed "Nope" "Tags" }}`, "Customer Portal no yes"},
		{`{{ if not (changed "Name") }}same{{ end }}`, "same"},
		{`{{ field "FinishDate" | date "short" "en-US" }} {{ field "FinishDate" | date "short" }}`, "4/14/22 14/04/2022"},
		{`{{ field "FinishDate" | date "dd.mm.yy" }} {{ field "FinishDate" | date "ddd m" "uk" }}`, "14.04.22 чт 4"},
		{`{{ field "FinishDate" | date "long" "pl" }}, {{ field "FinishDate" | date "long" "ja" }}`, "14 kwietnia 2022, 2022年4月14日"},
		{`{{ field "Nope" | date "long" }}{{ with date "long" (field "Nope") }}never{{ end }}.`, "."},
		{`{{ field "Budget" | date "long" }} {{ "2022-05-01" | date "d mmm" "de" }} {{ "soon" | date "long" }}`, "275,000 1 Mai soon"},
		{`{{ .Occurred | date "h:mm:ss" }} {{ .Occurred | zone "Asia/Tokyo" | date "d, hh:m" }}`, "14:20:44 15, 22:20"},
		{`{{ field "FinishDate" | zone "Asia/Tokyo" }} {{ zone "Asia/Tokyo" .By }}`, "14 Apr 2022 Anna Doe"},
		{`{{ field "Budget" | number 1 "fr" }} {{ -1234.565 | number 2 }} {{ field "Nope" | number 0 }}{{ "x" | number 0 }}`, "275 000,0 −1,234.57 x"},
		{`{{ number 0 -0.4 }} {{ number 0 2.5 }} {{ number 0 1e20 }}`, "0 3 100,000,000,000,000,000,000"},
		{`{{ 1234.5 | money "USD" }} {{ -99.999 | money "PLN" }} {{ 10.5 | money "JPY" "ja" }} {{ -5 | money "EUR" "fr" }}`, "$1,234.50 −PLN 100 ¥11 −5 €"},
		{`{{ percent 3 1 }} {{ percent 0 1 }}{{ percent (field "Nope") 1 }}{{ print "x" | percent 1 }}{{ percent 4 -1 }}`, "33.3 % −25 %"},
		{`{{ truncate 1 "ab" }} {{ truncate 2 "ab" }} {{ truncate 3 "e\u0301e\u0301e\u0301e\u0301" }} {{ .Entity | truncate 9 }}`, "… ab e\u0301e\u0301… Customer…"},
		{`{{ field "Nope" | join ", " }} {{ join ", " .By }} {{ field "Manager" | join " * " }}`, "none Anna Doe John Doe * Brian Adams"},
		{`{{ if field "Tags" | has "#late" }}a{{ end }}{{ if has "At risk" (field "OverallStatus") }}b{{ end }}{{ if has 1 (field "OverallStatus") }}c{{ end }}{{ if has "x" (field "Nope") }}d{{ end }}`, "abc"},
		{`{{ default 1 0 }} {{ default "a" .Parent }} {{ .Entity | default "a" | bold }} {{ default "a" "" }} {{ .Late | default "on time" }}`, "1 Customer Portal *<" + projectPage + "28e92b4c-3b0c-4100-83c8-80231b62efcb|Customer Portal>* a on time"},
		{`{{ "Critical" | emoji }}{{ emoji 0 }}{{ emoji "nope" }}{{ emoji .By }}{{ emoji "At risk" ":one:" "x" ":two:" (field "OverallStatus") }}{{ emoji "a" ":b:" "c" }}`, ":octagonal_sign::large_green_circle::one:"},
	}
	for _, test := range tests {
		if got := printed(t, w, test.action); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.action, got, test.want)
		}
	}
}

func TestFunctionsRefuse(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ action, want string }{
		{`{{ field "Budget" | money "euro" }}`, `f:1:27: money takes a currency by its three letters, like "EUR"`},
		{`{{ field "Budget" | number "de" }}`, "f:1:28: number takes a whole number here, without quotes"},
		{`{{ field "Budget" | number 0 "ge" }}`, `f:1:30: no language "ge", did you mean de?; there are cs da de`},
		{`{{ field "Budget" | number 99 }}`, "number takes how many decimals to show, from 0 to 10"},
		{`{{ number 2 }}`, "f:1:4: number takes at least 2 values, not 1"},
		{`{{ number 2 "de" "x" 5 }}`, `number takes what to show last, and before it perhaps a language, like "de"`},
		{`{{ number 2 5 5 }}`, `number takes what to show last, and before it perhaps a language, like "de"`},
		{`{{ .Occurred | date "lang" }}`, `f:1:21: no style "lang" of a date: write short, medium, long, or a pattern like d mmmm yyyy`},
		{`{{ .Occurred | date "2006-01-02" }}`, `no style "2006-01-02" of a date`},
		{`{{ .Occurred | date "ddddd" }}`, "no ddddd in the pattern of a date"},
		{`{{ .Occurred | date "yyy" }}`, "no yyy in the pattern of a date"},
		{`{{ .Occurred | date "long" "deutsch" }}`, `f:1:28: no language "deutsch"`},
		{`{{ .Occurred | date }}`, "f:1:16: date takes at least 2 values, not 1"},
		{`{{ .Occurred | zone "Berlin" }}`, `f:1:21: no time zone "Berlin": write one like Europe/Berlin or UTC`},
		{`{{ .Occurred | zone "Local" }}`, `no time zone "Local"`},
		{`{{ .Occurred | zone "../../etc/passwd" }}`, `no time zone "../../etc/passwd"`},
		{`{{ .By | truncate "5" }}`, "f:1:19: truncate takes a whole number here, without quotes"},
		{`{{ .By | truncate 0 }}`, "truncate takes how many characters may stay, from 1 on"},
		{`{{ field "Tags" | join .By }}`, "f:1:19: join takes what stands between in quotes"},
		{`{{ $x := "," }}{{ field "Tags" | join $x }}`, "join takes what stands between in quotes"},
		{`{{ .By | emoji "Anna Doe" "fire" }}`, `f:1:27: an emoji is written by its name in Slack, between colons: ":fire:"`},
		{`{{ .By | emoji "Anna Doe" .Type }}`, "an emoji is written by its name in Slack"},
		{`{{ .By | emoji "Anna Doe" }}`, "emoji takes pairs, a value and its emoji"},
		{`{{ .By | emoji "Anna Doe" ":<!here>:" }}`, "an emoji is written by its name in Slack"},
		{`{{ mention "anna.doe@" }}`, "f:1:12: mention takes the id of a member or group, like U012AB3CD, or an e-mail address"},
		{`{{ changed }}`, "f:1:4: changed takes at least 1 value, not 0"},
		{`{{ changed .By 5 }}`, "f:1:16: changed takes a text in quotes here"},
		{`{{ has . "x" }}`, "this is everything at once"},
		{`{{ default "x" . }}`, "this is everything at once"},
		{`{{ feild "Budget" }}`, "f:1:4: no function feild, did you mean field?"},
	}
	for _, test := range tests {
		_, err := w.Compile("f", test.action)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", test.action, err, test.want)
			continue
		}
		for _, word := range []string{"templates.", "reflect", "func(", "error calling", "interface"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v speaks of Go", test.action, err)
			}
		}
	}
}

// Of several edits, before is the value before the first, and after that behind the last.
func TestFunctionsOfSeveralEdits(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	first := updated(event.Attributes{attribute("FinishDate", date(2022, 3, 1)), attribute("Budget", money("1"))},
		event.Attributes{attribute("FinishDate", date(2022, 3, 8)), attribute("Budget", money("1"))})
	second := updated(event.Attributes{attribute("FinishDate", date(2022, 3, 8)), attribute("Budget", money("1"))},
		event.Attributes{attribute("FinishDate", date(2022, 3, 15)), attribute("Budget", money("2"))})
	second.Number, second.Occurred = 2, second.Occurred.Add(time.Minute)
	template, err := w.Compile("a", `{{ before "FinishDate" }} {{ after "FinishDate" }} {{ daysMoved "FinishDate" }} {{ before "Budget" }} {{ changed "Budget" }}`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := template.Message(netOf(first, second))
	if want := "1 Mar 2022 15 Mar 2022 14 1 yes"; err != nil || got.Head != want {
		t.Errorf("got %q, %v, want %q", got.Head, err, want)
	}

	created := first
	created.Type, created.Before = "Project:Created", nil
	got, err = template.Message(netOf(created, second)) // told as its creation
	if want := "none 15 Mar 2022 0 none no"; err != nil || got.Head != want {
		t.Errorf("got %q, %v, want %q", got.Head, err, want)
	}
}

// In a column, functions keep all of a text and no markup.
func TestFunctionsInColumns(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	long := strings.Repeat("word ", 200)
	e := updated(event.Attributes{attribute("Budget", money("1"))}, event.Attributes{
		attribute("Budget", money("2")), attribute("Notes", event.Value{Kind: event.Text, Text: long}),
	})
	tests := []struct{ action, want string }{
		{`{{ field "Notes" | truncate 500 }}`, long[:499] + "…"},
		{`{{ field "Notes" | join ", " }}`, long},
		{`{{ field "Notes" | default "x" }}`, long},
		{`{{ field "Budget" | money "EUR" }}`, "€2"},
		{`{{ .Occurred | zone "Asia/Tokyo" | date "hh:mm" }}`, "22:20"},
		{`{{ .Action | emoji "Updated" ":wrench:" }}`, ""},
		{`{{ before "Budget" }}`, "1"},
	}
	for _, test := range tests {
		table, err := w.Table(RowPerChange, []Column{{Header: "A", Value: test.action}})
		if err != nil {
			t.Errorf("%s: %v", test.action, err)
			continue
		}
		rows, err := table.Rows(e)
		if err != nil || rows[0].Cells[0].Text != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.action, rows[0].Cells[0].Text, err, test.want)
		}
	}
}

// Every language writes every style, by names that are not empty.
func TestLanguages(t *testing.T) {
	t.Parallel()
	tags := languageTags()
	if !slices.IsSorted(tags) {
		t.Errorf("got %v, want them sorted", tags)
	}
	for _, tag := range tags {
		in, err := makeLanguage(tag)
		if err != nil {
			t.Errorf("%s: %v", tag, err)
			continue
		}
		for _, style := range []string{"short", "medium", "long", "dddd ddd mmmm mmm"} {
			layout, err := dateStyle(style)
			if err != nil {
				t.Fatal(err)
			}
			for month := range 12 {
				got := layout(time.Date(2022, time.Month(month+1), 14, 0, 0, 0, 0, time.UTC), in)
				if strings.TrimSpace(got) != got || strings.Contains(got, "  ") || !strings.Contains(style, "d") && !strings.Contains(got, "14") {
					t.Errorf("%s of month %d in %s: %q", style, month+1, tag, got)
				}
			}
		}
		if got := in.grouped("-1234567.5"); len([]rune(got)) != len("-1,234,567.5") {
			t.Errorf("%s: %q", tag, got)
		}
	}
}

func TestWhatIsWritten(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]bool{
		"": true, "%s %5d %-20s %.2f %+.1e %%": true, "%999.999f": true, "%x %X %c %t %g %q %v": true, "100 %%": true,
		"%1000d": false, "%.1000f": false, "%#v": false, "%": false, "5 %": false, "%T": false, "%p": false, "%*d": false, "%[1]d": false, "%w": false,
		"%%v #v": false, strings.Repeat("x", 1001): false, "%%%": false,
	} {
		if got := checkFormat(format) == nil; got != want {
			t.Errorf("format %.20q: got %v, want %v", format, got, want)
		}
	}
	for text, want := range map[string]bool{
		":fire:": true, ":+1:": true, ":man_x-y:": true, ":wave::skin-tone-3:": true,
		"": false, ":": false, "::": false, "fire": false, ":fire": false, ":fi re:": false, ":Fire:": false, ":a:b:": false, ":a::b:": false, ":<!here>:": false,
		":" + strings.Repeat("a", 100) + ":": false, ":a::skin-tone-": false, ":a:\n": false,
	} {
		if got := isEmoji(text); got != want {
			t.Errorf("emoji %.20q: got %v, want %v", text, got, want)
		}
	}
	for id, want := range map[string]bool{
		"U012AB3CD": true, "W012AB3CD": true, "S012AB3CD": true, "C012AB3CD": false, "U1": false, "u012ab3cd": false, "U012AB3CD>": false, "": false,
		"U" + strings.Repeat("0", 21): false, "here": false,
	} {
		if _, err := mentionID(id); (err == nil) != want {
			t.Errorf("mention of %q: got %v", id, err)
		}
	}
}

// What stands beside an action does not make its text act.
func TestNeighboursDoNotAct(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ text, want string }{
		{`{{ code "a *b* c" }}{{ code "d" }}`, "`a *b* c`\u200b`d`"},
		{`{{ .By }}{{ code "a *b* c" }}x`, "Anna Doe\u200b`a *b* c`\u200bx"},
		{"`x`{{ code .Action }}`y`", "`x`\u200b`Updated`\u200b`y`"},
		{`({{ code .Action }}) {{ code .Action }}, *{{ code .Action }}*`, "(`Updated`) `Updated`, *`Updated`*"},
		{`a:{{ "fire" }}:b`, "a:\u200bfire:b"},
		{`{{ "a" }}:{{ "+1" }}:`, "a:\u200b+1:"},
		{`10:{{ "30" }}:20 a: {{ "b" }}: a:{{ "b c" }}:`, "10:30:20 a: b: a:b c:"},
		{`@{{ "here" }} @{{ "Channel 5" }} @{{ "Anna" }}`, "@\u200bhere @\u200bChannel 5 @Anna"},
		{`:tada:{{ .Action }}`, ":tada:\u200bUpdated"},
	}
	for _, test := range tests {
		if got := printed(t, w, test.text); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.text, got, test.want)
		}
	}
}
