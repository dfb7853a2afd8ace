package ppm_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

func TestEnvelope(t *testing.T) {
	got, err := ppm.Peek(sample(t, "Task-Updated.json"), "Task:Updated")
	if err != nil {
		t.Fatal(err)
	}
	if got.MessageID != "e6071829-3a4b-4c5d-86e7-f8091a2b3c4d" || got.WebhookID != "91b7d3c5-68e2-4a0f-8c47-2d3e4f5a6b7c" {
		t.Errorf("ids: got %q, %q", got.MessageID, got.WebhookID)
	}
	if want := (event.Ref{Kind: "Task", ID: "2f3a4b5c-6d7e-4f80-9192-a3b4c5d6e7f8", Name: "Write the release notes"}); got.Entity != want {
		t.Errorf("entity: got %v, want %v", got.Entity, want)
	}
	if want := (event.Ref{Kind: "Project", ID: "28e92b4c-3b0c-4100-83c8-80231b62efcb"}); got.Parent != want {
		t.Errorf("parent: got %v, want %v", got.Parent, want)
	}
	want := event.Person{ID: "16facc4a-8b00-4fc6-a873-6dfa72afff85", Name: "Brian Adams", Account: "brian.adams@company.com"}
	if got.Initiator != want {
		t.Errorf("initiator: got %v, want %v", got.Initiator, want)
	}
	if at := time.Date(2022, 2, 24, 15, 47, 20, 118700300, time.UTC); !got.Occurred.Equal(at) || got.Occurred.Location() != time.UTC {
		t.Errorf("occurred: got %v, want %v", got.Occurred, at)
	}
}

func TestEventSaysWhatTheEnvelopeSays(t *testing.T) {
	for _, name := range bodies(t) {
		for _, kind := range []event.Type{"", typeOf(name), "Risk:Escalated"} {
			e, failed := ppm.Decode(sample(t, name), kind)
			v, err := ppm.Peek(sample(t, name), kind)
			if (failed == nil) != (err == nil) {
				t.Errorf("%s: Decode says %v, Peek %v", name, failed, err)
			}
			if e.MessageID != v.MessageID || e.WebhookID != v.WebhookID || e.Type != v.Type || e.Entity != v.Entity ||
				e.Parent != v.Parent || e.Initiator != v.Initiator || !e.Occurred.Equal(v.Occurred) {
				t.Errorf("%s as %q: got event %v, envelope %v", name, kind, e, v)
			}
		}
	}
}

func TestOddIDsAndKeys(t *testing.T) {
	odd := decoded(t, "hostile/odd-ids.json")
	if odd.WebhookID != "{7D0F2C8E-3B7A-4F6E-9B51-0C5D2E8F4A13}" || len([]rune(odd.MessageID)) < 200 {
		t.Errorf("got ids %q, %q, want them as sent", odd.WebhookID, odd.MessageID)
	}
	if missing := decoded(t, "hostile/missing-ids.json"); missing.MessageID != "" || missing.WebhookID != "" {
		t.Errorf("got ids %q, %q, want none", missing.MessageID, missing.WebhookID)
	}
	twice := decoded(t, "hostile/duplicate-keys.json")
	if twice.MessageID != "ffffffff-0000-4000-8000-000000000014" || twice.Initiator.Name != "Anna Doe" {
		t.Errorf("got %q by %q, want the last of both", twice.MessageID, twice.Initiator.Name)
	}
	if last, _ := twice.Attributes.Get("Name"); last.Value.Text != "second name" {
		t.Errorf("Name: got %q, want the last of both", last.Value.Text)
	}
	if lower, _ := twice.Attributes.Get("name"); lower.Value.Text != "lower-case name" {
		t.Errorf("name: got %q, want the attribute of its own", lower.Value.Text)
	}
	names := decoded(t, "hostile/attribute-names.json")
	if names.Entity.ID != "28e92b4c-3b0c-4100-83c8-80231b62efcb" {
		t.Errorf("got id %q, want that of Data", names.Entity.ID)
	}
	for _, name := range []string{"", "Trailing ", "No\u00a0break", "ключ", "{{.}}", "<!channel>", "=key"} {
		if a, ok := names.Attributes.Get(name); !ok || a.Value.Text != "1" || a.Label == "" {
			t.Errorf("%q: got %v, %v, want 1 under some label", name, a, ok)
		}
	}
	if a, _ := names.Attributes.Get("Idea’s sponsor"); a.Value.Text != "typographic apostrophe" {
		t.Errorf("Idea’s sponsor: got %q", a.Value.Text)
	}
}

