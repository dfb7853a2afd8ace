package mrkdwn

import (
	"slices"
	"strings"
	"testing"
)

// The time grows with the length alone, whatever is repeated: what the parser looks at is counted.
func TestLinear(t *testing.T) {
	t.Parallel()
	marks := []string{"*", "_", "~", "`", "<", ">", "&", ":", "|", "\n", " ", "a", "!", "@", "^", "```", "&gt;"}
	for _, mark := range marks {
		looksAt(t, strings.Repeat(mark, 100_000))
	}
	pieces := slices.Concat(marks, []string{
		"*a", "*a ", "a* ", " *", "*a_b~c", "*_~", "*_~a ", "~_*a*_~ ", "_*a",
		"```a", " ```a", "``` ", "```a``` ", "```\n", "a```", "` ", "`a", "`a ", "`a` ", "a`", "&gt;\n", "> *a\n", ">>>", ">>>a\n", "\n>>>", ">```\n",
		"<a", "<a|", "<@U1>", "<@", "<!date^1^", "<!date^1^{time}|f>", "<https://e.x/|*a>", "<https://e.x/|*a*> ", "*<", "*a<b>", "*a`b` ",
		"::", ":a", ":a:", ":tada:", ":wave::skin-tone-3:", ":wave::", ":tada", "&amp;", "&amp", "\t", "é", "\xff", "\u200b",
	})
	for _, piece := range pieces {
		looksAt(t, strings.Repeat(piece, 2000))
		for _, frame := range []string{"*a % b*", "&gt;%", "&gt;&gt;&gt; _*~a %~*_", "```%", "<https://e.x/|%>", "`a %"} {
			looksAt(t, strings.Replace(frame, "%", strings.Repeat(piece, 300), 1))
		}
	}
}

// looksAt demands that each byte of a text is looked at 40 times at most.
func looksAt(t *testing.T, text string) []Node {
	t.Helper()
	p := newParser(text)
	nodes := p.all()
	if most := 40 * (len(p.text) + 1); p.steps > most {
		t.Errorf("%.40q: looked at %d bytes of %d, want at most %d", text, p.steps, len(p.text), most)
	}
	return nodes
}

// FuzzParse looks for texts that break what the package promises.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"*a _b ~c <https://e.x/|d :tada: *e*> f~ g_ h*", "&gt; ```a```\n>>> `b` <@U1>\n<!date^1^{time}^https://e.x/|x>", "a\r\n\x00\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		nodes := looksAt(t, text)
		if deep := depth(nodes); deep > 6 {
			t.Errorf("%q: %d nodes deep, want at most 6", text, deep)
		}
		for _, n := range nodes {
			promised(t, n)
		}
		PlainText(text, true)
	})
}

func depth(nodes []Node) (deepest int) {
	for _, n := range nodes {
		deepest = max(deepest, 1+depth(n.Children))
	}
	return deepest
}

func promised(t *testing.T, n Node) {
	t.Helper()
	if n.Kind == Link && (n.Target == "" || len(n.Children) == 0) || n.Kind == Text && n.Text == "" || n.Kind == Break && n.Text != "\n" {
		t.Errorf("got %+v", n)
	}
	if n.Target != "" && !strings.HasPrefix(n.Target, "http://") && !strings.HasPrefix(n.Target, "https://") && !strings.HasPrefix(n.Target, "mailto:") {
		t.Errorf("got a link to %q", n.Target)
	}
	if strings.ContainsAny(n.Text, "\x00\x1b\r") || strings.ContainsAny(n.Target, "\"<> \n\t") {
		t.Errorf("got %q and %q", n.Text, n.Target)
	}
	if words := (Reader{}).Words(n); words == "" && n.Kind != Quote && n.Kind != Link && n.Children == nil {
		t.Errorf("%+v says nothing", n)
	}
	for _, child := range n.Children {
		promised(t, child)
	}
}
