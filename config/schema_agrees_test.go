package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// TestSchemaAndCheckWantTheSameKeys takes each key out of a full file, one at a time: the schema misses it when Parse does.
func TestSchemaAndCheckWantTheSameKeys(t *testing.T) {
	raced.Calculates(t)
	compiled := compiledSchema(t)
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(readAll(t, "testdata/good/full.yaml")), &tree); err != nil {
		t.Fatal(err)
	}
	missed := 0
	everyKey(tree, "", func(path string) {
		text, err := yaml.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		without, err := treeOf(t, text)
		if err != nil {
			t.Fatal(err)
		}
		_, fault := Parse("testdata/good/full.yaml", text, lookup)
		parseMisses := fault != nil && regexp.MustCompile("is missing|tells nobody").MatchString(fault.Error())
		schemaMisses := compiled.Validate(without) != nil
		if schemaMisses {
			missed++
		}
		if parseMisses != schemaMisses && path != "server.public_url" { // needed with ppm_express
			t.Errorf("without %s: Parse misses something: %v (%v), the schema: %v", path, parseMisses, fault, schemaMisses)
		}
	})
	if missed < 15 {
		t.Errorf("got %d keys that are missed, want them all", missed)
	}
}

// everyKey calls each once for every key of a tree, while the key is not there.
func everyKey(value any, path string, each func(path string)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			one := v[key]
			delete(v, key)
			each(join(path, key))
			v[key] = one
			everyKey(one, join(path, key), each)
		}
	case []any:
		for i, one := range v {
			everyKey(one, fmt.Sprintf("%s[%d]", path, i), each)
		}
	}
}

// TestSchemaIsNotStricterThanCheck feeds values to both, good and bad ones of each type: what Parse takes the schema
// takes, and what the schema describes wholly it refuses as well.
func TestSchemaIsNotStricterThanCheck(t *testing.T) {
	wholly := []reflect.Type{
		reflect.TypeFor[Duration](), reflect.TypeFor[Size](), reflect.TypeFor[Count](), reflect.TypeFor[Rows](),
		reflect.TypeFor[WhenUnsure](), reflect.TypeFor[ColumnType](), reflect.TypeFor[Pattern](),
	}
	for kind, texts := range map[scalar][]string{
		Duration(1):     {"30s", "1h30m", "36h", "90d", "500ms", "1h 30m", "-5m", "1.5h", "5 m", "d", "90", "1w", "5m5"},
		Size(1):         {"0B", "512KiB", "4MiB", "1GiB", "4MB", "4", "KiB", "-1B", "4 MiB", "4mib"},
		Count(1):        {"1", "50", "+7", "007", "1000000", "1000001", "0", "-3", "1.5", "many", "1e3"},
		Address(""):     {":8080", "127.0.0.1:8081", "[::1]:80", "localhost:0", "8080", "host", "a b:80"},
		URL("x"):        {"https://a.example.com", "HTTP://a", "http://127.0.0.1:4000/api/", "ftp://a", "a.example.com", "https://a?b"},
		Link("x"):       {"https://a.example.com/{id}", "https://a/x?id={id}#top", "https://a/b"},
		FieldsFile("x"): {"fields.json", "/var/lib/a b.json", "../x/y.JSON", "fields", ".json", "fields.yaml", "a.json.bak"},
		JournalURL("x"): {"file:ppmrelay.db", "file:/var/lib/a b.db", "file:../x/y.db", "file://x", "ppmrelay.db", "file:a?b"},
		defaultSchedule(): {
			"*/5 * * * *", "@every 5m", "@hourly", "@midnight", "TZ=Europe/Berlin 0 7 * * 1-5", "CRON_TZ=UTC @daily", "  0  7 * * MON ",
			"@sometimes", "0 7 * *", "0 0 0 1 1 1",
		},
		Zone{}:          {"Europe/Berlin", "UTC", "Etc/GMT+5", "America/Port-au-Prince", "EST5EDT", "Local"},
		Rows("x"):       {"change", "event", "entity", "Change"},
		WhenUnsure("x"): {"park", "resend", "retry"},
		ColumnType("x"): {"auto", "text", "number", "date", "datetime", "boolean", "link", "money"},
		Pattern("x"):    {"*", "Project:Updated", "KeyDate:*", "*:Deleted", "Project", "*:*", "project:updated"},
		EventType("x"):  {"Project:Updated", "Risk:Escalated", "Project", "Projct:Updated", "Project:*", "a:b:c", ":x", "x:"},
		NewSecret("x"):  {"literal", "env:PPMRELAY_SECRET"},
	} {
		described, known := scalarSchema(reflect.TypeOf(kind))
		if !known {
			t.Fatalf("%T has no schema", kind)
		}
		takes := validatorOf(t, described)
		for _, text := range texts {
			_, err := kind.parse(text, surroundings{folder: ".", lookup: lookup})
			refusal := takes(text)
			switch {
			case err == nil && refusal != nil:
				t.Errorf("%T %q: Parse takes it, and the schema refuses it: %v", kind, text, refusal)
			case err != nil && refusal == nil && slices.Contains(wholly, reflect.TypeOf(kind)) && text != "1000001" && strings.Trim(text, "0") != "":
				t.Errorf("%T %q: the schema takes it, and Parse refuses it: %v", kind, text, err)
			}
		}
	}
}

// validatorOf returns what validates a text by a part of the schema.
func validatorOf(t *testing.T, part schema) func(text string) error {
	t.Helper()
	var out bytes.Buffer
	if err := encode(&out, part, ""); err != nil {
		t.Fatal(err)
	}
	var parsed any
	if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("part.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("part.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error { return compiled.Validate(text) }
}