func TestAttributesKeepTheirOrder(t *testing.T) {
	e := decoded(t, "KeyDate-Updated.json")
	var names []string
	for _, a := range e.Attributes {
		names = append(names, a.Name)
	}
	if got, want := strings.Join(names, ","), "ShowOnTimeline,Name,Type,Date,IsComplete,Status,Description,AssignedTo"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	e := decoded(t, "hostile/numbers.json")
	for name, want := range map[string]string{
		"Impact": "9007199254740993", "Risk": "-9223372036854775809", "Cost": "12345678901234567890.123456789",
		"Revenue": "1e400", "Efforts": "-0", "Score": "0.1000000000000000055511151231257827", "AlignmentScore": "1E-7",
	} {
		if got, _ := e.Attributes.Get(name); got.Value.Text != want || got.Value.Kind != event.Number {
			t.Errorf("%s: got %s %q, want %q", name, got.Value.Kind, got.Value.Text, want)
		}
	}
}

func TestEveryOddDateIsSomethingSensible(t *testing.T) {
	e := decoded(t, "hostile/dates.json")
	if want := time.Date(2022, 2, 15, 13, 20, 44, 912045700, time.UTC); !e.Occurred.Equal(want) {
		t.Errorf("time stamp without zone: got %v, want %v", e.Occurred, want)
	}
	tests := []struct {
		name string
		kind event.Kind
		want string
	}{
		{"StartDate", event.Null, ""},
		{"FinishDate", event.Text, "2022-02-30T12:00:00Z"},
		{"No zone", event.Date, "2022-03-01T00:00:00Z"},
		{"Offset", event.Instant, "2022-02-28T11:30:00Z"},
		{"Date only", event.Date, "2022-03-01T00:00:00Z"},
		{"Nine digits", event.Instant, "2022-03-01T12:00:00.123456789Z"},
		{"Leap second", event.Text, "2016-12-31T23:59:60Z"},
		{"Far", event.Instant, "9999-12-31T23:59:59.9999999Z"},
		{"Epoch", event.Number, "1646136000000"},
		{"Empty", event.Text, ""},
		{"Legacy", event.Text, "/Date(1646136000000)/"},
		{"LastModifiedDate", event.Instant, "2022-02-15T13:20:44.5071233Z"},
	}
	for _, tt := range tests {
		a, ok := e.Attributes.Get(tt.name)
		got := a.Value.Text
		if !a.Value.Time.IsZero() {
			got = a.Value.Time.Format(time.RFC3339Nano)
		}
		if !ok || a.Value.Kind != tt.kind || got != tt.want {
			t.Errorf("%s: got %s %q, want %s %q", tt.name, a.Value.Kind, got, tt.kind, tt.want)
		}
	}
}

// value decodes one attribute.
func value(tb testing.TB, entity, name, text string) event.Value {
	tb.Helper()
	key, err := json.Marshal(name)
	if err != nil {
		tb.Fatal(err)
	}
	attributes, err := ppm.DecodeState(entity, []byte(`{`+string(key)+`:`+text+`}`))
	if err != nil {
		tb.Fatal(err)
	}
	return attributes[0].Value
}

func TestKindsOfValues(t *testing.T) {
	tests := []struct {
		name, text string
		kind       event.Kind
		want       string
	}{
		{"Budget", `12.50`, event.Money, "12.50"},
		{"Budget", `"12.50"`, event.Money, "12.50"},
		{"Budget", `"12 EUR"`, event.Text, "12 EUR"},
		{"Budget", `" 12"`, event.Text, " 12"},
		{"Budget", `"true"`, event.Text, "true"},
		{"Budget", `"1-2"`, event.Text, "1-2"},
		{"OverallStatus", `-1`, event.Choice, "-1"},
		{"OverallStatus", `"On Track"`, event.Choice, "On Track"},
		{"Score", `1`, event.Number, "1"},
		{"Name", `"2022-03-01"`, event.Text, "2022-03-01"},
		{"Name", `7`, event.Number, "7"},
		{"Tags", `"2022-03-01T12:00:00Z"`, event.Text, "2022-03-01T12:00:00Z"},
		{"Portfolio", `{"Id":"p","Name":"Digital"}`, event.Reference, "Portfolio p Digital"},
		{"Portfolio", `{"id":"p","name":"Digital"}`, event.Reference, "Portfolio p Digital"},
		{"ParentIdea", `{"Id":"i","Name":"Idea"}`, event.Reference, "Idea i Idea"},
		{"custom", `{"Id":"p","Name":"Digital"}`, event.Reference, " p Digital"},
		{"custom", `{"id":7,"fullName":"Anna Doe","imageId":null}`, event.PersonRef, " 7 Anna Doe"},
		{"custom", `{"Id":"a","FullName":null}`, event.PersonRef, " a "},
		{"custom", `{"Id":"a"}`, event.Object, `{"Id":"a"}`},
		{"custom", `{ "b" : [ 1, {"d":null,"c":"\u00e9\"<"} ], "a": 1.0 }`, event.Object, `{"A":1.0,"B":[1,{"C":"é\"<","D":null}]}`},
		{"custom", `true`, event.Boolean, ""},
		{"custom", `"yes"`, event.Text, "yes"},
		{"custom", `null`, event.Null, ""},
		{"custom", `"2022-03-01T00:00:00"`, event.Date, ""},
		{"custom", `"2022-03-01T00:00:00Z"`, event.Instant, ""},
		{"custom", `"2022-03-01T09:00:00"`, event.Instant, ""},
		{"custom", `"2022-03-01T12:00:01Z"`, event.Instant, ""},
		{"custom", `"0000-06-01T12:00:00Z"`, event.Text, "0000-06-01T12:00:00Z"},
		{"custom", `"9999-12-31T23:30:00-01:00"`, event.Text, "9999-12-31T23:30:00-01:00"},
		{"custom", `"2022-03-01T12:00:00+02:00"`, event.Instant, ""},
		{"custom", `"2022-03-01 and later"`, event.Text, "2022-03-01 and later"},
		{"StartDate", `"2022-03-01T23:30:00-05:00"`, event.Date, ""},
		{"StartDate", `1646136000000`, event.Number, "1646136000000"},
	}
	for _, tt := range tests {
		got := value(t, event.Project, tt.name, tt.text)
		said := got.Text
		if got.Ref != (event.Ref{}) {
			said = got.Ref.Kind + " " + got.Ref.ID + " " + got.Ref.Name
		}
		if got.Kind != tt.kind || said != tt.want {
			t.Errorf("%s %s: got %s %q, want %s %q", tt.name, tt.text, got.Kind, said, tt.kind, tt.want)
		}
	}
}

