package templates

import (
	"fmt"
	"strings"
	"testing"
)

// What is wrong for every event is found where it is written, also in a branch that no sample takes.
func TestWhatSurelyFailsIsFound(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ text, want string }{
		{`{{ $x = 3 }}`, "1:36: there is no variable $x"},
		{`{{ range $x = .Changes }}{{ end }}`, "there is no variable $x"},
		{`{{ if .Late }}{{ $x := 1 }}{{ end }}{{ $x = 2 }}`, "there is no variable $x"},
		{`{{ printf "%d" .By }}`, "1:48: %d is for a whole number, and a text stands here: write %s"},
		{`{{ .By | printf "%d" }}`, "%d is for a whole number"},
		{`{{ printf "%s %s" .By }}`, `1:36: printf "%s %s" has 2 gaps for 1 value`},
		{`{{ printf "%s %%" .By .By }}`, "has 1 gap for 2 values"},
		{`{{ $f := "%s" }}{{ printf $f .By .By }}`, "has 1 gap for 2 values"},
		{`{{ printf "%.1f" .Edits }}`, "%.1f is for a number with decimals, and a whole number stands here: write %d"},
		{`{{ printf "%d" 5.0 }}`, "a number with decimals stands here: write %.1f"},
		{`{{ printf "%s" .Late }}`, "yes or no stands here: write %t"},
		{`{{ printf "%5d" (field "Budget") }}`, "a value that prints as a text stands here: write %s"},
		{`{{ number 400 5 }}`, "from 0 to 10"},
		{`{{ number -1 .By }}`, "from 0 to 10"},
		{`{{ truncate 0 .By }}`, "from 1 on"},
		{`{{ $n := 0 }}{{ truncate $n .By }}`, "from 1 on"},
		{`{{ len .Edits }}`, "len counts"},
		{`{{ len .Late }}`, "len counts"},
		{`{{ .Entity | len }}`, "len counts"},
		{`{{ index .Entity 0 }}`, ".Entity is none"},
		{`{{ index .By "a" }}`, ".By is none"},
		{`{{ index .Changes 1.5 }}`, "a whole number"},
		{`{{ index .Changes -1 }}`, "a whole number"},
		{`{{ index .Changes "a" }}`, "a whole number"},
		{`{{ index .Changes 0 0 }}`, "index takes one entry of a list"},
		{`{{ slice .Changes -1 }}`, "a whole number"},
		{`{{ slice .Entity 0 }}`, ".Entity is none"},
		{`{{ slice .By 0 3 }}`, "write truncate 3 .By"},
		{`{{ range $i, $j := .Edits }}{{ end }}`, "write {{ range $i := .Edits }}"},
		{`{{ if nil }}a{{ end }}`, "nil alone"},
		{`{{ with nil }}a{{ end }}`, "nil alone"},
		{`{{ $p := "kurz" }}{{ date $p .Occurred }}`, `no style "kurz"`},
		{`{{ $z := "Berlin" }}{{ zone $z .Occurred }}`, `no time zone "Berlin"`},
		{`{{ $x := .Entity }}{{ $x = "a" }}{{ $x.Name }}`, "no field .Name"},
		{`{{ if gt (field "FinishDate") "31.12.2021" }}a{{ end }}`, `"31.12.2021" is neither`},
		{`{{ if le "" .Edits }}a{{ end }}`, `"" is neither`},
		{`{{ if gt .Changes 3 }}a{{ end }}`, "(len .Changes)"},
		{`{{ if gt .Occurred "2022-03-31" }}a{{ end }}`, `(date "yyyy-mm-dd" .Occurred)`},
		{`{{ if has (field "Manager") "A B" }}a{{ end }}`, `write has "A B" (field "Manager")`},
		{`{{ if "A B" | has (field "Manager") }}a{{ end }}`, `write has "A B" (field "Manager")`},
		{`{{ link "rules" "https://x.y" }}`, `write link "https://x.y" "rules"`},
		{`{{ default (field "Sponsor") "nobody" }}`, `write default "nobody" (field "Sponsor")`},
		{`{{ percent 100 "x" }}`, `"x" is none`},
		{`{{ .When | date "long" }}`, "write .Occurred"},
		{`{{ zone "Asia/Tokyo" $.When }}`, "write .Occurred"},
	}
	for _, test := range tests {
		_, err := w.Compile("a", fmt.Sprintf(`x{{ if eq .Entity.Name "Zork" }}%s{{ end }}`, test.text), "Project:Updated")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", test.text, err, test.want)
		}
	}
}

