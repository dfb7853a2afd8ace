package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// TestStoredText: what Slack makes of a text, and what rings in it.
func TestStoredText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		sent, stored, parse string
		verbatim            bool
		alive               int
	}{
		{sent: "a & b < c > d", stored: "a &amp; b &lt; c &gt; d"},
		{sent: "&lt;!channel&gt; &amp;", stored: "&lt;!channel&gt; &amp;"},
		{sent: "<!channel> <@U1> <!subteam^S1>", stored: "<!channel> <@U1> <!subteam^S1>", alive: 3},
		{sent: "<#C1> <https://x.example|y> <b>", stored: "<#C1> <https://x.example|y> &lt;b&gt;"},
		{sent: "🎉 done", stored: ":tada: done"},
		{sent: "@channel", stored: "@channel"},
		{sent: "@channel @hereby @here", stored: "<!channel> @hereby <!here>", parse: "full", alive: 2},
		{sent: "see https://x.example/a", stored: "see <https://x.example/a>"},
		{sent: "see https://x.example/a", stored: "see https://x.example/a", parse: "none"},
	} {
		w := open(t, slack.Options{})
		w.post(t, "text", test.sent, "parse", test.parse)
		if got := w.Messages(channel)[0].Text; got != test.stored {
			t.Errorf("%q: got %q stored, want %q", test.sent, got, test.stored)
		}
		if got := w.Alive(); len(got) != test.alive {
			t.Errorf("%q: got %q alive, want %d", test.sent, got, test.alive)
		}
	}
}

// TestStrayLinks: a link is stray unless its host is named, wherever it stands and whatever its label says.
func TestStrayLinks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"no link": nil,
		"<https://ours.example/a?b=c&amp;d|Portal>":               nil,
		"<https://ours.example>":                                  nil,
		"&lt;https://evil.example&gt;":                            nil,
		"<https://evil.example|https://ours.example>":             {"<https://evil.example|https://ours.example>"},
		"<https://ours.example@evil.example/>":                    {"<https://ours.example@evil.example/>"},
		"<https://evil@ours.example/>":                            {"<https://evil@ours.example/>"},
		"<mailto:a@ours.example|a>":                               {"<mailto:a@ours.example|a>"},
		"<https://ours.example.evil.example/> <http://%zz|other>": {"<https://ours.example.evil.example/>", "<http://%zz|other>"},
	} {
		for _, block := range []bool{false, true} {
			w := open(t, slack.Options{})
			if block {
				w.post(t, "text", "a", "blocks", fmt.Sprintf(`[{"type":"section","text":{"type":"mrkdwn","text":%q,"verbatim":true}}]`, text))
			} else {
				w.post(t, "text", text, "parse", "none")
			}
			if got := w.StrayLinks("ours.example"); !slices.Equal(got, want) {
				t.Errorf("%q (block %t): got %q stray, want %q", text, block, got, want)
			}
		}
	}
	w := open(t, slack.Options{})
	w.post(t, "text", "see https://x.example/a")
	if got := w.StrayLinks(); len(got) != 1 {
		t.Errorf("got %q, want the address that Slack made a link of", got)
	}
}

// TestVerbatim: in a block, a bare name rings unless the text is verbatim.
func TestVerbatim(t *testing.T) {
	t.Parallel()
	for verbatim, alive := range map[bool]int{true: 0, false: 1} {
		w := open(t, slack.Options{})
		w.post(t, "text", "a", "blocks", fmt.Sprintf(
			`[{"type":"context","elements":[{"type":"mrkdwn","text":"@here","verbatim":%t},{"type":"plain_text","text":"<!here>"}]}]`, verbatim))
		if got := w.Alive(); len(got) != alive {
			t.Errorf("verbatim %t: got %q alive, want %d", verbatim, got, alive)
		}
	}
}

func TestLongText(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 3000) + "\n" + strings.Repeat("y", 3000)
	w := open(t, slack.Options{})
	w.post(t, "text", text)
	w.post(t, "text", text, "blocks", list(1, textBlock("section", 1)))
	w.post(t, "text", strings.Repeat("z", 4000))
	var lengths []int
	for _, m := range w.Messages(channel) {
		lengths = append(lengths, len(m.Text))
	}
	if got, want := fmt.Sprint(lengths), "[3000 3000 6001 4000]"; got != want {
		t.Errorf("got messages of %s, want %s", got, want)
	}
	w = open(t, slack.Options{Switches: slack.Switches{LongTextRefused: true}})
	wantError(t, w.call(t, "chat.postMessage", "channel", channel, "text", text), "msg_too_long")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{})
	first := w.post(t, "text", "a", "blocks", list(1, textBlock("section", 1)), "metadata", `{"event_type":"a","event_payload":{"n":1}}`)
	person := w.Say(channel, "hello")
	update := func(ts, text string) answer {
		return w.call(t, "chat.update", "channel", channel, "ts", ts, "text", text)
	}
	if got := update(first.TS, "b @here"); !got.OK || got.TS != first.TS {
		t.Fatalf("got %+v", got)
	}
	m := w.Messages(channel)[0]
	if m.Text != "b @here" || len(m.Blocks) != 0 || m.Metadata == nil {
		t.Errorf("got %+v, want the text alone, with its metadata", m)
	}
	wantError(t, update("1.000000", "b"), "message_not_found")
	wantError(t, update(person.TS, "b"), "cant_update_message")
	wantError(t, update(first.TS, strings.Repeat("x", 4001)), "msg_too_long")
	if !w.Delete(channel, first.TS) || w.Delete(channel, first.TS) {
		t.Error("deleting: want it to work once")
	}
	wantError(t, update(first.TS, "b"), "message_not_found")
}
