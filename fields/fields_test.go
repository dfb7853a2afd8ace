package fields

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// ask starts a stand-in and returns a client for it.
func ask(t *testing.T, options standin.Options) (*standin.Server, *ppm.Client) {
	t.Helper()
	tenant := standin.New(options)
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	return tenant, ppm.NewClient(&http.Client{Timeout: 5 * time.Second}, server.URL, standin.DefaultTenant, "v1.0", standin.DefaultToken)
}

// made makes a feed of answers by kind of entity.
func made(answers map[string]string) *Feed {
	raw := map[string]json.RawMessage{}
	for kind, answer := range answers {
		raw[kind] = json.RawMessage(answer)
	}
	return newFeed("contoso", noon(), raw)
}

func TestPullEveryKind(t *testing.T) {
	options := standin.Options{
		Entities: standin.NewSmall().Entities, Switches: standin.Switches{FieldChoices: standin.ChoicesNested},
		Choices: map[string][]standin.Choice{"Project.Go-live approved": {{Value: 0, Label: "No"}, {Value: 1, Label: "Yes"}}},
	}
	for _, keys := range []standin.FieldKeys{standin.KeysNamed, standin.KeysCamel, standin.KeysIDs} {
		options.Switches.FieldKeys = keys
		_, client := ask(t, options)
		feed, err := Pull(t.Context(), client, "contoso", noon())
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range Kinds() {
			if !feed.Knows(kind) || len(feed.Puzzles(kind)) > 0 {
				t.Errorf("%s: got %d fields of %s, puzzles %q", keys, len(feed.Fields(kind)), kind, feed.Puzzles(kind))
			}
		}
		for name, builtin := range map[string]string{"OverallStatus": "OverallStatus", "Go-live approved": ""} {
			field, ok := feed.Field(event.Project, name)
			if !ok || field.Builtin != builtin || len(field.Options) == 0 || field.Name() != name {
				t.Errorf("%s: got %+v for %s, want its labels", keys, field, name)
			}
		}
		if _, ok := feed.Field(event.Project, "Nothing"); ok || feed.Knows("Risk") {
			t.Errorf("%s: got a field that is not there", keys)
		}
	}
}

func TestPullOfATenantThatRefuses(t *testing.T) {
	for _, tt := range []struct {
		name     string
		switches standin.Switches
		fault    fault.Kind
		calls    int
		want     string
	}{
		{"forbidden", standin.Switches{FieldsDenied: true}, fault.None, 1, "403"},
		{"a page", standin.Switches{FieldsPage: true}, fault.None, 1, "web page"},
		{"out of order", standin.Switches{}, fault.Before, 1, "out of order"},
		{"cut off", standin.Switches{}, fault.AfterCut, 1, "asking for the fields of Project"},
	} {
		board := fault.NewBoard()
		board.Always("fields", tt.fault)
		tenant, client := ask(t, standin.Options{Switches: tt.switches, Board: board})
		feed, err := Pull(t.Context(), client, "contoso", noon())
		if feed != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, %v, want %q", tt.name, feed, err, tt.want)
		}
		if calls := tenant.Calls("fields"); calls > tt.calls {
			t.Errorf("%s: got %d calls, want no more than %d: the others would be refused, too", tt.name, calls, tt.calls)
		}
	}
}

// some answers for a few kinds and refuses the others as not found.
type some map[string]string

func (s some) Fields(_ context.Context, entity string) (json.RawMessage, error) {
	if answer, ok := s[entity]; ok {
		return json.RawMessage(answer), nil
	}
	return nil, &ppm.CallError{What: "asking for " + entity, Status: http.StatusNotFound}
}

func TestPullOfSomeKinds(t *testing.T) {
	feed, err := Pull(t.Context(), some{event.Idea: `[{"key":"A"}]`}, "contoso", noon())
	if feed == nil || !feed.Knows(event.Idea) || feed.Knows(event.Project) || err == nil || strings.Count(err.Error(), "404") != 3 {
		t.Fatalf("got %v, %v, want ideas and three errors", feed, err)
	}
	before := made(map[string]string{event.Idea: `[{"key":"B"}]`, event.Task: `[{"key":"C"}]`})
	both := feed.Or(before)
	if _, ok := both.Field(event.Idea, "B"); ok || !both.Knows(event.Task) || !both.Knows(event.Idea) {
		t.Error("got something else than the new ideas and the old tasks")
	}
	other := *before
	other.Tenant = "fabrikam"
	if feed.Or(&other) != feed || feed.Or(nil) != feed {
		t.Error("got what another tenant said")
	}
}

// Each name leads to one field: to that whose key it is, before that whose label it is.
func TestNamesOfFields(t *testing.T) {
	feed := made(map[string]string{event.Project: `[
		{"key":"field_1","label":"Overall Status"},
		{"key":"field_2","label":"Stage"},
		{"key":"Stage","label":"Phase"},
		{"key":"budgetOwner","label":"Idea’s sponsor"},
		{"key":"startDate","label":"Start"},
		{"label":"Only a label"}]`})
	for _, tt := range []struct{ name, key, builtin, names string }{
		{"OverallStatus", "field_1", "OverallStatus", "field_1 | Overall Status | OverallStatus"},
		{"Overall Status", "field_1", "OverallStatus", "field_1 | Overall Status | OverallStatus"},
		{"Stage", "Stage", "Stage", "Stage | Phase"},
		{"field_2", "field_2", "Stage", "field_2"},
		{"Idea's sponsor", "budgetOwner", "", "budgetOwner | Idea’s sponsor"},
		{"Idea’s sponsor", "budgetOwner", "", "budgetOwner | Idea’s sponsor"},
		{"StartDate", "startDate", "StartDate", "startDate | StartDate | Start"},
		{"Only a label", "", "", "Only a label"},
	} {
		field, ok := feed.Field(event.Project, tt.name)
		if got := strings.Join(field.Names, " | "); !ok || field.Key != tt.key || field.Builtin != tt.builtin || got != tt.names {
			t.Errorf("%s: got %q of %q, built-in %q, want %q of %q, %q", tt.name, got, field.Key, field.Builtin, tt.names, tt.key, tt.builtin)
		}
	}
	var none *Feed
	if _, ok := none.Field(event.Project, "Name"); ok || none.Knows(event.Project) || none.Fields(event.Project) != nil || none.Puzzles(event.Project) != nil {
		t.Error("got something of nothing")
	}
}

