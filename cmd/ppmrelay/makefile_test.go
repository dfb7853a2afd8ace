package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a test leaves out under the race detector, make test plays without it: every package that asks whether it is raced
// stands in a line of its own.
func TestWhatIsLeftOutUnderTheRaceDetectorIsPlayed(t *testing.T) {
	const root = "../.."
	var played []string
	recipe := regexp.MustCompile(`(?m)^\tgo test (.*)$`) // without -race, which $(RACE) has
	_, rest, _ := strings.Cut(string(mustRead(t, filepath.Join(root, "Makefile"))), "\ntest:")
	lines, _, _ := strings.Cut(rest, "\n\n")
	for _, line := range recipe.FindAllStringSubmatch(lines, -1) {
		for word := range strings.FieldsSeq(line[1]) {
			if pattern, ok := strings.CutPrefix(word, "./"); ok {
				played = append(played, pattern)
			}
		}
	}
	found := 0
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || !strings.Contains(string(mustRead(t, path)), "/internal/raced\"") {
			return err
		}
		found++
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(played, func(pattern string) bool {
			above, all := strings.CutSuffix(pattern, "/...")
			return pattern == dir || all && (above == dir || strings.HasPrefix(dir, above+"/"))
		}) {
			t.Errorf("%s leaves tests out under the race detector, and no line of make test plays it without: got %q", dir, played)
		}
		return nil
	})
	if err != nil || found < 20 {
		t.Errorf("got %d files (%v), want at least 20", found, err)
	}
}

// The tests of this package that are left out are played by name.
func TestWholeProgramsArePlayedByName(t *testing.T) {
	long := regexp.MustCompile(`(?m)^LONG +:= (.*)$`).FindStringSubmatch(string(mustRead(t, "../../Makefile")))
	if long == nil {
		t.Fatal("the Makefile has no LONG")
	}
	named := regexp.MustCompile(long[1])
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	test := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\) \{\n(?:.*\n){0,3}?\t(?:wholeProgram\(t\)|raced\.Calculates\(t\)|if raced\.On \{)`)
	found := 0
	for _, file := range files {
		for _, name := range test.FindAllStringSubmatch(string(mustRead(t, file)), -1) {
			if found++; !named.MatchString(name[1]) {
				t.Errorf("%s: %s is left out under the race detector, and LONG of the Makefile does not name it", file, name[1])
			}
		}
	}
	if found < 7 {
		t.Errorf("got %d tests, want at least 7", found)
	}
}
