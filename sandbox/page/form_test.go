package page

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// TestFormsWorkWithoutScript sends every kind of form as it stands on the page: each is answered by a way back to it.
func TestFormsWorkWithoutScript(t *testing.T) {
	small := ppm.NewSmall().Entities
	v := open(t, fixed{}, append(small[:5:5], small[len(small)-1])...) // one of each kind
	v.PPM.AddWebhook(ppm.Webhook{URL: "http://relay.example/", EventTypes: []string{"Project:Updated"}})
	person := v.Google.Person("sandbox-spreadsheet-1", "Sheet1")
	for _, column := range []string{"Name", "Reviewed"} {
		if _, err := person.AddColumn(column, false); err != nil {
			t.Fatal(err)
		}
	}
	seen, _ := v.Google.View("sandbox-spreadsheet-1", "Sheet1", 1, 10)
	v.Google.TypeInto("sandbox-spreadsheet-1", "Sheet1", 1, 0, "One")
	v.Google.Checkboxes("sandbox-spreadsheet-1", "Sheet1", 1)
	if err := person.Filter(seen.Columns[0].ID, "One"); err != nil {
		t.Fatal(err)
	}
	v.page.slackDown(form{url.Values{"on": {"yes"}}})
	page, _ := v.get(t, "/?task=13")
	sent := map[string]bool{}
	for _, f := range page.Forms() {
		path, _, _ := strings.Cut(f.Action, "?")
		kind := path + f.Values.Get("kind") + f.Values.Get("header")
		if f.Method != http.MethodPost || sent[kind] {
			continue
		}
		sent[kind] = true
		w := v.ask(http.MethodPost, f.Action, f.Values)
		back := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(back, "/?") || !strings.Contains(back, "said=") || !strings.Contains(back, "task=13") {
			t.Errorf("%s: got %d to %q %s", f.Action, w.Code, back, w.Body)
			continue
		}
		back, _, _ = strings.Cut(back, "#")
		page, _ := v.get(t, back)
		if says := strings.Join(page.Text("p", "role", "status"), ""); says == "" {
			t.Errorf("%s: the page does not say what came of it", f.Action)
		}
	}
	for _, want := range []string{
		"/editProject", "/editTask", "/editKeyDate", "/editIdea", "/createProject", "/createTask", "/createKeyDate", "/createIdea", "/trouble/bulk", "/trouble/webhook",
		"/trouble/slack", "/trouble/google", "/trouble/repair", "/sheet/sort", "/sheet/filter", "/sheet/column", "/sheet/type", "/sheet/tick",
	} {
		if !sent[want] {
			t.Errorf("the page has no form for %s", want)
		}
	}
}

// TestUntouchedFormsChangeNothing: whatever an entity holds, its form sent as it stands is no edit.
func TestUntouchedFormsChangeNothing(t *testing.T) {
	odd := ppm.Entity{Kind: event.Project, Attributes: map[string]any{
		"Name": " two\r\nlines  ", "Description": "\n\na\r\nb\n", "Budget": json.Number("1e400"), "StartDate": "0001-01-01T00:00:00Z", "FinishDate": "soon", "OverallStatus": 77,
		"Manager": ppm.People(event.Person{ID: "a,b", Name: "Stranger"}),
	}}
	v := open(t, nil, append(ppm.NewPortfolio().Entities[:20], odd, ppm.Entity{Kind: event.KeyDate, Attributes: map[string]any{"IsComplete": true}},
		ppm.Entity{Kind: event.Idea, Attributes: map[string]any{"Stage": nil}})...)
	for _, kind := range kinds() {
		for _, e := range v.PPM.Entities(kind) {
			before := v.PPM.Version()
			got := v.send(t, "/edit", v.formOf(t, e))
			if !got.OK || v.PPM.Version() != before {
				t.Errorf("%s %v: got %+v, want no edit", kind, e.Attributes["Name"], got)
			}
		}
	}
}

