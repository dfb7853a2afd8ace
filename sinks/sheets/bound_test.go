package sheets

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// many is one event with n rows that share their name, and differ in the columns Before and After.
func many(n int, name string) sinks.Item {
	it := item(n, name)
	for i := range it.Rows {
		it.Rows[i].Cells[3] = event.Cell{Header: "Before", Type: event.CellText, Text: fmt.Sprint("field ", i)}
		it.Rows[i].Cells[4] = event.Cell{Header: "After", Type: event.CellNumber, Text: strconv.Itoa(i)}
	}
	return it
}

func thawed(t *testing.T, content []byte) sinks.Batch {
	t.Helper()
	frozen, err := sinks.ThawBatch(sinks.Effect{Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return frozen
}

// TestBomb: one event cannot make a write that nobody takes, however many rows and long texts it has.
func TestBomb(t *testing.T) {
	raced.Calculates(t)
	w := newWorld(t, unlimited())
	s := w.sink(t)
	it := many(2000, strings.Repeat("<", 49_000)) // six bytes each in JSON
	content, taken, err := s.Compose([]sinks.Item{it, item(1, "x")}, false)
	if err != nil || taken != 1 {
		t.Fatalf("got %d taken and %v, want the first one alone", taken, err)
	}
	if len(content) > 2_000_000 {
		t.Errorf("got %d bytes frozen, want at most 2 MB", len(content))
	}
	rows := thawed(t, content).Rows
	if len(rows) < 300 || len(rows) > 1500 {
		t.Fatalf("got %d rows, want the hundreds that fit", len(rows))
	}
	last := rows[len(rows)-1]
	want := fmt.Sprintf("and %d more changes", 2000-len(rows)+1)
	if last.Cells[3].Text != want || last.Cells[4].Text != "" || last.Key != it.Rows[len(rows)-1].Key {
		t.Errorf("the last row: got %+v, want its own key and %q", last, want)
	}
	if name := last.Cells[2].Text; !strings.HasPrefix(name, "<<<") || !strings.HasSuffix(name, cutMark) {
		t.Errorf("the last row: got the name %q, want that of the rows above", name)
	}
	if rows[0].Cells[3].Text != "field 0" || rows[len(rows)-2].Cells[4].Text != strconv.Itoa(len(rows)-2) {
		t.Errorf("the rows before it: got %+v, want them as they were", rows[len(rows)-2])
	}
	perform(t, s, sinks.Effect{ID: it.Events[0], Content: content, Started: time.Now()})
	if got := w.LargestWrite(); got > 2_000_000 {
		t.Errorf("the write: got %d bytes, want at most 2 MB", got)
	}
}

// TestBoundCutsBeforeItDrops: where cutting texts is enough, every row stays.
func TestBoundCutsBeforeItDrops(t *testing.T) {
	raced.Calculates(t)
	for name, text := range map[string]string{
		"one byte": strings.Repeat("a", 40_000), "two bytes": strings.Repeat("ä", 40_000), "six bytes": strings.Repeat("<", 40_000),
	} {
		content, _, err := offline(t).Compose([]sinks.Item{many(200, text)}, false)
		if err != nil {
			t.Fatal(err)
		}
		rows := thawed(t, content).Rows
		got := rows[199].Cells[2].Text
		if len(rows) != 200 || len(got) < minText-20 || !strings.HasSuffix(got, cutMark) || !strings.HasPrefix(text, strings.TrimSuffix(got, cutMark)) {
			t.Errorf("%s: got %d rows, the last one with %d bytes that end in %q; want all 200, cut", name, len(rows), len(got), got[len(got)-10:])
		}
		if rows[199].Cells[3].Text != "field 199" {
			t.Errorf("%s: got %+v in a short cell, want it as it was", name, rows[199].Cells[3])
		}
	}
	whole := many(20, strings.Repeat("a", 40_000)) // 0.8 MB
	content, _, err := offline(t).Compose([]sinks.Item{whole}, false)
	if err != nil || len(thawed(t, content).Rows[19].Cells[2].Text) != 40_000 {
		t.Errorf("an item of 0.8 MB: got it shortened (%v), want it whole", err)
	}
}

// TestBoundOddRows: rows that nothing can be said in, and rows that are all the same.
func TestBoundOddRows(t *testing.T) {
	raced.Calculates(t)
	bare := sinks.Item{Events: []string{"e"}}
	for i := range 20_000 {
		bare.Rows = append(bare.Rows, event.Row{Key: fmt.Sprint("e/", i)})
	}
	content, _, err := offline(t).Compose([]sinks.Item{bare}, false)
	if got := len(thawed(t, content).Rows); err != nil || got < 5000 || got > 12_000 {
		t.Errorf("without cells: got %d rows and %v, want those that fit", got, err)
	}
	content, _, err = offline(t).Compose([]sinks.Item{item(5000, "x")}, false)
	if err != nil {
		t.Fatal(err)
	}
	rows := thawed(t, content).Rows
	cells := rows[len(rows)-1].Cells
	if want := fmt.Sprintf("and %d more changes", 5001-len(rows)); cells[5].Text != want || cells[2].Text != "x" {
		t.Errorf("all the same: got %+v, want %q in the last cell", cells, want)
	}
}

// TestComposeFaultStaysWithItsItem: a value that JSON does not have spoils no other item.
func TestComposeFaultStaysWithItsItem(t *testing.T) {
	s := offline(t)
	bad := item(1, "bad")
	bad.Rows[0].Cells[0].Time = time.Date(2026, 3, 1, 0, 0, 0, 0, time.FixedZone("", 30*3600)) // no such offset in RFC 3339
	good, other := item(1, "good"), item(1, "other")
	content, taken, err := s.Compose([]sinks.Item{good, bad, other}, false)
	if err != nil || taken != 1 {
		t.Fatalf("good, bad, good: got %d taken and %v, want 1", taken, err)
	}
	if rows := thawed(t, content).Rows; len(rows) != 1 || rows[0].Key != good.Rows[0].Key {
		t.Errorf("good, bad, good: got %+v, want the first one", rows)
	}
	if _, _, err := s.Compose([]sinks.Item{bad, other}, false); err == nil || !strings.Contains(err.Error(), bad.Rows[0].Key) {
		t.Errorf("bad, good: got %v, want an error that names the row", err)
	}
	if _, taken, err := s.Compose([]sinks.Item{bad, other}, true); err != nil || taken != 2 {
		t.Errorf("plainly: got %d taken and %v, want both, as text", taken, err)
	}
}

// TestComposeYearTenThousand: the last day in UTC is the first one of the year 10000 in Berlin.
func TestComposeYearTenThousand(t *testing.T) {
	it := item(1, "x")
	it.Rows[0].Cells[0].Time = time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC).In(time.FixedZone("", 3600))
	content, taken, err := offline(t).Compose([]sinks.Item{item(1, "good"), it, item(1, "good")}, false)
	if err != nil || taken != 3 {
		t.Fatalf("got %d taken and %v, want all 3", taken, err)
	}
	if got := thawed(t, content).Rows[1].Cells[0]; got.Type != event.CellText || got.Text != "10000-01-01 00:59" {
		t.Errorf("got %+v, want the text", got)
	}
}

// TestComposeLongLink: an address that no cell takes is left out, the words stay.
func TestComposeLongLink(t *testing.T) {
	address := "https://a.example/" + strings.Repeat("x", maxLink)
	for text, want := range map[string]string{"open": "open", "": address} {
		content, _, err := offline(t).Compose([]sinks.Item{rowOf(event.Cell{Header: "Link", Type: event.CellLink, Text: text, Link: address})}, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := thawed(t, content).Rows[0].Cells[0]; got.Link != "" || got.Text != want {
			t.Errorf("got %.80q as %.80q, want no link and %.80q", got.Link, got.Text, want)
		}
	}
	content, _, err := offline(t).Compose([]sinks.Item{rowOf(event.Cell{Header: "Link", Type: event.CellLink, Text: "open", Link: address[:maxLink]})}, false)
	if err != nil || thawed(t, content).Rows[0].Cells[0].Link == "" {
		t.Errorf("2,000 characters: got no link (%v), want one", err)
	}
}
