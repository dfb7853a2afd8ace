package file

import (
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

func TestCells(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	when := time.Date(2026, 3, 1, 14, 30, 59, 0, berlin)
	for _, c := range []struct {
		name string
		cell event.Cell
		csv  string
		json string
	}{
		{"text", event.Cell{Type: event.CellText, Text: "At risk"}, `At risk`, `"At risk"`},
		{"no text", event.Cell{Type: event.CellText}, ``, `null`},
		{"comma and quotes", event.Cell{Type: event.CellText, Text: `a "b", c`}, `"a ""b"", c"`, `"a \"b\", c"`},
		{"lines", event.Cell{Type: event.CellText, Text: "a\nb\r\nc"}, "\"a\nb\r\nc\"", `"a\nb\r\nc"`},
		{"spaces around", event.Cell{Type: event.CellText, Text: " a"}, `" a"`, `" a"`},
		{"markup", event.Cell{Type: event.CellText, Text: "<b>&"}, `<b>&`, `"<b>&"`},
		{"formula", event.Cell{Type: event.CellText, Text: "=1+1"}, `'=1+1`, `"=1+1"`},
		{"formula plus", event.Cell{Type: event.CellText, Text: "+1"}, `'+1`, `"+1"`},
		{"formula minus", event.Cell{Type: event.CellText, Text: "-1"}, `'-1`, `"-1"`},
		{"formula at", event.Cell{Type: event.CellText, Text: "@SUM(1)"}, `'@SUM(1)`, `"@SUM(1)"`},
		{"formula tab", event.Cell{Type: event.CellText, Text: "\t=1"}, "\"'\t'=1\"", `"\t=1"`},
		{"formula return", event.Cell{Type: event.CellText, Text: "\ra"}, "\"'\ra\"", `"\ra"`},
		{"formula wide", event.Cell{Type: event.CellText, Text: "＝1"}, `'＝1`, `"＝1"`},
		{"formula behind NUL", event.Cell{Type: event.CellText, Text: "\x00=1"}, `'=1`, `"\u0000=1"`},
		{"formula behind semicolon", event.Cell{Type: event.CellText, Text: "a;=1"}, `"a;'=1"`, `"a;=1"`},
		{"formula behind line", event.Cell{Type: event.CellText, Text: "a\n=1"}, "\"a\n'=1\"", `"a\n=1"`},
		{"formula behind quote", event.Cell{Type: event.CellText, Text: `a;"=1`}, `"a;""'=1"`, `"a;\"=1"`},
		{"signs inside", event.Cell{Type: event.CellText, Text: "a=b, -c; +d a@b"}, `"a=b, -c; +d a@b"`, `"a=b, -c; +d a@b"`},
		{"number", event.Cell{Type: event.CellNumber, Text: "-12.50"}, `-12.50`, `-12.50`},
		{"large number", event.Cell{Type: event.CellNumber, Text: "1e300"}, `1e300`, `1e300`},
		{"no number", event.Cell{Type: event.CellNumber}, ``, `null`},
		{"number that is none", event.Cell{Type: event.CellNumber, Text: "-1+cmd"}, `'-1+cmd`, `"-1+cmd"`},
		{"number with a line", event.Cell{Type: event.CellNumber, Text: "-1\n"}, "\"'-1\n\"", `"-1\n"`},
		{"date", event.Cell{Type: event.CellDate, Time: when}, `2026-03-01`, `"2026-03-01"`},
		{"no date", event.Cell{Type: event.CellDate}, ``, `null`},
		{"datetime", event.Cell{Type: event.CellDateTime, Time: when}, `2026-03-01 14:30`, `"2026-03-01T14:30:59+01:00"`},
		{"no datetime", event.Cell{Type: event.CellDateTime}, ``, `null`},
		{"true", event.Cell{Type: event.CellBoolean, Bool: true}, `TRUE`, `true`},
		{"false", event.Cell{Type: event.CellBoolean}, `FALSE`, `false`},
		{"link", event.Cell{Type: event.CellLink, Text: "Apollo", Link: "https://a.example/1"}, `Apollo`, `{"text":"Apollo","url":"https://a.example/1"}`},
		{"link without label", event.Cell{Type: event.CellLink, Link: "https://a.example/1"}, `https://a.example/1`, `{"text":"","url":"https://a.example/1"}`},
		{"link without address", event.Cell{Type: event.CellLink, Text: "=A"}, `'=A`, `"=A"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.cell.Header = "A"
			row := event.Row{Key: "k/1", Cells: []event.Cell{c.cell}}
			headers := []string{"A", keyHeader}
			if got, want := string(csvForm{headers: headers}.line(row)), c.csv+",k/1\n"; got != want {
				t.Errorf("CSV: got %q, want %q", got, want)
			}
			if got, want := string(jsonForm{headers: headers}.line(row)), `{"A":`+c.json+`,"Event id":"k/1"}`+"\n"; got != want {
				t.Errorf("JSON: got %q, want %q", got, want)
			}
		})
	}
}

func TestColumnsInTheirOrder(t *testing.T) {
	row := event.Row{Key: "k/1", Cells: []event.Cell{
		{Header: "B", Type: event.CellText, Text: "b"}, {Header: "A", Type: event.CellText, Text: "a"},
	}}
	for _, c := range []struct{ headers, first, csv, json string }{
		{"A B Event_id", "", "a,b,k/1\n", `{"A":"a","B":"b","Event id":"k/1"}` + "\n"},
		{"Event_id B A", "", "k/1,b,a\n", `{"Event id":"k/1","B":"b","A":"a"}` + "\n"},
		{"A B C Event_id", "", "a,b,,k/1\n", `{"A":"a","B":"b","C":null,"Event id":"k/1"}` + "\n"},
		{"A B Event_id", "Note B Event_id A", ",b,k/1,a\n", ""}, // moved, and one of a person
	} {
		if got := string(csvForm{headers: words(c.headers), first: words(c.first)}.line(row)); got != c.csv {
			t.Errorf("CSV with %q in a file with %q: got %q, want %q", c.headers, c.first, got, c.csv)
		}
		if got := string(jsonForm{headers: words(c.headers)}.line(row)); c.json != "" && got != c.json {
			t.Errorf("JSON with %q: got %q, want %q", c.headers, got, c.json)
		}
	}
}

func words(text string) []string {
	all := strings.Fields(text)
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], "_", " ")
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func TestRecordsEndWhereTheyEnd(t *testing.T) {
	for _, c := range []struct {
		name, text string
		form       form
		keys       string
		ends       []int64
		broken     bool
	}{
		{"empty", "", csvForm{}, "", nil, false},
		{"lines", "A,Event id\n1,x\n2,y\n", csvForm{first: words("A Event_id")}, "Event id x y", []int64{11, 15, 19}, false},
		{"byte order mark", "\ufeffA,Event id\n1,x\n", csvForm{first: words("A Event_id")}, "Event id x", []int64{14, 18}, false},
		{"carriage returns", "A,Event id\r\n1,x\r\n", csvForm{first: words("A Event_id")}, "Event id x", []int64{12, 17}, false},
		{"line in a cell", "A,Event id\n\"1\n1\",x\n", csvForm{first: words("A Event_id")}, "Event id x", []int64{11, 19}, false},
		{"short and long", "A,Event id\n1\n1,x,z\n", csvForm{first: words("A Event_id")}, "Event id  x", []int64{11, 13, 19}, false},
		{"open quote", "A,Event id\n\"1,x\n", csvForm{first: words("A Event_id")}, "Event id", []int64{11}, true},
		{"json", `{"Event id":"x"}` + "\n\n" + `{"Event id":"y"}`, jsonForm{}, "x y", []int64{17, 34}, false},
		{"json of others", `{"event id":"x"}` + "\n" + `{"Event id":7}` + "\n", jsonForm{}, " ", []int64{17, 32}, false},
		{"json broken", `{"Event id":"x"}` + "\n" + `{"Event`, jsonForm{}, "x", []int64{17}, true},
		{"json glued", `{"Event id":"x"}{"Event id":"y"}` + "\n", jsonForm{}, "", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := c.form.records(strings.NewReader(c.text))
			var keys []string
			for i := 0; ; i++ {
				key, end, err := read()
				if err != nil {
					if got := err.Error() != "EOF"; got != c.broken {
						t.Errorf("got error %v, want broken %v", err, c.broken)
					}
					break
				}
				keys = append(keys, key)
				if i < len(c.ends) && end != c.ends[i] {
					t.Errorf("record %d ends at %d, want %d", i, end, c.ends[i])
				}
			}
			if got := strings.Join(keys, " "); got != c.keys || len(keys) != len(c.ends) {
				t.Errorf("got keys %q, want %q", got, c.keys)
			}
		})
	}
}
