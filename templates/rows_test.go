package templates

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// A huge name beside thousands of changes costs a bounded number of bytes, and says that it was cut.
func TestRowsAreBoundedInBytes(t *testing.T) {
	raced.Calculates(t)
	var before, after event.Attributes
	for i := range 5000 {
		name := "Field " + strconv.Itoa(i)
		before, after = append(before, attribute(name, money("1"))), append(after, attribute(name, money("2")))
	}
	tests := map[string][]Column{
		"defaults":           nil,
		"another every time": {{Header: "A", Value: "{{ .Entity.Name }} {{ .Change.Label }}"}, {Header: "B", Value: "{{ .Entity }}"}},
	}
	for name, columns := range tests {
		table, err := testWords(t).Table(RowPerChange, columns)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{strings.Repeat("x", 49_000), strings.Repeat("漢", 2000)} {
			e := updated(before, after)
			e.Entity.Name = text
			rows, err := table.Rows(e)
			if err != nil || len(rows) != maxRows+1 {
				t.Fatalf("%s: %d rows, %v", name, len(rows), err)
			}
			size, cut := 0, 0
			for _, row := range rows {
				for _, c := range row.Cells {
					size += len(c.Text)
					if strings.HasSuffix(c.Text, "… (shortened)") {
						cut++
					}
				}
			}
			if size > 6<<20 || cut < len(rows) {
				t.Errorf("%s: %d bytes, %d texts say that they were cut", name, size, cut)
			}
		}
	}
}

// Few long texts stay as long as a cell can hold.
func TestRowsKeepLongTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 49_000)
	e := updated(event.Attributes{attribute("X", event.Value{})}, event.Attributes{attribute("X", event.Value{Kind: event.Text, Text: long})})
	e.Entity.Name = long
	rows := rowsOf(t, RowPerChange, e)
	if rows[0][4] != "text "+long || rows[0][8] != "text "+long {
		t.Errorf("cut to %d and %d bytes", len(rows[0][4]), len(rows[0][8]))
	}
}

// A moment whose year in the zone has more than four digits, or is before year 0, is a text: JSON does not hold it.
func TestMomentsBeyondTheYears(t *testing.T) {
	t.Parallel()
	late := time.Date(9999, 12, 31, 23, 30, 0, 0, time.UTC)
	early := time.Date(0, 1, 1, 1, 0, 0, 0, time.UTC)
	e := updated(nil, event.Attributes{
		attribute("Late", event.Value{Kind: event.Instant, Time: late}),
		attribute("Early", event.Value{Kind: event.Instant, Time: early}),
		attribute("Last", event.Value{Kind: event.Date, Time: late}),
	})
	e.Occurred = late
	tests := []struct {
		zone, value string
		typ         event.CellType
		want        string
	}{
		{"Europe/Berlin", `{{ field "Late" }}`, "", "text 1 Jan 10000 00:30"},
		{"Europe/Berlin", `{{ field "Late" }}`, "date", "text 1 Jan 10000 00:30"},
		{"Europe/Berlin", `{{ .Occurred }}`, "datetime", "text 1 Jan 10000 00:30"},
		{"Europe/Berlin", `{{ field "Last" }}`, "", "date 9999-12-31"},
		{"America/New_York", `{{ field "Late" }}`, "", "datetime 9999-12-31 18:30:00 -0500"},
		{"America/New_York", `{{ field "Early" }}`, "", "text 31 Dec -0001 20:03"},
	}
	for _, test := range tests {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		w, err := New(Display{Zone: zone})
		if err != nil {
			t.Fatal(err)
		}
		table, err := w.Table(RowPerEvent, []Column{{Header: "H", Value: test.value, Type: test.typ}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := table.Rows(e)
		if err != nil {
			t.Fatal(err)
		}
		if got := spellCell(rows[0].Cells[0]); got != test.want {
			t.Errorf("%s in %s: got %q, want %q", test.value, test.zone, got, test.want)
		}
		if _, err := json.Marshal(rows); err != nil {
			t.Errorf("%s in %s: %v", test.value, test.zone, err)
		}
	}
}
