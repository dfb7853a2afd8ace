package config

import (
	"strings"
	"unicode"
)

// didYouMean returns the hint "did you mean `x`?" with the nearest of the words, or nothing when none is near.
func didYouMean(text string, words []string) string {
	if word := Nearest(text, words); word != "" {
		return "did you mean `" + word + "`?"
	}
	return ""
}

// Nearest returns the word with the fewest typing errors to the text: at most one for each three characters.
func Nearest(text string, words []string) string {
	best, least := "", max(1, len([]rune(text))/3)+1
	for _, word := range words {
		if distance := typos(strings.ToLower(text), strings.ToLower(word), least); distance < least {
			best, least = word, distance
		}
	}
	return best
}

// typos counts the characters to add, drop, replace or swap to make b of a; it may stop counting at the limit. Three
// rows of the table are enough (optimal string alignment).
func typos(textA, textB string, limit int) int {
	a, b := []rune(textA), []rune(textB)
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func cost(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}

// quoted puts a value between backticks: on one line, and not longer than a person reads.
func quoted(text string) string {
	runes := []rune(text)
	if len(runes) > 60 {
		runes = append(runes[:60], '…')
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '?'
		}
	}
	return "`" + string(runes) + "`"
}
