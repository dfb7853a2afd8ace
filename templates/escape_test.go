package templates

import "testing"

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", ""},
		{"Customer Portal", "Customer Portal"},
		{"Tom & Jerry <3", "Tom &amp; Jerry &lt;3"},
		{"&lt;", "&amp;lt;"},
		{"2 * 3", "2 * 3"},
		{"snake_case_name", "snake_case_name"},
		{"a__b", "a__b"},
		{"v1*2", "v1*2"},
		{"*bold*", "∗bold∗"},
		{"a *b* c", "a ∗b∗ c"},
		{"_x", "ˍx"},
		{"about ~10 %", "about ∼10 %"},
		{"é*b*é", "é∗b∗é"}, // readers differ in what they take for a letter
		{"`code`", "ˋcodeˋ"},
		{"it`s", "itˋs"},
		{"> quote", "\u200b&gt; quote"},
		{"a > b", "a &gt; b"},
		{":tada: x", ":\u200btada: x"},
		{"10:30:20", "10:30:20"},
		{":100:", ":\u200b100:"},
		{"a: b: c", "a\u200b: b: c"}, // behind a colon of the template
		{"My team: b", "My team: b"},
		{":fire", ":\u200bfire"}, // before one
		{"Team :fire", "Team :\u200bfire"},
		{"fire:", "fire\u200b:"},
		{"10:30", "10:30"},
		{"ask @here or @anna", "ask @\u200bhere or @anna"},
	}
	for _, test := range tests {
		if got := escape(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

func TestEscapeAddress(t *testing.T) {
	t.Parallel()
	tests := []struct{ address, want string }{
		{"https://a.example/x?y=1&z=2", "https://a.example/x?y=1&amp;z=2"},
		{"https://a.example/a|b>c<d e", "https://a.example/a%7Cb%3Ec%3Cd%20e"},
		{"https://a.example/\u202eé", "https://a.example/%E2%80%AEé"},
	}
	for _, test := range tests {
		if got := escapeAddress(test.address); got != test.want {
			t.Errorf("%q: got %q, want %q", test.address, got, test.want)
		}
	}
}

func TestUnmarked(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{":new: Project *", " Project "},
		{"* was *deleted*", " was deleted"},
		{"snake_case 2 * 3 at 10:30:20", "snake_case 2 * 3 at 10:30:20"},
		{"see <https://a.example|the page> or <https://b.example>", "see the page or https://b.example"},
		{"<!here> and <@U012>", "here and U012"},
		{"a &lt; b &amp;&amp; c `code`", "a < b && c code"},
		{"▰▰▱ 20 %", " 20 %"},
	}
	for _, test := range tests {
		if got := unmarked(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}
