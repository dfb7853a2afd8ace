package slack_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
	slackview "github.com/ppmrelay/ppmrelay/look/slack"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/templates"
)

// allowed are the elements that a message is made of, and the attributes of each.
func allowed() map[string][]string {
	return map[string][]string{
		"article": {"class", "data-key"}, "div": {"class", "data-key", "aria-hidden"}, "b": nil, "i": nil, "s": nil, "code": nil, "bdi": nil,
		"pre": {"class"}, "blockquote": {"class"}, "hr": {"class"}, "span": {"class", "aria-hidden"}, "time": {"datetime"}, "a": {"href", "rel", "target"},
		"svg": {"viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}, "path": {"d"},
	}
}

// harmless demands that HTML is made of nothing but the allowed, and that it is written as a browser reads it.
func harmless(t *testing.T, page string) {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(page), body)
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`^(https?://[^/]|mailto:.)`)
	may := allowed()
	var written strings.Builder
	for _, root := range nodes {
		if err := html.Render(&written, root); err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			attributes, known := may[n.Data]
			if n.Type == html.TextNode {
				continue
			}
			if n.Type != html.ElementNode || !known {
				t.Errorf("%s: there is %q", page, n.Data)
			}
			for _, a := range n.Attr {
				if !slices.Contains(attributes, a.Key) || a.Key == "href" && !links.MatchString(a.Val) {
					t.Errorf("%s: there is %s=%q", page, a.Key, a.Val)
				}
			}
		}
	}
	if got := level(written.String()); got != level(page) {
		t.Errorf("read by a browser it is another page:\n%s\n%s", got, page)
	}
}

// level levels what may be written in two ways.
func level(page string) string {
	page = strings.ReplaceAll(page, `<hr class="sl-d"/>`, `<hr class="sl-d">`)
	return regexp.MustCompile(`<pre class="sl-pre">\n*`).ReplaceAllString(page, `<pre class="sl-pre">`)
}

func FuzzText(f *testing.F) {
	for _, text := range []string{
		"*a* <https://e.x/|b> <javascript:alert(1)|c> <!channel> &lt;script&gt; `d`\n&gt; e", "<mailto:a@e.x> \"><img src=x onerror=alert(1)>",
		"```\n\na</pre><script>``` <!date^1^{time}^https://e.x/?\"onclick=\"|f>", "<http://e.x/'\"&quot;&gt;|x>", "\x00\r\n\xff\u202e", "<https://e.x/&|a>",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		reader := mrkdwn.Reader{Zone: berlin(), Now: time.Unix(1644931244, 0), User: func(string) string { return text }}
		harmless(t, string(slackview.Render(slackview.Message{TS: text, Sender: text, Text: text}, reader)))
	})
}

func FuzzBlocks(f *testing.F) {
	for _, blocks := range []string{
		`[{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"},"fields":[{"type":"plain_text","text":"\u003cscript>"}],"accessory":{"type":"button"}}]`,
		`[{"type":"context","elements":[{"type":"mrkdwn","text":"a"},{"type":"image","alt_text":"b"},5]},{"type":"divider"},{"type":"\"><x"}]`,
		`[{"type":"actions","elements":[{"text":{"text":"a"}}]},{"type":"header"},{"type":"markdown","text":"b"},{"type":"table","rows":[[{"text":"c"}]]},null]`,
		`{`, `[5]`,
	} {
		f.Add(blocks)
	}
	f.Fuzz(func(t *testing.T, blocks string) {
		page := string(slackview.Feed([]slackview.Message{{TS: "1644931244.000100", Sender: "a", App: true, Blocks: json.RawMessage(blocks)}}, mrkdwn.Reader{}))
		harmless(t, page)
	})
}

// asSent are the blocks that the relay sends of a message (docs/templates.md).
func asSent(t *testing.T, m event.Message) json.RawMessage {
	t.Helper()
	text := func(s string) map[string]any { return map[string]any{"type": "mrkdwn", "text": s, "verbatim": true} }
	blocks := []map[string]any{{"type": "section", "text": text(strings.Join(append([]string{m.Head}, m.Lines...), "\n"))}}
	if m.Context != "" {
		blocks = append(blocks, map[string]any{"type": "context", "elements": []any{text(m.Context)}})
	}
	sent, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// typeOf returns the type that the name of a sample says: Task-Created.json. Hostile ones are named after what is in them.
func typeOf(path string) event.Type {
	if named := regexp.MustCompile(`([A-Z][A-Za-z]+)-(Created|Updated|Deleted)`).FindStringSubmatch(filepath.Base(path)); named != nil {
		return event.Type(named[1] + ":" + named[2])
	}
	return "Project:Updated"
}

// Each sample told by the built-in templates is shown whole: no mark, entity or name of an emoji is left over, nobody is
// rung, and no link leads elsewhere than to PPM Express. That holds for the hostile samples, too.
func TestBuiltInMessages(t *testing.T) {
	t.Parallel()
	words, err := templates.New(templates.Display{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	reader := mrkdwn.Reader{Zone: berlin(), Now: time.Unix(1644931244, 0)}
	samples, _ := filepath.Glob("../../samples/*.json")
	hostile, _ := filepath.Glob("../../samples/hostile/*.json")
	told := 0
	for _, path := range append(samples, hostile...) {
		sent, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ppm.Decode(sent, typeOf(path))
		if err != nil {
			continue
		}
		told++
		message := words.Message(event.NetOf([]event.Event{e}, nil))
		blocks := asSent(t, message)
		page := string(slackview.Render(slackview.Message{TS: "1644931244.000100", Sender: "ppmrelay", App: true, Blocks: blocks}, reader))
		harmless(t, page)
		if strings.Contains(page, "sl-mention") || strings.Contains(page, "sl-note") {
			t.Errorf("%s: somebody is rung, or something is not drawn: %s", path, page)
		}
		if !strings.Contains(page, `<span class="emo"`) || !strings.Contains(page, "<time datetime=\"20") || strings.Contains(page, "{date_short}") {
			t.Errorf("%s: the emoji or the moment is missing: %s", path, page)
		}
	}
	if told < 30 {
		t.Errorf("only %d samples were told", told)
	}
}
