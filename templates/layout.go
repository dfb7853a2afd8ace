package templates

import (
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

const (
	maxLines    = 10   // of a built-in message
	maxChanges  = 500  // that a template of a message sees
	maxHead     = 2000 // UTF-16 units; a longer line loses its markup and is cut
	maxLine     = 1200
	maxContext  = 2000
	reservedFor = 40 // "and 1,234 more changes"
)

// layout makes a message of what a template printed: in mrkdwn, its last line, and in plain words. Unsaid is how many
// changes it did not see.
func (t *Template) layout(net event.Net, markedText, context, spokenText string, unsaid int) event.Message {
	lines := strings.Split(markedText, "\n")
	for len(lines) > 1 && lines[0] == "" {
		lines = lines[1:]
	}
	noun, most := "line", len(lines)
	if t.builtin {
		most = maxLines
		noun = map[bool]string{true: "change", false: "fact"}[net.Last().Type.Action() == event.Updated]
	}
	head := fitting(strings.TrimLeft(lines[0], " \t"), maxHead)
	facts := filled(lines[1:], most, maxBlock-units(head), noun, unsaid)
	spokenLines := strings.Split(strings.Trim(spokenText, "\n"), "\n")
	if t.builtin {
		spokenLines = spokenLines[1:] // the sentence says it
	}
	return event.Message{
		Head: head, Lines: facts,
		Context: fitting(strings.Join(strings.Fields(context), " "), maxContext),
		Text:    aloud(t.words.sentence(net), spokenLines, noun, unsaid),
	}
}

// fitting returns a line of mrkdwn that is no longer than it may be: else in plain words, cut.
func fitting(text string, limit int) string {
	if units(text) <= limit {
		return text
	}
	return escape(short(unmarked(text), maxText))
}

func fittingLine(text string) string { return fitting(text, maxLine) }

// filled returns the lines that fit, and how many do not; unsaid ones count too.
func filled(lines []string, most, room int, noun string, unsaid int) []string {
	kept, left := fill(lines, most, room, fittingLine)
	if unsaid += left; unsaid > 0 {
		kept = append(kept, "and "+more(unsaid, noun))
	}
	return kept
}

// fill returns the first lines, at most so many, that fit into a room with the line that counts the others, and how many
// these are. Fit makes a line short enough.
func fill(lines []string, most, room int, fit func(string) string) (kept []string, left int) {
	for i, text := range lines {
		text = fit(text)
		need := units(text) + len(". ") // aloud; written it is one
		if i == most || need+reservedFor > room {
			return kept, len(lines) - i
		}
		room -= need
		kept = append(kept, text)
	}
	return kept, 0
}

// more returns "1 more change", "12 more changes".
func more(n int, noun string) string { return plural(n, "more "+noun) }

// aloud joins the sentence and the lines to the text that a notification shows and a screen reader reads.
func aloud(sentence string, lines []string, noun string, unsaid int) string {
	var out strings.Builder
	out.WriteString(sentence + ".")
	room := maxBlock - units(sentence) - 1
	for i, text := range lines {
		text = line(text)
		if text == "" || i == 0 && strings.Contains(sentence, text) {
			continue
		}
		need := units(text) + len(". ")
		if need+reservedFor > room {
			unsaid += len(lines) - i
			break
		}
		room -= need
		out.WriteString(" " + text + ".")
	}
	if unsaid > 0 {
		out.WriteString(" And " + more(unsaid, noun) + ".")
	}
	return out.String()
}

// sentence says who did what: "Anna Doe updated project Customer Portal".
func (w *Words) sentence(net event.Net) string {
	e := net.Last()
	if !known(e.Type) {
		return w.entity(e.Entity).String() + " sent an event of unknown type"
	}
	kind := kindWords(e.Entity.Kind)
	what := w.entity(e.Entity).String()
	if parent := short(e.Parent.Name, maxName); parent != "" {
		what += " in " + lower(e.Parent.Kind) + " " + parent
	}
	did := strings.ToLower(e.Type.Action())
	if recovered(net.Events) {
		return w.recoveredSentence(e, what, did)
	}
	who := people(net.Events)
	if who == nobody {
		return kind + " " + what + " was " + did + ", no person named"
	}
	said := who + " " + did + " " + lower(e.Entity.Kind) + " " + what
	if len(net.Events) > 1 {
		said += " (" + plural(len(net.Events), "edit") + ")"
	}
	if old := formerName(net); old != "" {
		said += ", before: " + old
	}
	if e.Late && !e.Occurred.IsZero() {
		said += " at " + e.Occurred.In(w.zone).Format("15:04") + " (arrived late)"
	}
	return said
}

// lower returns a kind inside a sentence: "key date".
func lower(kind string) string {
	if kind == "" {
		return "parent"
	}
	return strings.ToLower(kindWords(short(kind, maxName)))
}

func formerName(net event.Net) string {
	for _, c := range net.Changes {
		if c.Field == "Name" {
			return short(c.Before.Text, maxName)
		}
	}
	return ""
}
