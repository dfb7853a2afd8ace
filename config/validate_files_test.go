package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Two routes that write other headers to one file are told, however each writes its path.
func TestOneFileByTwoPaths(t *testing.T) {
	whole, err := filepath.Abs("testdata/changes.csv")
	if err != nil {
		t.Fatal(err)
	}
	const file = `
server: { secrets: [env:PPMRELAY_SECRET] }
routes:
  - { name: one, events: ["Task:*"], file: { path: testdata/changes.csv } }
  - { name: two, events: ["Project:*"], file: { path: %s, columns: [{ header: A, value: "{{ .By }}" }] } }
`
	for path, want := range map[string]string{
		"testdata/changes.csv": "the route in line 4 writes other headers to this file",
		whole:                  "this is the file of the route in line 4, spelt in another way",
		filepath.Dir(whole) + "/../x/../testdata/" + "changes.csv": "this is the file of the route in line 4, spelt in another way",
		"testdata/other.csv": "",
	} {
		_, err := Parse("x.yaml", fmt.Appendf(nil, file, path), lookup)
		if got := fmt.Sprint(err); !strings.Contains(got, want) || (want == "") != (err == nil) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}