// What may be meant so, or is right, is neither a fault nor a warning.
func TestWhatMayBeMeantPasses(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	for _, text := range []string{
		`{{ $x := 1 }}{{ $x = 2 }}{{ $x }}`, `{{ $x := "" }}{{ $x = .Entity }}{{ $x.Name }}`, `{{ $x := "" }}{{ range .Changes }}{{ $x = .Label }}{{ end }}{{ $x }}`,
		`{{ $x := .Entity }}{{ if .Late }}{{ $x = .Parent }}{{ end }}{{ $x.Name }}`, `{{ $c := "" }}{{ range $c = .Facts }}{{ end }}`,
		`{{ $n := 0 }}{{ range .Changes }}{{ if $n }}{{ truncate $n .Label }}{{ end }}{{ $n = 5 }}{{ end }}`,
		`{{ printf "%.1f %d%% %-5s %t %v %q %x" 5.0 .Edits .By .Late .When .Entity "a" }}`, `{{ printf "%v" (default 0 .Edits) }}`, `{{ printf (print "%" "s") .By }}`,
		`{{ len .By }} {{ len .Changes }} {{ len (field "Manager") }}`, `{{ slice "abc" 0 2 }}`, `{{ with .Changes }}{{ (index . 0).Label }}{{ end }}`,
		`{{ range $i, $c := .Changes }}{{ $i }}{{ end }}{{ range $i := .Edits }}{{ $i }}{{ end }}`, `{{ or nil .By }}`,
		`{{ $p := "short" }}{{ date $p .Occurred }}`, `{{ if eq .Action "Updated" "Created" }}a{{ end }}`, `{{ if eq .Action "Escalated" }}a{{ end }}`,
		`{{ if eq .Entity.Kind "Key date" }}a{{ end }}`, `{{ if eq .Parent.Kind "Program" }}a{{ end }}`, `{{ range .Changes }}{{ if eq .Label "created" }}a{{ end }}{{ end }}`,
		`{{ if gt (field "Budget") "1000.5" }}a{{ end }}`, `{{ if lt (date "yyyy-mm-dd" .Occurred) "2022-03-31" }}a{{ end }}`, `{{ if gt (len .Changes) 3 }}a{{ end }}`,
		`{{ if has .By "Anna Doe" }}a{{ end }}`, `{{ default (before "X") (field "Y") }}`, `{{ default (field "X") "" }}`, `{{ percent 100 (field "Budget") }}`,
		`{{ link "https://x.y" "https://x.y" }} {{ link .Entity.Link .Entity }}`, `{{ .Occurred | zone "Asia/Tokyo" | date "long" }}`,
		"2**3 `**x**` ```[a](https://b)``` {{ `**x**` }} {{/* {{ **x** */}}<!here> <https://x.y|z> &lt;b> { } ${} $5 [x] (y)", "{{ template `x` }}{{ define `x` }}a{{ end }}",
		`{{ define "context" }}{{ .By }}{{ end }}`,
	} {
		template, err := w.Compile("a", "x"+text, "Project:Updated")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if found := template.Warnings(); len(found) > 0 {
			t.Errorf("%s: %v", text, found[0])
		}
	}
}

