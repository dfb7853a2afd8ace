package slack_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
	slackview "github.com/ppmrelay/ppmrelay/look/slack"
)

// body returns what stands below the sender's name.
func body(m slackview.Message, reader mrkdwn.Reader) string {
	page := string(slackview.Render(m, reader))
	_, after, _ := strings.Cut(page, `</div><div>`)
	return strings.TrimSuffix(after, "</div></article>")
}

func berlin() *time.Location { return time.FixedZone("CET", 3600) }

func TestText(t *testing.T) {
	t.Parallel()
	reader := mrkdwn.Reader{Zone: berlin(), Now: time.Unix(1644931244, 0), User: func(id string) string { return "Anna <b>" + id }}
	tests := []struct{ text, want string }{
		{"a *b* _c_ ~d~ `e`\nf", "a <b>b</b> <i>c</i> <s>d</s> <code>e</code>\nf"},
		{
			":new: *<https://e.x/?a=1&amp;b=\"2|Customer &lt;Portal&gt;>*",
			`<span class="emo" aria-hidden="true">🆕</span> <b><a href="https://e.x/?a=1&amp;b=%222" rel="noopener noreferrer" target="_blank">` +
				`<bdi>Customer &lt;Portal&gt;</bdi></a></b>`,
		},
		{"<javascript:alert(1)|click>", "&lt;javascript:alert(1)|click&gt;"},
		{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{"a\n&gt; b\n&gt; c\nd", `a` + "\n" + `<blockquote class="sl-q">b` + "\nc\n" + `</blockquote>d`},
		{"```\n\na\n```\nb", "<pre class=\"sl-pre\">\n\na\n</pre>b"},
		{"<@U1> <#C1|x> <!subteam^S1>", `<span class="sl-mention"><bdi>@Anna &lt;b&gt;U1</bdi></span> <span class="sl-mention"><bdi>#x</bdi></span> ` +
			`<span class="sl-mention"><bdi>@S1</bdi></span>`},
		{"<!channel>", `<span class="sl-mention sl-all"><bdi>@channel</bdi></span>`},
		{"<!date^1644931244^{date_short_pretty} at {time}|x>", `<time datetime="2022-02-15T13:20:44Z">Today at 14:20</time>`},
		{
			"<!date^1644931244^{time}^https://e.x/|x>",
			`<a href="https://e.x/" rel="noopener noreferrer" target="_blank"><time datetime="2022-02-15T13:20:44Z">14:20</time></a>`,
		},
		{"a\x00b\xff", "ab\ufffd"},
	}
	for _, test := range tests {
		want := `<div class="sl-b">` + test.want + `</div>`
		if got := body(slackview.Message{Text: test.text}, reader); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", test.text, got, want)
		}
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, block, want string }{
		{"section", `{"type":"section","text":{"type":"mrkdwn","text":"*a*"}}`, `<div class="sl-b"><b>a</b></div>`},
		{
			"plain text", `{"type":"section","text":{"type":"plain_text","text":"*a* <!channel> :tada:"}}`,
			`<div class="sl-b">*a* &lt;!channel&gt; <span class="emo" aria-hidden="true">🎉</span></div>`,
		},
		{"plain text without emoji", `{"type":"section","text":{"type":"plain_text","text":":tada:","emoji":false}}`, `<div class="sl-b">:tada:</div>`},
		{
			"fields", `{"type":"section","fields":[{"type":"mrkdwn","text":"_a_"},{"type":"plain_text","text":"_b_"}]}`,
			`<div class="sl-f"><div class="sl-b"><i>a</i></div><div class="sl-b">_b_</div></div>`,
		},
		{
			"accessory", `{"type":"section","text":{"type":"mrkdwn","text":"a"},"accessory":{"type":"image","alt_text":"a <cat>","image_url":"https://e.x/"}}`,
			`<div class="sl-b">a</div><div class="sl-a"><span class="sl-note"><bdi>a picture: a &lt;cat&gt;</bdi></span></div>`,
		},
		{"an empty section", `{"type":"section"}`, `<div class="sl-note">This section has no text.</div>`},
		{"a section with a wrong text", `{"type":"section","text":5}`, `<div class="sl-b"><span class="sl-note">There is no text here.</span></div>`},
		{
			"context", `{"type":"context","elements":[{"type":"mrkdwn","text":"By *A*"},{"type":"image","alt_text":""},{"type":"plain_text","text":"*B*"}]}`,
			`<div class="sl-c">By <b>A</b> <span class="sl-note"><bdi>a picture without a description</bdi></span> *B*</div>`,
		},
		{"divider", `{"type":"divider"}`, `<hr class="sl-d">`},
		{"header", `{"type":"header","text":{"type":"plain_text","text":"*a* & b"}}`, `<div class="sl-b sl-h">*a* &amp; b</div>`},
		{
			"actions", `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Open"},"url":"https://e.x/"},
				{"type":"static_select","placeholder":{"type":"plain_text","text":"Choose"}}]}`,
			`<div class="sl-a"><span class="sl-btn">Open</span><span class="sl-btn">Choose</span></div>`,
		},
		{
			"markdown", `{"type":"markdown","text":"**a** <b>"}`,
			`<div class="sl-note">Slack shows this Markdown formatted. What was sent:</div><div class="sl-b">**a** &lt;b&gt;</div>`,
		},
		{"image", `{"type":"image","alt_text":"chart","image_url":"https://e.x/"}`, `<span class="sl-note"><bdi>a picture: chart</bdi></span>`},
		{
			"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a <b>"},
				{"type":"user","user_id":"U1"},{"type":"broadcast","range":"here"},{"type":"channel","channel_id":"C1"},{"type":"emoji","name":"tada"},
				{"type":"link","url":"javascript:x","text":"c"}]}]}`,
			`<div class="sl-note">Slack shows a block of the type <bdi>rich_text</bdi> here, which is not drawn. Its texts:</div>` +
				`<div class="sl-b">a &lt;b&gt;` + "\n@U1\n@here\n#C1\n:tada:\nc\njavascript:x</div>",
		},
		{
			"table", `{"type":"table","rows":[[{"type":"raw_text","text":"a"},{"type":"raw_text","text":"b"}]]}`,
			`<div class="sl-note">Slack shows a block of the type <bdi>table</bdi> here, which is not drawn. Its texts:</div><div class="sl-b">a` + "\nb</div>",
		},
		{
			"no type", `{"text":{"text":"a"}}`,
			`<div class="sl-note">Slack shows a block of the type <bdi>unknown</bdi> here, which is not drawn. Its texts:</div><div class="sl-b">a</div>`,
		},
	}
	for _, test := range tests {
		m := slackview.Message{Text: "not shown", Blocks: json.RawMessage("[" + test.block + "]")}
		if got := body(m, mrkdwn.Reader{}); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestWhatIsNoListOfBlocks(t *testing.T) {
	t.Parallel()
	note := `<div class="sl-note">The blocks cannot be read: they are not a list of objects. What was sent:</div><div class="sl-b">`
	nothing := `<div class="sl-note">There is nothing in this message.</div>`
	for _, test := range []struct{ text, blocks, want string }{
		{"a", "", `<div class="sl-b">a</div>`},
		{"a", "[]", `<div class="sl-b">a</div>`},
		{"a", "null", `<div class="sl-b">a</div>`},
		{" ", " [ ] ", nothing},
		{"", "", nothing},
		{"a", `[{"type":"divider"},"<b>"]`, note + `[{&#34;type&#34;:&#34;divider&#34;},&#34;&lt;b&gt;&#34;]</div><div class="sl-b">a</div>`},
		{"", `{"type":`, note + `{&#34;type&#34;:</div>`},
	} {
		if got := body(slackview.Message{Text: test.text, Blocks: json.RawMessage(test.blocks)}, mrkdwn.Reader{}); got != test.want {
			t.Errorf("%q %q: got %s, want %s", test.text, test.blocks, got, test.want)
		}
	}
}

