package config

import "strings"

const (
	hashMessage = "what stands behind # is a comment"
	hashHint    = "write '…' around the text if the # belongs to it"
)

// startOf returns the column of the bracket that is not closed in a line, else of its first character.
func startOf(line string) int {
	var open []int
	for i, r := range []rune(line) {
		switch r {
		case '[', '{':
			open = append(open, i+1)
		case ']', '}':
			open = open[:max(len(open)-1, 0)]
		}
	}
	if len(open) > 0 {
		return open[0]
	}
	return len(line) - len(strings.TrimLeft(line, " ")) + 1
}

// closing returns where a quoted text ends, behind its quote; -1 when it does not end.
func closing(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote && quote == '\'' && strings.HasPrefix(text[i+1:], "'"):
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return -1
}
