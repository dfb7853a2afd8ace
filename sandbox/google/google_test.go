package google

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"
)

const book1 = "1AbC"

// start serves a stand-in with one spreadsheet, and returns a client that signs in as the service account.
func start(t *testing.T, options Options) (*Server, *sheets.Service) {
	t.Helper()
	s, url := serve(t, options)
	return s, signIn(t, s, url)
}

func serve(t *testing.T, options Options) (_ *Server, url string) {
	t.Helper()
	s := New(options)
	s.AddSpreadsheet(book1, "Portfolio")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// signIn returns a client that has no token yet.
func signIn(t *testing.T, s *Server, url string) *sheets.Service {
	t.Helper()
	service, err := sheets.NewService(t.Context(),
		option.WithAuthCredentialsJSON(option.ServiceAccount, s.Credentials(url)),
		option.WithScopes(sheets.SpreadsheetsScope), option.WithEndpoint(url+"/"), option.WithTelemetryDisabled())
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func batch(ctx context.Context, service *sheets.Service, requests ...*sheets.Request) ([]*sheets.Response, error) {
	answer, err := service.Spreadsheets.BatchUpdate(book1, &sheets.BatchUpdateSpreadsheetRequest{Requests: requests}).Context(ctx).Do()
	if err != nil {
		return nil, err
	}
	return answer.Replies, nil
}

// wantRefused checks status and text of an answer.
func wantRefused(t *testing.T, err error, code int, words string) {
	t.Helper()
	answer, ok := errors.AsType[*googleapi.Error](err)
	if !ok || answer.Code != code || !strings.Contains(answer.Message, words) {
		t.Errorf("got %v, want %d with %q", err, code, words)
	}
}

func appendText(tab int64, texts ...string) *sheets.Request {
	row := &sheets.RowData{}
	for _, text := range texts {
		row.Values = append(row.Values, &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{StringValue: &text}})
	}
	return &sheets.Request{AppendCells: &sheets.AppendCellsRequest{SheetId: tab, Rows: []*sheets.RowData{row}, Fields: "userEnteredValue"}}
}

func fence(id int64, value string) *sheets.Request {
	return &sheets.Request{CreateDeveloperMetadata: &sheets.CreateDeveloperMetadataRequest{DeveloperMetadata: &sheets.DeveloperMetadata{
		MetadataId: id, MetadataKey: "k", MetadataValue: value, Visibility: "DOCUMENT",
		Location: &sheets.DeveloperMetadataLocation{SheetId: 0, ForceSendFields: []string{"SheetId"}},
	}}}
}

func TestBatchIsAppliedWhollyOrNot(t *testing.T) {
	s, service := start(t, Options{})
	replies, err := batch(t.Context(), service, fence(7, "a"), appendText(0, "one"))
	if err != nil || len(replies) != 2 || replies[0].CreateDeveloperMetadata == nil {
		t.Fatalf("got %v and %v, want two replies, the first one filled", replies, err)
	}
	_, err = batch(t.Context(), service, appendText(0, "two"), fence(7, "b"))
	wantRefused(t, err, 400, "Invalid requests[1].createDeveloperMetadata: Cannot add developer metadata with ID [7]")
	if got := s.Rows(book1, "Sheet1"); len(got) != 1 {
		t.Errorf("got %v, want only the first row", got)
	}
	if got := s.Metadata(book1); len(got) != 1 || got[0].MetadataValue != "a" {
		t.Errorf("metadata: got %+v, want the first one", got)
	}
}

func TestSwitches(t *testing.T) {
	t.Run("duplicate metadata", func(t *testing.T) {
		s, service := start(t, Options{DuplicateMetadata: true})
		if _, err := batch(t.Context(), service, fence(7, "a"), fence(7, "b")); err != nil {
			t.Fatal(err)
		}
		if got := len(s.Metadata(book1)); got != 2 {
			t.Errorf("got %d, want both", got)
		}
	})
	t.Run("delete missing", func(t *testing.T) {
		gone := &sheets.Request{DeleteDeveloperMetadata: &sheets.DeleteDeveloperMetadataRequest{DataFilter: &sheets.DataFilter{
			DeveloperMetadataLookup: &sheets.DeveloperMetadataLookup{MetadataId: 9},
		}}}
		_, service := start(t, Options{})
		if _, err := batch(t.Context(), service, gone); err != nil {
			t.Errorf("by default: got %v, want done", err)
		}
		_, service = start(t, Options{DeleteMissingRefused: true})
		_, err := batch(t.Context(), service, gone)
		wantRefused(t, err, 400, "No developer metadata")
	})
	t.Run("hidden rows", func(t *testing.T) {
		for after, want := range map[bool][]string{false: {"a", "b", "c"}, true: {"a", "c", "b"}} {
			s, service := start(t, Options{AppendAfterVisible: after})
			for i, text := range []string{"a", "b"} {
				s.TypeInto(book1, "Sheet1", i, 0, text)
			}
			s.HideRows(book1, "Sheet1", 1, 2)
			if _, err := batch(t.Context(), service, appendText(0, "c")); err != nil {
				t.Fatal(err)
			}
			if got := column(s, "Sheet1", 0); !slices.Equal(got, want) {
				t.Errorf("AppendAfterVisible %v: got %v, want %v", after, got, want)
			}
		}
	})
	t.Run("protected", func(t *testing.T) {
		for _, options := range []Options{{}, {ProtectedForbidden: true}, {Localised: true}} {
			s, service := start(t, options)
			s.Protect(book1, "Sheet1")
			_, err := batch(t.Context(), service, appendText(0, "x"))
			code, words := 400, "You are trying to edit a protected cell"
			if options.ProtectedForbidden {
				code = 403
			}
			if options.Localised {
				words = "Esta celda o este objeto"
			}
			wantRefused(t, err, code, words)
			s.TypeInto(book1, "Sheet1", 0, 0, "the owner may")
			s.Unprotect(book1, "Sheet1")
			if _, err := batch(t.Context(), service, appendText(0, "x")); err != nil {
				t.Errorf("no longer protected: got %v", err)
			}
		}
	})
	t.Run("format of new rows", func(t *testing.T) {
		for isPlain, want := range map[bool]bool{false: true, true: false} {
			s, service := start(t, Options{NewRowsPlain: isPlain})
			all := &sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
				Range: &sheets.GridRange{}, Cell: &sheets.CellData{UserEnteredFormat: &sheets.CellFormat{WrapStrategy: "CLIP"}},
				Fields: "userEnteredFormat.wrapStrategy",
			}}
			s.TypeInto(book1, "Sheet1", 999, 0, "the last row")
			if _, err := batch(t.Context(), service, all, appendText(0, "x")); err != nil {
				t.Fatal(err)
			}
			if cell := s.Cells(book1, "Sheet1")[1000][0]; (cell.UserEnteredFormat != nil) != want {
				t.Errorf("NewRowsPlain %v: got format %v", isPlain, cell.UserEnteredFormat)
			}
		}
	})
	t.Run("tabs in get", func(t *testing.T) {
		for all, want := range map[bool]int{false: 1, true: 2} {
			s, service := start(t, Options{AllSheetsInGet: all})
			s.AddTab(book1, "Two")
			got, err := service.Spreadsheets.Get(book1).Ranges("Two!A1").Fields("sheets.properties.title").Do()
			if err != nil || len(got.Sheets) != want {
				t.Errorf("AllSheetsInGet %v: got %+v and %v, want %d tabs", all, got, err, want)
			}
		}
	})
}

