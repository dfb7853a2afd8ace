package sheets

import (
	"strings"
	"testing"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// spoilt is an effect whose content Google refuses.
func spoilt(t *testing.T, s *Sink) sinks.Effect {
	t.Helper()
	effect := compose(t, s, item(1, "bad"))
	effect.Content = []byte(strings.Replace(string(effect.Content), `"bad"`, `"`+strings.Repeat("x", 50_001)+`"`, 1))
	return effect
}

// TestProtectedElsewhere: what is protected where no rows are added does not stop the tab, nor is it blamed for a cell
// that Google refuses.
func TestProtectedElsewhere(t *testing.T) {
	for name, part := range map[string]sheets.GridRange{
		"the header row":      {EndRowIndex: 1},
		"old rows":            {StartRowIndex: 1, EndRowIndex: 3},
		"columns behind ours": {StartColumnIndex: 7},
	} {
		for _, options := range some("as believed", "protected is 403") {
			w := newWorld(t, options)
			s := w.sink(t)
			first, second, third := item(2, "first"), item(1, "second"), item(1, "third")
			tell(t, s, first)
			w.InsertColumn(book, tab, 6)
			w.MoveColumns(book, tab, 6, 7, 8)
			w.ProtectRange(book, tab, part)
			s.view = nil
			tell(t, s, second)
			if failure := failing(t, s, spoilt(t, s), sinks.Void); failure.Reason != sinks.ReasonContent {
				t.Errorf("%s: got %s (%v), want content-refused", name, failure.Reason, failure.Err)
			}
			tell(t, s, third)
			w.wantKeys(t, first, second, third)
		}
	}
}

// TestProtectedInTheWay: the error names what a person must change.
func TestProtectedInTheWay(t *testing.T) {
	for name, tt := range map[string]struct {
		part  sheets.GridRange
		words string
	}{
		"the tab":               {sheets.GridRange{}, "a part of it is protected"},
		"the rows that follow":  {sheets.GridRange{StartRowIndex: 2}, "a part of it is protected"},
		"a column of ours":      {sheets.GridRange{StartColumnIndex: 3, EndColumnIndex: 4}, `its column D, "Name", is protected; let`},
		"ours and a person's":   {sheets.GridRange{EndColumnIndex: 2}, `its column B, "When", is protected; let`},
		"a column of a person":  {sheets.GridRange{EndColumnIndex: 1}, `its column A, "Reviewed", is protected, and stands in front`},
		"a part of that column": {sheets.GridRange{StartRowIndex: 1, EndColumnIndex: 1}, `move it behind column H`},
	} {
		for _, options := range some("as believed", "protected is 403", "texts are Spanish") {
			w := newWorld(t, options)
			s := w.sink(t)
			first, second := item(1, "first"), item(1, "second")
			tell(t, s, first)
			w.InsertColumn(book, tab, 0)
			w.TypeInto(book, tab, 0, 0, "Reviewed")
			w.ProtectRange(book, tab, tt.part)
			s.view = nil
			failure := failing(t, s, compose(t, s, second), sinks.Park)
			if failure.Reason != sinks.ReasonTargetRefuses || !strings.Contains(failure.Error(), tt.words) {
				t.Errorf("%s: got %s, %q; want target-refuses and %q in it", name, failure.Reason, failure.Err, tt.words)
			}
			w.Unprotect(book, tab)
			tell(t, s, second)
			w.wantKeys(t, first, second)
		}
	}
}

// TestProtectedByAWarning: a range that only warns, or that the service account may edit, is in nobody's way.
func TestProtectedByAWarning(t *testing.T) {
	v := &view{id: 7, headers: []string{"Name", keyHeader}, columns: map[string]int{"Name": 0, keyHeader: 1}}
	for name, tt := range map[string]struct {
		protected sheets.ProtectedRange
		want      bool
	}{
		"warning":      {sheets.ProtectedRange{Range: &sheets.GridRange{SheetId: 7}, WarningOnly: true}, false},
		"ours to edit": {sheets.ProtectedRange{Range: &sheets.GridRange{SheetId: 7}, RequestingUserCanEdit: true}, false},
		"no range":     {sheets.ProtectedRange{}, true},
		"protected":    {sheets.ProtectedRange{Range: &sheets.GridRange{SheetId: 7}}, true},
	} {
		for id, counts := range map[int64]bool{7: true, 8: false} {
			all := &sheets.Spreadsheet{Sheets: []*sheets.Sheet{{
				Properties: &sheets.SheetProperties{SheetId: id}, ProtectedRanges: []*sheets.ProtectedRange{&tt.protected},
			}}}
			if got := v.guarded(all, 1) != ""; got != (tt.want && counts) {
				t.Errorf("%s on tab %d: got %v, want %v", name, id, got, tt.want && counts)
			}
		}
	}
}

// TestNotSharedIsNotProtected: a 403 of a spreadsheet that is no longer shared keeps its own words.
func TestNotSharedIsNotProtected(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	tell(t, s, item(1, "first"))
	w.proxy.beforeAppend(func() { w.Share(book, false) })
	failure := failing(t, s, compose(t, s, item(1, "second")), sinks.Park)
	if failure.Reason != sinks.ReasonPermission || !strings.Contains(failure.Error(), google.Email) {
		t.Errorf("got %s (%v), want permission, and whom to share it with", failure.Reason, failure.Err)
	}
}
