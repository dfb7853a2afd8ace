package ppm

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// TestFieldsOfEveryShape asks the stand-in, with each switch of its Fields feed: the labels are found wherever they are.
func TestFieldsOfEveryShape(t *testing.T) {
	statuses := []Option{{"-1", "Not set"}, {"0", "On track"}, {"1", "At risk"}, {"2", "Critical"}, {"10", "Done"}}
	for _, tt := range []struct {
		where standin.FieldChoices
		want  []Option // of the status, by its numbers
	}{
		{standin.ChoicesMissing, nil},
		{standin.ChoicesNull, nil},
		{standin.ChoicesIDName, statuses},
		{standin.ChoicesKey, statuses},
		{standin.ChoicesTitle, statuses},
		{standin.ChoicesNested, statuses},
	} {
		for _, keys := range []standin.FieldKeys{standin.KeysNamed, standin.KeysCamel, standin.KeysIDs} {
			_, client := serve(t, standin.Options{
				Entities: standin.NewSmall().Entities, Switches: standin.Switches{FieldChoices: tt.where, FieldKeys: keys},
			})
			answer, err := client.Fields(t.Context(), event.Project)
			if err != nil {
				t.Fatal(err)
			}
			fields, puzzles := ReadFields(answer)
			at := slices.IndexFunc(fields, func(f Field) bool {
				return strings.EqualFold(strings.ReplaceAll(f.Label, " ", ""), "OverallStatus")
			})
			if at < 0 || len(puzzles) > 0 || len(fields) < 25 {
				t.Fatalf("%s %s: got %d fields, the status at %d, %q", tt.where, keys, len(fields), at, puzzles)
			}
			got := slices.DeleteFunc(fields[at].Options, func(o Option) bool { return !isWholeNumber(o.Value) })
			if len(got) != len(tt.want) || len(got) > 0 && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s %s: got %v, want %v", tt.where, keys, got, tt.want)
			}
			if at := slices.IndexFunc(fields, func(f Field) bool { return f.Label == "Manager" }); !fields[at].Many || fields[at].Options != nil {
				t.Errorf("%s %s: got %+v, want people", tt.where, keys, fields[at])
			}
		}
	}
}

func TestFieldsThatCannotBeAsked(t *testing.T) {
	for _, tt := range []struct {
		name     string
		switches standin.Switches
		kind     string
		revoked  bool
		want     []string
	}{
		{"forbidden", standin.Switches{FieldsDenied: true}, event.Idea, false, []string{"the fields of Idea", "403", "may not read this", "expired"}},
		{"a page", standin.Switches{FieldsPage: true}, event.Idea, false, []string{"web page", "ppm_express.url"}},
		{"no such kind", standin.Switches{}, "Risk", false, []string{"404", "ppm_express.url"}},
		{"not a kind", standin.Switches{}, "../Webhooks", false, []string{"not a kind of entity"}},
		{"revoked", standin.Switches{}, event.Task, true, []string{"401", "Settings > Automation"}},
		{"bare", standin.Switches{FieldsDenied: true, ErrorsWithoutDetails: true}, event.Task, false, []string{"403"}},
	} {
		tenant, client := serve(t, standin.Options{Switches: tt.switches})
		tenant.Revoke(tt.revoked)
		_, err := client.Fields(t.Context(), tt.kind)
		if err == nil {
			t.Errorf("%s: got no error", tt.name)
			continue
		}
		for _, word := range tt.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: got %v, want %q in it", tt.name, err, word)
			}
		}
		if strings.Contains(err.Error(), testToken) {
			t.Errorf("%s: got the token in %v", tt.name, err)
		}
	}
}

func TestStates(t *testing.T) {
	_, client := serve(t, standin.Options{Entities: standin.NewSmall().Entities})
	for _, tt := range []struct {
		entity          string
		most, want, all int
	}{{event.Project, 100, 12, 12}, {event.Project, 5, 5, 12}, {event.Idea, 2, 2, 3}} {
		states, all, err := client.States(t.Context(), tt.entity, tt.most)
		if err != nil || len(states) != tt.want || all != tt.all {
			t.Fatalf("%s: got %d of %d, %v, want %d of %d", tt.entity, len(states), all, err, tt.want, tt.all)
		}
		if name, ok := states[0].Get("Name"); !ok || name.Value.Text == "" {
			t.Errorf("%s: got %+v, want a name", tt.entity, states[0])
		}
	}
	if _, _, err := client.States(t.Context(), event.Task, 1); err == nil {
		t.Error("got tasks, which are not in one list")
	}
	odd := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":[7,null,{"attributes":"x"},{"id":"a"},{"attributes":{"Stage":2}}]}`))
	})
	states, all, err := odd.States(t.Context(), event.Idea, 10)
	if err != nil || len(states) != 1 || all != 5 || states[0][0].Value.Kind != event.Choice {
		t.Errorf("got %v of %d, %v, want the one that can be read", states, all, err)
	}
}

