package config

import "strings"

// plainSyntax says what the library says in words for people who do not know YAML. It is asked where the outline of the
// file found nothing.
func plainSyntax(text string) (message, hint string) {
	for _, known := range []struct {
		says          []string
		message, hint string
	}{
		{[]string{"expected ',' or ']'", "expected ',' or '}'"}, unclosedMessage, unclosedHint},
		{[]string{"unexpected end of stream", "document indicator"}, openMessage, openHint},
		{[]string{"could not find expected ':'"}, "a key is not followed by a colon", "write key: value"},
		{[]string{"escape character", "hexdecimal number", "character escape code", "surrogate area"}, escapeMessage, escapeHint},
		{[]string{"tab character"}, "a tab stands where blanks belong", "indent with spaces"},
		{[]string{
			"expected key", "'-' indicator", "mapping values", "sequence entries", "mapping keys", "<document start>",
			"<stream-start>",
		}, strayMessage, strayHint},
		{[]string{"start any token"}, "a value that begins with @, % or a backtick must stand in quotes", "write '…' around it"},
		{
			[]string{"alphabetic or numeric", "anchor", "contains itself", "aliasing"},
			"a value that begins with * or & must stand in quotes", "write '…' around it",
		},
		{
			[]string{"directive", "version", "incompatible", "non-alphabetical", "digit or"},
			"a line that begins with % means something else than text", "write '…' around the text",
		},
		{
			[]string{"'!'", "tag URI", "tag handle", "expected '>'", "URI escaped", "whitespace", "leading UTF-8", "trailing UTF-8"},
			"a value that begins with ! must stand in quotes", "write '…' around it",
		},
		{[]string{"indicator equal to 0"}, "the number behind a | counts blanks, and 0 are none", "leave the number out"},
		{[]string{"comment or line break"}, "text stands behind what must end its line", "write it into the next line, indented"},
		{[]string{"content"}, "a value is missing, or something stands here that is none", "write '…' around text that begins with a sign"},
		{[]string{"max depth"}, "this is nested too deep", ""},
		{[]string{"UTF-", "control characters", "Unicode character"}, "there is a character here that is no text", "save the file as UTF-8"},
	} {
		for _, says := range known.says {
			if strings.Contains(text, says) {
				return known.message, known.hint
			}
		}
	}
	return noYAML, ""
}

const noYAML = "this is not written as YAML is"
