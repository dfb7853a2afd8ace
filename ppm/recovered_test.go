package ppm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

func TestDifference(t *testing.T) {
	for name, test := range map[string]struct{ kind, known, read, want string }{
		"nothing":                 {event.Project, `{"Budget":1}`, `{"Budget":1}`, ""},
		"numbers by value":        {event.Project, `{"Budget":1.0,"Score":1e2}`, `{"Budget":1,"Score":100}`, ""},
		"another number":          {event.Project, `{"Budget":1}`, `{"Budget":2}`, "Budget"},
		"only common keys":        {event.Project, `{"Budget":1,"Old":1}`, `{"Budget":1,"New":2}`, ""},
		"noise":                   {event.Project, `{"LastModifiedDate":"2022-02-14T08:20:46Z","Id":"A"}`, `{"LastModifiedDate":"2022-02-15T08:20:46Z","Id":"B"}`, ""},
		"people by id":            {event.Project, `{"Manager":[{"Id":"a","FullName":"Anna"}]}`, `{"Manager":{"id":"A","fullName":"Anna Doe"}}`, ""},
		"another person":          {event.Project, `{"Manager":[{"Id":"a","FullName":"Anna"}]}`, `{"Manager":[{"id":"b","fullName":"Anna"}]}`, "Manager"},
		"null is an empty list":   {event.Project, `{"Portfolio":null,"Tags":[]}`, `{"Portfolio":[],"Tags":null}`, ""},
		"lists without order":     {event.Idea, `{"Tags":["a","b"]}`, `{"Tags":["b","a"]}`, ""},
		"a day is a day":          {event.Project, `{"StartDate":"2022-02-13T12:00:00Z"}`, `{"StartDate":"2022-02-13"}`, ""},
		"another day":             {event.Project, `{"StartDate":"2022-02-13T12:00:00Z"}`, `{"StartDate":"2022-02-14T12:00:00Z"}`, "StartDate"},
		"a stage by its name":     {event.Idea, `{"Stage":1}`, `{"Stage":"Proposed"}`, ""},
		"another stage":           {event.Idea, `{"Stage":"Draft"}`, `{"Stage":"Proposed"}`, "Stage"},
		"objects by their keys":   {event.Project, `{"Odd":{"Key":1,"Other":[{"Inner":2}]}}`, `{"Odd":{"other":[{"inner":2}],"key":1}}`, ""},
		"in the order of reading": {event.Project, `{"Budget":1,"Name":"a"}`, `{"Name":"b","Budget":2}`, "Name,Budget"},
		"both apostrophes":        {event.Project, `{"Idea’s sponsor":"x"}`, `{"Idea's sponsor":"y"}`, "Idea's sponsor"},
	} {
		got, err := ppm.Difference(test.kind, []byte(test.known), []byte(test.read))
		if err != nil || strings.Join(got, ",") != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, test.want)
		}
	}
	if _, err := ppm.Difference(event.Project, nil, []byte(`{}`)); err == nil {
		t.Error("got no error for a state without attributes")
	}
}

// anyState draws attributes as webhooks spell them: built-in and custom ones, of every form that is known.
func anyState() *rapid.Generator[map[string]any] {
	id := rapid.StringMatching(`[0-9a-f]{8}`)
	person := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{"Id": id.Draw(t, "id"), "FullName": rapid.String().Draw(t, "name"), "ImageId": nil}
	})
	reference := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{"Id": id.Draw(t, "id"), "Name": rapid.String().Draw(t, "name")}
	})
	number := rapid.Custom(func(t *rapid.T) any {
		return json.Number(fmt.Sprintf("%d.%02d", rapid.IntRange(-1e6, 1e6).Draw(t, "whole"), rapid.IntRange(0, 99).Draw(t, "part")))
	})
	day := rapid.Custom(func(t *rapid.T) any {
		return time.Date(2022, 1, rapid.IntRange(1, 3000).Draw(t, "day"), 12, 0, 0, 0, time.UTC).Format("2006-01-02T15:04:05Z")
	})
	text := rapid.Map(rapid.String(), func(s string) any { return s })
	null := rapid.Just[any](nil)
	list := func(of *rapid.Generator[any]) *rapid.Generator[any] {
		return rapid.Map(rapid.SliceOfN(of, 0, 3), func(all []any) any { return all })
	}
	return rapid.Custom(func(t *rapid.T) map[string]any {
		state := map[string]any{"Name": rapid.String().Draw(t, "Name")}
		draw := func(name string, of ...*rapid.Generator[any]) {
			if rapid.Bool().Draw(t, "has "+name) {
				state[name] = rapid.OneOf(of...).Draw(t, name)
			}
		}
		draw("Budget", number, null)
		draw("OverallStatus", rapid.Map(rapid.IntRange(-1, 10), func(n int) any { return n }))
		draw("StartDate", day, null)
		draw("FinishDate", day, null)
		draw("Manager", list(person), person, null)
		draw("Portfolio", list(reference), null)
		draw("Description", text, null)
		draw("Idea’s sponsor", text, person, null)
		draw("Custom list", list(text), list(number), null)
		draw("Odd", rapid.Custom(func(t *rapid.T) any {
			return map[string]any{"Key": number.Draw(t, "inner"), "Deep": []any{map[string]any{"Under": text.Draw(t, "text")}}}
		}))
		return state
	})
}