func TestReadOptions(t *testing.T) {
	for _, tt := range []struct{ settings, want, puzzle string }{
		{`{"options":[{"id":1,"name":"A"},{"id":2,"name":"B"}]}`, "1=A 2=B", ""},
		{`{"a":{"b":{"c":[{"Key":"1","Label":"A"},{"Key":"2","Label":"B"}]}}}`, "1=A 2=B", ""},
		{`[{"value":1.0,"title":"A"},{"value":2e0,"title":"B"}]`, "1=A 2=B", ""},
		// Which member is the value is decided for the whole list, and numbers come before texts.
		{`{"x":[{"id":"8f","value":1,"name":"A"},{"id":"9a","value":2,"name":"B"}]}`, "1=A 2=B 8f=A 9a=B", ""},
		{`{"x":[{"id":5,"value":"low","name":"A"},{"id":6,"value":"high","name":"B"}]}`, "5=A 6=B low=A high=B", ""},
		{`{"x":[{"id":1,"value":0,"name":"A"},{"id":2,"value":1,"name":"B"}]}`, "0=A 1=B", ""},
		{`{"x":[{"id":7,"key":7,"value":"A","name":"A"},{"id":8,"key":8,"value":"B","name":"B"}]}`, "7=A 8=B", ""},
		{`{"x":[{"key":1,"value":"A"},{"key":2,"value":"B"}]}`, "1=A 2=B", ""},
		{`{"x":[{"id":1,"name":"A"},{"id":1,"name":"B"}]}`, "", "paired"},
		// One that lacks something does not cost the others.
		{`{"x":[{"id":1,"name":"A"},{"id":2,"name":null},{"id":3,"name":"C"},7]}`, "1=A 3=C", ""},
		// Of several lists the one that is named like one of options, else the longest.
		{`{"columns":[{"id":1,"name":"X"},{"id":2,"name":"Y"},{"id":3,"name":"Z"}],"options":[{"id":1,"name":"A"}]}`, "1=A", ""},
		{`{"p":[{"id":1,"name":"X"}],"q":[{"id":1,"name":"A"},{"id":2,"name":"B"}]}`, "1=A 2=B", ""},
		{`{"groups":[{"id":1,"name":"G","items":[{"id":3,"name":"A"}]},{"id":2,"name":"H","items":[{"id":4,"name":"B"}]}]}`, "3=A 4=B", ""},
		{`{"x":["Low","High"]}`, "", "paired"},
		{`{"x":[{"id":true,"name":"A"}]}`, "", "paired"},
		{`{"x":[{"id":{"a":1},"name":["A"]}]}`, "", "paired"},
		{`{"x":[]}`, "", ""},
		{`{}`, "", ""},
		{`null`, "", ""},
		{`"text"`, "", ""},
		{`7`, "", ""},
	} {
		fields, _ := ReadFields([]byte(`[{"key":"K","settings":` + tt.settings + `}]`))
		var got []string
		for _, o := range fields[0].Options {
			got = append(got, o.Value+"="+o.Label)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.settings, got, tt.want)
		}
		if (fields[0].Puzzle != "") != (tt.puzzle != "") || !strings.Contains(fields[0].Puzzle, tt.puzzle) {
			t.Errorf("%s: got the puzzle %q, want %q", tt.settings, fields[0].Puzzle, tt.puzzle)
		}
	}
}

