package google

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/auth"
	"google.golang.org/api/googleapi"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// bring makes a condition true, or false again: twice, which is the same as once.
func bring(t *testing.T, s *Server, name, where string, on bool) {
	t.Helper()
	all := s.Conditions()
	i := slices.IndexFunc(all, func(c fault.Condition) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no condition %q", name)
	}
	for range 2 {
		if err := all[i].Set(on, where); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// code returns how a write by a client without a token is refused: by which status, whether by the token server, and the
// text.
func code(t *testing.T, s *Server, url string) (status int, token bool, text string) {
	t.Helper()
	_, err := batch(t.Context(), signIn(t, s, url), appendText(0, "d"))
	if failed, ok := errors.AsType[*auth.Error](err); ok {
		return failed.Response.StatusCode, true, string(failed.Body)
	}
	if failed, ok := errors.AsType[*googleapi.Error](err); ok {
		return failed.Code, false, failed.Message
	}
	if err != nil {
		t.Fatal(err)
	}
	return 200, false, ""
}

// TestConditionsThatRefuse: each refuses a write in its way, and lets it pass again when it is over.
func TestConditionsThatRefuse(t *testing.T) {
	const timeframe = "in a reasonable timeframe"
	tests := []struct {
		name, where string
		status      int
		token       bool
		text        string
	}{
		{"token-server-down", "", 503, true, "Service Unavailable"},
		{"key-revoked", "", 400, true, "invalid_grant"},
		{"clock-ahead", "", 400, true, timeframe},
		{"clock-behind", "", 400, true, timeframe},
		{"quota-used-up", "", 429, false, "Quota exceeded"},
		{"not-shared", book1, 403, false, "permission"},
		{"tab-protected", "Sheet1", 400, false, "protected cell"},
		{"range-protected", "Sheet1", 400, false, "protected cell"},
		{"tab-deleted", "Sheet1", 400, false, "No grid with id: 0"},
	}
	s, url := serve(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.AddSpreadsheet(book1, "Portfolio") // an empty one again
			s.AddTab(book1, "Other")
			for range 2 {
				bring(t, s, tt.name, tt.where, true)
				if status, token, text := code(t, s, url); status != tt.status || token != tt.token || !strings.Contains(text, tt.text) {
					t.Errorf("got %d %q, by the token server: %t; want %d %q, %t", status, text, token, tt.status, tt.text, tt.token)
				}
				bring(t, s, tt.name, tt.where, false)
				if status, _, text := code(t, s, url); status != 200 {
					t.Errorf("it is over: got %d %q", status, text)
				}
			}
			if got := len(s.Rows(book1, "Sheet1")); got != 2 {
				t.Errorf("got %d rows, want 2", got)
			}
		})
	}
}

// TestDeeds: what people do in a tab in which somebody writes on, and what is left when they take it back.
func TestDeeds(t *testing.T) {
	tests := []struct{ name, during, over string }{
		{"column-moved", "Name Key, 1 a, 3 c, 2 b, _ d", "Key Name, a 1, c 3, b 2, d"},
		{"column-renamed", "Key_(renamed) Name, a 1, c 3, b 2, d", "Key Name, a 1, c 3, b 2, d"},
		{"row-inserted", "Key Name, , a 1, c 3, b 2, d", "Key Name, a 1, c 3, b 2, d"},
		{"rows-sorted", "Key Name, c 3, b 2, a 1, d", "Key Name, a 1, b 2, c 3, d"},
		{"rows-filtered", "Key Name, d, a 1, c 3, b 2", "Key Name, d, a 1, c 3, b 2"},
		{"tab-renamed", "", "Key Name, a 1, c 3, b 2, d"},
	}
	s, service := start(t, Options{AppendAfterVisible: true, WritesPerMinute: -1})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.AddSpreadsheet(book1, "Portfolio") // an empty one again
			for _, row := range [][]string{{"Key", "Name"}, {"a", "1"}, {"c", "3"}, {"b", "2"}} {
				if _, err := batch(t.Context(), service, appendText(0, row...)); err != nil {
					t.Fatal(err)
				}
			}
			bring(t, s, tt.name, "Sheet1", true)
			written := appendText(0, "d")
			if tt.name == "column-moved" { // whoever writes has seen it
				written = appendText(0, "", "d")
			}
			if _, err := batch(t.Context(), service, written); err != nil {
				t.Fatal(err)
			}
			wantTab(t, s, tt.during)
			bring(t, s, tt.name, "Sheet1", false)
			wantTab(t, s, tt.over)
		})
	}
}

