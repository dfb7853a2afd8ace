package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ppmrelay/ppmrelay/event"
)

func TestNote(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 14, 22, 10, 0, time.UTC)
	const when = "<!date^1772374930^{date_short} at {time}|1 Mar 2026 14:22 UTC>"
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	words, err := New(Display{Zone: berlin})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		note Note
		want event.Message
	}{
		{
			"it has stopped",
			Note{
				Emoji: "no_entry", Title: "Google Sheets refuses writes", Since: at.Add(-time.Minute), From: "ppmrelay on relay-1", At: at,
				Lines: []NoteLine{{"Why", "out of quota (429)"}, {"Means", "212 changes wait for Portfolio log; nothing is lost"}, {"To do", "nothing yet, next try at 14:27"}},
			},
			event.Message{
				Head: ":no_entry: *Google Sheets refuses writes* since <!date^1772374870^{time}|14:21 UTC>",
				Lines: []string{
					"Why: out of quota (429)", "Means: 212 changes wait for Portfolio log; nothing is lost", "To do: nothing yet, next try at 14:27",
				},
				Context: "ppmrelay on relay-1 · " + when,
				Text: "Google Sheets refuses writes since 15:21. Why: out of quota (429). Means: 212 changes wait for Portfolio log; nothing is lost. " +
					"To do: nothing yet, next try at 14:27.",
			},
		},
		{
			"it is over",
			Note{
				Emoji: "white_check_mark", Title: "Google Sheets takes writes again", Since: at.Add(-5 * time.Minute), Until: at, From: "ppmrelay on relay-1", At: at,
			},
			event.Message{
				Head: ":white_check_mark: *Google Sheets takes writes again* after 5 min", Context: "ppmrelay on relay-1 · " + when,
				Text: "Google Sheets takes writes again after 5 min.",
			},
		},
		{
			"it has happened",
			Note{
				Emoji: "warning", Title: "Template “status” fails", Rest: "on Project:Updated", From: "ppmrelay on relay-1", At: at,
				Lines: []NoteLine{{"Where", "`ppmrelay.yaml:28:22` no field .Befor, did you mean .Before?"}, {"", "alone"}},
			},
			event.Message{
				Head:    ":warning: *Template “status” fails* on Project:\u200bUpdated",
				Lines:   []string{"Where: `ppmrelay.yaml:28:22` no field .Befor, did you mean .Before?", "alone"},
				Context: "ppmrelay on relay-1 · " + when,
				Text:    "Template “status” fails on Project:Updated. Where: ppmrelay.yaml:28:22 no field .Befor, did you mean .Before? alone.",
			},
		},
		{
			"it has lasted for days",
			Note{Emoji: "no_entry", Title: "T", Since: at.AddDate(0, 0, -3), From: "x", At: at},
			event.Message{
				Head: ":no_entry: *T* since <!date^1772115730^{date_short} at {time}|26 Feb 2026 14:22 UTC>", Context: "x · " + when,
				Text: "T since 26 Feb 2026 15:22.",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, words.Note(c.note)); diff != "" {
				t.Errorf("want - got +\n%s", diff)
			}
		})
	}
}

// What other programs answered cannot act, whatever it is, and the message fits.
func TestNoteIsHarmless(t *testing.T) {
	t.Parallel()
	words, err := New(Display{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"<!channel> @here <@U1> <https://x.example|y> :tada: *bold* _it_ ~no~ `code`", "`<!channel>` & `x`", "`never closed <!here>", "a\nb\r\n\x00\x1b[31m\u202ec",
		strings.Repeat("<!channel>", 2000), strings.Repeat("`", 3000), strings.Repeat("😀", 3000),
	} {
		n := Note{Emoji: "warning", Title: text, Rest: text, From: text, At: time.Now(), Since: time.Now()}
		for range 20 {
			n.Lines = append(n.Lines, NoteLine{text, text})
		}
		m := words.Note(n)
		all := m.Head + "\n" + strings.Join(m.Lines, "\n") + "\n" + m.Context
		for _, acts := range []string{"<!channel", "<!here", "<@", "<http", ":tada:", "*bold*", "@here", "\x1b", "\x00", "\u202e"} {
			if strings.Contains(all, acts) {
				t.Errorf("got %q, want no %q in it", all, acts)
			}
		}
		if section := m.Head + "\n" + strings.Join(m.Lines, "\n"); units(section) > maxBlock || units(m.Text) > maxBlock || units(m.Context) > maxContext {
			t.Errorf("got %d, %d and %d units, want that they fit", units(section), units(m.Text), units(m.Context))
		}
		for i, l := range m.Lines {
			if strings.Contains(l, "\n") {
				t.Errorf("line %d: got %q, want one line", i, l)
			}
		}
	}
}