// camel spells keys inside attributes as the API does.
func camel(value any, inside bool) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			if inside {
				key = strings.ToLower(key[:1]) + key[1:]
			}
			out[key] = camel(inner, true)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = camel(v[i], true)
		}
		return out
	default:
		return value
	}
}

func text(t interface{ Fatal(args ...any) }, value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(out.Bytes())
}

// Whatever a state is, the API's form of it does not differ from the webhook's; where some attributes are others, exactly
// these differ; and what is made of it is an event whose changes are these, which ends as it was read.
func TestWhatIsReadIsComparedByMeaning(t *testing.T) {
	var answer []byte
	client := listing(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) })
	rapid.Check(t, func(t *rapid.T) {
		known := anyState().Draw(t, "known")
		now := anyState().Draw(t, "now")
		knownText := text(t, known)
		read := func(state map[string]any) []byte {
			answer = text(t, map[string]any{"data": []any{map[string]any{"id": "1", "attributes": camel(state, false)}}})
			var got []byte
			if err := client.Projects(t.Context(), func(e ppm.Element) error {
				got = e.Attributes
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return got
		}
		if differ, err := ppm.Difference(event.Project, knownText, read(known)); err != nil || len(differ) > 0 {
			t.Fatalf("got %q, %v, want that the same state does not differ", differ, err)
		}
		reading := read(now)
		fields, err := ppm.Difference(event.Project, knownText, reading)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range fields {
			if _, was := known[name]; !was {
				t.Fatalf("got %s to differ, which is not known", name)
			}
		}
		if len(fields) == 0 {
			return
		}
		found := ppm.Found{
			Type: "Project:Updated", Entity: event.Ref{Kind: event.Project, ID: "1"}, At: time.Date(2026, 11, 25, 10, 0, 0, 123456000, time.UTC),
			Before: knownText, After: reading, Fields: fields,
		}
		body, err := found.Body()
		if err != nil {
			t.Fatal(err)
		}
		e, err := ppm.Decode(body, found.Type)
		if err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		var changed []string
		for _, c := range event.Changes(e, nil) {
			changed = append(changed, c.Field)
		}
		slices.Sort(changed)
		slices.Sort(fields)
		if !slices.Equal(changed, fields) || !e.Occurred.Equal(found.At) || e.Entity.ID != "1" {
			t.Fatalf("got changes of %q at %v, want %q: %s", changed, e.Occurred, fields, body)
		}
		m, err := ppm.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := ppm.Difference(event.Project, m.State(), reading); err != nil || len(left) > 0 {
			t.Fatalf("got %q, %v left, want that it ends as it was read", left, err)
		}
	})
}

func TestBodyOfACreation(t *testing.T) {
	found := ppm.Found{
		Type: "Task:Created", Entity: event.Ref{Kind: event.Task, ID: `t"1`}, Parent: event.Ref{Kind: event.Project, ID: "p"},
		At: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), After: []byte(`{"Name":"x"}`),
	}
	body, err := found.Body()
	const want = `{"Data":{"ParentEntityId":"p","ParentEntityType":"Project","Id":"t\"1","Attributes":{"Name":"x"},"Initiator":null,"TimeStamp":"2026-11-25T10:00:00.0000000Z"}}`
	if err != nil || string(body) != want {
		t.Errorf("got %s, %v, want %s", body, err, want)
	}
	e, err := ppm.Peek(body, found.Type)
	if err != nil || e.Entity.Name != "x" || e.Parent != found.Parent || e.Fingerprint == nil || e.WebhookID != "" || e.Initiator != (event.Person{}) {
		t.Errorf("got %+v, %v, want an envelope without a person and a webhook", e, err)
	}
}

func TestPicked(t *testing.T) {
	got, err := ppm.Picked([]byte(`{"A":1,"Idea’s":[{"Id":"x"}],"C":null}`), []string{"Idea's", "C", "None"})
	if err != nil || string(got) != `{"Idea's":[{"Id":"x"}],"C":null}` {
		t.Errorf("got %s, %v", got, err)
	}
}