func column(s *Server, title string, index int) []string {
	var texts []string
	for _, row := range s.Rows(book1, title) {
		if index < len(row) {
			texts = append(texts, row[index])
			continue
		}
		texts = append(texts, "")
	}
	return texts
}

func TestLimits(t *testing.T) {
	_, service := start(t, Options{MaxCells: 26*1000 + 50, MaxMetadata: 20, WritesPerMinute: -1})
	tests := []struct {
		name    string
		request *sheets.Request
		words   string
	}{
		{"cell", appendText(0, strings.Repeat("ä", 50_001)), "more than the maximum of 50000 characters"},
		{"tab", appendText(99, "x"), "No grid with id: 99"},
		{"title", &sheets.Request{AddSheet: &sheets.AddSheetRequest{Properties: &sheets.SheetProperties{Title: "Sheet1"}}}, `A sheet with the name "Sheet1" already exists`},
		{"cells", &sheets.Request{AppendDimension: &sheets.AppendDimensionRequest{Dimension: "COLUMNS", Length: 1}}, "above the limit of 26050 cells"},
		{"mask", &sheets.Request{AppendCells: &sheets.AppendCellsRequest{Rows: []*sheets.RowData{{}}}}, "At least one field must be listed"},
		{"unknown in mask", &sheets.Request{AppendCells: &sheets.AppendCellsRequest{Rows: []*sheets.RowData{{}}, Fields: "userEnteredFormat.colour"}}, "Invalid field"},
		{"outside", &sheets.Request{UpdateCells: &sheets.UpdateCellsRequest{
			Start: &sheets.GridCoordinate{RowIndex: 1000}, Rows: []*sheets.RowData{{Values: []*sheets.CellData{{}}}}, Fields: "*",
		}}, "exceeds grid limits. Max rows: 1000, max columns: 26"},
		{"repeat outside", &sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
			Range: &sheets.GridRange{StartRowIndex: 1000}, Cell: &sheets.CellData{}, Fields: "*",
		}}, "exceeds grid limits"},
		{"metadata", fence(1, strings.Repeat("x", 30)), "storage limit"},
		{"id", fence(1<<31, "x"), "TYPE_INT32"},
		{"frozen", &sheets.Request{UpdateSheetProperties: &sheets.UpdateSheetPropertiesRequest{
			Properties: &sheets.SheetProperties{GridProperties: &sheets.GridProperties{FrozenRowCount: 1000}}, Fields: "gridProperties.frozenRowCount",
		}}, "can't freeze"},
		{"last tab", &sheets.Request{DeleteSheet: &sheets.DeleteSheetRequest{}}, "can't remove all"},
	}
	for _, tt := range tests {
		_, err := batch(t.Context(), service, tt.request)
		wantRefused(t, err, 400, tt.words)
	}
	_, err := batch(t.Context(), service, &sheets.Request{AddTable: &sheets.AddTableRequest{}})
	wantRefused(t, err, 501, "addTable")
	id := &sheets.Request{AddSheet: &sheets.AddSheetRequest{Properties: &sheets.SheetProperties{
		SheetId: 5, Title: "Five", GridProperties: &sheets.GridProperties{RowCount: 2, ColumnCount: 2},
	}}}
	if _, err := batch(t.Context(), service, id); err != nil {
		t.Fatal(err)
	}
	id.AddSheet.Properties.Title = "Another"
	_, err = batch(t.Context(), service, id)
	wantRefused(t, err, 400, "ID 5 already exists")
}

