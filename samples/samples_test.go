package samples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/samples"
)

// Each file of the folder is a sample, none of the folders below it is.
func TestEveryFileIsASample(t *testing.T) {
	found, err := filepath.Glob("*.json")
	if err != nil || len(found) < 12 {
		t.Fatalf("got %d files, %v", len(found), err)
	}
	if got, want := strings.Join(samples.Names(), ".json,")+".json", strings.Join(found, ","); len(samples.Names()) != len(found) ||
		len(got) != len(want) {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, name := range samples.Names() {
		want, err := os.ReadFile(name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := samples.Body(name); !ok || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes, %v, want %d", name, len(got), ok, len(want))
		}
	}
}

func TestEveryTypeHasASample(t *testing.T) {
	for _, kind := range event.Types() {
		if _, ok := samples.Body(string(kind)); !ok {
			t.Errorf("%s has no sample", kind)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"Project-Updated-Followup": true, "Task-Created.json": true, "Task:Created": true,
		"": false, "project-updated": false, "hostile/bom": false, "../samples/Task-Created": false, "README": false,
	} {
		if _, ok := samples.Body(name); ok != want {
			t.Errorf("%q: got %v, want %v", name, ok, want)
		}
	}
}
