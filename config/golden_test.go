package config

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is expected anew")

// lookup is the environment of the tests.
func lookup(name string) (string, bool) {
	value, found := map[string]string{
		"PPMRELAY_SECRET":   "environment-secret-1",
		"PPM_EXPRESS_TOKEN": "environment-token-2",
		"SLACK_BOT_TOKEN":   "xoxb-environment-token-3",
		"EMPTY":             "",
		"GOOGLE":            `{"type": "service_account"}`,
	}[name]
	return value, found
}

// printed returns what a person sees of an error.
func printed(t *testing.T, err error) string {
	t.Helper()
	faults, ok := errors.AsType[Errors](err)
	if !ok {
		t.Fatalf("got error %T, want Errors", err)
	}
	var out bytes.Buffer
	if err := faults.Print(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestMistakes holds what is said about each file of testdata, named after its mistake, to the text beside it.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 35 {
		t.Fatalf("got %d files (%v), want at least 35", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := Load(file, lookup)
			var said Errors
			if err != nil && !errors.As(err, &said) {
				t.Fatalf("got error %T, want Errors", err)
			}
			if c != nil {
				said = append(said, c.Warnings()...).Sorted()
			}
			if len(said) == 0 {
				t.Fatal("got no fault")
			}
			got, beside := printed(t, said), strings.TrimSuffix(file, ".yaml")+".txt"
			if *update {
				if err := os.WriteFile(beside, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(beside)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
