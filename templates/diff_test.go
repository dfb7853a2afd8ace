package templates

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
)

// What diff returns turns one text into the other, whatever they are.
func TestDiffTurnsOneIntoTheOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		before, after := randomWords(random), randomWords(random)
		if random.IntN(2) == 0 {
			after = edited(random, before)
		}
		var built []string
		at := 0
		for _, h := range diff(before, after) {
			if h.a < at || h.a > h.b || h.c > h.d || h.a == h.b && h.c == h.d {
				t.Fatalf("%v to %v: hunk %v", before, after, h)
			}
			built = append(append(built, before[at:h.a]...), after[h.c:h.d]...)
			at = h.b
		}
		if built = append(built, before[at:]...); !slices.Equal(built, after) {
			t.Fatalf("%v to %v: got %v", before, after, built)
		}
	}
}

func randomWords(random *rand.Rand) []string {
	all := make([]string, random.IntN(30))
	for i := range all {
		all[i] = strconv.Itoa(random.IntN(5))
	}
	return all
}

func edited(random *rand.Rand, words []string) []string {
	all := slices.Clone(words)
	for range random.IntN(4) {
		at := random.IntN(len(all) + 1)
		all = slices.Insert(all, at, "new")
	}
	return all
}

func longChange(before, after string) Change {
	c := &event.Change{
		Label: "Description", Steps: 1, Kind: event.Text,
		Before: event.Value{Kind: event.Text, Text: before}, After: event.Value{Kind: event.Text, Text: after},
	}
	return (&Words{}).change(event.Project, c)
}

func TestLongText(t *testing.T) {
	t.Parallel()
	filler := strings.TrimSpace(strings.Repeat("one two three four five six seven eight nine ten ", 5))
	tests := []struct {
		name, before, after, marked, spoken string
	}{
		{
			"word replaced", filler + " old " + filler, filler + " new " + filler,
			"1 of 101 words changed: … five six seven eight nine ten ~old~ *new* one two three four five six …",
			"1 of 101 words changed: “old” became “new”",
		},
		{
			"word added in front", filler + " x " + filler, "First " + filler + " x " + filler,
			"1 of 102 words changed: *First* one two three four five six …", "1 of 102 words changed: “First” was added",
		},
		{
			"word removed at the end", filler + " gone", filler,
			"1 of 51 words changed: … five six seven eight nine ten ~gone~", "1 of 51 words changed: “gone” was removed",
		},
		{
			"two places", "a " + filler + " b", "A " + filler + " B",
			"2 of 52 words changed: ~a~ *A* one two three four five six … five six seven eight nine ten ~b~ *B*",
			"2 of 52 words changed: “a” became “A”; “b” became “B”",
		},
		{"only blanks", filler + "  " + filler, filler + "\n" + filler, "only blanks changed", "only blanks changed"},
		{
			"markup", filler + " <!here> " + filler, filler + " *x* " + filler,
			"1 of 101 words changed: … five six seven eight nine ten ~&lt;!here&gt;~ *∗x∗* one two three four five six …",
			"1 of 101 words changed: “<!here>” became “*x*”",
		},
	}
	for _, test := range tests {
		c := longChange(test.before, test.after)
		if got := changeBody(marked, c); got != test.marked {
			t.Errorf("%s, marked:\ngot  %s\nwant %s", test.name, got, test.marked)
		}
		if got := changeBody(spoken, c); got != test.spoken {
			t.Errorf("%s, spoken:\ngot  %s\nwant %s", test.name, got, test.spoken)
		}
	}
}

func TestLongTextIsBounded(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	word := func(string) string { return strconv.Itoa(random.IntN(1000)) }
	big := strings.Repeat("x ", 20_000)
	tests := map[string][2]string{
		"nothing alike":  {big, strings.ReplaceAll(big, "x", "y")},
		"all random":     {mapWords(big, word), mapWords(big, word)},
		"one huge word":  {strings.Repeat("x", 40_000), strings.Repeat("y", 40_000)},
		"two megabytes":  {strings.Repeat("lorem ipsum ", 180_000), "new " + strings.Repeat("lorem ipsum ", 180_000)},
		"many small":     {big, mapWords(big, func(w string) string { return w + strconv.Itoa(random.IntN(50)/49) })},
		"all whitespace": {strings.Repeat(" ", 40_000), strings.Repeat("\n", 40_001)},
	}
	for name, texts := range tests {
		began := time.Now()
		c := longChange(texts[0], texts[1])
		for _, to := range []voice{marked, spoken, celled} {
			got := changeBody(to, c)
			if n := utf8.RuneCountInString(got); n > 800 {
				t.Errorf("%s: %d characters", name, n)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func mapWords(s string, f func(string) string) string {
	words := strings.Fields(s)
	for i := range words {
		words[i] = f(words[i])
	}
	return strings.Join(words, " ")
}
