package templates

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// TestFaultsOfConditionsAreInPlainWords makes faulty conditions of those in the manual and in the files of mistakes: with
// characters and words left out, doubled, swapped and put in. Whatever is said of them is said in words for everybody.
func TestFaultsOfConditionsAreInPlainWords(t *testing.T) {
	raced.Calculates(t)
	t.Parallel()
	w, seeds := testWords(t), conditionsInFiles(t)
	strange := regexp.MustCompile(`\b(int|string|float64|bool|slice|array|map|struct|strconv|runtime error|nil pointer|U\+[0-9A-F]{4}|` +
		`unexpected token|invalid operation|cannot use|interface|reflect|panic|regexp|parsing|literal|mismatched)\b|templates\.|\[\]|%!`)
	random := rand.New(rand.NewPCG(9, 5))
	refused, hinted, vague := 0, 0, 0
	for i := range 2400 {
		text := seeds[i%len(seeds)]
		for range 1 + random.IntN(2) {
			text = mutated(random, text)
		}
		_, err := w.When(text)
		if err == nil {
			continue
		}
		faults := Errors(err)
		if len(faults) != 1 || faults[0].Text == "" || len(strings.Split(text, "\n")) < faults[0].Line {
			t.Fatalf("%s: got %v, want one fault at its place", text, err)
		}
		f := faults[0]
		if said := without(f.Text+"; "+f.Hint, text); strange.MatchString(said) {
			t.Errorf("%s: got %q, which holds %q", text, said, strange.FindString(said))
		}
		refused++
		if f.Hint != "" || f.Nearest != "" {
			hinted++
		}
		if f.Text == "this cannot be worked out" || f.Text == "this is not expected here" {
			vague++
			t.Logf("%s: %s", text, f.Text)
		}
	}
	if refused < 1200 || hinted < refused/2 || vague > refused/100 {
		t.Errorf("got %d refused, of which %d with what to write instead, and %d without what is wrong", refused, hinted, vague)
	}
}

// without takes out what is quoted from a text: a person's own words may be any.
func without(said, text string) string {
	for _, word := range regexp.MustCompile(`[\pL\d_]{3,}|U\+[0-9A-F]{4}`).FindAllString(text, -1) {
		said = strings.ReplaceAll(said, word, "")
	}
	return said
}

// conditionsInFiles returns the conditions of the manual and of the files of mistakes.
func conditionsInFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../docs/*.md", "../config/testdata/*.yaml", "../config/testdata/*/*.yaml", "../*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range regexp.MustCompile(`(?m)when: ['"]?(.+?)['"]?(?:, (?:slack|file|sheet): .*)?$`).FindAllStringSubmatch(string(text), -1) {
				all = append(all, found[1])
			}
			for _, block := range regexp.MustCompile("(?s)```expr\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
				all = append(all, strings.Split(strings.TrimSpace(block[1]), "\n")...)
			}
		}
	}
	if len(all) < 60 {
		t.Fatalf("got %d conditions, want at least 60", len(all))
	}
	return all
}

// mutated returns a text with one mistake more.
func mutated(random *rand.Rand, text string) string {
	all := lexemesOf(text)
	if len(all) == 0 {
		return text + "("
	}
	i := random.IntN(len(all))
	one, other := all[i], all[random.IntN(len(all))]
	put := []string{
		"=", "&", "|", "AND", "not", "is", "like", "null", "nil", ",", ";", ".", "?", ":", "??", "(", ")", "[", "]", "{", "}", `"`, "'", "\\", "+", "-", "*",
		"/", "%", "**", "..", "in", "matches", "contains", "let", "#", "$env", "5", "2.5", "2022-12-31", `"x"`, `"\d"`, "Late", "Name", "changed", "after", `after("A")`,
		`daysMoved("A")`, `[1, "a"]`, `["a"]`, "{a: 1}", "[0]", ".Name", "any(", "b'x'", "1e999", "99999999999999999999", "“", "–", "if", "else", "?.", "::", "`", "now()", "0x",
	}
	switch random.IntN(6) {
	case 0: // a character is missing
		runes := []rune(text)
		at := random.IntN(len(runes))
		return string(runes[:at]) + string(runes[at+1:])
	case 1: // a character is doubled
		runes := []rune(text)
		at := random.IntN(len(runes))
		return string(runes[:at+1]) + string(runes[at:])
	case 2: // a word stands in the place of another
		return text[:one.at] + other.text + text[one.at+len(one.text):]
	case 3: // a word is missing
		return text[:one.at] + text[one.at+len(one.text):]
	case 4: // something stands in the place of a word
		return text[:one.at] + put[random.IntN(len(put))] + text[one.at+len(one.text):]
	default: // something is put in
		return text[:one.at] + put[random.IntN(len(put))] + " " + text[one.at:]
	}
}
