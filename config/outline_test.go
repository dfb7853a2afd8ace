package config

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// mutation is a file with one mistake, in a line.
type mutation struct {
	name string
	text string
	line int
}

// mutationsOf makes files with one mistake each.
func mutationsOf(text string, random *rand.Rand, of int) []mutation {
	var made []mutation
	lines := strings.SplitAfter(text, "\n")
	for i := range lines {
		replaced := func(what, line string) {
			with := strings.Join(lines[:i], "") + line + strings.Join(lines[i+1:], "")
			made = append(made, mutation{name: what, text: with, line: i + 1})
		}
		line := lines[i]
		if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if random.IntN(of) == 0 {
			replaced("indented by one more", " "+line)
			replaced("indented by two more", "  "+line)
			replaced("indented by one less", strings.TrimPrefix(line, " "))
			replaced("indented by two less", strings.TrimPrefix(line, "  "))
			replaced("not indented", strings.TrimLeft(line, " "))
		}
		runes := []rune(strings.TrimSuffix(line, "\n"))
		for j := range runes {
			if random.IntN(of) != 0 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyz ", runes[j]) || random.IntN(of) > of/4 {
				continue
			}
			before, after := string(runes[:j]), string(runes[j+1:])
			replaced("without "+string(runes[j]), before+after+"\n")
			replaced("with a second "+string(runes[j]), before+strings.Repeat(string(runes[j]), 2)+after+"\n")
			if j+1 < len(runes) && runes[j] != runes[j+1] {
				replaced("swapped "+string(runes[j:j+2]), before+string([]rune{runes[j+1], runes[j]})+string(runes[j+2:])+"\n")
			}
		}
	}
	return made
}

// TestMutationsAreToldInPlainWords makes many mistakes in good files. None is told in the words of the library or outside of
// the file, and most of what is no YAML is told where the mistake was made.
func TestMutationsAreToldInPlainWords(t *testing.T) {
	raw := regexp.MustCompile(`\b(did not find|mapping values|block mapping|block sequence|flow|node|token|unmarshal|line \d+:)\b|!!\w+|cannot be read`)
	named := regexp.MustCompile("`[^`]*`|write token:") // our own keys
	random := rand.New(rand.NewPCG(7, 7))               // the same mistakes in each run
	all, near := 0, 0
	for _, file := range append(filesOf(t, "testdata/good/*.yaml"), "../config.example.yaml") {
		for _, m := range mutationsOf(readAll(t, file), random, 16) {
			f, is := notYAML(t, m.text)
			if !is {
				continue
			}
			if found := raw.FindString(named.ReplaceAllString(f.Message+" "+f.Hint, "")); found != "" || f.Message == noYAML {
				t.Errorf("%s, line %d %s: got %q in %s", file, m.line, m.name, found, f)
			}
			if f.Line < 1 || f.Line > strings.Count(m.text, "\n")+1 || f.Column < 1 {
				t.Errorf("%s, line %d %s: %d:%d is outside of the file", file, m.line, m.name, f.Line, f.Column)
			}
			all++
			if off := f.Line - m.line; off >= -1 && off <= 1 {
				near++
				continue
			}
			t.Logf("%s, line %d %s: told far away: %s", file, m.line, m.name, f)
		}
	}
	if all < 300 || near*100 < all*97 {
		t.Errorf("got %d of %d mistakes told in their line or beside it, want 97 of 100", near, all)
	}
}

// notYAML returns what is said about a text that is no YAML, and whether it is none.
func notYAML(t *testing.T, text string) (Fault, bool) {
	t.Helper()
	src := newSource("x.yaml", []byte(text))
	if src.tree([]byte(text)) != nil {
		return Fault{}, false
	}
	faults, _ := errors.AsType[Errors](src.result())
	if len(faults) != 1 {
		t.Fatalf("got %d faults, want one", len(faults))
	}
	return faults[0], true
}

// TestEveryWordOfTheLibraryIsReplaced holds all that the scanner and the parser of YAML say against our own words.
func TestEveryWordOfTheLibraryIsReplaced(t *testing.T) {
	for _, text := range []string{
		"block sequence entries are not allowed in this context", "control characters are not allowed", "could not find expected ':'",
		"could not find expected directive name", "did not find URI escaped octet", "did not find expected '!'",
		"did not find expected '-' indicator", "did not find expected ',' or ']'", "did not find expected ',' or '}'",
		"did not find expected <document start>", "did not find expected <stream-start>", "did not find expected key",
		"did not find expected alphabetic or numeric character", "did not find expected comment or line break",
		"did not find expected digit or '.' character", "did not find expected hexdecimal number", "did not find expected node content",
		"did not find expected tag URI", "did not find expected version number", "did not find expected whitespace or line break",
		"did not find expected whitespace", "did not find the expected '>'", "exceeded max depth of 10000", "expected low surrogate area",
		"found a tab character that violates indentation", "found a tab character where an indentation space is expected",
		"found an incorrect leading UTF-8 octet", "found an incorrect trailing UTF-8 octet", "found an indentation indicator equal to 0",
		"found character that cannot start any token", "found duplicate %TAG directive", "found duplicate %YAML directive",
		"found extremely long version number", "found incompatible YAML document", "found invalid Unicode character escape code",
		"found undefined tag handle", "found unexpected document indicator", "found unexpected end of stream",
		"found unexpected non-alphabetical character", "found unknown directive name", "found unknown escape character",
		"incomplete UTF-16 character", "incomplete UTF-16 surrogate pair", "incomplete UTF-8 octet sequence", "invalid Unicode character",
		"invalid leading UTF-8 octet", "invalid length of a UTF-8 sequence", "invalid trailing UTF-8 octet",
		"mapping keys are not allowed in this context", "mapping values are not allowed in this context",
		"unexpected low surrogate area", "unknown anchor 'x' referenced",
	} {
		if message, hint := plainSyntax("yaml: line 3: " + text); message == noYAML || strings.Contains(message+hint, text) {
			t.Errorf("%s: got %q, %q", text, message, hint)
		}
	}
}

