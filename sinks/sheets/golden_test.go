package sheets

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden pins what is sent: the batch that makes the tab, the one that adds rows, and the one that burns.
func TestGolden(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	it := sinks.Item{Events: []string{"e"}, Rows: []event.Row{{Key: "0198c0de-0000-7000-8000-000000000001/1", Cells: []event.Cell{
		{Header: "When", Type: event.CellDateTime, Time: day},
		{Header: "Event", Type: event.CellText, Text: "=HYPERLINK(\"https://evil.example\")"},
		{Header: "Name", Type: event.CellText, Text: "Apollo"},
		{Header: "Before", Type: event.CellText},
		{Header: "After", Type: event.CellNumber, Text: "1250.5"},
		{Header: "Link", Type: event.CellLink, Text: "open", Link: "https://app.ppm.express/p/1"},
	}}}}
	content, _, err := s.Compose([]sinks.Item{it}, false)
	if err != nil {
		t.Fatal(err)
	}
	effect := sinks.Effect{ID: "0198c0de-1111-7222-8333-444455556666", Content: content, Started: time.Now()}
	perform(t, s, effect)
	recall(t, s, effect)
	for name, part := range map[string]string{"make.json": "addSheet", "append.json": "appendCells", "burn.json": `"!`} {
		var got bytes.Buffer
		if err := json.Indent(&got, []byte(w.proxy.last(part)), "", "  "); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: got\n%s", name, got.String())
		}
	}
}

func TestFence(t *testing.T) {
	f := fenceOf("0198c0de-1111-7222-8333-444455556666")
	if f.value != "gzNERFVVZmY" || len(f.value) != 11 {
		t.Errorf("value: got %q, want the last 8 bytes of the id as base64url", f.value)
	}
	seen := map[int64]bool{}
	for range 2000 {
		f := fenceOf(item(1, "").Events[0])
		if f.id < 1 || f.id > 1<<31-1 || seen[f.id] {
			t.Fatalf("got id %d, want a new one from 1 to 2^31-1", f.id)
		}
		seen[f.id] = true
	}
	if odd := fenceOf("no uuid"); odd.id < 1 || len(odd.value) != 11 {
		t.Errorf("an id of another form: got %+v", odd)
	}
}

// TestAgainstDiscovery checks every field, enum and integer that we send against the API's own description, which comes
// with the client library.
func TestAgainstDiscovery(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		t.Skipf("the library's folder cannot be found: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "sheets", "v4", "sheets-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var api discovery
	if err := json.Unmarshal(data, &api); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"make.json", "append.json", "burn.json"} {
		body, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		var sent any
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		api.check(t, name, schema{Ref: "BatchUpdateSpreadsheetRequest"}, sent)
	}
	api.check(t, "the check itself", schema{Ref: "DeveloperMetadata"}, map[string]any{"visibility": "DOCUMENT"})
}

type discovery struct {
	Schemas map[string]schema `json:"schemas"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
}

func (d discovery) check(t *testing.T, where string, s schema, value any) {
	t.Helper()
	if s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	ok := true
	switch v := value.(type) {
	case map[string]any:
		ok = s.Type == "object"
		for name, inner := range v {
			property, known := s.Properties[name]
			if !known {
				t.Errorf("%s: no field %q", where, name)
				continue
			}
			d.check(t, where+"."+name, property, inner)
		}
	case []any:
		ok = s.Type == "array"
		for _, inner := range v {
			d.check(t, where+"[]", *s.Items, inner)
		}
	case string:
		ok = s.Type == "string" && (s.Enum == nil || strings.Contains(" "+strings.Join(s.Enum, " ")+" ", " "+v+" "))
	case float64:
		ok = s.Type == "number" || (s.Type == "integer" && v == float64(int32(v)))
	case bool:
		ok = s.Type == "boolean"
	}
	if !ok {
		t.Errorf("%s: %v is no %s of %v", where, value, s.Type, s.Enum)
	}
}