// wantTab checks the rows of the tab, with blanks as "_".
func wantTab(t *testing.T, s *Server, want string) {
	t.Helper()
	var rows []string
	for _, row := range s.Rows(book1, "Sheet1") {
		for i, cell := range row {
			row[i] = strings.ReplaceAll(cell, " ", "_")
			if cell == "" {
				row[i] = "_"
			}
		}
		rows = append(rows, strings.Join(row, " "))
	}
	if got := strings.Join(rows, ", "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDeletedTabComesBackWithItsFences: and only once, and not where somebody has made it anew.
func TestDeletedTabComesBackWithItsFences(t *testing.T) {
	s, service := start(t, Options{})
	s.AddTab(book1, "Other")
	if _, err := batch(t.Context(), service, fence(7, "a"), appendText(0, "one")); err != nil {
		t.Fatal(err)
	}
	bring(t, s, "tab-deleted", book1+"/Sheet1", true)
	if got := s.Tabs(book1); !slices.Equal(got, []string{"Other"}) || len(s.Metadata(book1)) != 0 {
		t.Errorf("deleted: got tabs %q and %d fences", got, len(s.Metadata(book1)))
	}
	bring(t, s, "tab-deleted", book1+"/Sheet1", false)
	if got := column(s, "Sheet1", 0); !slices.Equal(got, []string{"one"}) || len(s.Metadata(book1)) != 1 {
		t.Errorf("back: got rows %q and %d fences", got, len(s.Metadata(book1)))
	}
	bring(t, s, "tab-deleted", "sheet1", true)
	s.AddTab(book1, "Sheet1")
	bring(t, s, "tab-deleted", "Sheet1", false)
	if got := s.Tabs(book1); !slices.Equal(got, []string{"Other", "Sheet1"}) || s.Rows(book1, "Sheet1") != nil {
		t.Errorf("made anew: got tabs %q and rows %v, want the new one alone", got, s.Rows(book1, "Sheet1"))
	}
	bring(t, s, "tab-deleted", "sheet1", true)
	if got := s.Tabs(book1); !slices.Equal(got, []string{"Other"}) {
		t.Errorf("deleted again: got tabs %q", got)
	}
}

// TestInsertedRowStaysWhenItIsUsed: only an empty row is deleted again.
func TestInsertedRowStaysWhenItIsUsed(t *testing.T) {
	s, service := start(t, Options{})
	if _, err := batch(t.Context(), service, appendText(0, "Key"), appendText(0, "a")); err != nil {
		t.Fatal(err)
	}
	bring(t, s, "row-inserted", "Sheet1", true)
	s.TypeInto(book1, "Sheet1", 1, 0, "mine")
	bring(t, s, "row-inserted", "Sheet1", false)
	wantTab(t, s, "Key, mine, a")
}

// TestQuotaStaysUsedUp: the next minute brings nothing, and no limit is no help.
func TestQuotaStaysUsedUp(t *testing.T) {
	q := quota{gone: true, minute: time.Now().Add(-time.Hour)}
	if q.read(Options{ReadsPerMinute: -1}) == nil || q.write(Options{WritesPerMinute: 60}) == nil {
		t.Error("got a read or a write, want neither")
	}
}

// TestDeedsEndWithTheirTab: what was done in a tab that is gone cannot and need not be taken back.
func TestDeedsEndWithTheirTab(t *testing.T) {
	s, _ := serve(t, Options{})
	s.AddTab(book1, "Other")
	bring(t, s, "tab-protected", "Sheet1", true)
	bring(t, s, "tab-renamed", "Other", true)
	s.DeleteTab(book1, "Sheet1")
	bring(t, s, "tab-protected", "Sheet1", false)
	s.AddTab(book1, "Other")
	bring(t, s, "tab-renamed", "Other", false)
	if got := s.Tabs(book1); !slices.Equal(got, []string{"Other (renamed)", "Other"}) {
		t.Errorf("got %q, want that both stay", got)
	}
}

func TestClockShows(t *testing.T) {
	s, service := start(t, Options{})
	bring(t, s, "clock-behind", "", true)
	_, err := service.Spreadsheets.Get(book1).Do() // its token is refused, with a date
	failed, ok := errors.AsType[*auth.Error](err)
	if !ok {
		t.Fatalf("got %v, want that the token server refuses", err)
	}
	date, err := time.Parse(time.RFC1123, failed.Response.Header.Get("Date"))
	if got := time.Until(date).Round(time.Minute); err != nil || got != -2*time.Hour {
		t.Errorf("got a date %v from now, %v, want 2 hours ago", got, err)
	}
}

func TestConditionsThatCannotBe(t *testing.T) {
	s, service := start(t, Options{})
	tests := []struct{ name, where, say string }{
		{"not-shared", "nowhere", "but " + book1},
		{"tab-deleted", "Nowhere", "but Sheet1"},
		{"tab-deleted", "Sheet1", "can't remove all the sheets"},
		{"column-moved", "Sheet1", "no columns to move"},
	}
	for _, tt := range tests {
		all := s.Conditions()
		i := slices.IndexFunc(all, func(c fault.Condition) bool { return c.Name == tt.name })
		if err := all[i].Set(true, tt.where); err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: got %v, want an error that says %q", tt.name, err, tt.say)
		}
	}
	if _, err := batch(t.Context(), service, appendText(0, "one")); err != nil {
		t.Errorf("got %v, want that nothing has changed", err)
	}
	s.AddSpreadsheet("2AbC", "Another")
	if err := s.doing(deeds()[0])(true, "Sheet1"); err == nil || !strings.Contains(err.Error(), "of which spreadsheet: "+book1+", 2AbC?") {
		t.Errorf("two spreadsheets: got %v, want the question which", err)
	}
}

// TestEveryConditionIsTested: whoever adds a condition says in words what it is, and adds it to the tests above.
func TestEveryConditionIsTested(t *testing.T) {
	s, _ := serve(t, Options{})
	var names []string
	for _, condition := range s.Conditions() {
		names = append(names, condition.Name)
		if condition.Words == "" || condition.Set == nil {
			t.Errorf("got %+v", condition)
		}
	}
	want := []string{
		"token-server-down", "key-revoked", "clock-ahead", "clock-behind", "quota-used-up", "not-shared", "tab-protected", "range-protected",
		"tab-deleted", "tab-renamed", "column-moved", "column-renamed", "row-inserted", "rows-sorted", "rows-filtered",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
