package templates

import (
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Note is what the relay says of itself to those who run it.
type Note struct {
	Emoji string // its name: "no_entry"
	Title string // what it is about, shown bold
	Rest  string // what follows the title
	Since time.Time
	Until time.Time // with Since: how long it took is told instead; zero = it lasts
	Lines []NoteLine
	From  string    // who says it
	At    time.Time // of the small last line
}

// NoteLine is one line of a Note: "Why: out of quota". What stands in backticks at the beginning of the text is shown as
// code. No label: the text alone.
type NoteLine struct{ Label, Text string }

// Note puts a note into a message. All of its texts are escaped: they may hold what other programs answered.
func (w *Words) Note(n Note) event.Message {
	title, rest, when := short(n.Title, maxName), short(n.Rest, maxName), w.noteTime(n)
	message := event.Message{Head: ":" + n.Emoji + ": *" + escape(title) + "*", Text: title}
	if rest != "" {
		message.Head, message.Text = message.Head+" "+escape(rest), message.Text+" "+rest
	}
	if when.plain != "" {
		message.Head, message.Text = message.Head+" "+when.mrkdwn, message.Text+" "+when.plain
	}
	message.Text += "."
	var written []string
	room := maxBlock - units(message.Text)
	for _, l := range n.Lines {
		markedLine, spokenLine := l.said()
		written = append(written, markedLine)
		spokenLine = " " + sentenceOf(spokenLine)
		if room -= units(spokenLine); room >= 0 { // a notification shows its beginning
			message.Text += spokenLine
		}
	}
	message.Lines = filled(written, maxLines, maxBlock-units(message.Head), "line", 0)

	at := w.moment(n.At.UTC(), "{date_short} at {time}", "2 Jan 2006 15:04 UTC")
	message.Context = escape(short(n.From, maxName)) + " · " + at.mrkdwn
	return message
}

// said is the line in mrkdwn and in plain words.
func (l NoteLine) said() (markedLine, spokenLine string) {
	before := ""
	if l.Label != "" {
		before = short(l.Label, maxName)
	}
	text := paragraphs(l.Text)
	if inside, rest, isCode := strings.Cut(strings.TrimPrefix(text, "`"), "`"); isCode && strings.HasPrefix(text, "`") {
		inside, rest = short(inside, maxText), short(rest, maxText)
		return withLabel(escape(before), strings.TrimSpace("`"+escapeCode(inside)+"` "+escape(rest))), withLabel(before, strings.TrimSpace(inside+" "+rest))
	}
	text = short(text, maxNote)
	return withLabel(escape(before), escape(text)), withLabel(before, text)
}

func withLabel(label, text string) string {
	if label == "" {
		return text
	}
	return label + ": " + text
}

// sentenceOf ends a text as a sentence does.
func sentenceOf(text string) string {
	if strings.HasSuffix(text, "?") {
		return text
	}
	return strings.TrimRight(text, ".") + "."
}

// maxNote bounds a line of a note.
const maxNote = 500

// noteTime says since when something lasts, or how long it took.
func (w *Words) noteTime(n Note) Markup {
	switch {
	case n.Since.IsZero():
		return Markup{}
	case !n.Until.IsZero():
		after := "after " + span(n.Since, n.Until)
		return Markup{mrkdwn: after, plain: after}
	}
	form, fallback := "{time}", "15:04 UTC"
	if n.At.Sub(n.Since).Abs() > 12*time.Hour {
		form, fallback = "{date_short} at {time}", "2 Jan 2006 15:04 UTC"
	}
	at := w.moment(n.Since.UTC(), form, fallback)
	plain := at.plain
	if form == "{time}" {
		plain = n.Since.In(w.zone).Format("15:04")
	}
	return Markup{mrkdwn: "since " + at.mrkdwn, plain: "since " + plain}
}