func TestLists(t *testing.T) {
	people := value(t, event.Project, "Manager", `[{"Id":"a","FullName":"Anna"},null,"Brian",[1,[2]]]`)
	var kinds []string
	for _, v := range people.List {
		kinds = append(kinds, string(v.Kind))
	}
	if got, want := strings.Join(kinds, ","), "person,,text,object"; people.Kind != event.List || got != want {
		t.Errorf("got %s of %s, want a list of %s", people.Kind, got, want)
	}
	if got := people.List[3].Text; got != "[1,[2]]" {
		t.Errorf("list in a list: got %q", got)
	}
	for length, kind := range map[int]event.Kind{10_000: event.List, 10_001: event.Object} {
		text := "[" + strings.Repeat("1,", length-1) + "1]"
		if got := value(t, event.Project, "custom", text); got.Kind != kind {
			t.Errorf("of %d: got %s, want %s", length, got.Kind, kind)
		}
	}
	if tags := value(t, event.Idea, "Tags", `["2022-03-01"]`); tags.List[0].Kind != event.Text {
		t.Errorf("tag: got %s, want text", tags.List[0].Kind)
	}
	if dates := value(t, event.Project, "custom", `["2022-03-01"]`); dates.List[0].Kind != event.Date {
		t.Errorf("custom: got %s, want date", dates.List[0].Kind)
	}
}

func TestAnswersOfRESTMeanTheSame(t *testing.T) {
	var list struct {
		Data []struct {
			Attributes json.RawMessage `json:"attributes"`
		} `json:"data"`
	}
	if err := json.Unmarshal(sample(t, "rest/projects-list.json"), &list); err != nil {
		t.Fatal(err)
	}
	rest, err := ppm.DecodeState(event.Project, list.Data[0].Attributes)
	if err != nil {
		t.Fatal(err)
	}
	sent := decoded(t, "Project-Updated-Followup.json")
	if changes := event.Changes(event.Event{Before: sent.Attributes, Attributes: rest}, nil); len(changes) != 0 {
		t.Errorf("got %v, want no change", changes)
	}
}

func TestBodyStaysAsItIs(t *testing.T) {
	const text = `{"Data":{"Attributes":{"X":{"b":"\u00e9","a":[{"c":1}]}},"TimeStamp":"x"}}`
	body := []byte(text)
	m, err := ppm.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	m.Event("Project:Updated")
	m.Fingerprint()
	if string(body) != text {
		t.Errorf("got %s, want %s", body, text)
	}
}

func TestStateIsWhatWasSent(t *testing.T) {
	body := sample(t, "KeyDate-Updated.json")
	m, err := ppm.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	state := m.State()
	if !json.Valid(state) || !strings.Contains(string(body), string(state)) || !strings.Contains(string(state), "ShowOnTimeline") {
		t.Errorf("got %s, want the attributes as they stand in the body", state)
	}
	again, err := ppm.DecodeState(event.KeyDate, state)
	if err != nil {
		t.Fatal(err)
	}
	e := m.Event("KeyDate:Updated")
	if changes := event.Changes(event.Event{Before: e.Attributes, Attributes: again}, nil); len(again) != 8 || len(changes) != 0 {
		t.Errorf("got %v, want the same attributes", again)
	}
	for _, text := range []string{`{}`, `{"Data":null}`, `{"Data":{"Attributes":[]}}`} {
		m, err := ppm.Parse([]byte(text))
		if err != nil || m.State() != nil {
			t.Errorf("%s: got %q, %v, want nothing", text, m.State(), err)
		}
	}
}
