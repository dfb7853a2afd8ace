package main

import (
	"slices"
	"strings"
	"testing"
)

func TestMrkdwnOnATerminal(t *testing.T) {
	tests := []struct {
		name, mrkdwn  string
		plain, styled string // styled empty: the same
	}{
		{
			"a headline", ":large_orange_diamond: Project *<https://app.ppm.express/p_1/x_2|Customer Portal>* was updated",
			"🔶 Project Customer Portal was updated", "🔶 Project \x1b[1mCustomer Portal\x1b[22m was updated",
		},
		{"a moment", "By Anna Doe · <!date^1644931200^{date_short} at {time}|15 Feb 2022 13:20 UTC>", "By Anna Doe · 15 Feb 2022 13:20 UTC", ""},
		{"entities", "R&amp;D &lt;b&gt; &amp;lt; A & B", "R&D <b> &lt; A & B", ""},
		{"a quotation", "a\n&gt; b *c*\n&gt; d\ne", "a\n│ b c\n│ d\ne", "a\n│ b \x1b[1mc\x1b[22m\n│ d\ne"},
		{"code", "`*a*` and\n```*b*\n\tc```", "*a* and\n*b*\n c", ""},
		{"all of Slack's emoji", ":tada: :wave::skin-tone-3: :flag-england:", "🎉 👋🏼 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", ""},
		{"no link", "<javascript:alert(1)|click>", "<javascript:alert(1)|click>", ""},
		{"a bare link", "<https://example.com/a>", "https://example.com/a", ""},
		{"mentions", "<@U0123> <!channel> <!here|here>", "@U0123 @channel @here", ""},
		{"what was struck out", "the ~old~ *new* plan", "the ~old~ new plan", "the \x1b[9mold\x1b[29m \x1b[1mnew\x1b[22m plan"},
		{"marks inside words", "2 * 3 * 4, snake_case_name, a*b*c", "2 * 3 * 4, snake_case_name, a*b*c", ""},
		{"marks without an end", "*open, _open and ~", "*open, _open and ~", ""},
		{"a mark in another line", "*one\ntwo*", "*one\ntwo*", ""},
		{"bold in bold stays one", "*Anna Doe updated 12 projects* within 1 s", "Anna Doe updated 12 projects within 1 s", "\x1b[1mAnna Doe updated 12 projects\x1b[22m within 1 s"},
		{"italic", "_late_", "late", "\x1b[3mlate\x1b[23m"},
		{"emoji", ":new: :wastebasket: :fast_forward: :octagonal_sign:", "🆕 🗑️ ⏩ 🛑", ""},
		{"no emoji", ":nobody-knows: 10:30:20 a::b :", ":nobody-knows: 10:30:20 a::b :", ""},
		{"a name that was made harmless", ":\u200btada: @\u200bhere", ":tada: @here", ""},
		{"nothing acts on the terminal", "a\x1b[31mred\x07\u202eb\u009b1m", "a[31mredb1m", ""},
		{"nothing acts from inside a link", "<https://example.com|\x1b]0;title\x07x>", "]0;titlex", ""},
		{"family", "👩\u200d👧", "👩\u200d👧", ""},
		{"no end of a link", "a < b", "a < b", ""},
		{"not UTF-8", "a\xffb", "a\ufffdb", ""},
		{"empty", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (terminal{}).mrkdwn(tt.mrkdwn); got != tt.plain {
				t.Errorf("plain: got %q, want %q", got, tt.plain)
			}
			want := tt.styled
			if want == "" {
				want = tt.plain
			}
			if got := (terminal{styled: true}).mrkdwn(tt.mrkdwn); got != want {
				t.Errorf("styled: got %q, want %q", got, want)
			}
		})
	}
}

func TestSeen(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "→ …": 3, "Núñez": 5, "Nu\u0301n\u0303ez": 5, "🔶 a": 4, "✅": 2, "漢字": 4, "\x1b[1mabc\x1b[22m": 3, "a\u200bb": 2,
	} {
		if got := seen(text); got != want {
			t.Errorf("%q: got %d columns, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"one two three", []string{"one two", "three"}},
		{"one\n\ntwo", []string{"one", "", "two"}},
		{"incomprehensibilities are long", []string{"incomprehensibilities", "are long"}},
		{"\x1b[1mone two\x1b[22m three", []string{"\x1b[1mone two\x1b[22m", "three"}},
		{"🔶 🔶 🔶 x", []string{"🔶 🔶 🔶", "x"}},
	}
	for _, tt := range tests {
		if got := wrap(tt.text, 8); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, text := range []string{"", "abc", "abcdefgh", "abcdefghi", "🔶🔶🔶🔶🔶", "漢字漢字漢字", "a漢字漢字漢字"} {
		got := fit(text, 8)
		if seen(got) != 8 {
			t.Errorf("%q: got %q, which is %d columns wide, want 8", text, got, seen(got))
		}
		if whole := seen(text) <= 8; whole == strings.Contains(got, "…") {
			t.Errorf("%q: got %q, want an ellipsis only where something is left out", text, got)
		}
	}
}
