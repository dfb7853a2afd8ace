package file

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestValidate(t *testing.T) {
	for path, want := range map[string]string{
		"changes.csv":      "",
		"out/Changes.CSV":  "",
		"changes.jsonl":    "",
		"":                 "path is missing",
		"changes":          `"changes" must end in .csv or .jsonl`,
		"changes.xlsx":     `"changes.xlsx" must end in .csv or .jsonl`,
		"changes.csv/":     "must end in",
		"changes.csv.json": "must end in",
	} {
		err := Config{Path: path}.Validate()
		if got := fmt.Sprint(err); want == "" && err != nil || !strings.Contains(got, want) {
			t.Errorf("path %q: got %v, want %q", path, err, want)
		}
		if _, failed := New(Config{Path: path}, nil); (failed == nil) != (err == nil) {
			t.Errorf("path %q: New got %v, Validate %v", path, failed, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct{ headers, want string }{
		{"A|B", ""},
		{"Event id|A", ""},
		{"", ""}, // the key alone
		{"A||B", "column 2 has no header"},
		{"A|B|A", `header "A" stands there twice`},
		{"A| B", "without spaces"},
		{"A|B\nC", "one line"},
	} {
		var headers []string
		if c.headers != "" {
			headers = strings.Split(c.headers, "|")
		}
		_, err := New(Config{Path: "a.csv"}, headers)
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
			t.Errorf("headers %q: got %v, want %q", c.headers, err, c.want)
		}
	}
}

func TestComposeTakesWhatFits(t *testing.T) {
	sink, err := New(Config{Path: "a.csv"}, []string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	small, large := itemOf(1, 10), itemOf(1, maxBytes+1)
	bad := sinks.Item{Events: []string{"e"}}
	for _, c := range []struct {
		name  string
		items []sinks.Item
		want  int
	}{
		{"one", []sinks.Item{small}, 1},
		{"all", []sinks.Item{small, small, small}, 3},
		{"first is larger than the limit", []sinks.Item{large, small}, 1},
		{"second is larger than the limit", []sinks.Item{small, large}, 1},
		{"first has more rows than the limit", []sinks.Item{itemOf(maxRows+1, 1), small}, 1},
		{"rows up to the limit", []sinks.Item{itemOf(maxRows-1, 1), small, small}, 2},
		{"bytes up to the limit", []sinks.Item{itemOf(1, maxBytes/2), itemOf(1, maxBytes/3), itemOf(1, maxBytes/3)}, 2},
		{"stops before what cannot be written", []sinks.Item{small, small, bad, small}, 2},
	} {
		_, got, err := sink.Compose(c.items, false)
		if err != nil || got != c.want {
			t.Errorf("%s: got %d taken, error %v, want %d", c.name, got, err, c.want)
		}
	}
}

func TestComposeRefusesWhatCannotBeWritten(t *testing.T) {
	sink, err := New(Config{Path: "a.csv"}, []string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	for want, items := range map[string][]sinks.Item{
		"nothing to write":         nil,
		"there is no row to write": {{Events: []string{"e"}}, itemOf(1, 1)},
		"a row has no key":         {{Rows: []event.Row{{}}}},
		`a cell "B"`:               {{Rows: []event.Row{{Key: "k", Cells: []event.Cell{{Header: "B"}}}}}},
	} {
		content, taken, err := sink.Compose(items, false)
		if err == nil || !strings.Contains(err.Error(), want) || taken != 0 || content != nil {
			t.Errorf("got %d taken, error %v, want %q", taken, err, want)
		}
	}
}

// itemOf makes an item with so many rows, whose only cell has so many bytes.
func itemOf(rows, bytes int) sinks.Item {
	item := sinks.Item{Events: []string{"e"}}
	for i := range rows {
		item.Rows = append(item.Rows, event.Row{
			Key:   fmt.Sprintf("e/%d", i+1),
			Cells: []event.Cell{{Header: "A", Type: event.CellText, Text: strings.Repeat("x", bytes)}},
		})
	}
	return item
}
