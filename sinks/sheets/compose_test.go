package sheets

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func rowOf(cells ...event.Cell) sinks.Item {
	return sinks.Item{Events: []string{"e"}, Rows: []event.Row{{Key: "e/1", Cells: cells}}}
}

func TestComposeRefuses(t *testing.T) {
	s := offline(t)
	good := rowOf(event.Cell{Header: "Name", Type: event.CellText, Text: "x"})
	keyless := rowOf()
	keyless.Rows[0].Key = ""
	for name, bad := range map[string]sinks.Item{
		"no rows":     {Events: []string{"e"}},
		"no key":      keyless,
		"no header":   rowOf(event.Cell{Type: event.CellText, Text: "x"}),
		"blank place": rowOf(event.Cell{Header: " ", Type: event.CellText, Text: "x"}),
	} {
		if _, _, err := s.Compose([]sinks.Item{bad, good}, false); err == nil {
			t.Errorf("%s first: got no error", name)
		}
		if _, taken, err := s.Compose([]sinks.Item{good, bad}, false); err != nil || taken != 1 {
			t.Errorf("%s second: got %d taken and %v, want the first one taken", name, taken, err)
		}
	}
	if _, _, err := s.Compose(nil, false); err == nil {
		t.Error("nothing to write: got no error")
	}
}

func TestComposeTakesWhatFits(t *testing.T) {
	raced.Calculates(t)
	s := offline(t)
	long := strings.Repeat("ä", 20_000) // 40 kB
	tests := map[string]struct {
		items []sinks.Item
		want  int
	}{
		"rows":             {slices.Repeat([]sinks.Item{item(4, "x")}, 200), 125},
		"one item alone":   {[]sinks.Item{item(900, "x"), item(1, "x")}, 1},
		"bytes":            {slices.Repeat([]sinks.Item{item(1, long)}, 100), 36},
		"one large item":   {[]sinks.Item{item(25, long), item(25, long)}, 1},
		"large one second": {[]sinks.Item{item(20, long), item(25, long)}, 1},
	}
	for name, tt := range tests {
		if _, taken, err := s.Compose(tt.items, false); err != nil || taken != tt.want {
			t.Errorf("%s: got %d taken and %v, want %d", name, taken, err, tt.want)
		}
	}
}

func TestComposeCutsText(t *testing.T) {
	for name, text := range map[string]string{
		"narrow": strings.Repeat("a", 60_000), "wide": strings.Repeat("😀", 30_000), "mixed": strings.Repeat("aé😀", 15_000),
	} {
		content, _, err := offline(t).Compose([]sinks.Item{rowOf(event.Cell{Header: "Name", Type: event.CellText, Text: text})}, false)
		if err != nil {
			t.Fatal(err)
		}
		var frozen sinks.Batch
		if err := json.Unmarshal(content, &frozen); err != nil {
			t.Fatal(err)
		}
		got := frozen.Rows[0].Cells[0].Text
		units := len(utf16.Encode([]rune(got)))
		if units > 50_000 || units < 49_000 || !strings.HasSuffix(got, cutMark) {
			t.Errorf("%s: got %d units that end in %q, want 49,000 and the mark", name, units, got[len(got)-12:])
		}
		if !strings.HasPrefix(text, strings.TrimSuffix(got, cutMark)) {
			t.Errorf("%s: got another beginning", name)
		}
	}
	short := strings.Repeat("é", 49_000)
	if got := cut(short, maxText); got != short {
		t.Error("49,000 characters are cut, want them whole")
	}
}

func TestComposePlainly(t *testing.T) {
	content, _, err := offline(t).Compose([]sinks.Item{rowOf(
		event.Cell{Header: "When", Type: event.CellDateTime, Time: day},
		event.Cell{Header: "Day", Type: event.CellDate, Time: day},
		event.Cell{Header: "Cost", Type: event.CellNumber, Text: "1e400", Format: "wrong"},
		event.Cell{Header: "Done", Type: event.CellBoolean},
		event.Cell{Header: "Link", Type: event.CellLink, Link: "https://a.example"},
		event.Cell{Header: "Never", Type: event.CellDate},
		event.Cell{Header: "Bell", Type: event.CellText, Text: "\x00a\x07b\n\tc\r"},
	)}, true)
	if err != nil {
		t.Fatal(err)
	}
	var frozen sinks.Batch
	if err := json.Unmarshal(content, &frozen); err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-03-01 14:30", "2026-03-01", "1e400", "FALSE", "https://a.example", "", "ab\n\tc\r"}
	for i, cell := range frozen.Rows[0].Cells {
		if cell.Type != event.CellText || cell.Text != want[i] || cell.Format != "" || cell.Link != "" {
			t.Errorf("%s: got %+v, want the text %q", cell.Header, cell, want[i])
		}
	}
}