// TestSyntaxInPlainWords holds what is said to each mistake, and where.
func TestSyntaxInPlainWords(t *testing.T) {
	const head = "server: { secrets: [sixteen-characters] }\n"
	for _, test := range []struct{ text, want string }{
		{"  server: { secrets: [x] }\nroutes:\n", "1:3: the first key is indented, and others are not"},
		{"# a\n\n  server:\n    listen: :80\nroutes: []\n", "3:3: the first key is indented, and others are not"},
		{head + "routes:\n  - name: a\n    events: [\"*\",, \"Task:*\"]\n", "4:18: there is one comma too many"},
		{head + "console: [", "2:10: a bracket that is opened here is not closed"},
		{head + "console: ]\n", "2:10: there is one ] too many"},
		{head + "routes:\n  - name: [a, b]]\n", "3:17: there is one ] too many"},
		{head + "routes:\n  - slack: { channel: C0 }}\n", "3:27: there is one } too many"},
		{head + "routes:\n  - slack: { channel: C0 ]\n", "3:26: a ] closes no {; write }"},
		{head + "routes:\n  - slack: { channel: C0, template: t\n  - name: b\n", "3:12: a bracket that is opened here is not closed"},
		{head + "routes:\n  - events: \"*\"]\n", "3:16: there is one ] too many"},
		{head + "routes:\n  - events: [\"*\"],\n", "3:18: a comma stands behind the value"},
		{head + "routes:\n  - events: [\"A:*\" \"B:*\"]\n", "3:20: a comma is missing before this"},
		{head + "routes:\n  - slack: { channel: C0 template: t }\n", "3:26: a comma is missing before this"},
		{head + "routes:\n  - slack: { channel: \"C0\" template: t }\n", "3:28: a comma is missing before this"},
		{head + "routes:\n  - slack: { channel: C0, : t }\n", "3:27: a key is missing before the colon"},
		{head + "routes:\n  - events: [ - a ]\n", "3:15: entries in [ ] have no - before them"},
		{head + "routes: - name: a\n", "2:9: an entry of a list stands in a line of its own"},
		{head + "templates:\n  t: | text\n    x\n", "3:8: text stands behind the |, and not below it"},
		{head + "templates:\n  t: |\n{{ .By }}\n", "4:1: this line belongs to the text below a |"},
		{head + "templates:\n  t: |\n    a\n   {{ .By }}\n", "5:4: this line belongs to the text below a |"},
		{head + "templates:\n  t: |\n    a\n  b c\n", "5:3: this line belongs to the text below a |"},
		{head + "templates:\n  t: |\n    a\n   u: b\n", "5:4: this line is indented less than the text above it, and more than its key"},
		{head + "templates:\n  t: |\n      \n    a\n", "4:1: this empty line has more blanks"},
		{head + "templates:\n  t: \"a \\q\"\n", "3:9: there is a \\ inside"},
		{head + "routes:\n  - name:a\n    events: [\"*\"]\n", "3:9: a blank is missing behind the colon; write name: and the value"},
		{head + "routes:\n  - name: a\n    events:[\"*\"]\n", "4:11: a blank is missing behind the colon; write events: and the value"},
		{head + "routes:\n  - name: a\n    events [\"*\"]\n", "4:11: `events` is not followed by a colon"},
		{head + "routes:\n  - name： a\n    events: [\"*\"]\n", "3:9: `：` is no colon here"},
		{head + "routes:\n  -name: a\n    events: [\"*\"]\n", "3:3: a blank is missing behind the -; write - name: and the value"},
		{head + "routes:\n  -name:a\n    events: [\"*\"]\n", "3:3: a blank is missing behind the -, and one behind the colon"},
		{head + "routes:\n  – name: a\n    events: [\"*\"]\n", "3:3: `–` is no - here"},
		{head + "routes:\n  - name: a\n  — name: b\n", "4:3: `—` is no - here"},
		{head + "routes:\n  - name:\u00a0a\n    events: [\"*\"]\n", "3:10: there is a no-break space here"},
		{head + "console: {}\n{{ .By }}\n", "3:1: text that begins with {{ must stand in quotes"},
		{head + "console: {}\n*a\n", "3:1: a value that begins with `*` must stand in quotes"},
		{head + "console: " + strings.Repeat("[", 20000) + "\n", "2:10: this is nested too deep"},
		{head + "console: " + strings.Repeat("{", 1_000_000) + "\n", "2:10: this is nested too deep"},
		{"server:\n  secrets:\n  - sixteen-characters\n slack: {}\n", "4:2: this line does not belong to what is above it"},
		{head + "<<<<<<< HEAD\nroutes: []\n=======\nroutes: [a]\n>>>>>>> b\n", "2:1: two versions of the file were merged"},
	} {
		if f, is := notYAML(t, test.text); !is || !strings.HasPrefix(f.String(), "x.yaml:"+test.want) {
			t.Errorf("%q: got %s, want %s", test.text, f, test.want)
		}
	}
}
