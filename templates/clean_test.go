package templates

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"  two  blanks ", "two blanks"},
		{"a\nb\r\nc\td\u2028e\u00a0f\u3000g", "a b c d e f g"},
		{"nul\x00 bell\x07 esc\x1b[31m del\x7f c1\u0085\u009b", "nul bell esc[31m del c1"},
		{"\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f\u061c", "gnp.exe x"},
		{"zero\u200bwidth\u200cjoin\u200der \ufeffbom \u00adsoft\u2060word", "zerowidthjoiner bom softword"},
		{"👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇪🇺 1️⃣", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇪🇺 1️⃣"},
		{"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F x\U000E0041", "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F x"},
		{"می\u200cخواهم", "می\u200cخواهم"}, // Persian needs its non-joiner
		{"\xff\xfe", "\ufffd\ufffd"},
		{"\u3164\u115f", ""},
	}
	for _, test := range tests {
		if got := line(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

func TestParagraphs(t *testing.T) {
	t.Parallel()
	got := paragraphs("a  b\r\nc\rd\te\u2028f\x00g\u202eh\xff")
	if want := "a  b\nc\nd\te\nfgh\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		n    int
		want string
	}{
		{"abcde", 5, "abcde"},
		{"abcdef", 5, "abcd…"},
		{"abc def", 5, "abc…"},
		{"ééééé", 5, "ééééé"},
		{"éééééé", 5, "éééé…"},
		{"abc👩‍👩‍👧", 5, "abc…"},    // a family is not torn apart
		{"abce\u0301f", 5, "abc…"}, // nor a letter from its accent
		{"abc🇩🇪d", 5, "abc…"},      // nor a flag
		{"a\u200b\u200b\u200bb", 5, "ab"},
		{strings.Repeat("x", 1000), 5, "xxxx…"},
		{strings.Repeat("\u200b", 1000) + "x", 5, "…"},
		{strings.Repeat(" ", 10) + "x", 5, "x"},
	}
	for _, test := range tests {
		if got := short(test.text, test.n); got != test.want || utf8.RuneCountInString(got) > test.n {
			t.Errorf("%.20q, %d: got %q, want %q", test.text, test.n, got, test.want)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	if got := units("aé漢🚀\xff"); got != 6 {
		t.Errorf("got %d, want 6", got)
	}
}
