package mrkdwn

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEmojiOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"large_green_circle": "🟢", "label": "🏷️", "pencil2": "✏️", "+1": "👍", "thumbsup": "👍", "100": "💯", "zzz": "💤", "flag-de": "🇩🇪", "de": "🇩🇪",
		"wave::skin-tone-2": "👋🏻", "wave::skin-tone-6": "👋🏿", "v::skin-tone-4": "✌🏽", "woman-lifting-weights::skin-tone-2": "🏋🏻\u200d♀️",
		"handshake::skin-tone-2-6": "🫱🏻\u200d🫲🏿", "skin-tone-2": "🏻",
		"wave::skin-tone-1": "", "wave::skin-tone-7": "", "wave::skin-tone-22": "", "wave::": "", "tada::skin-tone-2": "", "": "", "#": "", "zzzz": "", "!": "",
		"tada\t🎉": "", "# Names of emoji": "",
	} {
		got, ok := EmojiOf(name)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q %t, want %q", name, got, ok, want)
		}
	}
}

// Each line of the list is found, from the first to the last.
func TestEveryEmojiIsFound(t *testing.T) {
	t.Parallel()
	n := 0
	for line := range strings.Lines(emojiList) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		name, character, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		character = strings.TrimSuffix(character, " +")
		if got, ok := EmojiOf(name); !ok || got != character || !utf8.ValidString(got) || character == "" {
			t.Errorf("%q: got %q %t, want %q", name, got, ok, character)
		}
		if tones := strings.Contains(name, "::"); !tones && newParser(":" + name + ":").all()[0].Kind != Emoji {
			t.Errorf("%q is not read in a text", name)
		}
	}
	if n < 1900 {
		t.Errorf("got %d names, want all", n)
	}
}
