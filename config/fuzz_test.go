package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// FuzzParse feeds any bytes: there is a Config without faults, or faults inside the file, and soon.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/good/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		c, err := Parse("x.yaml", data, lookup)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("got an answer after %v", took)
		}
		if err == nil {
			if c.Version() == "" || len(c.Server.Secrets) == 0 || len(c.Routes) == 0 {
				t.Errorf("got %+v accepted", c)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		faults, ok := err.(Errors) //nolint:errorlint // Parse returns it bare
		if !ok || len(faults) == 0 || len(faults) > maxFaults+1 {
			t.Fatalf("got %d faults, %v", len(faults), err)
		}
		for _, fault := range faults {
			if fault.Line > lines || fault.Message == "" || fault.Line > 0 && fault.Column < 1 || !utf8.ValidString(fault.Message) {
				t.Errorf("got %+v in a file of %d lines", fault, lines)
			}
		}
	})
}

// TestLargeFilesAreBounded feeds what would take very long, or very much memory, where a step looks at a line, a key or a
// name once for each other one.
func TestLargeFilesAreBounded(t *testing.T) {
	raced.Calculates(t)
	fill := func(unit string) string { return strings.Repeat(unit, maxFile/16/len(unit)) }
	for name, text := range map[string]string{
		"too large":                strings.Repeat("#", maxFile+1),
		"unknown keys in one line": "{" + fill("a,") + "}",
		"pairs in one line":        "{server: {" + fill("ab: c, ") + "}}",
		"secrets in one line":      "server: { secrets: [" + fill("\"abcdef\", ") + "] }",
		"long names":               "display: { labels: { " + strings.Repeat("x", 300000) + ": {" + strings.Repeat("1: a,", 10000) + "} } }",
		"open brackets":            fill("["),
		"closed brackets":          strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"open lists":               fill("- "),
		"open quote":               strings.Repeat("a: b\n", 8000) + "c: \"" + strings.Repeat("d: e\n", 8000),
		"names for names":          "a: &a [x,x]\n" + strings.Repeat("b: &b [*a,*a,*a,*a,*a,*a,*a]\n", 5000),
		"routes":                   "server: { secrets: [a-secret] }\nroutes:\n" + fill("  - { name: a, events: [x], file: { path: a } }\n"),
		"columns":                  "routes:\n  - file:\n      path: a.csv\n      columns:\n" + fill("        - { header: a, value: b }\n"),
		"tests":                    "tests:\n" + fill("  - { name: a, event: b, expect: { c: { contains: [d], cells: { e: f } } } }\n"),
		"regular expressions":      "tests: [{ expect: { a: { matches: [" + fill("'(a{0,9}b?){0,90}', ") + "] } } }]",
		"long words":               "routes: [{ events: [" + fill("Project_Updated_") + "] }]",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse("x.yaml", []byte(text), lookup)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("got an answer after %v", took)
			}
			if err == nil {
				t.Fatal("got no fault")
			}
			if got := printed(t, err); len(got) > 100000 {
				t.Errorf("got %d bytes of faults", len(got))
			}
		})
	}
}