func TestWhoAndWhen(t *testing.T) {
	t.Parallel()
	app := string(slackview.Render(slackview.Message{TS: "1644931244.000100", Sender: "ppm<relay>", App: true, Text: "a"}, mrkdwn.Reader{Zone: berlin()}))
	for _, want := range []string{
		`<article class="sl-msg" data-key="1644931244.000100"><div class="sl-av" aria-hidden="true"><svg `,
		`<div class="sl-by"><b><bdi>ppm&lt;relay&gt;</bdi></b><i>APP</i><time datetime="2022-02-15T13:20:44Z">14:20</time></div>`,
	} {
		if !strings.Contains(app, want) {
			t.Errorf("got %s, want %s in it", app, want)
		}
	}
	person := string(slackview.Render(slackview.Message{TS: `"><script>`, Sender: "émile", Text: "a"}, mrkdwn.Reader{}))
	want := `<article class="sl-msg" data-key="&#34;&gt;&lt;script&gt;"><div class="sl-av" aria-hidden="true">É</div>` +
		`<div class="sl-by"><b><bdi>émile</bdi></b></div><div><div class="sl-b">a</div></div></article>`
	if person != want {
		t.Errorf("got  %s\nwant %s", person, want)
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	at := func(ts string) slackview.Message {
		return slackview.Message{TS: ts, Sender: "ppmrelay", App: true, Text: "a"}
	}
	now := time.Date(2022, 2, 15, 14, 0, 0, 0, time.UTC)
	feed := string(slackview.Feed([]slackview.Message{
		at("1644300000.000001"), at("1644870000.000001"), at("1644879600.000001"), at("1644879600.000002"), at("broken"), at("1644931244.000100"),
	}, mrkdwn.Reader{Zone: berlin(), Now: now}))
	var got []string
	for _, part := range strings.Split(feed, " data-key=\"")[1:] {
		key, rest, _ := strings.Cut(part, "\">")
		if day, isDay := strings.CutPrefix(key, "before "); isDay {
			words, _, _ := strings.Cut(rest, "<")
			key = words + " before " + day
		}
		got = append(got, key)
	}
	want := "Tuesday, 8 February before 1644300000.000001|1644300000.000001|Yesterday before 1644870000.000001|1644870000.000001|" +
		"Today before 1644879600.000001|1644879600.000001|1644879600.000002|broken|1644931244.000100"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	if got := slackview.Feed(nil, mrkdwn.Reader{}); got != "" {
		t.Errorf("of nothing: got %s", got)
	}
}

// The page that shows a message includes look.css, which knows each class that is used here.
func TestStylesheetKnowsEveryClass(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("../look.css")
	if err != nil {
		t.Fatal(err)
	}
	page := slackview.Feed([]slackview.Message{
		{TS: "1644931244.000100", Text: ":tada: <@U1> <!here> `a`\n> b\n```c```"},
		{TS: "1644931244.000200", Blocks: json.RawMessage(`[{"type":"section","fields":[{"text":"a"}]},{"type":"context"},{"type":"header"},{"type":"divider"},
			{"type":"actions","elements":[{"text":{"text":"a"}}]},{"type":"table"}]`)},
	}, mrkdwn.Reader{})
	known := 0
	for _, class := range regexp.MustCompile(`class="([^"]+)"`).FindAllStringSubmatch(string(page), -1) {
		for name := range strings.FieldsSeq(class[1]) {
			known++
			if !regexp.MustCompile(`\.` + name + `\b`).Match(css) {
				t.Errorf("look.css does not know %s", name)
			}
		}
	}
	if known < 17 {
		t.Errorf("got %d classes, want all", known)
	}
}

func BenchmarkFeed(b *testing.B) {
	messages := make([]slackview.Message, 50)
	for i := range messages {
		messages[i] = slackview.Message{TS: "1644931244.000100", App: true, Blocks: json.RawMessage(`[{"type":"section","text":{"type":"mrkdwn","text":` +
			`":large_orange_diamond: Project *<https://e.x/|Customer Portal>* was updated\nStatus: On track → At risk\nFinish: 31 Mar 2022 → 14 Apr 2022"}},` +
			`{"type":"context","elements":[{"type":"mrkdwn","text":"By Anna Doe · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC>"}]}]`)}
	}
	for b.Loop() {
		slackview.Feed(messages, mrkdwn.Reader{})
	}
}