func TestWhatIsHardlyMeantIsWarnedOf(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct{ text, want string }{
		{`{{ if eq .Action "created" }}a{{ end }}`, "1:19: no event that PPM Express sends has `created` as its .Action: did you mean `Created`?"},
		{`{{ if eq "Project.Updated" .Type }}a{{ end }}`, "did you mean `Project:Updated`?"},
		{`{{ range .Changes }}{{ if ne $.Entity.Kind "KeyDate" }}a{{ end }}{{ end }}`, "did you mean `Key date`?"},
		{`{{ if has "Deleted" .Type }}a{{ end }}`, "did you mean .Action?"},
		{`{{ percent (field "Budget") 100 }}`, `write percent 100 (field "Budget")`},
		{`{{ link "wiki" .By }}`, "1:10: this is no address"},
		{`{{ slice (print .By "   ") 0 3 }}`, "write truncate 3 (print .By"},
		{` { .Entity } `, "{{ .Entity }}"},
		{`{% if x %}`, "{{ … }}"},
		{`${name}`, "{{ … }}"},
		{`**bold**`, "*…*"},
		{`**{{ .Entity }}**`, "*…*"},
		{`[x](https://y.z)`, "{{ link"},
		{`[{{ .Entity }}]({{ .Entity.Link }})`, "{{ link"},
		{"<b>x</b>", "no HTML"},
		{"<br/>", "no HTML"},
		{`{{ define "Context" }}a{{ end }}`, `{{ define "context" }}`},
		{`{{ define "y" }}{{ .Nope }}{{ end }}`, `{{ template "y" . }}`},
	}
	for _, test := range tests {
		template, err := w.Compile("a", "x"+test.text, "Project:Updated")
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if found := template.Warnings(); len(found) != 1 || !strings.Contains(found[0].Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.text, found, test.want)
		}
	}
	table, err := w.Table(RowPerEvent, []Column{{Header: "A", Value: `{ .By } **x**{{ if eq .Action "created" }}a{{ end }}`}})
	if err != nil {
		t.Fatal(err)
	}
	if found := table.Warnings(); len(found) != 2 || found[0].Template != "A" || found[0].Column != 1 {
		t.Errorf("of a column: %v, want the braces and the word, and nothing of bold", found)
	}
}

// Warnings of what is included name the template that holds it.
func TestWarningsOfParts(t *testing.T) {
	t.Parallel()
	made, err := testWords(t).CompileAll([]Text{{Name: "a", Text: `x{{ template "b" . }}`}, {Name: "b", Text: "**b**{{ if eq .Action `created` }}{{ end }}", Part: true}})
	if err != nil {
		t.Fatal(err)
	}
	if found := made["a"].Warnings(); len(found) != 2 || found[0].Template != "b" || found[1].Template != "b" {
		t.Errorf("got %v, want two of b", found)
	}
}

// Whoever leaves out what did not change mostly wants nothing to be told then.
func TestTemplatesThatSayNothingAtTimes(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := map[string]string{
		`{{ if changed "Budget" }}Budget moved{{ end }}`:                                 `write when: changed("Budget") into`,
		` {{- if changed "Budget" "Stage" }}x{{ end -}} `:                                `write when: changed("Budget") || changed("Stage") into`,
		`{{ if changed "Budget" }}x{{ else if changed "Stage" }}y{{ end }}`:              `write when: changed("Budget") || changed("Stage") into`,
		"{{ if changed `Budget` }}x{{ end }}\n{{ if daysMoved `FinishDate` }}y{{ end }}": "write the question into `when`",
		`{{ if gt (daysMoved "FinishDate") 7 }}y{{ end }}`:                               "write the question into `when`",
		`{{ if and (changed "Budget") (gt (after "Budget") 1) }}y{{ end }}`:              "write the question into `when`",
		`{{ if changed "Budget" }}x{{ end }}{{ define "context" }}{{ .By }}{{ end }}`:    `changed("Budget")`,
		`x{{ if changed "Budget" }}Budget moved{{ end }}`:                                "",
		`{{ if changed "Budget" }}x{{ else }}y{{ end }}`:                                 "",
		`{{ .Emoji }}{{ if changed "Budget" }}x{{ end }}`:                                "",
		`{{ if eq .Action "Updated" }}x{{ end }}`:                                        "",
		`{{ if .Changes }}x{{ else }}y{{ end }}`:                                         "",
		`{{ if eq (field "Stage") "1" }}x{{ else if ne (field "Stage") "1" }}y{{ end }}`: "",
		`{{ if or (changed "Budget") .Entity }}x{{ end }}`:                               "",
		`{{ range .Changes }}{{ . }}{{ end }}`:                                           "",
		`{{ if not (changed "Nope") }}x{{ end }}`:                                        "",
	}
	for text, want := range tests {
		template, err := w.Compile("a", text, "Project:Updated")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := template.Silent()
		if (got == nil) != (want == "") || got != nil && (!strings.Contains(got.Text, want) || got.Line != 1) {
			t.Errorf("%s: got %v, want %q", text, got, want)
		}
	}
}
