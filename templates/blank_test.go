package templates

import (
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
)

func TestSaysNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " \n\t\u00a0\u2003", "\u200b", "\u2060", "\u00ad", "\u200e\u200f", "\ufe0f", "\u2800", "\u3164", "\u115f\u1160", "\ufeff", "\u200d", "**", "* *\n_ _", "``", "~\u200b~",
		"\u180b", "\U000E0101",
	} {
		if !saysNothing(text) {
			t.Errorf("%q shows something", text)
		}
	}
	for _, text := range []string{
		"-", "0", "*a*", "…", "❤️", "1️⃣", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", ":fire:", "\u200bа", "漢", "\u0301", "&lt;", "\ufffd", "⠓",
	} {
		if saysNothing(text) {
			t.Errorf("%q shows nothing", text)
		}
	}
}

// What shows nothing is refused when it is checked, and told in the built-in wording where only an event makes it so.
func TestBlankMessagesAreNotSent(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	for _, text := range []string{"\u200b", "*\u2060*", "{{ if changed `Nope` }}x{{ end }}\u200b", "{{ `\u3164` }}", "**"} {
		if _, err := w.Compile("a", text, "Project:Updated"); err == nil || !strings.Contains(err.Error(), "it prints nothing for Project:Updated") {
			t.Errorf("%q: got %v", text, err)
		}
	}
	template, err := w.Compile("a", "{{ if changed `Budget` }}Budget{{ end }}\u200b", "Project:Updated")
	if err != nil {
		t.Fatal(err)
	}
	e := sampleEvent("Project:Updated")
	e.Before = withValues(e.Attributes, func(i int, v event.Value) event.Value {
		if i == 0 {
			return event.Value{}
		}
		return v
	})
	message, err := template.Message(event.NetOf([]event.Event{e}, nil))
	if err == nil || !strings.Contains(message.Head, "was updated") {
		t.Errorf("got %q and %v, want the built-in wording", message.Head, err)
	}
}
