package templates

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	w, err := New(Display{Labels: map[string]map[string]string{"Project.OverallStatus": {"0": "Green", "5": "Paused"}}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		entity, field, sent, want string
		assumed                   bool
	}{
		{"Project", "OverallStatus", "0", "Green", false},
		{"Project", "OverallStatus", "5", "Paused", false},
		{"Project", "OverallStatus", "1", "At risk", true},
		{"Project", "ScheduleStatus", "-1", "Not set", true},
		{"KeyDate", "Status", "10", "Done", true},
		{"Task", "Status", "2", "Critical", true},
		{"Task", "Status", "7", "7", false},
		{"Idea", "Stage", "4", "Not selected", true},
		{"Project", "Stage", "4", "4", false},
		{"Project", "Stage", "Execution", "Execution", false},
		{"Task", "Priority", "1", "1", false},
	}
	for _, test := range tests {
		if got := w.label(test.entity, test.field, test.sent); got != test.want {
			t.Errorf("%s.%s %s: got %q, want %q", test.entity, test.field, test.sent, got, test.want)
		}
		if label, assumed := w.Assumed(test.entity, test.field, test.sent); assumed != test.assumed || assumed && label != test.want {
			t.Errorf("%s.%s %s: assumed %q, %v", test.entity, test.field, test.sent, label, assumed)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	w, err := New(Display{Links: map[string]string{"Project": "https://a.example/p/{id}?x={id}&y"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ kind, id, want string }{
		{"Project", "1", "https://a.example/p/1?x=1&y"},
		{"Project", "a/b|c>d e", "https://a.example/p/a%2Fb%7Cc%3Ed%20e?x=a%2Fb%7Cc%3Ed%20e&y"},
		{"Project", "", ""},
		{"Project", "..", ""},
		{"Project", strings.Repeat("x", 600), ""},
		{"Task", "1", ""},
	}
	for _, test := range tests {
		if got := w.link(event.Ref{Kind: test.kind, ID: test.id}); got != test.want {
			t.Errorf("%s %.20q: got %q, want %q", test.kind, test.id, got, test.want)
		}
	}
	if got, want := w.entity(event.Ref{Kind: "Project", ID: "1", Name: "P"}).say(marked), "<https://a.example/p/1?x=1&amp;y|P>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNewRefusesLinks(t *testing.T) {
	t.Parallel()
	tests := []struct{ address, want string }{
		{"https://a.example/p", "link of Project: it needs {id} where the id of the entity stands"},
		{"javascript:alert({id})", "link of Project: only complete http and https addresses can be opened"},
		{"ftp://a.example/{id}", "link of Project: only complete http"},
		{"/p/{id}", "link of Project: only complete http"},
		{"https://a.example:x/{id}", "link of Project: only complete http"},
	}
	for _, test := range tests {
		_, err := New(Display{Links: map[string]string{"Project": test.address}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.address, err, test.want)
		}
	}
}

func TestChangeLine(t *testing.T) {
	t.Parallel()
	people := func(names ...string) event.Value {
		list := event.Value{Kind: event.List}
		for _, name := range names {
			list.List = append(list.List, person(name))
		}
		return list
	}
	number := func(digits string) event.Value { return event.Value{Kind: event.Number, Text: digits} }
	words := func(s string) event.Value { return event.Value{Kind: event.Text, Text: s} }
	yes := event.Value{Kind: event.Boolean, Bool: true}
	many := people("A", "B", "C", "D", "E", "F", "G")
	tests := []struct {
		before, after event.Value
		unit          string
		marked        string
		spoken        string // empty = the same
	}{
		{date(2021, 12, 31), date(2022, 1, 14), "", "31 Dec 2021 → 14 Jan 2022 (14 days later)", ""},
		{date(2022, 1, 2), date(2022, 1, 1), "", "2 Jan 2022 → 1 Jan 2022 (1 day earlier)", ""},
		{date(1, 1, 1), date(9999, 12, 31), "", "1 Jan 0001 → 31 Dec 9999 (3,652,058 days later)", ""},
		{event.Value{}, date(2022, 1, 10), "", "none → 10 Jan 2022", ""},
		{date(2022, 1, 10), event.Value{}, "", "10 Jan 2022 → none", ""},
		{money("120000"), money("150000"), "", "120,000 → 150,000 (+25 %)", ""},
		{money("275000"), money("240000"), "", "275,000 → 240,000 (−12.7 %)", ""},
		{money("0"), money("5"), "", "0 → 5", ""},
		{money("1"), money("100000001"), "", "1 → 100,000,001 (+10,000,000,000 %)", ""},
		{number("10"), number("15"), "working days", "10 → 15 working days (+50 %)", ""},
		{event.Value{}, number("15"), "working days", "none → 15 working days", ""},
		{number("15"), event.Value{}, "working days", "15 working days → none", ""},
		{number("0"), number("40"), "%", "0 % → 40 %  ▰▰▰▰▱▱▱▱▱▱", "0 % → 40 %"},
		{number("40"), event.Value{}, "%", "40 % → none", ""},
		{event.Value{Kind: event.Boolean}, yes, "", "no → yes", ""},
		{words("Old"), words("New"), "", "Old → New", ""},
		{event.Value{}, words("Text"), "", "added “Text”", ""},
		{words("Text"), event.Value{}, "", "removed “Text”", ""},
		{event.Value{}, words(strings.Repeat("x", 200)), "", "added “" + strings.Repeat("x", 139) + "…”", ""},
		{words("*a*"), words("a\nb"), "", "∗a∗ → a b", "*a* → a b"},
		{people("John Doe"), people("Brian Adams"), "", "+ Brian Adams, − John Doe", "added Brian Adams, removed John Doe"},
		{event.Value{}, many, "", "+ 7 people: A, B, C and 4 more", "added 7 people: A, B, C and 4 more"},
		{event.Value{}, event.Value{Kind: event.List, List: []event.Value{words("a"), words("b")}}, "", "+ a, b", "added a, b"},
		{person("John Doe"), people("John Doe", "Anna Doe"), "", "+ Anna Doe", "added Anna Doe"},
		{person("John Doe"), person("Anna Doe"), "", "John Doe → Anna Doe", ""},
		{event.Value{Kind: event.Reference, Ref: event.Ref{ID: "7"}}, event.Value{Kind: event.Reference, Ref: event.Ref{}}, "", "7 → (no name)", ""},
		{event.Value{}, event.Value{Kind: event.Object, Text: `{"a":"<b>"}`}, "", `none → {"a":"&lt;b&gt;"}`, `none → {"a":"<b>"}`},
		{
			event.Value{},
			event.Value{Kind: event.Instant, Time: time.Date(2022, 7, 1, 22, 30, 0, 0, time.UTC)},
			"",
			"none → 2 Jul 2022 00:30", "",
		},
	}
	w := testWords(t)
	for _, test := range tests {
		a := event.Attribute{Name: "X", Label: "X", Unit: test.unit, Value: test.after}
		before := a
		before.Value = test.before
		changes := event.Changes(updated(event.Attributes{before}, event.Attributes{a}), nil)
		if len(changes) != 1 {
			t.Errorf("%v to %v: %d changes", test.before, test.after, len(changes))
			continue
		}
		if test.spoken == "" {
			test.spoken = test.marked
		}
		c := w.change(event.Project, &changes[0])
		if got := w.changeLine(marked, c); got != "X: "+test.marked {
			t.Errorf("got  %s\nwant X: %s", got, test.marked)
		}
		if got := c.String(); got != "X: "+test.spoken {
			t.Errorf("spoken: got  %s\nwant X: %s", got, test.spoken)
		}
	}
}

func TestLongMessageIsShortened(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	var before, after event.Attributes
	for i := range 12 {
		name := "Field " + string(rune('a'+i))
		before = append(before, attribute(name, money("1")))
		after = append(after, attribute(name, money("2")))
	}
	m := w.Message(netOf(updated(before, after)))
	if n := len(m.Lines); n != 11 || m.Lines[10] != "and 2 more changes" {
		t.Errorf("got %d lines: %q", n, m.Lines)
	}
	if !strings.HasSuffix(m.Text, "Field l: 1 → 2 (+100 %).") {
		t.Errorf("the text is not complete: %s", m.Text)
	}
	m = w.Message(netOf(updated(before[:11], after[:11])))
	if got := m.Lines[10]; got != "and 1 more change" {
		t.Errorf("got %q", got)
	}
	m = w.Message(netOf(updated(before[:10], after[:10])))
	if len(m.Lines) != 10 {
		t.Errorf("got %d lines", len(m.Lines))
	}

	long := updated(before, after)
	long.Entity.Name = strings.Repeat("name ", 100)
	head := w.Message(netOf(long)).Head
	if !strings.Contains(head, "name…>* was updated") || len([]rune(head)) > 300 {
		t.Errorf("head %s", head)
	}
}

func TestHugeEventIsShortened(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	var before, after event.Attributes
	for i := range 20_000 {
		name := "Field " + strconv.Itoa(i)
		before, after = append(before, attribute(name, money("1"))), append(after, attribute(name, money("2")))
	}
	e := updated(before, after)
	m := w.Message(netOf(e))
	if n := len(m.Lines); n != 11 || m.Lines[10] != "and 19,990 more changes" {
		t.Errorf("got %d lines, the last %q", n, m.Lines[n-1])
	}
	if !strings.Contains(m.Text, " And 19,") {
		t.Errorf("text ends %q", m.Text[len(m.Text)-50:])
	}
	table, err := w.Table(RowPerChange, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Rows(e)
	if err != nil || len(rows) != 1001 || rows[1000].Cells[5].Text != "and 19,000 more changes" {
		t.Errorf("got %d rows, %v", len(rows), err)
	}
}

func TestIgnoredFieldsAreNotTold(t *testing.T) {
	t.Parallel()
	w, err := New(Display{Ignore: []string{"Budget"}})
	if err != nil {
		t.Fatal(err)
	}
	m := w.Message(netOf(sampleFile(t, "Project-Updated")))
	if strings.Contains(text(m)+m.Text, "Budget") || len(m.Lines) != 6 {
		t.Errorf("got %q", m.Lines)
	}
	m = w.Message(netOf(sampleFile(t, "Project-Deleted")))
	if strings.Contains(text(m), "budget") {
		t.Errorf("got %q", m.Lines)
	}
}

func TestMessageWithNothingToTell(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	unknown := updated(nil, event.Attributes{attribute("Budget", money("2"))})
	if got := w.Message(netOf(unknown)).Lines; len(got) != 1 || got[0] != "What changed was not sent" {
		t.Errorf("without a state before: %q", got)
	}
	same := updated(unknown.Attributes, unknown.Attributes)
	if got := w.Message(netOf(same)).Lines; len(got) != 1 || got[0] != "Nothing that is told changed" {
		t.Errorf("without a change: %q", got)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	from := time.Date(2022, 2, 15, 13, 20, 44, 912_000_000, time.UTC)
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "1 s"},
		{39_425 * time.Millisecond, "40 s"},
		{119 * time.Second, "119 s"},
		{5 * time.Minute, "5 min"},
		{3 * time.Hour, "3 h"},
		{49 * time.Hour, "2 days"},
	}
	for _, test := range tests {
		if got := span(from, from.Add(test.d)); got != test.want {
			t.Errorf("%v: got %s, want %s", test.d, got, test.want)
		}
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	net := func(first, last time.Time) event.Net {
		a, b := updated(nil, nil), updated(nil, nil)
		a.Occurred, b.Occurred = first, last
		return netOf(a, b)
	}
	at := time.Date(2022, 2, 15, 23, 30, 0, 0, time.UTC)
	tests := []struct {
		first, last   time.Time
		marked, plain string
	}{
		{at, at.Add(30 * time.Second), "<!date^1644967800^{date_short} at {time}|15 Feb 2022 23:30 UTC>", "16 Feb 2022 00:30"},
		{
			at, at.Add(10 * time.Minute), "<!date^1644967800^{date_short} at {time}|15 Feb 2022 23:30 UTC> to <!date^1644968400^{time}|23:40 UTC>",
			"16 Feb 2022 00:30 to 00:40",
		},
		{
			at, at.Add(time.Hour), "<!date^1644967800^{date_short} at {time}|15 Feb 2022 23:30 UTC> to " +
				"<!date^1644971400^{date_short} at {time}|16 Feb 2022 00:30 UTC>", "16 Feb 2022 00:30 to 16 Feb 2022 01:30",
		},
		{time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), "1 Jan 0001 00:53", "1 Jan 0001 00:53"},
	}
	for _, test := range tests {
		got := w.when(net(test.first, test.last))
		if got.mrkdwn != test.marked || got.plain != test.plain {
			t.Errorf("%v to %v:\ngot  %+v\nwant %s, %s", test.first, test.last, got, test.marked, test.plain)
		}
	}
}

func TestBuiltinText(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	e := sampleFile(t, "Project-Updated")
	template, err := w.Compile("mine", BuiltinText("Project:Updated"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := template.Message(netOf(e))
	if want := w.Message(netOf(e)); err != nil || text(got) != text(want) {
		t.Errorf("a copy of the built-in template: got %+v, %v, want %+v", got, err, want)
	}
	for _, typ := range append(event.Types(), "Risk:Escalated") {
		if BuiltinText(typ) == "" {
			t.Errorf("%s has no built-in template", typ)
		}
	}
}
