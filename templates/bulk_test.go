package templates

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// slipped is a project whose finish moved, and whose status may have changed.
func slipped(n, days int, before, after string) event.Net {
	at := time.Date(2022, 2, 15, 13, 21, 28, 0, time.UTC).Add(time.Duration(n%13) * time.Second)
	e := updated(
		event.Attributes{
			labelled("OverallStatus", "Status", 20, event.Value{Kind: event.Choice, Text: before}),
			labelled("FinishDate", "Finish", 30, date(2022, 4, 14)),
		},
		event.Attributes{
			labelled("OverallStatus", "Status", 20, event.Value{Kind: event.Choice, Text: after}),
			labelled("FinishDate", "Finish", 30, date(2022, 4, 14+days)),
		})
	e.Entity.ID, e.Entity.Name, e.Occurred = strconv.Itoa(n), "Project "+strconv.Itoa(n), at
	return netOf(e)
}

func labelled(name, label string, rank int, v event.Value) event.Attribute {
	return event.Attribute{Name: name, Label: label, Rank: rank, Value: v}
}

func TestBulk(t *testing.T) {
	t.Parallel()
	var nets []event.Net
	for n := range 200 {
		switch {
		case n >= 197:
			nets = append(nets, slipped(n, 14, "1", "2"))
		case n >= 156:
			nets = append(nets, slipped(n, 7+7*(n%2), "0", "1"))
		default:
			nets = append(nets, slipped(n, 14, "0", "0"))
		}
	}
	page := func(n string) string { return "<" + projectPage + n + "|Project " + n + ">" }
	worst := func(n string) string {
		return ":octagonal_sign: " + page(n) + ": At risk → Critical, finish 14 Apr 2022 → 28 Apr 2022"
	}
	worse := func(n string) string {
		return ":large_orange_diamond: " + page(n) + ": On track → At risk, finish 14 Apr 2022 → 28 Apr 2022"
	}
	want := event.Message{
		Head: ":card_index_dividers: *Anna Doe updated 200 projects* within 12 s",
		Lines: []string{
			"Status: On track → At risk in 41, At risk → Critical in 3",
			"Finish: 14 days later in 179, 7 days later in 21",
			worst("197"), worst("198"), worst("199"), worse("157"), worse("159"), worse("161"), worse("163"), worse("165"),
			worse("167"), worse("169"), "and 190 more",
		},
		Context: "<!date^1644931300^{date_short} at {time}|15 Feb 2022 13:21 UTC> · 244 changes",
	}
	got := testWords(t).Bulk(nets)
	want.Text = got.Text
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	const text = "Anna Doe updated 200 projects within 12 s. Status: On track → At risk in 41, At risk → Critical in 3. " +
		"Finish: 14 days later in 179, 7 days later in 21. Project 197: At risk → Critical, finish 14 Apr 2022 → 28 Apr 2022. "
	if len(got.Text) < len(text) || got.Text[:len(text)] != text {
		t.Errorf("text %q, want it to begin with %q", got.Text, text)
	}
	checkLimits(t, "bulk", got)
}

