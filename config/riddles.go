package config

import (
	"strings"
	"unicode/utf8"
)

const (
	hashMessage = "what stands behind # is a comment"
	hashHint    = "write '…' around the text if the # belongs to it"
)

// riddleIn looks for what people write without knowing that it means something to YAML.
func riddleIn(line string) (column int, message, hint string) {
	text := strings.TrimLeft(line, " ")
	if strings.HasPrefix(text, "\t") {
		return len(line) - len(text) + 1, "a line begins with a tab", "indent with spaces"
	}
	byteAt, what := valueRiddle(line)
	column = utf8.RuneCountInString(line[:byteAt]) + 1
	switch what {
	case "":
		return 0, "", ""
	case "{{":
		return column, "text that begins with {{ must stand in quotes", "or below a |, on lines of its own"
	case ": ":
		return column, "text with a colon and a space in it must stand in quotes", "write '…' around it, or put it below a |"
	case "#":
		return column, hashMessage, hashHint
	case "[":
		return column, "inside of { } and [ ], text with brackets in it must stand in quotes", "write '…' around all of it"
	case "'", `"`:
		return column, "a quote begins here, and the text goes on after its end", "put all of the text into quotes: '…'"
	case "open":
		return column, "a quote that is opened here is not closed in its line", "every \" needs another, every ' too"
	default:
		return column, "a value that begins with " + what + " must stand in quotes", "write '…' around it"
	}
}

// valueRiddle returns the first riddle of a line, and where it is. Values begin at the start of a line and after the
// signs of lists and sections.
func valueRiddle(line string) (at int, what string) {
	begins, values, depth := true, 0, 0
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		switch {
		case line[i] == ' ':
			continue
		case line[i] == '#' && (i == 0 || line[i-1] == ' '):
			if begins && values > 0 && depth > 0 {
				return i, "#"
			}
			return 0, ""
		case begins && strings.HasPrefix(rest, "{{"):
			return i, "{{"
		case begins && strings.IndexByte("*&!%@`", line[i]) >= 0:
			return i, "`" + line[i:i+1] + "`"
		case begins && (line[i] == '\'' || line[i] == '"'):
			end := closing(rest)
			if end < 0 {
				return i, "open"
			}
			if after := strings.TrimLeft(rest[end:], " "); after != "" && strings.IndexByte(",:]}#", after[0]) < 0 {
				return i, line[i : i+1]
			}
			i += end - 1
			begins = false
		case strings.HasPrefix(rest, ": ") || rest == ":":
			if values++; values > 1 {
				return i, ": "
			}
			begins = true
		case !begins && depth > 0 && strings.IndexByte("[{", line[i]) >= 0 && line[i-1] != ':':
			return i, "["
		case strings.IndexByte("[{", line[i]) >= 0:
			begins, values, depth = true, 0, depth+1
		case strings.IndexByte("]}", line[i]) >= 0:
			begins, depth = false, max(depth-1, 0)
		case line[i] == ',':
			begins, values = true, 0
		case begins && strings.HasPrefix(rest, "- "):
		default:
			begins = false
		}
	}
	return 0, ""
}

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