func TestEditChangesWhatWasChanged(t *testing.T) {
	people := ppm.NewPortfolio().People
	tests := []struct {
		kind, name string
		set        url.Values
		want       map[string]any
	}{
		{event.Project, "Customer Portal", url.Values{"Name": {" New name "}, "Manager": {people[2].ID, people[0].ID}, "OverallStatus": {"2"}, "Budget": {"1250.50"}, "FinishDate": {"2026-12-24"}, "Description": {"a\r\nb"}}, map[string]any{
			"Name": "New name", "Manager": ppm.People(people[0], people[2]), "OverallStatus": json.Number("2"), "Budget": json.Number("1250.50"), "FinishDate": ppm.Day(2026, 12, 24), "Description": "a\nb",
		}},
		{event.Project, "Data Platform", url.Values{"Manager": nil, "StartDate": {""}, "Budget": {""}}, map[string]any{"Manager": []any{}, "StartDate": nil, "Budget": json.Number("0")}},
		{event.Task, "Write the release notes", url.Values{"Progress": {"100"}, "DueDate": {"2026-03-20"}}, map[string]any{"Progress": json.Number("100"), "DueDate": ppm.Day(2026, 3, 20)}},
		{event.KeyDate, "Release 2.0", url.Values{"IsComplete": {"yes"}}, map[string]any{"IsComplete": true, "Status": json.Number("10")}},
		{event.KeyDate, "Release 1.0", url.Values{"IsComplete": nil}, map[string]any{"IsComplete": false}},
		{event.Idea, "Chat for customers", url.Values{"Stage": {"3"}, "ExpectedCost": {"5"}}, map[string]any{"Stage": json.Number("3"), "ExpectedCost": json.Number("5")}},
	}
	v := open(t, nil)
	for _, tt := range tests {
		e := v.named(t, tt.kind, tt.name)
		values := v.formOf(t, e)
		maps.Copy(values, tt.set)
		if got := v.send(t, "/edit", values); !got.OK || !strings.HasPrefix(got.Say, "Saved.") {
			t.Errorf("%s: got %+v", tt.name, got)
		}
		now, _ := v.PPM.Entity(tt.kind, e.ID)
		for name, value := range now.Attributes {
			want, changed := tt.want[name]
			if !changed {
				want = e.Attributes[name]
			}
			if name != "LastModifiedDate" && !reflect.DeepEqual(value, want) {
				t.Errorf("%s: %s: got %v, want %v", tt.name, name, value, want)
			}
		}
	}
}

// TestOldFormTakesNothingBack: what others have changed since the form was made stays.
func TestOldFormTakesNothingBack(t *testing.T) {
	v := open(t, nil)
	e := v.named(t, event.Project, "Customer Portal")
	old := v.formOf(t, e)
	if err := v.PPM.Edit(e.Kind, e.ID, map[string]any{"Budget": 1, "OverallStatus": 2}, event.Person{}); err != nil {
		t.Fatal(err)
	}
	old.Set("OverallStatus", "10")
	v.send(t, "/edit", old)
	now, _ := v.PPM.Entity(e.Kind, e.ID)
	if now.Attributes["Budget"] != json.Number("1") || now.Attributes["OverallStatus"] != json.Number("10") {
		t.Errorf("got budget %v and status %v, want that of the other and ours", now.Attributes["Budget"], now.Attributes["OverallStatus"])
	}
	before := v.PPM.Version()
	if got := v.send(t, "/edit", old); !got.OK || v.PPM.Version() != before {
		t.Errorf("sent twice: got %+v, want no second edit", got)
	}
}

