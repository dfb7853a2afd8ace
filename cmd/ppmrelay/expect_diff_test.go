package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// shownDetails is a difference as people see it.
func shownDetails(all []detail) string {
	var out bytes.Buffer
	(&window{out: &out}).details(all)
	return out.String()
}

func TestDiffering(t *testing.T) {
	for _, tt := range []struct{ name, want, got, shown string }{
		{"a word", "one\ntwo words\nthree", "one\ntwo weeks\nthree", `
              one
    expected  two words
    came      two weeks
                   ^
              three
`},
		{"a line more", "one\nthree", "one\ntwo\nthree", `
              one
    came      two
              three
`},
		{"a line less", "one\ntwo\nthree", "one\nthree", `
              one
    expected  two
              three
`},
		{"far apart", "a\n1\n2\n3\n4\n5\n6\nb", "A\n1\n2\n3\n4\n5\n6\nB", `
    expected  a
    came      A
              ^
              1
              2
              …
              5
              6
    expected  b
    came      B
`},
		{"wide letters", "日本 x", "日本 y", `
    expected  日本 x
    came      日本 y
                   ^
`},
		{"the end", "later", "later than", `
    expected  later
    came      later than
                   ^
`},
		{"nothing in common", "a\nb", "c", `
    expected  a
    came      c
              ^
    expected  b
`},
	} {
		if got := shownDetails(differing(tt.want, tt.got)); got != tt.shown[1:] {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.shown)
		}
	}
}

// Both texts can be read out of a comparison, in their order, and what they have in common is as long as can be.
func TestCompareLinesLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	lines := func() []string {
		all := make([]string, random.IntN(12))
		for i := range all {
			all[i] = string(rune('a' + random.IntN(4)))
		}
		return all
	}
	for range 2000 {
		want, got := lines(), lines()
		var left, right, same []string
		for _, part := range compareLines(want, got) {
			left, right = append(append(left, part.same...), part.want...), append(append(right, part.same...), part.got...)
			same = append(same, part.same...)
		}
		if !slices.Equal(left, want) || !slices.Equal(right, got) || len(same) != commonLines(want, got) {
			t.Fatalf("%v and %v: got %v, %v, %d in common, want %d", want, got, left, right, len(same), commonLines(want, got))
		}
	}
}

// commonLines is the length of the longest common sequence, by trying all.
func commonLines(a, b []string) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0
	case a[0] == b[0]:
		return 1 + commonLines(a[1:], b[1:])
	}
	if i := slices.Index(b, a[0]); i >= 0 {
		return max(commonLines(a[1:], b), 1+commonLines(a[1:], b[i+1:]))
	}
	return commonLines(a[1:], b)
}

// Very long texts are compared soon.
func TestDifferingIsBounded(t *testing.T) {
	var want, got strings.Builder
	for i := range 100_000 {
		want.WriteString(strings.Repeat("x", i%7) + "\n")
		got.WriteString(strings.Repeat("x", i%5) + "\n")
	}
	start := time.Now()
	differing(want.String(), got.String())
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestLongestBeginning(t *testing.T) {
	for _, tt := range []struct {
		in, text      string
		begin, length int
	}{
		{"Finish: 1 → 2 (3 days)", "1 → 2 (4 days)", 8, 9},
		{"abab abc", "abcd", 5, 3},
		{"abc", "xyz", 0, 0},
		{"", "xyz", 0, 0},
		{"→→x", "→→y", 0, 6},
	} {
		if begin, length := longestBeginning(tt.in, tt.text); begin != tt.begin || length != tt.length {
			t.Errorf("%q in %q: got %d, %d, want %d, %d", tt.text, tt.in, begin, length, tt.begin, tt.length)
		}
	}
}

// Where several lines are wanted, the line that ends otherwise is shown.
func TestContainsOverSeveralLines(t *testing.T) {
	m := compared{sent: "*one*\ntwo\nthree", read: "one\ntwo\nthree"}
	found := m.without("two\nthorn")
	if got := shownDetails(found.detail[:3]); got != "    expected  thorn\n    came      three\n                ^\n" {
		t.Errorf("got %s", got)
	}
	if found := m.without("*one*\ntwo\nthrow"); found.Came != m.sent {
		t.Errorf("got the difference to %q, want it to what was sent", found.Came)
	}
	if found := m.without("zebra"); len(found.detail) != 3 || found.Came != m.read {
		t.Errorf("got %+v, want all lines", found)
	}
}
