package google_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/sheets"
)

const (
	book = "1AbC"
	tab  = "Changes"
)

// desk is a stand-in with a spreadsheet that the relay's own sink writes to.
type desk struct {
	*google.Server

	client *sheets.Client
}

func newDesk(t *testing.T) desk {
	t.Helper()
	s := google.New(google.Options{ReadsPerMinute: -1, WritesPerMinute: -1})
	s.AddSpreadsheet(book, "Portfolio")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client, err := sheets.NewClient(t.Context(), sheets.ClientConfig{
		Credentials: s.Credentials(server.URL), Endpoint: server.URL + "/", PerMinute: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return desk{s, client}
}

func columns() []sheets.Column {
	return []sheets.Column{
		{Header: "When", Type: event.CellDateTime, Width: 140},
		{Header: "Name", Type: event.CellText, Width: 180},
		{Header: "Before", Type: sheets.Auto, Width: 160},
		{Header: "After", Type: sheets.Auto, Width: 220},
		{Header: "Link", Type: event.CellLink, Width: 60},
	}
}

// change is one row: a value before and after.
type change struct {
	name          string
	before, after event.Cell
}

func word(text string) event.Cell { return event.Cell{Type: event.CellText, Text: text} }

func day(text string) event.Cell {
	at, _ := time.Parse(time.DateOnly, text)
	return event.Cell{Type: event.CellDate, Time: at}
}

func number(text string) event.Cell { return event.Cell{Type: event.CellNumber, Text: text} }

// write writes rows as the daemon does.
func (d desk) write(t *testing.T, changes ...change) {
	t.Helper()
	sink, err := sheets.New(sheets.Config{Spreadsheet: book, Tab: tab}, columns(), d.client)
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7()).String()
	item := sinks.Item{Events: []string{id}}
	for i, c := range changes {
		c.before.Header, c.after.Header = "Before", "After"
		item.Rows = append(item.Rows, event.Row{Key: fmt.Sprintf("%s/%d", id, i+1), Cells: []event.Cell{
			{Header: "When", Type: event.CellDateTime, Time: time.Date(2022, 2, 15, 14, 20, i, 0, time.UTC)},
			{Header: "Name", Type: event.CellText, Text: c.name},
			c.before, c.after,
			{Header: "Link", Type: event.CellLink, Text: "open", Link: "https://app.ppm.express/p/1"},
		}})
	}
	content, _, err := sink.Compose([]sinks.Item{item}, false)
	if err != nil {
		t.Fatal(err)
	}
	effect := sinks.Effect{ID: uuid.Must(uuid.NewV7()).String(), Events: item.Events, Content: content, Started: time.Now()}
	if _, err := sink.Perform(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
}

func (d desk) view(t *testing.T) google.Sheet {
	t.Helper()
	sheet, ok := d.View(book, tab, 0, 200)
	if !ok {
		t.Fatalf("there is no tab %q", tab)
	}
	return sheet
}

// column returns the id of the column with a header.
func column(t *testing.T, sheet google.Sheet, header string) int64 {
	t.Helper()
	at := slices.IndexFunc(sheet.Columns, func(c google.SheetColumn) bool { return c.Header == header })
	if at < 0 {
		t.Fatalf("there is no column %q in %+v", header, sheet.Columns)
	}
	return sheet.Columns[at].ID
}

// texts returns what is shown under a header, with the numbers of the rows.
func texts(t *testing.T, sheet google.Sheet, header string) string {
	t.Helper()
	at := slices.IndexFunc(sheet.Columns, func(c google.SheetColumn) bool { return c.Header == header })
	var all []string
	for _, row := range sheet.Rows {
		all = append(all, fmt.Sprintf("%d:%s", row.Number, row.Cells[at].Text))
	}
	return strings.Join(all, " ")
}

// TestViewOfWhatTheDaemonWrites: types, formats, widths, colours, the frozen header, and whose a column is.
func TestViewOfWhatTheDaemonWrites(t *testing.T) {
	d := newDesk(t)
	d.write(t,
		change{"Portal", word("On track"), word("At risk")},
		change{"Portal", day("2022-03-31"), day("2022-04-14")},
		change{"Portal", number("250000"), number("1250.5")},
		change{"Portal", event.Cell{Type: event.CellBoolean}, event.Cell{Type: event.CellBoolean, Bool: true}})
	sheet := d.view(t)
	if sheet.Spreadsheet != "Portfolio" || sheet.Title != tab || !slices.Equal(sheet.Tabs, []string{"Sheet1", tab}) ||
		sheet.FrozenRows != 1 || sheet.First != 1 || sheet.Shown != 4 || sheet.Hidden != 0 {
		t.Errorf("got %+v", sheet)
	}
	var heads []string
	for _, c := range sheet.Columns {
		heads = append(heads, fmt.Sprint(c.Header, " ", c.Width))
		if !c.Service || !c.Filter {
			t.Errorf("column %s: got %+v, want one that the daemon writes and the filter covers", c.Header, c)
		}
	}
	if want := []string{"When 140", "Name 180", "Before 160", "After 220", "Link 60", "Event id 80"}; !slices.Equal(heads, want) {
		t.Errorf("columns: got %q, want %q", heads, want)
	}
	var got []string
	for _, row := range sheet.Rows {
		c := row.Cells[3]
		got = append(got, fmt.Sprintf("%d %s %s %s %s", row.Number, c.Text, c.Kind, c.Align, c.Background))
	}
	want := []string{
		"2 At risk text left #fdf0d8", "3 2022-04-14 date right ", "4 1,250.50 number right ", "5 TRUE boolean center ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("After: got %q, want %q", got, want)
	}
	if when, link := sheet.Rows[1].Cells[0], sheet.Rows[1].Cells[4]; when.Text != "2022-02-15 14:20" || when.Kind != google.Date ||
		link.Text != "open" || link.Link != "https://app.ppm.express/p/1" {
		t.Errorf("got %+v and %+v", when, link)
	}
}

// TestPersonAndDaemon: a PMO's column stays the PMO's, wherever columns and rows go, and the daemon goes on.
func TestPersonAndDaemon(t *testing.T) {
	d := newDesk(t)
	d.write(t, change{"b", word(""), word("1")}, change{"a", word(""), word("2")})
	pmo := d.Person(book, tab)
	comment, err := pmo.AddColumn("Comment", false)
	if err != nil {
		t.Fatal(err)
	}
	first := d.view(t).Rows[0].ID
	if err := pmo.Sort(column(t, d.view(t), "Name"), false); err != nil {
		t.Fatal(err)
	}
	d.MoveColumns(book, tab, 6, 7, 0) // the comments, to the front
	if err := pmo.Type(first, comment, "mine"); err != nil {
		t.Fatal(err)
	}
	d.write(t, change{"c", word(""), word("3")})
	sheet := d.view(t)
	if got := texts(t, sheet, "Comment"); got != "2: 3:mine 4:" {
		t.Errorf("comments: got %q, want it in the row that it was typed into, which is row 3 now", got)
	}
	if got := texts(t, sheet, "Name"); got != "2:a 3:b 4:c" {
		t.Errorf("names: got %q", got)
	}
	for _, c := range sheet.Columns {
		if c.Service == (c.Header == "Comment") || c.Filter == (c.Header == "Comment") {
			t.Errorf("got %+v, want that only the comments are a person's, and outside of the filter", c)
		}
	}
}
