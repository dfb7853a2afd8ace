package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// typeRows types rows into the tab that the demo shows, from the header on.
func typeRows(s *sandbox.Sandbox, from int, rows ...string) {
	for i, row := range rows {
		for column, cell := range strings.Split(row, "|") {
			s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, from+i, column, cell)
		}
	}
}

func TestWindowShowsWhatIsNew(t *testing.T) {
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out bytes.Buffer
	w := &window{out: &out}
	shows := func(news bool, want string) {
		t.Helper()
		out.Reset()
		if got := w.look(s); got != news {
			t.Errorf("got %t for news, want %t", got, news)
		}
		if got := out.String(); got != strings.TrimLeft(want, "\n") {
			t.Errorf("got\n%s\nwant%s", got, want)
		}
	}
	shows(false, "")

	s.Slack.Say(sandbox.Channel, ":new: *One* &amp; only")
	s.Google.AddTab(sandbox.Spreadsheet, sheetTab)
	typeRows(s, 0, "When|Event|Name|Field|Before|After|Event id", "x|Updated|Customer Portal|Status|On track|At risk|e/1",
		"x|Updated|A name that is much too long|Expected cost|1|a\x1b[2Jb")
	shows(true, `
Slack  🆕 One & only
Sheet  1   Event   Name                 Field         Before       After
       2   Updated Customer Portal      Status        On track     At risk
       3   Updated A name that is much… Expected cost 1            a·[2Jb
`)
	shows(false, "")

	typeRows(s, 3, "x|Deleted|Office Move")
	shows(true, `
       4   Deleted Office Move
`)
	second := s.Slack.Say(sandbox.Channel, "Two")
	typeRows(s, 4, "x|Created|Field Service")
	shows(true, `
Slack  Two
Sheet  5   Created Field Service
`)

	many := make([]string, 20)
	for i := range many {
		many[i] = fmt.Sprintf("x|Updated|Project %d", i+1)
	}
	typeRows(s, 5, many...)
	shows(true, `
       6   Updated Project 1
       7   Updated Project 2
       8   Updated Project 3
           … and 16 more rows
       25  Updated Project 20
`)
	s.Slack.Delete(sandbox.Channel, second.TS)
	s.Google.DeleteRow(sandbox.Spreadsheet, sheetTab, 24)
	shows(false, "")
	s.Slack.Say(sandbox.Channel, "Three")
	typeRows(s, 24, "x|Updated|👩‍👧 21")
	shows(true, "Slack  Three\nSheet  25  Updated 👩\u200d👧 21\n")
}

func TestMessageAsSlackShowsIt(t *testing.T) {
	text := func(kind, of string) map[string]any {
		return map[string]any{"type": kind, "text": map[string]any{"type": "mrkdwn", "text": of}}
	}
	m := slack.Message{Text: "what a phone shows", Blocks: []map[string]any{
		text("section", ":pencil2: Project *Customer Portal* was updated\nDescription: "+strings.Repeat("word ", 30)),
		{"type": "context", "elements": []any{map[string]any{"type": "mrkdwn", "text": "By Anna Doe"}}},
		{"type": "divider"},
		text("section", "Another"),
	}}
	for _, styled := range []bool{false, true} {
		var out bytes.Buffer
		(&window{out: &out, terminal: terminal{styled: styled}}).message(m)
		got := out.String()
		for line := range strings.Lines(got) {
			if n := seen(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("got a line of %d columns, want at most 80: %q", n, line)
			}
		}
		want := []string{"Slack", "✏️ Project", "Customer Portal", "Description: word", "By Anna Doe", "────", "Another"}
		if styled {
			want = append(want, "\x1b[1mCustomer Portal\x1b[22m", "\x1b[2mBy Anna Doe\x1b[22m")
		}
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("got\n%s\nwant something with %q", got, part)
			}
		}
		if strings.Contains(got, "phone") || !styled && strings.Contains(got, "\x1b") {
			t.Errorf("got\n%q\nwant the blocks alone, and no styles unless they are wanted", got)
		}
		if n := strings.Count(got, "Slack"); n != 1 {
			t.Errorf("got the name of the part %d times, want once", n)
		}
	}
}

// full is a disk that is full, or a pipe that nobody reads.
type full struct{ writes int }

func (f *full) Write([]byte) (int, error) {
	f.writes++
	return 0, errors.New("no space left")
}

func TestWindowKeepsTheFirstError(t *testing.T) {
	out := &full{}
	w := &window{out: out}
	w.heading("One")
	w.say(inPPM, "Two")
	if w.err == nil || out.writes != 1 {
		t.Errorf("got error %v after %d writes, want one after the first", w.err, out.writes)
	}
	if err := play(t.Context(), []chapter{{title: "One"}}, cast{}, w, nil); err == nil {
		t.Error("got no error from a story that nobody can see")
	}
}
