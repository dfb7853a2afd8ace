package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks/slack"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

func mustLoad(t *testing.T, path string) *Config {
	t.Helper()
	c, err := Load(path, lookup)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLeastFileAndDefaults(t *testing.T) {
	c := mustLoad(t, "testdata/good/minimal.yaml")
	for _, test := range []struct {
		name      string
		got, want any
	}{
		{"listen", c.Server.Listen, Address(":8080")},
		{"secret", c.Server.Secrets[0].Reveal(), "environment-secret-1"},
		{"body", c.Server.MaxBody, Size(4 << 20)},
		{"console", c.Console.Listen, Address("127.0.0.1:8081")},
		{"console is closed", c.Console.Open, Flag(false)},
		{"journal", c.Journal.URL.Path(), "ppmrelay.db"},
		{"kept", c.Journal.Keep, Duration(90 * 24 * time.Hour)},
		{"size", c.Journal.KeepSize, Size(0)},
		{"memory", c.Journal.Memory.String(), "14d"},
		{"zone", c.Display.TimeZone.String(), "UTC"},
		{"ignore", c.Display.Ignore, []string{"LastModifiedDate"}},
		{"rows", c.Routes[0].File.Rows, RowsChange},
		{"columns", c.Routes[0].File.Columns, []Column(nil)},
		{"when", c.Routes[0].When, Text{}},
		{"path", c.Resolve(c.Routes[0].File.Path), filepath.Join("testdata", "good", "changes.csv")},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
	if c.PPMExpress != nil || c.Slack != nil || c.Google != nil {
		t.Errorf("got %v, %v, %v, want nothing that is not in the file", c.PPMExpress, c.Slack, c.Google)
	}
}

func TestDefaultsOfSectionsThatAreThere(t *testing.T) {
	c, err := Parse("x.yaml", []byte(`
server: { secrets: [env:PPMRELAY_SECRET], public_url: http://relay.test }
ppm_express: { url: http://ppm.test, tenant: contoso, token: env:PPM_EXPRESS_TOKEN }
slack: { token: env:SLACK_BOT_TOKEN }
google: { credentials: env:GOOGLE }
routes:
  - { name: a, events: ["*"], sheet: { spreadsheet: 1AbCdEf, columns: [{ header: A, value: b }] } }
`), lookup)
	if err != nil {
		t.Fatal(err)
	}
	sheet := c.Routes[0].Sheet
	got := []any{c.PPMExpress.APIVersion, c.PPMExpress.Reconcile.String(), c.Slack.APIURL, c.Google.Endpoint, sheet.Tab, sheet.Rows, sheet.Columns[0].Type}
	want := []any{"v1.0", "@every 5m", URL("https://slack.com/api/"), URL("https://sheets.googleapis.com/"), "Changes", RowsChange, ColumnAuto}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	now := time.Now().Truncate(time.Second)
	if next := c.PPMExpress.Reconcile.Next(now); next.Sub(now) != 5*time.Minute {
		t.Errorf("got the next pass at %v after %v, want 5 minutes later", next, now)
	}
}

func TestWholeShape(t *testing.T) {
	c := mustLoad(t, "testdata/good/full.yaml")
	ppm, sheet := c.PPMExpress, c.Routes[1].Sheet
	for _, test := range []struct {
		name      string
		got, want any
	}{
		{"public url", c.Server.PublicURL, URL("https://relay.example.com/in")},
		{"secret of a file", c.Server.Secrets[1].Reveal(), "file-secret-5"},
		{"literal secret", c.Server.Secrets[2].Reveal(), "literal-secret-4711"},
		{"body", c.Server.MaxBody, Size(512 << 10)},
		{"journal", c.Resolve(c.Journal.URL.Path()), filepath.Join("testdata", "good", "data", "relay.db")},
		{"kept", c.Journal.Keep.String(), "30d"},
		{"size", c.Journal.KeepSize.String(), "2GiB"},
		{"memory", c.Journal.Memory.String(), "29d"},
		{"open console", c.Console.Open, Flag(true)},
		{"defaults of a slack route", []any{c.Routes[4].Slack.WhenUnsure, c.Routes[4].Slack.Urgent}, []any{UnsurePark, Flag(false)}},
		{"ppm url", ppm.URL, URL("https://api-eu.ppm.express")},
		{"token", ppm.Token.Reveal(), "environment-token-2"},
		{"link", ppm.Links["Project"].For("a/b"), "https://app.ppm.express/eu/@contoso/projects/a%2Fb"},
		{"schedule", ppm.Reconcile.String(), "TZ=Europe/Berlin */10 6-20 * * 1-5"},
		{"slack", c.Slack.APIURL, URL("https://slack.example.com/api/")},
		{"google", c.Google.Endpoint, URL("http://127.0.0.1:4000/")},
		{"labels", c.Display.Labels, map[string]map[string]string{"Project.OverallStatus": {"-1": "Not set", "0": "On track"}}},
		{"ignore", c.Display.Ignore, []string{"LastModifiedDate", "Idea’s sponsor"}},
		{"events", c.Routes[0].Events, []Pattern{"Project:Updated", "KeyDate:*"}},
		{"slack route", *c.Routes[0].Slack, SlackRoute{slack.Config{Channel: "C0123456789", Template: "status"}, UnsureResend, true}},
		{"tab that is a number", sheet.Tab, "2026"},
		{"rows", sheet.Rows, RowsEvent},
		{"column", sheet.Columns[0].Header + " " + string(sheet.Columns[0].Type) + " " + sheet.Columns[0].Value.Value, "When datetime {{ .Occurred }}"},
		{"absolute path", c.Resolve(c.Routes[3].File.Path), "/var/lib/relay/changes.jsonl"},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
	friday := time.Date(2026, time.June, 5, 23, 0, 0, 0, c.Display.TimeZone.Location)
	if got, want := ppm.Reconcile.Next(friday), time.Date(2026, time.June, 8, 6, 0, 0, 0, c.Display.TimeZone.Location); !got.Equal(want) {
		t.Errorf("got the pass after Friday at %v, want %v", got, want)
	}
}

// TestTextKnowsItsPlace looks every place up in the file itself.
func TestTextKnowsItsPlace(t *testing.T) {
	const path = "testdata/good/full.yaml"
	c := mustLoad(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for _, test := range []struct {
		text         Text
		line, column int
		want         string // what the file has there
	}{
		{c.Templates["status"], 2, 1, "*{{ .Entity }}*"},
		{c.Templates["status"], 3, 1, "  {{ .Label }}"},
		{c.Templates["status"], 3, 6, ".Label }}"},
		{c.Templates["short"], 1, 4, ".Entity }} changed"},
		{c.Templates["plain"], 1, 25, ".Entity }}"},
		{c.Templates["folded"], 2, 5, ">"},
		{c.Routes[0].When, 1, 1, `changed("OverallStatus")`},
		{c.Routes[0].When, 1, 29, `daysMoved(`},
		{c.Routes[1].Sheet.Columns[0].Value, 1, 4, `.Occurred }}", type`},
	} {
		line, column := test.text.At(test.line, test.column)
		got := string([]rune(lines[line-1])[column-1:])
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("line %d, column %d of %q: got %d:%d, where %q stands, want %q", test.line, test.column, test.text, line, column, got, test.want)
		}
	}
}

func TestFaultOfATemplate(t *testing.T) {
	c := mustLoad(t, "testdata/good/full.yaml")
	line, column := c.Templates["status"].At(3, 6)
	fault := c.Fault(line, column, "there is no field .Label", "did you mean .Name?")
	want := "testdata/good/full.yaml:27:10: there is no field .Label; did you mean .Name?\n" +
		"        {{ .Label }}: {{ .Before }} → {{ .After }}{{ end }}\n" +
		"           ^\n"
	if got := printed(t, Errors{fault}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	hidden := c.Fault(5, 70, "x", "")
	if strings.Contains(hidden.Excerpt, "4711") || !strings.Contains(hidden.Excerpt, "secrets: …") {
		t.Errorf("got %q, want the key alone", hidden.Excerpt)
	}
}

func TestFaultsAsJSON(t *testing.T) {
	_, err := Parse("x.yaml", []byte("server: { secrets: [env:PPMRELAY_SECRET], listn: a }\nroutes: []\n"), lookup)
	got, jsonErr := json.Marshal(err)
	if jsonErr != nil {
		t.Fatal(jsonErr)
	}
	want := `[{"file":"x.yaml","line":1,"column":43,"message":"unknown key ` + "`listn`" + `","hint":"did you mean ` + "`listen`" +
		`?","excerpt":"listn: …\n^"},{"file":"x.yaml","line":2,"column":9,"message":"` + "`routes`" +
		` has no entry","hint":"without a route nothing is told","excerpt":"routes: []\n        ^"}]`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	for path, want := range map[string]string{
		"testdata/nothing.yaml": "testdata/nothing.yaml: the file cannot be read: no such file or directory",
		"testdata":              "testdata: the file cannot be read: is a directory",
	} {
		c, err := Load(path, lookup)
		if c != nil || err == nil || err.Error() != want {
			t.Errorf("got %v, %v, want %s", c, err, want)
		}
	}
}

func TestVersionIsWhatTheFileSays(t *testing.T) {
	version := func(text string) string {
		t.Helper()
		c, err := Parse("x.yaml", []byte(text), lookup)
		if err != nil {
			t.Fatal(err)
		}
		return c.Version()
	}
	const server, routes = "server: { secrets: [literal-secret-4711] }\n", "routes: [{ name: a, events: [\"*\"], file: { path: a.csv } }]\n"
	first := version(server + routes)
	if len(first) != 12 {
		t.Errorf("got version %q, want 12 characters", first)
	}
	for name, text := range map[string]string{
		"order, comments, quotes": "# words\n" + routes + "\n" + server,
		"a default written out":   server + routes + "journal: { url: 'file:ppmrelay.db' }\n",
		"another secret":          "server: { secrets: [literal-secret-4712] }\n" + routes,
	} {
		if got := version(text); got != first {
			t.Errorf("%s: got %s, want %s as before", name, got, first)
		}
	}
	for name, text := range map[string]string{
		"another path": server + strings.Replace(routes, "a.csv", "b.csv", 1),
		"a template":   server + routes + "templates: { a: b }\n",
		"a zone":       server + routes + "display: { time_zone: Europe/Berlin }\n",
	} {
		if got := version(text); got == first {
			t.Errorf("%s: got %s as before, want another", name, got)
		}
	}
}

func TestPatternsMatch(t *testing.T) {
	for _, test := range []struct {
		pattern Pattern
		want    string // which of the types below
	}{
		{"*", "Project:Updated Project:Deleted Task:Updated Risk:Closed ?"},
		{"Project:*", "Project:Updated Project:Deleted"},
		{"*:Updated", "Project:Updated Task:Updated"},
		{"Task:Updated", "Task:Updated"},
	} {
		var got []string
		for _, name := range []string{"Project:Updated", "Project:Deleted", "Task:Updated", "Risk:Closed", "relay.ops:Updated", ""} {
			if test.pattern.Match(event.Type(name)) {
				got = append(got, strings.TrimSpace(name+" ?"[:max(0, 2-len(name))]))
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %v, want %s", test.pattern, got, test.want)
		}
	}
}

// TestEveryFieldCanBeRead walks all types: the walk panics at one that it does not know, which no file of a test might
// reach.
func TestEveryFieldCanBeRead(t *testing.T) {
	var visit func(name string, typ reflect.Type)
	visit = func(name string, typ reflect.Type) {
		section := sectionType(typ)
		switch {
		case section != nil:
			for field := range section.Fields() {
				tag := field.Tag.Get("yaml")
				if tag == "" && field.IsExported() {
					t.Errorf("%s.%s has no key", name, field.Name)
				}
				if tag != "" {
					visit(name+"."+tag, field.Type)
				}
			}
		case typ.Implements(reflect.TypeFor[scalar]()), typ == reflect.TypeFor[Text](), typ.Kind() == reflect.String:
		case typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map && typ.Key().Kind() == reflect.String:
			visit(name, typ.Elem())
		default:
			t.Errorf("%s: a %v cannot be read", name, typ)
		}
	}
	visit("config", reflect.TypeFor[Config]())
}

// TestNotBuiltIsRefused holds the list to what it promises: nothing of it is read, and each line has a case.
func TestNotBuiltIsRefused(t *testing.T) {
	for _, r := range notBuilt() {
		fields, keys := reflect.ValueOf(&Config{}).Elem(), strings.Split(strings.ReplaceAll(r.path, "[]", ""), ".")
		found := true
		for _, key := range keys {
			for fields.Kind() == reflect.Slice || fields.Kind() == reflect.Pointer {
				fields = reflect.New(fields.Type().Elem()).Elem()
			}
			if fields, found = fieldsOf(fields)[key]; !found {
				break
			}
		}
		if found != (r.value != "") {
			t.Errorf("%s: got a field %v, want one only where some of its values are served", r.path, found)
		}
		if _, ok := refused(strings.ReplaceAll(r.path, "[]", "[12]"), r.value+"x"); !ok {
			t.Errorf("%s: got accepted, want refused", r.path)
		}
	}
}

func TestManyFaultsAreBounded(t *testing.T) {
	raced.Calculates(t)
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "key%d: 1\n", i)
	}
	_, err := Parse("x.yaml", []byte(text.String()), lookup)
	got := printed(t, err)
	if n := strings.Count(got, "not a key that is known"); n != maxFaults {
		t.Errorf("got %d faults, want %d", n, maxFaults)
	}
	if !strings.HasSuffix(got, "x.yaml: and 2902 more faults\n") {
		t.Errorf("got an end of %q, want the number of the others", got[len(got)-60:])
	}
}

// Whoever looks only at the journal can rely on where it is, whatever else is wrong.
func TestWhatIsSoundInAFaultyFile(t *testing.T) {
	t.Parallel()
	none := func(string) (string, bool) { return "", false }
	tests := []struct {
		text string
		want bool
	}{
		{"server: { secrets: [env:NONE] }\nroutes: []\n", true},
		{"server: { secrets: [env:NONE] }\njournal: { url: \"file:other.db\", keep: 1x }\n", true},
		{"journal: { url: \"postgres://x/y\" }\n", false},
		{"journal: [x]\n", false},
	}
	for _, test := range tests {
		c, err := Parse("a.yaml", []byte(test.text), none)
		if err == nil || c == nil {
			t.Fatalf("%s: got %v, %v, want a configuration with faults", test.text, c, err)
		}
		if got := c.Sound("journal.url"); got != test.want {
			t.Errorf("%s: got %v, want %v", test.text, got, test.want)
		}
	}
}