func TestUnknownFieldIsRefused(t *testing.T) {
	s, service := start(t, Options{})
	if _, err := service.Spreadsheets.Get(book1).Do(); err != nil { // so that there is a token
		t.Fatal(err)
	}
	var token string
	for token = range s.tokens {
	}
	for _, body := range []string{
		`{"requests":[{"appendCells":{"sheetId":0,"row":[]}}]}`,
		`{"requests":[{"appendCells":{"fields":"*","rows":[{"values":[{"userEnteredValue":{"stringvalue":"x"}}]}]}}]}`,
		`{"request":[]}`, `{"requests":[]}`, `{"requests":`, `[]`,
	} {
		r := httptest.NewRequest(http.MethodPost, "/v4/spreadsheets/"+book1+":batchUpdate", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "INVALID_ARGUMENT") {
			t.Errorf("%s: got %d %s, want 400", body, w.Code, w.Body)
		}
	}
}

func TestAccess(t *testing.T) {
	s, service := start(t, Options{})
	get := func() error {
		_, err := service.Spreadsheets.Get(book1).Do()
		return err
	}
	if err := get(); err != nil {
		t.Fatal(err)
	}
	s.Share(book1, false)
	wantRefused(t, get(), 403, "does not have permission")
	s.Share(book1, true)
	_, err := service.Spreadsheets.Get("another").Do()
	wantRefused(t, err, 404, "not found")
	s.ForgetTokens()
	wantRefused(t, get(), 401, "invalid authentication credentials")
}

