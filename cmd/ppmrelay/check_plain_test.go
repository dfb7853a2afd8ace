package main

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/templates"
)

// Whatever is mistyped in a template, nobody is told of it in the words of those who program.
func TestNoRawWordsOfTemplates(t *testing.T) {
	raced.Calculates(t)
	words, _, err := newWords(new(config.Config))
	if err != nil {
		t.Fatal(err)
	}
	raw := regexp.MustCompile(`\b(?:int|string|float64|bool|slice|strconv|runtime error|nil pointer|U\+[0-9A-F]{4}|unexpected <|line \d+:|` +
		`did not find|goroutine|reflect)\b|templates\.|\(root\)|interface \{`)
	random := rand.New(rand.NewPCG(1, 2))
	texts := templatesOfTheManual(t)
	faulty := 0
	for range 1500 {
		text := mistyped(random, texts[random.IntN(len(texts))])
		_, err := words.Compile("t", text, event.Type("Project:Updated"))
		for _, fault := range templates.Errors(err) {
			faulty++
			message, hint := plain(fault.Text)
			if found := raw.FindString(message + "; " + hint); found != "" {
				t.Errorf("%q: got %q; %q with %q in it", text, message, hint, found)
			}
			if message == fault.Text && strings.HasPrefix(message, "unexpected") {
				t.Errorf("%q: got %q, want plain words", text, message)
			}
		}
	}
	if faulty < 500 {
		t.Errorf("got %d faults, want more", faulty)
	}
}

// templatesOfTheManual are the lines that hold actions, each a template, and the template of the example as a whole.
func templatesOfTheManual(t *testing.T) []string {
	t.Helper()
	example := readText(t, "config.example.yaml")
	whole := regexp.MustCompile(`(?:    .*\n)*    .*\{\{ \.Emoji \}\}.*\n(?:    .*\n)*`).FindString(example)
	if !strings.Contains(whole, `define "context"`) {
		t.Fatalf("got %q, want the template of the example", whole)
	}
	all := slices.Repeat([]string{whole}, 20)
	for _, page := range []string{example, readText(t, "docs/templates.md"), readText(t, "docs/configuration.md"), readText(t, "docs/testing.md")} {
		for line := range strings.Lines(page) {
			if strings.Contains(line, "{{") && !regexp.MustCompile(`\bslice\b|\bstring\b`).MatchString(line) {
				all = append(all, line)
			}
		}
	}
	return all
}

// mistyped makes one to three mistakes in a template, most of them inside an action.
func mistyped(random *rand.Rand, text string) string {
	inserted := []string{
		"{{", "}}", "{", "}", "(", ")", "|", "||", "&&", "==", "=", ":=", ",", ".", "$", "$x ", "\"", "'", "`", "“", "\u00a0", "\u200b", "-", "5x", "[0]", "!", "<",
		" if ", " end ", " else ", " range ", " in ", " nil ", " define ", " template ", " .Nam ", " .Changes ", " 1 ", " \"x\" ", " eq ", " or ", " not ", " len ",
		" index ", "{{ end }}", "{{ else }}", "{{ endif }}", "{{ break }}", "/*", "*/", "; ", "#", "@", "%", "\\", "1e9999", " 99999999999999999999 ", "\x00", "é", "\u2028",
	}
	runes := []rune(text)
	for range 1 + random.IntN(3) {
		at := random.IntN(len(runes) + 1)
		if found := regexp.MustCompile(`\{\{.*?\}\}`).FindAllStringIndex(string(runes), -1); found != nil && random.IntN(4) > 0 {
			action := found[random.IntN(len(found))]
			at = len([]rune(string(runes)[:action[0]+random.IntN(action[1]-action[0])]))
		}
		end := at + 1
		switch way := random.IntN(6); {
		case way < 3:
			runes = slices.Insert(runes, at, []rune(inserted[random.IntN(len(inserted))])...)
		case end >= len(runes):
		case way == 3:
			runes = slices.Delete(runes, at, end)
		case way == 4:
			runes = slices.Insert(runes, at, runes[at])
		default:
			runes[at], runes[end] = runes[end], runes[at]
		}
	}
	return string(runes)
}

