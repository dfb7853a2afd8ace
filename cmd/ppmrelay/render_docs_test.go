package main

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What the manual shows of render is what it prints with the example.
func TestManualOfRenderIsTrue(t *testing.T) {
	example := readText(t, "config.example.yaml")
	playManual(t, "docs/render.md", func(block) {}, "ppmrelay.yaml", example)
}

// playManual types what the console blocks of a page show, in a folder with one file, and demands that it prints what they
// say. Behind the language of a block stands the exit code, when it is not 0. Before that, each block of another language is
// given to other. Numbers of lines may differ, as others add to the example, and so may times.
func playManual(t *testing.T, page string, other func(block), name, content string) {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(repository, page))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	writeFile(t, name, content)
	varies := regexp.MustCompile(`\.yaml:\d+ +|\b\d+ ms\b`)
	text := string(mustRead(t, file))
	shown := 0
	for _, b := range blocksOf(text) {
		if b.language != "console" {
			other(b)
			continue
		}
		shown++
		typed, want, _ := strings.Cut(b.text, "\n")
		args := strings.Fields(strings.TrimPrefix(typed, "$ ppmrelay "))
		code, out, errs := ppmrelay(t, args...)
		if wanted, _ := strconv.Atoi(b.info); code != wanted || errs != "" {
			t.Errorf("%s: got %d, %s", b, code, errs)
		}
		if *update {
			text = strings.Replace(text, "\n"+b.text+"```", "\n"+typed+"\n"+out+"```", 1)
		} else if varies.ReplaceAllString(out, "N ") != varies.ReplaceAllString(want, "N ") {
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
