package google

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/api/sheets/v4"
)

// TestWindow: the rows that are asked for are counted among those that are shown, and keep their numbers.
func TestWindow(t *testing.T) {
	s, _, _ := table(t, "Name", "a", "b", "c", "d", "e")
	s.HideRows(book1, "Sheet1", 2, 3)
	for _, tt := range []struct {
		from, most int
		want       string
		first      int
	}{
		{0, 2, "5d 6e", 3},
		{0, 100, "2a 4c 5d 6e", 1},
		{-7, 1, "6e", 4},
		{1, 2, "2a 4c", 1},
		{2, 2, "4c 5d", 2},
		{4, 9, "6e", 4},
		{5, 9, "", 0},
		{9, 9, "", 0},
		{1, 0, "", 0},
		{0, 0, "", 0},
		{1, -1, "", 0},
	} {
		sheet, ok := s.View(book1, "sheet1", tt.from, tt.most)
		var rows []string
		for _, row := range sheet.Rows {
			rows = append(rows, fmt.Sprint(row.Number, row.Cells[0].Text))
		}
		if got := strings.Join(rows, " "); !ok || got != tt.want || sheet.First != tt.first || sheet.Shown != 4 || sheet.Hidden != 1 {
			t.Errorf("%d rows from %d: got %q, the first at %d of %d, %d hidden; want %q at %d of 4, 1 hidden",
				tt.most, tt.from, got, sheet.First, sheet.Shown, sheet.Hidden, tt.want, tt.first)
		}
	}
	if _, ok := s.View(book1, "Gone", 0, 1); ok {
		t.Error("a tab that is not there: got one")
	}
	if _, ok := s.View("gone", "Sheet1", 0, 1); ok {
		t.Error("a spreadsheet that is not there: got one")
	}
}

// TestEmptyTab has neither columns nor rows.
func TestEmptyTab(t *testing.T) {
	s, _ := start(t, Options{})
	if sheet := view(t, s); len(sheet.Columns) != 0 || sheet.Shown != 0 || sheet.First != 0 || sheet.Hidden != 0 {
		t.Errorf("got %+v, want nothing", sheet)
	}
}

// TestVersion grows with what is changed, and only then.
func TestVersion(t *testing.T) {
	s, service, pmo := table(t, "Name", "a")
	column := id(t, s, "Name")
	last := s.Version()
	grown := func(what string, want bool) {
		t.Helper()
		if now := s.Version(); (now > last) != want || now < last {
			t.Errorf("%s: got %d after %d, want more: %v", what, now, last, want)
		}
		last = s.Version()
	}
	_, err := batch(t.Context(), service, appendText(0, "b"))
	must(t, err)
	grown("rows are appended", true)
	if got := view(t, s).Version; got != last {
		t.Errorf("got %d in the view, want %d", got, last)
	}
	grown("somebody looks", false)
	if _, err := batch(t.Context(), service, appendText(77, "b")); err == nil {
		t.Fatal("got rows in a tab that is not there")
	}
	grown("a write is refused", false)
	must(t, pmo.Sort(column, true))
	grown("a person sorts", true)
	s.AddSpreadsheet("another", "Another")
	grown("a spreadsheet is made", true)
}