// What text/template says when it stops is told in plain words, with what to write instead.
func TestTemplatesArePlain(t *testing.T) {
	words, _, err := newWords(new(config.Config))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text          string
		column        int
		message, hint string
	}{
		{`x{{ .By } and {{ .Type }}`, 9, "an action is not closed: a } is missing", "every {{ needs a }}"},
		{`x{{ if .Late }a{{ end }}`, 14, "an action is not closed: a } is missing", "every {{ needs a }}"},
		{`x{{ .By {{ .Type }}`, 9, "an action begins inside of another one", "every {{ needs a }} before the next {{"},
		{`x{{{ .By }}}`, 4, "there is one { too many", "write {{ … }}"},
		{`x{{ .By`, 2, "an action that is opened here is not closed", "every {{ needs a }}"},
		{`x{{ if .Late }}{{ if .Late }}{{ end }}`, 2, "this {{ if }} has no {{ end }}", "each {{ if }}, {{ with }} and {{ range }} needs one of its own"},
		{`x{{ define "a" }}y`, 2, "this {{ define }} has no {{ end }}", "it needs one of its own"},
		{`x{{ define "a" }}y{{ else }}z{{ end }}`, 19, "an {{ else }} belongs to {{ if }}, {{ with }} or {{ range }}, not to {{ define }}", ""},
		{`x{{/* a */ }}`, 9, "a comment has to fill its action", "write {{/* … */}}, with nothing between */ and }}"},
		{`x{{ /* a */ }}`, 5, "a comment has to fill its action", "write {{/* … */}}, with nothing between */ and }}"},
		{`x{{ .By-}}`, 8, "a space is missing before -}}", "write {{- .Entity -}}"},
		{`x{{ if .Late }}a{{/if}}`, 19, "there is no {{/", "write {{ end }}"},
		{`x{{ template }}`, 14, "`template` is not followed by a name in quotes", `write {{ template "name" … }}`},
		{`x{{ template .By }}`, 14, "`template` is followed by one name in quotes", `write {{ template "name" … }}`},
		{`x{{ if .Late }}a{{ end if }}`, 24, "nothing can stand behind `end`", "write {{ end }}"},
		{`x{{ if !.Late }}a{{ end }}`, 8, "there is no ! here", "write not: {{ if not .Late }}"},
		{`x{{ if .Late <> true }}a{{ end }}`, 14, "there is no <> between values here", `write {{ if eq .Action "Updated" }}, ne, gt, ge, lt or le`},
		{`x{{ if .Type=="a" }}a{{ end }}`, 13, "there is no == between values here", `write {{ if eq .Action "Updated" }}, ne, gt, ge, lt or le`},
		{`x{{ .By | | bold }}`, 11, "there is no value before this |", ""},
		{`x{{ .By := 1 }}`, 9, "only a variable is filled by :=", "write {{ $name := … }}"},
		{`x{{ $x := }}`, 8, "`:=` is not followed by a value", ""},
		{`x{{ $x : 1 }}`, 8, "`:` means nothing here", "write {{ $name := … }}"},
		{`x{{ $a, $b := .By }}`, 7, "only range fills more than one variable", "write an action for each: {{ $name := … }}"},
		{`x{{ range $i, $c, $d := .Changes }}a{{ end }}`, 17, "range fills two variables, not more", "write {{ range $i, $c := .Changes }}"},
		{`x{{ range $i, .Changes }}a{{ end }}`, 15, "between range and := stand names of variables", "write {{ range $i, $c := .Changes }}"},
		{`x{{ with .Parent as $p }}a{{ end }}`, 18, "`as` means nothing here", "write {{ with $p := … }}"},
		{`x{{ if .Late }}{{ $x := 1 }}{{ end }}{{ $x }}`, 41, "there is no variable $x any more", "it ends where what it stands in ends: write {{ $x := … }} before that begins"},
		{`x{{ print (bold .By }}`, 11, "a bracket that is opened here is not closed", "every ( needs a )"},
		{`x{{ print .By) }}`, 14, "no bracket is open that this ) closes", "remove it, or write a ( before it"},
		{`x{{ print () }}`, 11, "there is nothing in these brackets", "remove them, or write a value"},
		{`x{{ }}`, 2, "there is nothing in this action", "remove it, or write what it prints: {{ .Entity }}"},
		{`x{{ print ` + strings.Repeat("(", 12_000) + ` }}`, 10_011, "there are too many brackets inside one another", ""},
		{`x{{ "x".Name }}`, 8, "`\"x\"` has no fields", ""},
		{`x{{ ..By }}`, 6, "there is one . too many", "write .Entity"},
		{`x{{ eq .By "a"b" }}`, 15, "a text in quotes ends right before this", `write \" for a quote inside of a text; else a space behind it`},
		{`x{{ print "a\q" }}`, 11, "what stands in these quotes cannot be read", `write \\ for a single \`},
		{`x{{ eq .By 'Anna' }}`, 12, `write double quotes: "Anna"`, ""},
		{`x{{ print don't }}`, 14, "a space is missing before this quote", `write field "Name"`},
		{`x{{ 99999999999999999999 }}`, 5, "the number `99999999999999999999` is too large", ""},
		{`x{{ .Edits+1 }}`, 11, "`+` means nothing here", ""},
		{`x{{ .By | bold | "a" }}`, 18, "`\"a\"` is no function, so nothing can be given to it", ""},
		{`x{{ $x = 1 }}`, 5, "there is no variable $x: the first time it is written {{ $x := … }}, with a colon", ""},
	} {
		_, err := words.Compile("t", test.text, event.Type("Project:Updated"))
		found := templates.Errors(err)
		if len(found) == 0 {
			t.Errorf("%s: got no fault", test.text)
			continue
		}
		if message, hint := plain(found[0].Text); found[0].Column != test.column || message != test.message || hint != test.hint {
			t.Errorf("%.80s: got %d: %s; %s, want %d: %s; %s", test.text, found[0].Column, message, hint, test.column, test.message, test.hint)
		}
	}
}