func TestTokenEndpoint(t *testing.T) {
	s := New(Options{})
	server := httptest.NewServer(s)
	defer server.Close()
	other := New(Options{}) // another key
	for name, credentials := range map[string][]byte{
		"another account's key": other.Credentials(server.URL),
		"another audience":      bytes.ReplaceAll(s.Credentials("http://localhost:1"), []byte("http://localhost:1"), []byte(server.URL+"/x/..")),
		"another e-mail":        bytes.ReplaceAll(s.Credentials(server.URL), []byte(Email), []byte("x@y.example")),
	} {
		service, err := sheets.NewService(t.Context(), option.WithAuthCredentialsJSON(option.ServiceAccount, credentials),
			option.WithScopes(sheets.SpreadsheetsScope), option.WithEndpoint(server.URL+"/"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Spreadsheets.Get(book1).Do(); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	for _, form := range []string{"", "grant_type=x", "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c"} {
		answer, err := http.Post(server.URL+"/token", "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "invalid_grant") {
			t.Errorf("%q: got %d %s, want invalid_grant", form, answer.StatusCode, body)
		}
	}
	if answer := httptest.NewRecorder(); true {
		s.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/nothing", nil))
		if answer.Code != 404 {
			t.Errorf("no such path: got %d", answer.Code)
		}
	}
}

func TestQuotas(t *testing.T) {
	_, service := start(t, Options{ReadsPerMinute: 2, WritesPerMinute: 1})
	var last error
	for range 7 { // a minute may turn, twice as many are never let through
		_, last = service.Spreadsheets.Get(book1).Do()
	}
	wantRefused(t, last, 429, "'Read requests per minute per user'")
	for range 4 {
		_, last = batch(t.Context(), service, appendText(0, "x"))
	}
	wantRefused(t, last, 429, "'Write requests per minute per user'")
	if answer, ok := errors.AsType[*googleapi.Error](last); !ok || !strings.Contains(answer.Body, `"RATE_LIMIT_EXCEEDED"`) {
		t.Errorf("got %v, want the reason in the details", last)
	}
}

// TestAppendValues plays the example of developers.google.com/workspace/sheets/api/guides/values: two tables, A1:C2 and
// B4:D6.
func TestAppendValues(t *testing.T) {
	for where, want := range map[string]string{
		"Sheet1": "B7", "B4": "B7", "C5:D5": "B7", "B2:D4": "B7", "A3:G10": "B7", "A1": "A3", "E4": "E4", "A4": "A4",
	} {
		s, service := start(t, Options{})
		for _, table := range []area{{0, 2, 0, 3}, {3, 6, 1, 4}} {
			for i := table.row; i < table.rowEnd; i++ {
				for j := table.column; j < table.columnEnd; j++ {
					s.TypeInto(book1, "Sheet1", i, j, "x")
				}
			}
		}
		got, err := service.Spreadsheets.Values.Append(book1, where, &sheets.ValueRange{Values: [][]any{{"new"}}}).
			ValueInputOption("RAW").Do()
		if err != nil || got.Updates.UpdatedRange != "Sheet1!"+want+":"+want || got.Updates.UpdatedRows != 1 {
			t.Errorf("append at %s: got %+v, error %v, want it at %s", where, got, err, want)
		}
	}
	_, service := start(t, Options{})
	_, err := service.Spreadsheets.Values.Append(book1, "A1", &sheets.ValueRange{}).Do()
	wantRefused(t, err, 400, "'valueInputOption' is required")
}

func TestGetValues(t *testing.T) {
	s, service := start(t, Options{})
	s.RenameTab(book1, "Sheet1", "Лог 'x'")
	for i, text := range []string{"=1+1", "TRUE", "2.5", "text"} {
		s.TypeInto(book1, "Лог 'x'", i, i, text)
	}
	get := func(where, by, render string) string {
		got, err := service.Spreadsheets.Values.Get(book1, where).MajorDimension(by).ValueRenderOption(render).Do()
		if err != nil {
			return err.Error()
		}
		data, _ := json.Marshal(got.Values)
		return got.Range + string(data)
	}
	title := "'Лог ''x'''!"
	for _, tt := range []struct{ where, by, render, want string }{
		{title + "A1:C3", "ROWS", "FORMATTED_VALUE", title + `A1:C3[["[computed: =1+1]"],["","TRUE"],["","","2.5"]]`},
		{title + "B:C", "COLUMNS", "UNFORMATTED_VALUE", title + `B1:C1000[["",true],["","",2.5]]`},
		{title + "5:9", "ROWS", "UNFORMATTED_VALUE", title + "A5:Z9null"},
		{title + "D4", "ROWS", "UNFORMATTED_VALUE", title + `D4:D4[["text"]]`},
		{title + "D4:ZZ9999", "ROWS", "UNFORMATTED_VALUE", title + `D4:Z1000[["text"]]`},
		{"B2", "ROWS", "FORMATTED_VALUE", title + `B2:B2[["TRUE"]]`},
	} {
		if got := get(tt.where, tt.by, tt.render); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.where, got, tt.want)
		}
	}
	for where, words := range map[string]string{
		"Nope!A:B": "Unable to parse range: Nope!A:B", title + "A1001:B": "exceeds grid limits. Max rows: 1000, max columns: 26",
		title + "AA1": "exceeds grid limits", title + "?": "Unable to parse range",
	} {
		if got := get(where, "ROWS", "FORMATTED_VALUE"); !strings.Contains(got, words) {
			t.Errorf("%s: got %s, want %q", where, got, words)
		}
	}
}

func TestMask(t *testing.T) {
	answer := map[string]any{"a": []any{map[string]any{"b": 1.0, "c": map[string]any{"d": 2.0, "e": 3.0}}}, "f": 4.0}
	for fields, want := range map[string]string{
		"":           `{"a":[{"b":1,"c":{"d":2,"e":3}}],"f":4}`,
		"f":          `{"f":4}`,
		"a.c.d":      `{"a":[{"c":{"d":2}}]}`,
		"a(b,c/e),f": `{"a":[{"b":1,"c":{"e":3}}],"f":4}`,
		"a.b,a.c":    `{"a":[{"b":1,"c":{"d":2,"e":3}}]}`,
		"a,a.b":      `{"a":[{"b":1,"c":{"d":2,"e":3}}]}`,
		"nothing":    `{}`,
	} {
		got, err := mask(answer, fields)
		data, _ := json.Marshal(got)
		if err != nil || string(data) != want {
			t.Errorf("%q: got %s, error %v, want %s", fields, data, err, want)
		}
	}
	for _, fields := range []string{"a(", "a)", "(a)", "a,,b", "a.", ","} {
		if got, err := mask(answer, fields); err == nil {
			t.Errorf("%q: got %v, want an error", fields, got)
		}
	}
}

func TestShown(t *testing.T) {
	for _, tt := range []struct {
		value               float64
		kind, pattern, want string
	}{
		{46082.604166666664, "DATE_TIME", "yyyy-mm-dd hh:mm", "2026-03-01 14:30"},
		{46082, "DATE", "yyyy-mm-dd", "2026-03-01"},
		{-1234567.5, "NUMBER", "#,##0.00", "-1,234,567.50"},
		{999, "NUMBER", "#,##0", "999"},
		{0.25, "NUMBER", "0 %", "25 %"},
		{1e21, "", "", "1000000000000000000000"},
	} {
		got := shownNumber(tt.value, &sheets.CellFormat{NumberFormat: &sheets.NumberFormat{Type: tt.kind, Pattern: tt.pattern}})
		if got != tt.want {
			t.Errorf("%v as %q: got %q, want %q", tt.value, tt.pattern, got, tt.want)
		}
	}
}

func TestHands(t *testing.T) {
	s, _ := start(t, Options{})
	for j, header := range []string{"A", "B", "C"} {
		s.TypeInto(book1, "Sheet1", 0, j, header)
		for i := range 3 {
			s.TypeInto(book1, "Sheet1", i+1, j, fmt.Sprint(header, 3-i))
		}
	}
	s.SortBy(book1, "Sheet1", 0, false)
	s.MoveColumns(book1, "Sheet1", 0, 1, 3)
	s.InsertColumn(book1, "Sheet1", 1)
	s.InsertRow(book1, "Sheet1", 2)
	s.DeleteRow(book1, "Sheet1", 1)
	got := fmt.Sprint(s.Rows(book1, "Sheet1"))
	if want := "[[B  C A] [] [B2  C2 A2] [B3  C3 A3]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.AddTab(book1, "Two")
	s.RenameTab(book1, "Sheet1", "One")
	s.DeleteTab(book1, "Two")
	if got := s.Tabs(book1); !slices.Equal(got, []string{"One"}) {
		t.Errorf("tabs: got %v, want One", got)
	}
	if s.Rows(book1, "Two") != nil || s.Rows("another", "x") != nil || s.Tabs("another") != nil || s.Metadata("another") != nil {
		t.Error("what is not there: got something")
	}
	defer func() {
		if recover() == nil {
			t.Error("deleting a tab that is not there: got no panic")
		}
	}()
	s.DeleteTab(book1, "Two")
}

func TestProtectedParts(t *testing.T) {
	for name, tt := range map[string]struct {
		part    sheets.GridRange
		refused bool
	}{
		"the header row":           {sheets.GridRange{EndRowIndex: 1}, false},
		"the rows below":           {sheets.GridRange{StartRowIndex: 1}, true},
		"a column that is written": {sheets.GridRange{StartColumnIndex: 1, EndColumnIndex: 2}, true},
		"a column behind it":       {sheets.GridRange{StartColumnIndex: 2}, false},
		"all of it":                {sheets.GridRange{}, true},
	} {
		s, service := start(t, Options{})
		s.TypeInto(book1, "Sheet1", 0, 0, "Name")
		s.ProtectRange(book1, "Sheet1", tt.part)
		if _, err := batch(t.Context(), service, appendText(0, "x", "y")); (err != nil) != tt.refused {
			t.Errorf("%s: got %v, want refused: %v", name, err, tt.refused)
		}
	}
}

func TestCheckboxesAreData(t *testing.T) {
	s, service := start(t, Options{})
	s.TypeInto(book1, "Sheet1", 0, 0, "Name")
	s.Checkboxes(book1, "Sheet1", 2)
	if _, err := batch(t.Context(), service, appendText(0, "x")); err != nil {
		t.Fatal(err)
	}
	rows := s.Rows(book1, "Sheet1")
	if len(rows) != 1001 || rows[1000][0] != "x" || rows[999][2] != "FALSE" || len(rows[0]) != 1 {
		t.Errorf("got %d rows, the last one %q, want it in row 1001, behind 999 checkboxes", len(rows), rows[len(rows)-1])
	}
}

func TestTitlesInAnyCase(t *testing.T) {
	s, service := start(t, Options{})
	_, err := batch(t.Context(), service, &sheets.Request{AddSheet: &sheets.AddSheetRequest{
		Properties: &sheets.SheetProperties{Title: "SHEET1"},
	}})
	wantRefused(t, err, 400, "already exists")
	s.TypeInto(book1, "Sheet1", 0, 0, "Name")
	got, err := service.Spreadsheets.Values.Get(book1, "'sheet1'!A1").Context(t.Context()).Do()
	if err != nil || len(got.Values) != 1 {
		t.Errorf("a range by the title in other case: got %v and %v, want the cell", got, err)
	}
	s.RenameTab(book1, "Sheet1", "sheet1") // its own title is free
}

func TestMetadataDiesWithItsTab(t *testing.T) {
	s, service := start(t, Options{})
	s.AddTab(book1, "Two")
	if _, err := batch(t.Context(), service, fence(7, "a")); err != nil {
		t.Fatal(err)
	}
	got, err := service.Spreadsheets.DeveloperMetadata.Get(book1, 7).Do()
	if err != nil || got.MetadataValue != "a" || got.Location.LocationType != "SHEET" {
		t.Errorf("got %+v and %v, want it on the tab", got, err)
	}
	s.DeleteTab(book1, "Sheet1")
	_, err = service.Spreadsheets.DeveloperMetadata.Get(book1, 7).Do()
	wantRefused(t, err, 404, "not found")
}