func TestReadFields(t *testing.T) {
	for _, tt := range []struct {
		answer string
		keys   []string
		puzzle string
	}{
		{`[{"key":"A","label":" Label of A "},{"Key":"B"},{"label":"C"}]`, []string{"A", "B", ""}, ""},
		{`{"fields":[{"key":"A"}],"count":1}`, []string{"A"}, ""},
		{`[{"key":"A"},{},null,7,{"key":5}]`, []string{"A"}, "4 of 5 entries"},
		{`{}`, nil, "no list"},
		{`null`, nil, "no list"},
		{`"x"`, nil, "no list"},
		{``, nil, "no list"},
		{`[`, nil, "no list"},
		{"[" + strings.Repeat(`{"key":"A"},`, maxFields) + `{"key":"Z"}]`, slices.Repeat([]string{"A"}, maxFields), "only the first"},
	} {
		fields, puzzles := ReadFields([]byte(tt.answer))
		var keys []string
		for _, f := range fields {
			keys = append(keys, f.Key)
		}
		if !slices.Equal(keys, tt.keys) {
			t.Errorf("%.80s: got %d fields, want %d", tt.answer, len(keys), len(tt.keys))
		}
		if said := strings.Join(puzzles, "; "); (said != "") != (tt.puzzle != "") || !strings.Contains(said, tt.puzzle) {
			t.Errorf("%.80s: got %q, want %q", tt.answer, said, tt.puzzle)
		}
	}
}

// The vendor's published form reads as it is.
func TestReadFieldsOfTheSample(t *testing.T) {
	text, err := os.ReadFile("../samples/rest/fields-project.json")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Data json.RawMessage }
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	fields, puzzles := ReadFields(answer.Data)
	want := Field{Key: "OverallStatus", Label: "Overall Status", Type: "Integer"}
	if len(fields) != 5 || len(puzzles) > 0 || !reflect.DeepEqual(fields[1], want) {
		t.Errorf("got %+v, %q, want five, the second %+v", fields, puzzles, want)
	}
}

// FuzzReadFields: whatever is answered is read, within bounds, and each value has one label.
func FuzzReadFields(f *testing.F) {
	for _, seed := range []string{
		`[{"key":"A","label":"B","settings":{"options":[{"id":1,"name":"x"},{"id":2,"name":"y"}]}}]`,
		`[{"key":"A","settings":[{"value":1e400,"title":"x"}]}]`, `[{"key":"A","settings":[[[{"key":"-0","label":"\u0000"}]]]}]`,
		`{"a":[{"KEY":"\ud800","Settings":{"x":[{"ID":0.10,"Title":" t "}]}}]}`, strings.Repeat(`[`, 200), `{"data":null}`,
		`[{"key":"A","settings":` + strings.Repeat(`{"a":[`, 40) + `{"id":1,"name":"x"}` + strings.Repeat(`]}`, 40) + `}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		fields, _ := ReadFields(answer)
		again, _ := ReadFields(answer)
		if !reflect.DeepEqual(fields, again) {
			t.Error("the same answer is read in two ways")
		}
		for _, field := range fields {
			seen := map[string]bool{}
			for _, o := range field.Options {
				if o.Value == "" || o.Label == "" || o.Value == o.Label || seen[o.Value] {
					t.Errorf("got the option %+v of %q", o, field.Key)
				}
				seen[o.Value] = true
			}
			if len(field.Options) > 0 && field.Puzzle != "" {
				t.Errorf("%q is understood and a puzzle", field.Key)
			}
		}
	})
}

// TestAttributesAreThoseOfTheSpecs: the list of names has every name that the specs know, and no other.
func TestAttributesAreThoseOfTheSpecs(t *testing.T) {
	source, err := os.ReadFile("schema.go")
	if err != nil {
		t.Fatal(err)
	}
	_, specs, _ := strings.Cut(string(source), "func sharedSpec")
	known := map[string]bool{}
	for _, names := range regexp.MustCompile(`(?m)^\tcase (".*):`).FindAllStringSubmatch(specs, -1) {
		for _, name := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(names[1], -1) {
			known[name[1]] = true
		}
	}
	for _, name := range allNames() {
		if !known[name] {
			t.Errorf("no spec knows %s", name)
		}
		delete(known, name)
	}
	if len(known) > 0 {
		t.Errorf("the list lacks %v", known)
	}
	for entity, names := range map[string][]string{
		event.Project: {"Id", "OverallStatus", "LastModifiedDate"}, event.Idea: {"Submitter", "Stage"},
		event.Task: {"Duration", "StartDate"}, event.KeyDate: {"Type", "Date"},
	} {
		for _, name := range names {
			if !slices.Contains(Attributes(entity), name) {
				t.Errorf("%s has no %s", entity, name)
			}
		}
	}
	if strange := Attributes(event.KeyDate); slices.Contains(strange, "CreatedDate") || slices.Contains(strange, "Duration") || slices.Contains(strange, "StartDate") {
		t.Errorf("got %v of key dates", strange)
	}
}