func TestFormsAreRefusedInWords(t *testing.T) {
	v := open(t, nil)
	e := v.named(t, event.Project, "Customer Portal")
	task := v.named(t, event.Task, "Write the release notes")
	tests := []struct {
		e               ppm.Entity
		field, set, say string
	}{
		{e, "Name", "", "Write a name."},
		{e, "Name", " \r\n", "Write a name."},
		{e, "Name", strings.Repeat("ä", 301), "at most 300 characters"},
		{e, "Budget", "-1", "a number from 0 to 1,000,000,000,000"},
		{e, "Budget", "1e13", "from 0"},
		{e, "Budget", "0x10", "from 0"},
		{e, "Budget", "1_000", "from 0"},
		{e, "Budget", "NaN", "from 0"},
		{e, "Budget", "much", "from 0"},
		{task, "Progress", "101", "from 0 to 100"},
		{e, "StartDate", "2026-02-30", "as 2026-04-14"},
		{e, "StartDate", "1999-12-31", "from 2000 to 2099"},
		{e, "StartDate", "10/11/2026", "as 2026-04-14"},
		{e, "FinishDate", "2026-01-01", "before the start"},
		{task, "DueDate", "2026-01-01", "before the start"},
		{e, "OverallStatus", "3", "Choose one"},
		{e, "OverallStatus", "", "Choose one"},
		{e, "Manager", "nobody-knows", "Choose among the persons"},
		{e, "Description", strings.Repeat("x", 40_001), "at most 40,000 characters"},
	}
	for _, tt := range tests {
		values, before := v.formOf(t, tt.e), v.PPM.Version()
		values[tt.field] = []string{tt.set}
		got := v.send(t, "/edit", values)
		if got.OK || !strings.Contains(got.Wrong[tt.field], tt.say) || len(got.Wrong) != 1 || v.PPM.Version() != before {
			t.Errorf("%s %.20q: got %+v, want %q", tt.field, tt.set, got, tt.say)
		}
	}
	values := v.formOf(t, e)
	values.Set("Name", "")
	values.Set("Budget", "much")
	back := v.ask(http.MethodPost, "/edit", values).Header().Get("Location")
	back, _, _ = strings.Cut(back, "#")
	page, text := v.get(t, back)
	if got := page.Text("p", "class", "wrong"); !slices.Equal(got, []string{"Write a name.", "Write a number from 0 to 1,000,000,000,000."}) {
		t.Errorf("without script: got %q, want both faults", got)
	}
	if !strings.Contains(text, `value="much"`) || !strings.Contains(text, `aria-invalid="true"`) || !strings.Contains(text, "Nothing was saved.") {
		t.Error("without script: what was entered is gone")
	}
}

func TestCreateAndDelete(t *testing.T) {
	v := open(t, nil)
	parent := v.named(t, event.Project, "Customer Portal")
	v.PPM.AddWebhook(ppm.Webhook{URL: "http://relay.example/", EventTypes: []string{"Task:Created", "Task:Deleted"}})
	for _, kind := range kinds() {
		before := len(v.PPM.Entities(kind))
		got := v.send(t, "/create", url.Values{"kind": {kind}, "Name": {"Brand new"}, "parent": {parent.ID}, "OverallStatus": {"1"}})
		if !got.OK || len(v.PPM.Entities(kind)) != before+1 {
			t.Errorf("%s: got %+v", kind, got)
		}
		if heard := strings.Contains(got.Say, "One webhook is told."); heard != (kind == event.Task) {
			t.Errorf("%s: got %q", kind, got.Say)
		}
	}
	task := v.named(t, event.Task, "Brand new")
	if task.Parent.ID != parent.ID || task.Attributes["Status"] != json.Number("0") {
		t.Errorf("got %+v, want a task of %s", task, parent.ID)
	}
	for _, values := range []url.Values{{"kind": {event.Task}, "Name": {"x"}}, {"kind": {event.Project}}, {"kind": {event.Project}, "Name": {" "}}, {"kind": {"Portfolio"}, "Name": {"x"}}, {}} {
		if got := v.send(t, "/create", values); got.OK {
			t.Errorf("%v: got %+v, want it refused", values, got)
		}
	}
	if got := v.send(t, "/delete", url.Values{"kind": {event.Task}, "id": {task.ID}}); !got.OK || got.Say != "Task “Brand new” is deleted. One webhook is told." {
		t.Errorf("got %+v", got)
	}
	for _, path := range []string{"/delete", "/edit"} {
		if got := v.send(t, path, url.Values{"kind": {event.Task}, "id": {task.ID}, "Name": {"x"}}); got.OK || !strings.Contains(got.Say, "not there any more") {
			t.Errorf("%s: got %+v, want that it is gone", path, got)
		}
	}
}

// TestOthersCannotSend: what another page sends, or a foreign name is used for, changes nothing.
func TestOthersCannotSend(t *testing.T) {
	v := open(t, nil)
	e := v.named(t, event.Project, "Customer Portal")
	before := v.PPM.Version()
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		w := v.ask(http.MethodPost, "/delete", url.Values{"kind": {e.Kind}, "id": {e.ID}}, header...)
		if w.Code != http.StatusForbidden || v.PPM.Version() != before {
			t.Errorf("%v: got %d, want 403 and nothing changed", header, w.Code)
		}
	}
	w := v.ask(http.MethodGet, "/", nil)
	if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; script-src 'self'; style-src 'self'") {
		t.Errorf("got the policy %q", got)
	}
	if got := v.send(t, "/edit", url.Values{"kind": {e.Kind}, "id": {e.ID}, "Description": {strings.Repeat("x", maxForm)}}); got.OK || !strings.Contains(got.Say, "too large") {
		t.Errorf("got %+v, want that it is too large", got)
	}
	if got := v.ask(http.MethodGet, "/delete", nil).Code; got != http.StatusMethodNotAllowed && got != http.StatusNotFound {
		t.Errorf("got %d for a GET, want that it does nothing", got)
	}
}

