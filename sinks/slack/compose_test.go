package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestCompose(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2000)
	for name, test := range map[string]struct {
		message event.Message
		blocks  []part
		text    string
	}{
		"a change": {
			event.Message{Head: "*A*", Lines: []string{"b", "c"}, Context: "By Anna", Text: "A. b. c"},
			[]part{{section, "*A*\nb\nc"}, {small, "By Anna"}},
			"A. b. c",
		},
		"no context": {event.Message{Head: "A", Text: "A"}, []part{{section, "A"}}, "A"},
		"no text": {
			event.Message{Head: "A", Lines: []string{"b"}, Context: "c"},
			[]part{{section, "A\nb"}, {small, "c"}},
			"A\nb\nc",
		},
		"text alone":      {event.Message{Text: "A & <b>"}, []part{{section, "A &amp; &lt;b&gt;"}}, "A &amp; &lt;b&gt;"},
		"a mention":       {event.Message{Head: "&lt;!here&gt;", Text: "<!here>"}, []part{{section, "&lt;!here&gt;"}}, "&lt;!here&gt;"},
		"control":         {event.Message{Head: "a\x00\x1b[1m", Text: "b\x00\r"}, []part{{section, "a[1m"}}, "b"},
		"invalid UTF-8":   {event.Message{Head: "a\xff", Text: "b\xff"}, []part{{section, "a\ufffd"}}, "b\ufffd"},
		"blank lines":     {event.Message{Head: "A", Lines: []string{"", " ", "b"}, Text: "A"}, []part{{section, "A\nb"}}, "A"},
		"two sections":    {event.Message{Head: long, Lines: []string{long}, Text: "A"}, []part{{section, long}, {section, long}}, "A"},
		"a line too long": {event.Message{Head: long + long, Text: "A"}, []part{{section, strings.Repeat("x", 2999) + "…"}}, "A"},
		"too many lines": {
			event.Message{Head: "A", Lines: []string{long, long, long, long, long, long}, Context: "c", Text: "A"},
			[]part{{section, "A\n" + long}, {section, long}, {section, long}, {section, long + "\n…"}, {small, "c"}},
			"A",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, taken, err := New(nil, channel).Compose([]sinks.Item{{Message: test.message}}, false)
			if err != nil || taken != 1 {
				t.Fatalf("got %d taken, error %v", taken, err)
			}
			var got message
			if err := json.Unmarshal(content, &got); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got.Blocks) != fmt.Sprint(test.blocks) {
				t.Errorf("got blocks %q, want %q", got.Blocks, test.blocks)
			}
			if got.Text != test.text {
				t.Errorf("got text %q, want %q", got.Text, test.text)
			}
		})
	}
}

func TestComposePacks(t *testing.T) {
	t.Parallel()
	sink := New(nil, channel)
	all := make([]sinks.Item, 40)
	for i := range all {
		all[i] = item(strconv.Itoa(i))
	}
	content, taken, err := sink.Compose(all, false)
	if err != nil || taken != 15 {
		t.Errorf("short items: got %d taken, error %v, want 15, as each needs two blocks and a divider", taken, err)
	}
	if got := strings.Count(string(content), `"divider"`); got != 14 {
		t.Errorf("got %d dividers, want 14", got)
	}
	content, taken, err = sink.Compose(all, true)
	if err != nil || taken < 20 || strings.Contains(string(content), "blocks") {
		t.Errorf("plain: got %d taken, error %v in %s", taken, err, content)
	}
	for i := range all[:taken] {
		if !strings.Contains(string(content), all[i].Message.Text) {
			t.Errorf("plain: item %d is taken, but not told", i)
		}
	}
	for i := range all {
		all[i].Message.Lines = []string{strings.Repeat("x", 2400)}
	}
	if _, taken, err = sink.Compose(all, false); err != nil || taken != 4 {
		t.Errorf("long items: got %d taken, error %v, want 4 in 10,000 characters", taken, err)
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	sink := New(nil, channel)
	for name, items := range map[string][]sinks.Item{
		"nothing":      nil,
		"an empty one": {{Message: event.Message{Lines: []string{" ", "\x00"}}}, item("A")},
	} {
		if content, taken, err := sink.Compose(items, false); err == nil {
			t.Errorf("%s: got %s, %d taken, want an error", name, content, taken)
		}
	}
	if _, taken, err := sink.Compose([]sinks.Item{item("A"), {}}, false); err != nil || taken != 1 {
		t.Errorf("before an empty one: got %d taken, error %v, want 1", taken, err)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"a&amp;b", 7, "a&amp;b"},
		{"a&amp;b", 6, "a…"},
		{"a&amp;bc", 7, "a&amp;…"},
		{"a <https://x.example|label> b", 20, "a …"},
		{"a <@U1> bcdefgh", 10, "a <@U1> b…"},
		{"😀😀😀", 5, "😀😀…"},
		{"😀😀😀", 4, "😀…"},
		{"日本語", 2, "日…"},
	} {
		if got := cut(test.text, test.limit); got != test.want {
			t.Errorf("cut(%q, %d): got %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

// FuzzCompose: whatever the texts, the message is within Slack's limits, and the same again.
func FuzzCompose(f *testing.F) {
	f.Add("*A*", "b", "c", "d", 3, false)
	f.Add("", "", "", "&<>", 1, true)
	f.Add("<https://x.example|a>", "\x00\xff", "😀", "x", 60, false)
	f.Fuzz(func(t *testing.T, head, line, closing, text string, times int, plain bool) {
		times = times&0x3ff + 1
		m := event.Message{Head: head, Context: strings.Repeat(closing, times), Text: strings.Repeat(text, times)}
		for range times {
			m.Lines = append(m.Lines, line)
		}
		sink := New(nil, channel)
		items := []sinks.Item{{Message: m}, {Message: m}, {Message: event.Message{Head: strings.Repeat(head, times), Text: text}}}
		content, taken, err := sink.Compose(items, plain)
		again, _, _ := sink.Compose(items, plain)
		if !bytes.Equal(content, again) {
			t.Error("composed twice: got another content")
		}
		if err != nil {
			return
		}
		if taken < 1 || taken > len(items) {
			t.Errorf("got %d taken", taken)
		}
		wantWithinLimits(t, content)
	})
}

func wantWithinLimits(t *testing.T, content []byte) {
	t.Helper()
	var got message
	if err := json.Unmarshal(content, &got); err != nil {
		t.Fatal(err)
	}
	length := func(s string) int {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("%q is no clean text", s)
		}
		return len(utf16.Encode([]rune(s)))
	}
	if n := length(got.Text) + len(fmt.Sprintf(reference, newID())); len(got.Blocks) == 0 && n > 3000 {
		t.Errorf("the plain text is %d long", n)
	}
	if n := length(got.Text); n < 1 || n > 3000 {
		t.Errorf("the text is %d long", n)
	}
	total := 0
	for i, block := range got.Blocks {
		n := length(block.Text)
		if total += n; block.Kind != divider && (n < 1 || n > 3000) {
			t.Errorf("block %d is %d long", i, n)
		}
	}
	if len(got.Blocks) > 45 || total > 10_000 {
		t.Errorf("got %d blocks with %d characters", len(got.Blocks), total)
	}
}
