package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// TestSchemaSaysWhatTheStructsSay holds both copies, the embedded one and the one for editors beside the example, to the
// structs.
func TestSchemaSaysWhatTheStructsSay(t *testing.T) {
	want := generateSchema(t)
	for _, file := range []string{"config.schema.json", "../config.schema.json"} {
		if *update {
			if err := os.WriteFile(file, want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the structs say: go generate ./config writes it anew", file)
		}
	}
	if !*update && !bytes.Equal(Schema(), want) {
		t.Error("what is embedded is not what the structs say")
	}
}

// The first line of the example names the schema, which stands beside it.
func TestExampleNamesItsSchema(t *testing.T) {
	first, _, _ := strings.Cut(readAll(t, "../config.example.yaml"), "\n")
	name, found := strings.CutPrefix(first, "# yaml-language-server: $schema=")
	if !found || readAll(t, filepath.Join("..", name)) != string(Schema()) {
		t.Errorf("got %q, want the name of the schema", first)
	}
}

// compiledSchema is the schema as an editor uses it.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("config.schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// treeOf reads YAML as editors do, by the types of JSON.
func treeOf(t *testing.T, text []byte) (any, error) {
	t.Helper()
	var read any
	if err := yaml.Unmarshal(text, &read); err != nil {
		return nil, err
	}
	marshalled, err := json.Marshal(textKeys(read))
	if err != nil {
		t.Fatal(err)
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(marshalled))
}

// textKeys makes every key a text: -1 is "-1".
func textKeys(value any) any {
	switch v := value.(type) {
	case map[any]any:
		all := map[string]any{}
		for key, one := range v {
			all[fmt.Sprint(key)] = textKeys(one)
		}
		return all
	case map[string]any:
		for key, one := range v {
			v[key] = textKeys(one)
		}
		return v
	case []any:
		for i, one := range v {
			v[i] = textKeys(one)
		}
		return v
	default:
		return v
	}
}

// TestSchemaTakesWhatIsGood feeds the example, the good files of testdata and every snippet of the manual.
func TestSchemaTakesWhatIsGood(t *testing.T) {
	compiled := compiledSchema(t)
	good := map[string]string{}
	for _, pattern := range []string{"../config.example.yaml", "testdata/good/*.yaml"} {
		for _, file := range filesOf(t, pattern) {
			good[file] = readAll(t, file)
		}
	}
	for _, page := range append(filesOf(t, "../docs/*.md"), filesOf(t, "../README.md")...) {
		for i, block := range regexp.MustCompile("(?s)\n```yaml\\b[^\n]*\n(.*?\n)```").FindAllStringSubmatch(readAll(t, page), -1) {
			good[fmt.Sprintf("%s, snippet %d", page, i+1)] = block[1]
		}
	}
	if len(good) < 15 {
		t.Fatalf("got %d files and snippets, want them all", len(good))
	}
	for name, text := range good {
		tree, err := treeOf(t, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if part, ok := tree.(map[string]any); ok { // of a snippet
			whole := map[string]any{"server": map[string]any{"secrets": []any{"x"}}, "routes": []any{leastRoute()}}
			maps.Copy(whole, part)
			tree = whole
		}
		if err := compiled.Validate(tree); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func leastRoute() map[string]any {
	return map[string]any{"name": "a", "events": []any{"*"}, "file": map[string]any{"path": "a.csv"}}
}

func filesOf(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %d files", pattern, err, len(files))
	}
	return files
}

func readAll(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// beyondShape lists the mistakes of testdata that no schema of one value sees: what two values are to each other, what
// stands outside of the file, and what a text means. Every other one is a mistake of shape, or no YAML.
func beyondShape() []string {
	return []string{
		// YAML that means something else
		"anchor-and-alias", "comment-eats-a-condition", "comment-eats-a-template", "tag", "two-documents",
		// what stands outside of the file
		"google-path-without-file", "secret-as-shell-variable", "secret-file-is-a-folder", "secret-file-not-there",
		"secret-variable-empty", "secret-variable-not-set", "secret-with-spaces", "template-file-unused",
		"template-in-both-places", "templates-folder-faulty", "templates-folder-is-a-file", "templates-folder-missing", "time-zone-of-nowhere",
		"time-zone-of-the-machine", "time-zone-unknown",
		"file-in-no-folder", "file-of-another-machine",
		// numbers inside a text, and times
		"cron-backwards", "cron-every-what", "cron-never", "cron-out-of-range", "cron-step-of-zero", "cron-too-often",
		"cron-step-over-the-end", "cron-unknown-day", "cron-unknown-zone", "cron-week-ends-with-sunday", "cron-wrong", "cron-zone-unnamed", "journal-forgets-too-early", "journal-limits-too-small",
		"journal-memory-longer-than-keep", "labels-of-numbers-not-as-sent", "listen-port-too-large", "size-out-of-range",
		// headers that mean something, or are not found again
		"header-in-two-lines", "header-of-the-key",
		// two values
		"built-in-columns-of-both-kinds", "console-for-strangers", "file-spelt-twice", "headers-differ",
		"ops-route-named-twice", "ops-without-slack", "ppm-express-without-public-url", "route-behind-a-condition-on-the-kind",
		"route-behind-another", "route-behind-several", "route-behind-the-same-condition", "route-behind-the-same-condition-in-other-words",
		"route-name-twice", "same-address-twice", "sheet-route-without-google",
		"slack-route-without-slack", "tab-spelt-twice", "template-none-written", "template-unknown", "template-unused",
		"when-always-true", "when-changed-of-what-was-created", "when-names-no-kind", "when-never-both", "when-never-true",
		"when-unsure-differs",
		// an expectation and what it is about
		"test-cells-of-a-message", "test-expects-nothing", "test-name-twice", "test-of-no-route", "test-regexp-broken",
		"test-regexp-too-large", "test-text-of-a-table", "test-told-and-not-told",
	}
}

// TestSchemaRefusesMistakesOfShape feeds every mistake of testdata that is YAML. The list above is exact.
func TestSchemaRefusesMistakesOfShape(t *testing.T) {
	compiled, refused, left := compiledSchema(t), 0, beyondShape()
	for _, file := range filesOf(t, "testdata/*.yaml") {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		left = slices.DeleteFunc(left, func(one string) bool { return one == name })
		tree, err := treeOf(t, []byte(readAll(t, file)))
		if err != nil || tree == nil {
			continue // the editor's YAML says so itself
		}
		beyond := slices.Contains(beyondShape(), name)
		err = compiled.Validate(tree)
		switch {
		case err == nil && !beyond:
			t.Errorf("%s: the schema takes it", name)
		case err != nil && beyond:
			t.Errorf("%s: the schema refuses it, and it is said to be beyond shape: %v", name, err)
		case err != nil:
			refused++
		}
	}
	if len(left) > 0 {
		t.Errorf("there are no mistakes %v", left)
	}
	if refused < 50 {
		t.Errorf("got %d mistakes refused, want at least 50", refused)
	}
}