func TestSheetTakesHands(t *testing.T) {
	v := open(t, nil)
	cell := func(row, column int) google.SheetCell {
		seen, _ := v.Google.View("sandbox-spreadsheet-1", "Sheet1", 1, 10)
		if row >= len(seen.Rows) || column >= len(seen.Columns) {
			return google.SheetCell{}
		}
		return seen.Rows[row].Cells[column]
	}
	for _, header := range []string{"Name", "Reviewed"} {
		values := url.Values{"tab": {"Sheet1"}, "header": {header}}
		if header == "Reviewed" {
			v.Google.TypeInto("sandbox-spreadsheet-1", "Sheet1", 1, 0, "B")
			v.Google.TypeInto("sandbox-spreadsheet-1", "Sheet1", 2, 0, "A")
			values.Set("boxes", "yes")
		}
		if got := v.send(t, "/sheet/column", values); !got.OK {
			t.Fatalf("got %+v", got)
		}
	}
	seen, _ := v.Google.View("sandbox-spreadsheet-1", "Sheet1", 1, 10)
	at := func(row, column int) string {
		return "?tab=Sheet1&row=" + key(seen.Rows[row].ID) + "&column=" + key(seen.Columns[column].ID)
	}
	column := "?tab=Sheet1&column=" + key(seen.Columns[0].ID)
	steps := []struct {
		path   string
		values url.Values
		fine   func() bool
	}{
		{"/sheet/type" + at(0, 0), url.Values{"value": {"C"}}, func() bool { return cell(0, 0).Text == "C" }},
		{"/sheet/tick" + at(0, 1), url.Values{"value": {"TRUE"}}, func() bool { return cell(0, 1).Checked }},
		{"/sheet/tick" + at(0, 1), nil, func() bool { return !cell(0, 1).Checked }},
		{"/sheet/sort" + column, url.Values{"order": {"ascending"}}, func() bool { return cell(0, 0).Text == "A" }},
		{"/sheet/sort" + column, url.Values{"order": {"descending"}}, func() bool { return cell(0, 0).Text == "C" }},
		{"/sheet/filter" + column, url.Values{"value": {"a"}}, func() bool { return cell(0, 0).Text == "A" && cell(1, 0).Text == "" }},
		{"/sheet/filter?tab=Sheet1", nil, func() bool { return cell(1, 0).Text == "A" }},
	}
	for _, step := range steps {
		if got := v.send(t, step.path, step.values); !got.OK || !step.fine() {
			t.Errorf("%s %v: got %+v and %+v", step.path, step.values, got, cell(0, 0))
		}
	}
	for _, path := range []string{"/sheet/type?tab=None&row=1&column=1", "/sheet/type?tab=Sheet1&row=x", "/sheet/tick", "/sheet/sort?tab=Sheet1&column=99999", "/sheet/column?tab=Sheet1"} {
		if got := v.send(t, path, url.Values{"value": {"x"}}); got.OK || !strings.HasPrefix(got.Say, "Nothing was changed in the sheet: ") {
			t.Errorf("%s: got %+v, want it refused", path, got)
		}
	}
	for _, header := range []string{"Name", " reviewed "} { // whoever writes into the tab would have to stop at two of them
		got := v.send(t, "/sheet/column", url.Values{"tab": {"Sheet1"}, "header": {header}})
		if now, _ := v.Google.View("sandbox-spreadsheet-1", "Sheet1", 1, 10); got.OK || !strings.Contains(got.Say, "already") || len(now.Columns) != 2 {
			t.Errorf("%q: got %+v and %d columns, want it refused", header, got, len(now.Columns))
		}
	}
	if got := v.send(t, "/sheet/type"+at(0, 0), url.Values{"value": {strings.Repeat("x", 50_001)}}); got.OK || !strings.Contains(got.Say, "50,000") {
		t.Errorf("got %+v, want it refused", got)
	}
}
