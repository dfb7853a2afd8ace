package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the manual shows of render is what it prints with the example. Numbers of lines may differ: others add to the
// example.
func TestManualOfRenderIsTrue(t *testing.T) {
	const page = "docs/render.md"
	file, err := filepath.Abs(filepath.Join(repository, page))
	if err != nil {
		t.Fatal(err)
	}
	example := readText(t, "config.example.yaml")
	t.Chdir(t.TempDir())
	writeFile(t, "ppmrelay.yaml", example)
	text, lines := string(mustRead(t, file)), regexp.MustCompile(`\.yaml:\d+ +`)
	shown := 0
	for _, b := range blocksOf(text) {
		if b.language != "console" {
			continue
		}
		shown++
		typed, want, _ := strings.Cut(b.text, "\n")
		args := strings.Fields(strings.TrimPrefix(typed, "$ ppmrelay "))
		code, out, errs := ppmrelay(t, args...)
		if code != exitFine || errs != "" {
			t.Errorf("%s: got %d, %s", b, code, errs)
		}
		if *update {
			text = strings.Replace(text, "```console\n"+b.text, "```console\n"+typed+"\n"+out, 1)
		} else if lines.ReplaceAllString(out, ".yaml:N ") != lines.ReplaceAllString(want, ".yaml:N ") {
			t.Errorf("%s: run the test with -update\n%s", b, difference(want, out))
		}
	}
	if *update {
		writeFile(t, file, text)
	}
	if shown < 2 {
		t.Errorf("got %d examples, want some", shown)
	}
}