func TestCells(t *testing.T) {
	date := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		cell event.Cell
		want string
	}{
		{"text", event.Cell{Type: event.CellText, Text: "=1+2"}, `{"userEnteredValue":{"stringValue":"=1+2"}}`},
		{"apostrophe", event.Cell{Type: event.CellText, Text: "'123"}, `{"userEnteredValue":{"stringValue":"'123"}}`},
		{"empty", event.Cell{Type: event.CellText}, `{}`},
		{
			"date",
			event.Cell{Type: event.CellDate, Time: date},
			`{"userEnteredFormat":{"numberFormat":{"pattern":"yyyy-mm-dd","type":"DATE"}},"userEnteredValue":{"numberValue":46082}}`,
		},
		{
			"datetime",
			event.Cell{Type: event.CellDateTime, Time: time.Date(2026, 3, 1, 18, 0, 0, 0, time.FixedZone("", -8*3600))},
			`{"userEnteredFormat":{"numberFormat":{"pattern":"yyyy-mm-dd hh:mm","type":"DATE_TIME"}},"userEnteredValue":{"numberValue":46082.75}}`,
		},
		{"no date", event.Cell{Type: event.CellDate}, `{}`},
		{"before time", event.Cell{Type: event.CellDate, Time: time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)}, `{"userEnteredValue":{"stringValue":"1815-12-10"}}`},
		{
			"whole",
			event.Cell{Type: event.CellNumber, Text: "-12"},
			`{"userEnteredFormat":{"numberFormat":{"pattern":"#,##0","type":"NUMBER"}},"userEnteredValue":{"numberValue":-12}}`,
		},
		{
			"zero",
			event.Cell{Type: event.CellNumber, Text: "0.00"},
			`{"userEnteredFormat":{"numberFormat":{"pattern":"#,##0.00","type":"NUMBER"}},"userEnteredValue":{"numberValue":0}}`,
		},
		{
			"own format",
			event.Cell{Type: event.CellNumber, Text: "0.25", Format: "0 %"},
			`{"userEnteredFormat":{"numberFormat":{"pattern":"0 %","type":"NUMBER"}},"userEnteredValue":{"numberValue":0.25}}`,
		},
		{"too exact", event.Cell{Type: event.CellNumber, Text: "12345678901234567.8"}, `{"userEnteredValue":{"stringValue":"12345678901234567.8"}}`},
		{"too large", event.Cell{Type: event.CellNumber, Text: "1e999"}, `{"userEnteredValue":{"stringValue":"1e999"}}`},
		{"no number", event.Cell{Type: event.CellNumber, Text: "NaN"}, `{"userEnteredValue":{"stringValue":"NaN"}}`},
		{"no digits", event.Cell{Type: event.CellNumber, Text: "many"}, `{"userEnteredValue":{"stringValue":"many"}}`},
		{"yes", event.Cell{Type: event.CellBoolean, Bool: true}, `{"userEnteredValue":{"boolValue":true}}`},
		{"no", event.Cell{Type: event.CellBoolean}, `{"userEnteredValue":{"boolValue":false}}`},
		{
			"link",
			event.Cell{Type: event.CellLink, Text: "open", Link: "https://a.example/1"},
			`{"userEnteredFormat":{"textFormat":{"link":{"uri":"https://a.example/1"}}},"userEnteredValue":{"stringValue":"open"}}`,
		},
		{"link that acts", event.Cell{Type: event.CellLink, Text: "open", Link: "javascript:alert(1)"}, `{"userEnteredValue":{"stringValue":"open"}}`},
		{"link nowhere", event.Cell{Type: event.CellLink, Text: "open"}, `{"userEnteredValue":{"stringValue":"open"}}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(cellData(tt.cell))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s, error %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("=1+1", "https://a.example", "1.5", int64(0), false)
	f.Add("\x00\xff'", "javascript:x", "1e999", int64(-1<<40), true)
	f.Add(strings.Repeat("😀", 25_000), "::", "NaN", int64(1<<40), false)
	f.Fuzz(func(t *testing.T, text, link, digits string, seconds int64, plainly bool) {
		s := offline(t)
		it := rowOf(
			event.Cell{Header: "Name", Type: event.CellText, Text: text},
			event.Cell{Header: "Link", Type: event.CellLink, Text: text, Link: link},
			event.Cell{Header: "After", Type: event.CellNumber, Text: digits, Format: text},
			event.Cell{Header: "When", Type: event.CellDateTime, Time: time.Unix(seconds%(1<<36), 0).UTC()},
		)
		content, taken, err := s.Compose([]sinks.Item{it}, plainly)
		if err != nil || taken != 1 {
			t.Fatalf("got %d taken, error %v", taken, err)
		}
		if again, _, _ := s.Compose([]sinks.Item{it}, plainly); !bytes.Equal(content, again) {
			t.Fatal("composed twice: got another content")
		}
		frozen, err := sinks.ThawBatch(sinks.Effect{Content: content})
		if err != nil {
			t.Fatal(err)
		}
		v := &view{headers: []string{"Name", "Link", "After", "When", keyHeader}, formats: make([]*sheets.NumberFormat, 5)}
		if _, err := v.find(v.headers); err != nil {
			t.Fatal(err)
		}
		data := v.rowData(frozen.Rows[0])
		for _, cell := range data.Values {
			if cell.UserEnteredValue == nil {
				continue
			}
			if cell.UserEnteredValue.FormulaValue != nil {
				t.Fatal("a formula is sent")
			}
			if s := cell.UserEnteredValue.StringValue; s != nil && len(utf16.Encode([]rune(*s))) > 50_000 {
				t.Fatal("a cell is too long")
			}
		}
		if _, err := json.Marshal(data); err != nil {
			t.Fatalf("cannot be sent: %v", err)
		}
	})
}
