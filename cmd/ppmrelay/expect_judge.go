package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// miss is one thing that is not as it was expected.
type miss struct {
	Route    string `json:"route"`
	Line     int    `json:"line"` // where it is expected, in the configuration
	Key      string `json:"key"`  // told, is, contains, lacks, matches, cells or rows
	Message  string `json:"message"`
	Expected string `json:"expected,omitempty"`
	Came     string `json:"came,omitempty"` // the message as it was compared, or the rows

	column int
	detail []detail
	rows   []event.Row // to be shown, of a table
}

// judge compares what one route made of an event with what was expected of it.
type judge struct {
	cfg    *config.Config
	path   string // of the expectation
	route  string
	reason reasonJSON
	said   spoken
	misses []miss
}

// judged returns everything that is not as a test expects, in the order of the file.
func judged(cfg *config.Config, path string, test config.Test, shown *rendering) []miss {
	var all []miss
	for _, reason := range shown.reasons.Routes {
		expected, named := test.Expect[reason.Route]
		if !named {
			continue
		}
		j := judge{cfg: cfg, path: path + ".expect." + reason.Route, route: reason.Route, reason: reason, said: shown.told[reason.Route]}
		j.judge(expected)
		all = append(all, j.misses...)
	}
	slices.SortStableFunc(all, func(a, b miss) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.column, b.column)) })
	return all
}

func (j *judge) judge(e config.Expectation) {
	if told := j.reason.Told; e.Forbids() || !told {
		if e.Forbids() && told {
			j.miss("told", "should not tell this, and is "+j.reason.would(), j.said.shown())
		} else if !e.Forbids() {
			j.miss("", "should tell this, and does not: "+strings.TrimPrefix(j.reason.would(), "not told: "), miss{})
		}
		return
	}
	if j.said.headers != nil {
		j.table(e)
		return
	}
	m := messageOf(j.said)
	if e.Is.Value != "" {
		j.exact(m, e.Is.Value)
	}
	for i, text := range e.Contains {
		j.contains(m, fmt.Sprintf("contains[%d]", i), text.Value)
	}
	for i, text := range e.Lacks {
		j.lacks(m, fmt.Sprintf("lacks[%d]", i), text.Value)
	}
	for i, pattern := range e.Matches {
		if !pattern.MatchString(m.sent) && !pattern.MatchString(m.read) {
			found := j.said.shown()
			found.Expected = strings.TrimPrefix(pattern.String(), "(?m)")
			j.miss(fmt.Sprintf("matches[%d]", i), "should match "+found.Expected, found)
		}
	}
}

// miss notes what is not as it should be, at the place of what was expected: the key and its number in a list.
func (j *judge) miss(at, message string, m miss) {
	path := j.path
	if at != "" {
		path += "." + at
	}
	m.Line, m.column = j.cfg.Place(path)
	m.Key, _, _ = strings.Cut(or(at, "told"), "[")
	m.Route, m.Message = j.route, j.route+" "+message
	j.misses = append(j.misses, m)
}

// compared is a message in both forms in which its text may be expected.
type compared struct {
	sent string // in Slack's markup
	read string // as a person reads it
}

// messageOf puts the lines of a message below one another, without what cannot be seen.
func messageOf(said spoken) compared {
	lines := (slack.Message{Text: said.text, Blocks: said.blocks}).Lines()
	text := strings.Join(lines, "\n")
	return compared{sent: trimmed(harmless(text)), read: trimmed(terminal{}.mrkdwn(text))}
}

// trimmed leaves out the blanks at the ends of lines, and empty lines at the end.
func trimmed(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// shown is a miss that shows all that was told.
func (w spoken) shown() miss {
	if w.headers != nil {
		return miss{Came: tableText(w), rows: w.rows}
	}
	m := messageOf(w)
	return miss{Came: m.read, detail: everyLine(m.read)}
}

// forms are the forms of a message, the one that people read first.
func (m compared) forms() []string { return []string{m.read, m.sent} }

// exact wants a message line by line.
func (j *judge) exact(m compared, want string) {
	want = trimmed(want)
	if want == m.sent || want == m.read {
		return
	}
	nearest, least := "", -1
	for _, form := range m.forms() {
		if changed := changedLines(want, form); least < 0 || changed < least {
			nearest, least = form, changed
		}
	}
	j.miss("is", "should say this, and says something else", miss{Expected: want, Came: nearest, detail: differing(want, nearest)})
}

// contains wants a text inside of a message.
func (j *judge) contains(m compared, at, text string) {
	want := trimmed(text)
	if !strings.Contains(m.sent, want) && !strings.Contains(m.read, want) {
		j.miss(at, "should contain "+inQuotes(want), m.without(want))
	}
}

// without is a message in which a text is missing. Where the beginning of it is there, the line that goes on otherwise is
// shown.
func (m compared) without(want string) miss {
	found := miss{Expected: want, Came: m.read, detail: everyLine(m.read)}
	most := 3 // a few letters are everywhere
	for _, form := range m.forms() {
		if begin, length := longestBeginning(form, want); length > most {
			most = length
			from := strings.LastIndexByte(want[:length], '\n') + 1
			expected, _, _ := strings.Cut(want[from:], "\n")
			came, _, _ := strings.Cut(form[begin+from:], "\n")
			found.Came, found.detail = form, append(pair(expected, came), everyLine(form)...)
		}
	}
	return found
}

// longestBeginning returns where the longest beginning of a text stands in another one, and its length in bytes.
func longestBeginning(in, text string) (begin, length int) {
	for end := range text {
		at := strings.Index(in[begin:], text[:end])
		if at < 0 {
			break
		}
		begin, length = begin+at, end
	}
	return begin, length
}

// lacks wants a text to be nowhere in a message.
func (j *judge) lacks(m compared, at, text string) {
	unwanted := trimmed(text)
	for _, form := range m.forms() {
		if found := strings.Index(form, unwanted); found >= 0 {
			j.miss(at, "should lack "+inQuotes(unwanted), miss{Expected: unwanted, Came: form, detail: marked(form, found)})
			return
		}
	}
}

// inQuotes puts the first line of a text into quotes.
func inQuotes(text string) string {
	first, _, more := strings.Cut(text, "\n")
	if more {
		first += " …"
	}
	return "“" + printable(first) + "”"
}