func TestPuzzlesAreTold(t *testing.T) {
	feed := made(map[string]string{event.Project: `[{"key":"Region","settings":{"list":["North"]}},7]`, event.Idea: `"x"`})
	want := []string{"1 of 2 entries", "Region: its settings"}
	for i, puzzle := range feed.Puzzles(event.Project) {
		if !strings.Contains(puzzle, want[i]) {
			t.Errorf("got %q, want %q", puzzle, want[i])
		}
	}
	if len(feed.Puzzles(event.Project)) != 2 || len(feed.Puzzles(event.Idea)) != 1 || feed.Knows(event.Idea) {
		t.Errorf("got %q and %q", feed.Puzzles(event.Project), feed.Puzzles(event.Idea))
	}
}

func TestSaveAndLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fields.json")
	if _, err := Load(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that there is none", err)
	}
	feed := made(map[string]string{event.Project: `[{"key":"A","label":"<b>&","settings":{"x":[{"id":1,"name":"y"}]}}]`})
	if written, err := feed.Save(file); err != nil || !written {
		t.Fatalf("got %v, %v, want it written", written, err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if field, ok := read.Field(event.Project, "A"); !ok || field.Label != "<b>&" || len(field.Options) != 1 || !read.Pulled.Equal(noon()) || !read.Same(feed) {
		t.Errorf("got %+v of %v, want what was saved", field, read.Pulled)
	}
	// The same again, a day later, leaves the file as it is: it may be kept with the configuration.
	later := newFeed("contoso", noon().AddDate(0, 0, 1), feed.answers)
	if written, err := later.Save(file); written || err != nil {
		t.Errorf("got %v, %v, want it left alone", written, err)
	}
	if after, err := os.Stat(file); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("got another file (%v)", err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); err != nil || len(left) > 0 {
		t.Errorf("got left over %v (%v)", left, err)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"label": "<b>&"`) {
		t.Errorf("got %s (%v), want it readable", text, err)
	}
}

func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	good := made(map[string]string{event.Project: `[{"key":"A"}]`})
	head := "{\n  \"about\": \"" + about + "\",\n"
	for name, text := range map[string]string{
		"cut off": head + `"tenant":`, "a conflict": head + "<<<<<<< HEAD\n", "empty": "", "blank": " \n", "no fields": head + `"entities":{}}`,
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
		if written, err := good.Save(file); !written || err != nil {
			t.Errorf("%s: got %v, %v, want it written anew", name, written, err)
		}
		if _, err := Load(file); err != nil {
			t.Errorf("%s: got %v after it was written anew", name, err)
		}
	}
}

// What is not ours is never written over: a key, a configuration, another program's data.
func TestForeignFilesStay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "service-account.json")
	const text = `{"type":"service_account"}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	feed := made(map[string]string{event.Project: `[{"key":"A"}]`})
	if _, err := feed.Save(file); err == nil || !strings.Contains(err.Error(), "name another file") {
		t.Errorf("got %v, want it refused", err)
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != text {
		t.Errorf("got %q (%v)", kept, err)
	}
	if _, err := feed.Save(filepath.Join(t.TempDir(), "none", "fields.json")); err == nil {
		t.Error("got no error where there is no folder")
	}
}

func TestSaveKeepsLinksAndModes(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real.json"), filepath.Join(dir, "fields.json")
	if err := os.WriteFile(target, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if _, err := made(map[string]string{event.Task: `[{"key":"A"}]`}).Save(link); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("got %v (%v), want the link", info, err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("got %v (%v), want the mode that it had", info, err)
	}
	if _, err := Load(target); err != nil {
		t.Error(err)
	}
}

// FuzzLoad: a file may hold whatever a person makes of it.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"about":"","tenant":"a","entities":{"Project":[{"key":"A","label":"B"},{"key":"B","label":"A"}]}}`))
	f.Add([]byte(`{"entities":{"Project":null,"Risk":{"x":[1]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file := filepath.Join(t.TempDir(), "fields.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		feed, err := Load(file)
		if err != nil {
			return
		}
		for _, kind := range slices.Collect(maps.Keys(feed.answers)) {
			owner := map[string]int{}
			for i, field := range feed.Fields(kind) {
				for _, name := range field.Names {
					if other, taken := owner[Plain(name)]; taken && other != i {
						t.Errorf("%q is the name of two fields", name)
					}
					owner[Plain(name)] = i
					if found, ok := feed.Field(kind, name); !ok || found.Key != field.Key || found.Label != field.Label {
						t.Errorf("%q leads to %+v, want %+v", name, found, field)
					}
				}
			}
		}
	})
}