func TestBulkOfOtherKinds(t *testing.T) {
	t.Parallel()
	deleted := func(n int) event.Net {
		e := sampleFile(t, "KeyDate-Deleted")
		e.Entity.ID, e.Entity.Name = strconv.Itoa(n), "Date "+strconv.Itoa(n)
		return netOf(e)
	}
	numbered := func(n int) event.Net {
		e := updated(event.Attributes{attribute("Budget", money("1"))}, event.Attributes{attribute("Budget", money(strconv.Itoa(n+2)))})
		e.Initiator = event.Person{}
		return netOf(e)
	}
	unknown := func(int) event.Net { return netOf(hostileFile(t, "unknown-event", "Risk:Escalated")) }
	tests := []struct {
		name       string
		net        func(int) event.Net
		head, line string
	}{
		{"deletions", deleted, ":card_index_dividers: *Brian Adams deleted 12 key dates* within 1 s", ":wastebasket: Date 0"},
		{"by nobody", numbered, ":card_index_dividers: *12 projects were updated* within 1 s", "Budget: changed in 12"},
		{"unknown", unknown, ":card_index_dividers: *12 events of unknown type* within 1 s", ":grey_question: Supplier is late"},
	}
	for _, test := range tests {
		var nets []event.Net
		for n := range 12 {
			nets = append(nets, test.net(n))
		}
		got := testWords(t).Bulk(nets)
		if got.Head != test.head || got.Lines[0] != test.line {
			t.Errorf("%s: got %q and %q, want %q and %q", test.name, got.Head, got.Lines[0], test.head, test.line)
		}
		if last := got.Lines[len(got.Lines)-1]; last != "and 2 more" {
			t.Errorf("%s: last line %q", test.name, last)
		}
	}
}

func TestBulkIsBounded(t *testing.T) {
	raced.Calculates(t)
	var nets []event.Net
	for range 30 {
		e := replaced(hostileFile(t, "many-attributes", "Project:Updated"), "<!channel> & *x* `y` <https://evil.example/|click> & & & & & & & &")
		nets = append(nets, netOf(e))
	}
	got := testWords(t).Bulk(nets)
	checkLimits(t, "bulk", got)
	for _, construct := range live(text(got)) {
		if construct == "<!channel>" || construct == "code" {
			t.Errorf("%s is live in\n%s", construct, text(got))
		}
	}
}

// However long the names and the values are, what is named and what is counted make up all entities.
func TestBulkCountsWhatDoesNotFit(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	for _, name := range []string{"P", strings.Repeat("Programme & Portfolio renewal ", 4), strings.Repeat("漢", 140), strings.Repeat("🚀", 140)} {
		for _, fields := range []int{0, 3, 12} {
			var nets []event.Net
			for n := range 200 {
				e := slipped(n, 14, "1", "2").Last()
				e.Entity.ID = "28e92b4c-3b0c-4100-83c8-80231b62e" + strconv.Itoa(100+n)
				e.Entity.Name = name + strconv.Itoa(n)
				for f := range fields {
					label := strings.Repeat("Label & ", 15) + strconv.Itoa(f)
					e.Before = append(e.Before, labelled(label, label, 90, event.Value{Kind: event.Text, Text: strings.Repeat("x ", 60) + strconv.Itoa(n%3)}))
					e.Attributes = append(e.Attributes, labelled(label, label, 90, event.Value{Kind: event.Text, Text: strings.Repeat("y ", 60) + strconv.Itoa(n%3)}))
				}
				nets = append(nets, netOf(e))
			}
			m := w.Bulk(nets)
			checkLimits(t, "bulk", m)
			named := 0
			for _, l := range m.Lines {
				if strings.Contains(l, projectPage) {
					named++
				}
			}
			if last := m.Lines[len(m.Lines)-1]; named == 0 || named > maxBulkNamed || last != "and "+strconv.Itoa(200-named)+" more" {
				t.Errorf("name %.20s, %d fields: %d are named, the last line is %q", name, fields, named, last)
			}
			named = strings.Count(m.Text, ": At risk → Critical, finish")
			if want := " and " + strconv.Itoa(200-named) + " more."; named == 0 || !strings.HasSuffix(m.Text, want) {
				t.Errorf("name %.20s, %d fields: %d are named aloud, the text ends %q", name, fields, named, m.Text[max(0, len(m.Text)-40):])
			}
			said := 0
			for i, l := range m.Lines {
				if rest, ok := strings.CutSuffix(strings.TrimPrefix(l, "and "), " more fields"); ok {
					more, _ := strconv.Atoi(rest)
					said = i + more
				}
			}
			if fields == 12 && said != fields+2 {
				t.Errorf("name %.20s: %d fields are told or counted, want %d", name, said, fields+2)
			}
		}
	}
}