// TestColoursAsShown: the first rule that holds paints over the cell's own colours.
func TestColoursAsShown(t *testing.T) {
	s, service, _ := table(t, "Status", "done", "DONE", "open")
	colour := func(red float64) *sheets.ColorStyle { return &sheets.ColorStyle{RgbColor: &sheets.Color{Red: red}} }
	rule := func(kind, value string, red float64) *sheets.Request {
		return &sheets.Request{AddConditionalFormatRule: &sheets.AddConditionalFormatRuleRequest{Index: 0, Rule: &sheets.ConditionalFormatRule{
			Ranges: []*sheets.GridRange{{StartRowIndex: 1, EndColumnIndex: 1}},
			BooleanRule: &sheets.BooleanRule{
				Condition: &sheets.BooleanCondition{Type: kind, Values: []*sheets.ConditionValue{{UserEnteredValue: value}}},
				Format:    &sheets.CellFormat{BackgroundColorStyle: colour(red)},
			},
		}}}
	}
	own := &sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
		Range: &sheets.GridRange{EndColumnIndex: 1},
		Cell: &sheets.CellData{UserEnteredFormat: &sheets.CellFormat{
			BackgroundColorStyle: colour(0.5), TextFormat: &sheets.TextFormat{ForegroundColorStyle: colour(0.2), Bold: true}, HorizontalAlignment: "RIGHT",
		}},
		Fields: "userEnteredFormat",
	}}
	if _, err := batch(t.Context(), service, own, rule("TEXT_CONTAINS", "o", 0.8), rule("TEXT_EQ", "done", 1)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range view(t, s).Rows {
		c := row.Cells[0]
		got = append(got, fmt.Sprint(c.Background, c.Ink, c.Bold, c.Align))
	}
	if want := []string{"#ff0000#330000trueright", "#ff0000#330000trueright", "#cc0000#330000trueright"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	gradient := &sheets.Request{AddConditionalFormatRule: &sheets.AddConditionalFormatRuleRequest{Rule: &sheets.ConditionalFormatRule{
		Ranges: []*sheets.GridRange{{}}, GradientRule: &sheets.GradientRule{},
	}}}
	_, err := batch(t.Context(), service, gradient)
	wantRefused(t, err, 501, "without a condition")
	_, err = batch(t.Context(), service, rule("DATE_AFTER", "2026-01-01", 1))
	wantRefused(t, err, 501, "DATE_AFTER")
}

// TestProtectedAsShown: what binds the service account.
func TestProtectedAsShown(t *testing.T) {
	s, _, pmo := table(t, "Name Status", "a x")
	s.ProtectRange(book1, "Sheet1", sheets.GridRange{StartColumnIndex: 1, EndColumnIndex: 2, StartRowIndex: 1, EndRowIndex: 5})
	sheet := view(t, s)
	if !slices.Equal(sheet.Protected, []string{"B2:B5"}) || sheet.Columns[0].Protected || !sheet.Columns[1].Protected {
		t.Errorf("got %q and %+v, want the second column", sheet.Protected, sheet.Columns)
	}
	must(t, pmo.Type(sheet.Rows[0].ID, sheet.Columns[1].ID, "mine")) // who owns it may
	s.Unprotect(book1, "Sheet1")
	if sheet := view(t, s); sheet.Protected != nil || sheet.Columns[1].Protected {
		t.Errorf("got %q, want nothing protected", sheet.Protected)
	}
}

// TestWhoseAColumnIs: the service account's is what it has written values into, by any request.
func TestWhoseAColumnIs(t *testing.T) {
	s, service, pmo := table(t, "A", "a")
	for _, header := range []string{"B", "C", "D", "E"} {
		_, err := pmo.AddColumn(header, false)
		must(t, err)
	}
	yes := true
	_, err := batch(t.Context(), service,
		&sheets.Request{UpdateCells: &sheets.UpdateCellsRequest{
			Start: &sheets.GridCoordinate{RowIndex: 1, ColumnIndex: 1}, Fields: "userEnteredValue",
			Rows: []*sheets.RowData{{Values: []*sheets.CellData{{UserEnteredFormat: &sheets.CellFormat{}}, {UserEnteredValue: &sheets.ExtendedValue{BoolValue: &yes}}}}},
		}},
		&sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
			Range: &sheets.GridRange{StartRowIndex: 1, EndRowIndex: 2, StartColumnIndex: 3, EndColumnIndex: 4}, Fields: "userEnteredValue",
			Cell: &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{BoolValue: &yes}},
		}})
	must(t, err)
	whose := func() string {
		var all []string
		for _, c := range view(t, s).Columns {
			all = append(all, fmt.Sprint(c.Header, c.Service))
		}
		return strings.Join(all, " ")
	}
	if got := whose(); got != "Atrue Bfalse Ctrue Dtrue Efalse" {
		t.Errorf("got %s", got)
	}
	s.MoveColumns(book1, "Sheet1", 0, 1, 5)
	s.InsertColumn(book1, "Sheet1", 1)
	if got := whose(); got != "Bfalse false Ctrue Dtrue Efalse Atrue" {
		t.Errorf("after they were moved: got %s", got)
	}
}

