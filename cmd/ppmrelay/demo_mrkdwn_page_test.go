package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
	slackview "github.com/ppmrelay/ppmrelay/look/slack"
)

// alike takes out what only the terminal or only the page shows: letters, what cannot be seen, bars.
func alike(text string) string {
	text = regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(text, "")
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		default:
			return r
		}
	}, text), bar, "")
}

// onPage returns the text of a message as a page shows it.
func onPage(t *testing.T, text string) string {
	t.Helper()
	page := string(slackview.Render(slackview.Message{Text: text}, mrkdwn.Reader{}))
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for n := range root.Descendants() {
		if n.Type != html.TextNode {
			continue
		}
		for p := n.Parent; p != nil; p = p.Parent {
			if len(p.Attr) > 0 && p.Attr[0].Val == "sl-b" {
				out.WriteString(n.Data)
			}
		}
	}
	return out.String()
}

// Both walk the same tree, so that a person reads the same on either.
func FuzzTerminalAndPageSayTheSame(f *testing.F) {
	for _, text := range []string{
		":new: *<https://example.com/|Customer Portal>* was ~created~ _now_\nStatus: `a` → `b`",
		"&gt; quoted\n> twice\n```\ncode\n```\n>>> all\nthe rest", "<!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC>",
		"<@U0123|anna> <#C1|general> <!here> <!subteam^S1|@team> <mailto:a@example.com> :wave::skin-tone-3: :flag-england:",
		"```\n\n a\tb\n\n```\n\nc", "a\r\nb\x1b[31m\u202ec\xff", "│ a", "&gt; │\u200b b", "<!date^1^{time}^https://example.com/|x>", "&amp;lt; &lt;b&gt; & \u2028",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terminalText := (terminal{styled: true}).mrkdwn(text)
		if strings.TrimSpace(text) == "" {
			return // the page says that there is nothing
		}
		if got, want := alike(onPage(t, text)), alike(terminalText); got != want {
			t.Errorf("%q: the page shows %q, the terminal %q", text, got, want)
		}
		left := regexp.MustCompile("\x1b\\[([139]|2[239])m").ReplaceAllString(terminalText, "")
		for _, r := range left {
			if r != '\n' && unicode.IsControl(r) {
				t.Errorf("%q: %q reaches the terminal", text, r)
			}
		}
	})
}
