package google

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/api/sheets/v4"
)

// table serves a stand-in with a tab of rows that the service account wrote, each of texts with spaces between.
func table(t *testing.T, rows ...string) (*Server, *sheets.Service, Person) {
	t.Helper()
	s, service := start(t, Options{WritesPerMinute: -1, ReadsPerMinute: -1})
	for _, row := range rows {
		if _, err := batch(t.Context(), service, appendText(0, strings.Split(row, " ")...)); err != nil {
			t.Fatal(err)
		}
	}
	pmo := s.Person(book1, "Sheet1")
	return s, service, pmo
}

func view(t *testing.T, s *Server) Sheet {
	t.Helper()
	sheet, ok := s.View(book1, "Sheet1", 1, 1000)
	if !ok {
		t.Fatal("there is no tab")
	}
	return sheet
}

// wantShown checks the rows that are shown, as "2:a,x 3:b,y", with those that are hidden behind a "-".
func wantShown(t *testing.T, s *Server, want string) {
	t.Helper()
	var all []string
	sheet := view(t, s)
	for _, row := range sheet.Rows {
		var texts []string
		for _, cell := range row.Cells {
			texts = append(texts, cell.Text)
		}
		all = append(all, fmt.Sprintf("%d:%s", row.Number, strings.Join(texts, ",")))
	}
	if sheet.Hidden > 0 {
		all = append(all, fmt.Sprint("-", sheet.Hidden))
	}
	if got := strings.Join(all, " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func id(t *testing.T, s *Server, header string) int64 {
	t.Helper()
	for _, c := range view(t, s).Columns {
		if c.Header == header {
			return c.ID
		}
	}
	t.Fatalf("there is no column %q", header)
	return 0
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks that an error says something in words.
func wantError(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want an error with %q", err, words)
	}
}

// TestFilter: it is applied when it is set. What comes later, or changes, is not hidden and not shown until it is applied
// again.
func TestFilter(t *testing.T) {
	s, service, pmo := table(t, "Name Status", "a Risk", "b track", "c atrisk", "d done")
	must(t, pmo.Filter(id(t, s, "Status"), "risk"))
	wantShown(t, s, "2:a,Risk 4:c,atrisk -2")
	if _, err := batch(t.Context(), service, appendText(0, "e", "done")); err != nil {
		t.Fatal(err)
	}
	wantShown(t, s, "2:a,Risk 4:c,atrisk 6:e,done -2")
	must(t, pmo.Type(view(t, s).Rows[0].ID, id(t, s, "Status"), "fine"))
	wantShown(t, s, "2:a,fine 4:c,atrisk 6:e,done -2")
	must(t, pmo.Reapply())
	wantShown(t, s, "4:c,atrisk -4")
	must(t, pmo.Filter(id(t, s, "Name"), "x"))
	wantShown(t, s, "-5")
	must(t, pmo.Filter(id(t, s, "Name"), "")) // the other one stays
	wantShown(t, s, "4:c,atrisk -4")
	if c := view(t, s).Columns; c[0].Contains != "" || c[1].Contains != "risk" || !c[0].Filter || !c[1].Filter {
		t.Errorf("got %+v, want the criterion in Status alone", c)
	}
	must(t, pmo.ClearFilter())
	wantShown(t, s, "2:a,fine 3:b,track 4:c,atrisk 5:d,done 6:e,done")
	if c := view(t, s).Columns; c[1].Contains != "" || !c[1].Filter {
		t.Errorf("got %+v, want a filter without criteria", c)
	}
}

// TestFilterByValues: what is unticked is hidden, what comes later is not.
func TestFilterByValues(t *testing.T) {
	s, service, pmo := table(t, "Name Status", "a Risk", "b track", "c risk")
	must(t, pmo.Only(id(t, s, "Status"), "Risk"))
	wantShown(t, s, "2:a,Risk -2")
	if got := view(t, s).Columns[1].Without; !slices.Equal(got, []string{"risk", "track"}) {
		t.Errorf("hidden values: got %q, want the two others", got)
	}
	if _, err := batch(t.Context(), service, appendText(0, "d", "new")); err != nil {
		t.Fatal(err)
	}
	must(t, pmo.Reapply())
	wantShown(t, s, "2:a,Risk 5:d,new -2")
	must(t, pmo.Only(id(t, s, "Status")))
	wantShown(t, s, "2:a,Risk 3:b,track 4:c,risk 5:d,new")
}

// TestFilterReachesAnOwnColumn: the daemon's filter covers its own columns; a person makes it anew over all of them.
func TestFilterReachesAnOwnColumn(t *testing.T) {
	s, service, pmo := table(t, "Name Status", "a x", "b y")
	filter := &sheets.BasicFilter{Range: &sheets.GridRange{EndColumnIndex: 2}}
	if _, err := batch(t.Context(), service, &sheets.Request{SetBasicFilter: &sheets.SetBasicFilterRequest{Filter: filter}}); err != nil {
		t.Fatal(err)
	}
	must(t, pmo.Filter(id(t, s, "Name"), "a"))
	own, err := pmo.AddColumn("Mine", false)
	must(t, err)
	if c := view(t, s).Columns[2]; c.Filter || c.Service || c.ID != own {
		t.Errorf("got %+v, want a column outside of the filter", c)
	}
	_, err = pmo.AddColumn("Too", false)
	must(t, err)
	must(t, pmo.Type(view(t, s).Rows[0].ID, own, "yes"))
	must(t, pmo.Filter(own, "no"))
	wantShown(t, s, "-2")
	must(t, pmo.Filter(own, "YES"))
	wantShown(t, s, "2:a,x,yes, -1")
	if c := view(t, s).Columns; !c[2].Filter || !c[3].Filter {
		t.Errorf("got %+v, want the filter over all columns", c)
	}
}

// TestFilterOfTheAPI: criteria in both ways of writing them, and what is not built.
func TestFilterOfTheAPI(t *testing.T) {
	s, service, _ := table(t, "Name Status", "a x", "b y", "c ")
	set := func(filter sheets.BasicFilter) error {
		filter.Range = &sheets.GridRange{EndColumnIndex: 2}
		_, err := batch(t.Context(), service, &sheets.Request{SetBasicFilter: &sheets.SetBasicFilterRequest{Filter: &filter}})
		return err
	}
	condition := func(kind string, values ...string) sheets.FilterCriteria {
		c := &sheets.BooleanCondition{Type: kind}
		for _, value := range values {
			c.Values = append(c.Values, &sheets.ConditionValue{UserEnteredValue: value})
		}
		return sheets.FilterCriteria{Condition: c}
	}
	for _, tt := range []struct {
		criteria sheets.FilterCriteria
		want     string
	}{
		{condition("TEXT_EQ", "X"), "2:a,x -2"},
		{condition("TEXT_CONTAINS", "Y"), "3:b,y -2"},
		{condition("TEXT_NOT_CONTAINS", "y"), "2:a,x 4:c, -1"},
		{condition("TEXT_STARTS_WITH", "x"), "2:a,x -2"},
		{condition("TEXT_ENDS_WITH", "y"), "3:b,y -2"},
		{condition("NOT_BLANK"), "2:a,x 3:b,y -1"},
		{sheets.FilterCriteria{HiddenValues: []string{"x", ""}}, "3:b,y -2"},
		{condition("BLANK"), "4:c, -2"}, // by which the header would be hidden, too
	} {
		must(t, set(sheets.BasicFilter{Criteria: map[string]sheets.FilterCriteria{"1": tt.criteria}}))
		wantShown(t, s, tt.want)
		must(t, set(sheets.BasicFilter{FilterSpecs: []*sheets.FilterSpec{{ColumnIndex: 1, FilterCriteria: &tt.criteria}}}))
		wantShown(t, s, tt.want)
	}
	got, err := service.Spreadsheets.Get(book1).IncludeGridData(true).Do()
	must(t, err)
	if f := got.Sheets[0].BasicFilter; len(f.Criteria) != 1 || len(f.FilterSpecs) != 1 {
		t.Errorf("got %+v, want the criterion in both ways", f)
	}
	if rows := got.Sheets[0].Data[0].RowMetadata; rows[0].HiddenByFilter || !rows[1].HiddenByFilter || rows[1].HiddenByUser {
		t.Errorf("got %+v and %+v, want the header shown and row 2 hidden by the filter", rows[0], rows[1])
	}
	wantRefused(t, set(sheets.BasicFilter{Criteria: map[string]sheets.FilterCriteria{"1": condition("NUMBER_GREATER", "1")}}), 501, "NUMBER_GREATER")
	wantRefused(t, set(sheets.BasicFilter{Criteria: map[string]sheets.FilterCriteria{"x": condition("BLANK")}}), 400, "Invalid column")
	wantRefused(t, set(sheets.BasicFilter{Criteria: map[string]sheets.FilterCriteria{"1": condition("TEXT_EQ")}}), 400, "takes 1 values")
	wantRefused(t, set(sheets.BasicFilter{Criteria: map[string]sheets.FilterCriteria{"1": {VisibleBackgroundColorStyle: &sheets.ColorStyle{ThemeColor: "TEXT"}}}}), 501, "colour")
	wantRefused(t, set(sheets.BasicFilter{SortSpecs: []*sheets.SortSpec{{}}}), 501, "sort")
	if _, err := batch(t.Context(), service, &sheets.Request{ClearBasicFilter: &sheets.ClearBasicFilterRequest{}}); err != nil {
		t.Fatal(err)
	}
	wantShown(t, s, "2:a,x 3:b,y 4:c,")
}

// TestSort: numbers and days, then texts in any case, then yes and no, and what is blank last, upwards and downwards.
func TestSort(t *testing.T) {
	s, _, pmo := table(t, "Name", "n")
	for i, text := range []string{"b", "10", "", "A", "TRUE", "2", "FALSE", "1900-01-05", "c"} {
		s.TypeInto(book1, "Sheet1", i+1, 0, text)
		s.TypeInto(book1, "Sheet1", i+1, 1, strconv.Itoa(i))
	}
	must(t, pmo.Sort(id(t, s, "Name"), false))
	wantShown(t, s, "2:2,5 3:1900-01-05,7 4:10,1 5:A,3 6:b,0 7:c,8 8:FALSE,6 9:TRUE,4 10:,2")
	if sheet := view(t, s); sheet.Sorted != id(t, s, "Name") || sheet.Descending {
		t.Errorf("got sorted by %d", sheet.Sorted)
	}
	must(t, pmo.Sort(id(t, s, "Name"), true))
	wantShown(t, s, "2:TRUE,4 3:FALSE,6 4:c,8 5:b,0 6:A,3 7:10,1 8:1900-01-05,7 9:2,5 10:,2")
	if sheet := view(t, s); sheet.Sorted != id(t, s, "Name") || !sheet.Descending {
		t.Errorf("got sorted by %d, want downwards", sheet.Sorted)
	}
	must(t, pmo.Type(view(t, s).Rows[8].ID, id(t, s, "Name"), "zz")) // now the last row belongs elsewhere
	if sheet := view(t, s); sheet.Sorted != 0 {
		t.Errorf("got sorted by %d, want that they no longer are", sheet.Sorted)
	}
}

// TestSortMovesWhatAFilterHides: what a filter hides stays hidden wherever it goes; a person hides a place.
func TestSortMovesWhatAFilterHides(t *testing.T) {
	s, _, pmo := table(t, "Name Status", "c x", "b y", "a x")
	must(t, pmo.Filter(id(t, s, "Status"), "x"))
	must(t, pmo.Sort(id(t, s, "Name"), false))
	wantShown(t, s, "2:a,x 4:c,x -1")
	must(t, pmo.ClearFilter())
	s.HideRows(book1, "Sheet1", 1, 2)
	wantShown(t, s, "3:b,y 4:c,x -1")
	must(t, pmo.Sort(id(t, s, "Name"), true))
	wantShown(t, s, "3:b,y 4:a,x -1")
}

// TestType: what is typed becomes what the editor makes of it.
func TestType(t *testing.T) {
	tests := []struct {
		text, shown string
		kind        Kind
		align       string
	}{
		{"ask Anna", "ask Anna", Text, "left"},
		{"12.50", "12.5", Number, "right"},
		{"-1e3", "-1000", Number, "right"},
		{"2026-04-30", "2026-04-30", Date, "right"},
		{"2026-02-30", "2026-02-30", Text, "left"},
		{"true", "TRUE", Boolean, "center"},
		{"=1+1", "[computed: =1+1]", Formula, "left"},
		{"'=1+1", "=1+1", Text, "left"},
		{"NaN", "NaN", Text, "left"},
		{"Inf", "Inf", Text, "left"},
		{"0x10", "0x10", Text, "left"},
		{"1_000", "1_000", Text, "left"},
		{"", "", Blank, "left"},
	}
	s, _, pmo := table(t, append([]string{"Name Note"}, slices.Repeat([]string{"a b"}, len(tests))...)...)
	for i, tt := range tests {
		must(t, pmo.Type(view(t, s).Rows[i].ID, id(t, s, "Note"), tt.text))
		if got := view(t, s).Rows[i].Cells[1]; got.Text != tt.shown || got.Kind != tt.kind || got.Align != tt.align {
			t.Errorf("%q: got %+v, want %q as %s, %s", tt.text, got, tt.shown, tt.kind, tt.align)
		}
	}
}

// TestCheckboxesOfAPerson: each row with data gets one, later ones do not, and a tick makes one.
func TestCheckboxesOfAPerson(t *testing.T) {
	s, service, pmo := table(t, "Name", "a", "b")
	done, err := pmo.AddColumn("Done", true)
	must(t, err)
	if _, err := batch(t.Context(), service, appendText(0, "c")); err != nil {
		t.Fatal(err)
	}
	must(t, pmo.Tick(view(t, s).Rows[1].ID, done, true))
	wantShown(t, s, "2:a,FALSE 3:b,TRUE 4:c,")
	rows := view(t, s).Rows
	if rows[0].Cells[1].Checked || !rows[1].Cells[1].Checked || rows[1].Cells[1].Kind != Checkbox || rows[2].Cells[1].Kind != Blank {
		t.Errorf("got %+v", rows)
	}
	wantError(t, pmo.Type(rows[0].ID, done, "soon"), "a checkbox")
	must(t, pmo.Type(rows[0].ID, done, "TRUE"))
	must(t, pmo.Tick(rows[1].ID, done, false))
	must(t, pmo.Tick(rows[2].ID, done, true))
	wantShown(t, s, "2:a,TRUE 3:b,FALSE 4:c,TRUE")
	wantError(t, pmo.Tick(rows[0].ID, id(t, s, "Name"), true), `says "a"`)
	if c := view(t, s).Columns; c[0].Checkboxes || !c[1].Checkboxes {
		t.Errorf("got %+v, want checkboxes in the second", c)
	}
}

// TestAddColumnWhereTheGridEnds: a column is inserted there, and its header looks like the one beside it.
func TestAddColumnWhereTheGridEnds(t *testing.T) {
	s, service, pmo := table(t, "Name")
	bold := &sheets.CellData{UserEnteredFormat: &sheets.CellFormat{TextFormat: &sheets.TextFormat{Bold: true}}}
	if _, err := batch(t.Context(), service, &sheets.Request{UpdateSheetProperties: &sheets.UpdateSheetPropertiesRequest{
		Properties: &sheets.SheetProperties{GridProperties: &sheets.GridProperties{ColumnCount: 1}}, Fields: "gridProperties.columnCount",
	}}, &sheets.Request{RepeatCell: &sheets.RepeatCellRequest{Range: &sheets.GridRange{EndRowIndex: 1}, Cell: bold, Fields: "userEnteredFormat"}}); err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{"One", "Two"} {
		if _, err := pmo.AddColumn(header, false); err != nil {
			t.Fatal(err)
		}
	}
	cells := s.Cells(book1, "Sheet1")[0]
	if len(cells) != 3 || shown(cells[2]) != "Two" || !cells[2].UserEnteredFormat.TextFormat.Bold {
		t.Errorf("got %d cells, want three, the last one bold", len(cells))
	}
	_, err := pmo.AddColumn(" ", false)
	wantError(t, err, "needs a header")
}

// TestWhatAPersonCannotDo is said in plain words, and changes nothing.
func TestWhatAPersonCannotDo(t *testing.T) {
	s, _, pmo := table(t, "Name Status", "a x", "b y")
	row, name, status := view(t, s).Rows[0].ID, id(t, s, "Name"), id(t, s, "Status")
	wantError(t, pmo.Type(row, name, strings.Repeat("x", 50_001)), "50000 characters")
	s.DeleteRow(book1, "Sheet1", 1)
	wantError(t, pmo.Type(row, name, "x"), "row was deleted")
	s.DeleteColumn(book1, "Sheet1", 1)
	for _, err := range []error{
		pmo.Type(view(t, s).Rows[0].ID, status, "x"), pmo.Tick(view(t, s).Rows[0].ID, status, true),
		pmo.Sort(status, false), pmo.Filter(status, "x"), pmo.Only(status, "x"),
	} {
		wantError(t, err, "column was deleted")
	}
	wantShown(t, s, "2:b")
	before := s.Version()
	wantError(t, s.Person(book1, "Gone").Reapply(), `no tab "Gone", but Sheet1`)
	wantError(t, s.Person("gone", "Sheet1").ClearFilter(), "no spreadsheet")
	if got := s.Version(); got != before {
		t.Errorf("got version %d after nothing was done, want %d", got, before)
	}
}
