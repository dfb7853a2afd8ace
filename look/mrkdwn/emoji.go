package mrkdwn

import (
	_ "embed" // for emojiList
	"sort"
	"strings"
)

//go:generate go run ./emojigen -version 16.0.0 -o emoji.txt

// emojiList has a head of lines with #, its licence (MIT), then a line per name, sorted by bytes: the name, a tab, the character, and " +"
// if it can have a tone of the skin.
//
//go:embed emoji.txt
var emojiList string

// EmojiOf returns the character of a name of Slack's, such as "tada" or "wave::skin-tone-3". Names of a workspace's own
// are not known.
func EmojiOf(name string) (character string, ok bool) {
	if character, _, ok = findEmoji(name); ok {
		return character, true
	}
	base, tone, _ := strings.Cut(name, "::skin-tone-")
	if len(tone) != 1 || tone[0] < '2' || tone[0] > '6' {
		return "", false
	}
	character, tonable, _ := findEmoji(base)
	if !tonable {
		return "", false
	}
	return toned(character, rune(tone[0]-'2')), true
}

// toned puts a tone of the skin behind the first character, where it replaces the wish for a colourful one
// (unicode.org/reports/tr51).
func toned(character string, tone rune) string {
	const (
		lightest  = '\U0001f3fb'
		colourful = "\ufe0f"
	)
	for i := range character {
		if i > 0 {
			return character[:i] + string(lightest+tone) + strings.TrimPrefix(character[i:], colourful)
		}
	}
	return character + string(lightest+tone)
}

// findEmoji looks a name up by halving the list.
func findEmoji(name string) (character string, tonable, ok bool) {
	if name == "" || name[0] == '#' {
		return "", false, false
	}
	lineAt := func(i int) int { return strings.LastIndexByte(emojiList[:i], '\n') + 1 }
	i := lineAt(sort.Search(len(emojiList), func(i int) bool {
		line, _, _ := strings.Cut(emojiList[lineAt(i):], "\n")
		found, _, _ := strings.Cut(line, "\t")
		return line == "" || line[0] != '#' && found >= name
	}))
	line, _, _ := strings.Cut(emojiList[i:], "\n")
	found, character, _ := strings.Cut(line, "\t")
	if found != name {
		return "", false, false
	}
	character, tonable = strings.CutSuffix(character, " +")
	return character, tonable, true
}