// TestColumnsTakeAlong what is said of them: colours, the filter, protection.
func TestColumnsTakeAlong(t *testing.T) {
	part := func(start, end int64) *sheets.GridRange {
		return &sheets.GridRange{StartRowIndex: 1, StartColumnIndex: start, EndColumnIndex: end}
	}
	for _, tt := range []struct {
		name  string
		where *sheets.GridRange
		order []int
		want  string
		hull  string
	}{
		{"nothing moves", part(1, 3), []int{0, 1, 2, 3}, "1-3", "1-3"},
		{"one in front goes behind", part(1, 3), []int{1, 2, 3, 0}, "0-2", "0-2"},
		{"one of them goes away", part(1, 3), []int{0, 2, 3, 1}, "1-2 3-4", "1-4"},
		{"one is inserted between", part(1, 3), []int{0, 1, -1, -1, 2, 3}, "1-5", "1-5"},
		{"one is inserted in front", part(1, 3), []int{0, -1, 1, 2, 3}, "2-4", "2-4"},
		{"one is inserted behind", part(1, 3), []int{0, 1, 2, -1, 3}, "1-3", "1-3"},
		{"one is inserted at the end", part(1, 4), []int{0, 1, 2, 3, -1}, "1-4", "1-4"},
		{"one is deleted", part(1, 3), []int{0, 2, 3}, "1-2", "1-2"},
		{"all are deleted", part(1, 3), []int{0, 3}, "", ""},
		{"without an end", part(2, 0), []int{2, 0, 1, 3}, "0-1 3-4", "0-4"},
		{"without any end", part(0, 0), []int{3, 2, 1, 0}, "0-0", "0-0"},
	} {
		var got []string
		all := follow(tt.where, tt.order)
		for _, r := range all {
			got = append(got, fmt.Sprintf("%d-%d", r.StartColumnIndex, r.EndColumnIndex))
		}
		around := ""
		if h := hull(all); h != nil {
			around = fmt.Sprintf("%d-%d", h.StartColumnIndex, h.EndColumnIndex)
		}
		if strings.Join(got, " ") != tt.want || around != tt.hull {
			t.Errorf("%s: got %q in %q, want %q in %q", tt.name, got, around, tt.want, tt.hull)
		}
	}
}

// TestFilterGoesWithItsColumns, and ends when the last of them is gone.
func TestFilterGoesWithItsColumns(t *testing.T) {
	s, service, pmo := table(t, "Name Status", "a x", "b y")
	must(t, pmo.Filter(id(t, s, "Status"), "x"))
	s.ProtectRange(book1, "Sheet1", sheets.GridRange{StartColumnIndex: 1, EndColumnIndex: 2})
	s.MoveColumns(book1, "Sheet1", 1, 2, 0)
	sheet := view(t, s)
	if c := sheet.Columns; c[0].Header != "Status" || c[0].Contains != "x" || c[1].Contains != "" || !c[0].Protected || c[1].Protected {
		t.Errorf("got %+v, want criterion and protection at Status, in front", c)
	}
	must(t, pmo.Reapply())
	wantShown(t, s, "2:x,a -1")
	s.DeleteColumn(book1, "Sheet1", 0)
	must(t, pmo.Reapply())
	wantShown(t, s, "2:a 3:b")
	s.DeleteColumn(book1, "Sheet1", 0)
	got, err := service.Spreadsheets.Get(book1).Do()
	must(t, err)
	if got.Sheets[0].BasicFilter != nil || got.Sheets[0].ProtectedRanges != nil {
		t.Errorf("got %+v, want neither filter nor protection of what is gone", got.Sheets[0])
	}
}

// TestViewWhileOthersWrite: a view is of one moment, whatever is changed meanwhile.
func TestViewWhileOthersWrite(t *testing.T) {
	s, _, pmo := table(t, "Name Status", "a x", "b x")
	row, status := view(t, s).Rows[0].ID, id(t, s, "Status")
	done := make(chan error)
	go func() {
		var err error
		for i := range 200 {
			err = errors.Join(err, pmo.Type(row, status, fmt.Sprint("x", i)), pmo.Sort(status, i%2 == 0), pmo.Filter(status, "x"))
			s.MoveColumns(book1, "Sheet1", 0, 1, 2)
		}
		done <- err
	}()
	for last := int64(0); ; {
		select {
		case err := <-done:
			must(t, err)
			return
		default:
		}
		sheet := view(t, s)
		if sheet.Shown != 2 || len(sheet.Columns) != 2 || sheet.Version < last {
			t.Fatalf("got %+v, want two rows and two columns at every moment", sheet)
		}
		last = sheet.Version
	}
}
