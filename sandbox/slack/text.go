package slack

import (
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// length counts characters as the workspace's switch says.
func (s *Server) length(text string) int {
	if s.options.Switches.CountRunes {
		return utf8.RuneCountInString(text)
	}
	return len(utf16.Encode([]rune(text)))
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// split cuts a text into messages of at most 4,000 characters, at line breaks where there are some.
func split(text string, length func(string) int) []string {
	var parts []string
	for length(text) > maxText {
		end := 0
		for i, r := range text {
			if length(text[:i+utf8.RuneLen(r)]) > maxText {
				break
			}
			end = i + utf8.RuneLen(r)
		}
		if line := strings.LastIndexByte(text[:end], '\n'); line > 0 {
			end = line
		}
		parts = append(parts, text[:end])
		text = strings.TrimPrefix(text[end:], "\n")
	}
	return append(parts, text)
}

// stored is what Slack keeps of a text (docs.slack.dev/messaging/formatting-message-text): & < > that belong to no
// entity or control sequence become entities, some emoji become their names. Loose says that bare names ring (@channel),
// links that addresses become links.
func stored(text string, loose, links bool) string {
	control := regexp.MustCompile(`<([@#!][^<>\s][^<>]*|https?://[^<>\s][^<>]*|mailto:[^<>\s]+)>`)
	var out strings.Builder
	last := 0
	for _, at := range control.FindAllStringIndex(text, -1) {
		out.WriteString(literal(text[last:at[0]], loose, links))
		out.WriteString(text[at[0]:at[1]])
		last = at[1]
	}
	out.WriteString(literal(text[last:], loose, links))
	return out.String()
}

// literal is stored for what stands between control sequences.
func literal(text string, loose, links bool) string {
	entity := regexp.MustCompile(`&(amp|lt|gt);|&`)
	text = entity.ReplaceAllStringFunc(text, func(s string) string {
		if s == "&" {
			return "&amp;"
		}
		return s
	})
	text = strings.NewReplacer("<", "&lt;", ">", "&gt;", "🎉", ":tada:", "👍", ":+1:", "😀", ":grinning:").Replace(text)
	if links {
		text = regexp.MustCompile(`https?://[^\s<>|]+`).ReplaceAllString(text, "<$0>")
	}
	if loose {
		text = regexp.MustCompile(`@(channel|here|everyone)\b`).ReplaceAllString(text, "<!$1>")
	}
	return text
}
