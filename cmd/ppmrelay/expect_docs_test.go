package main

import (
	"os"
	"strings"
	"testing"
)

// What the manual says about tests happens to whoever follows it: the first file is a configuration, each block of tests
// stands at its end.
func TestManualOfTestsIsTrue(t *testing.T) {
	var config, tests string
	playManual(t, "docs/testing.md", func(b block) {
		switch b.info {
		case "ppmrelay.yaml":
			config = b.text
		case "tests":
			tests = b.text
		default:
			if b.language == "yaml" {
				writeFile(t, "other.yaml", whole(b.text))
				if code, out, errs := ppmrelay(t, "test", "other.yaml"); code != exitFine || strings.Contains(out, " 0 tests") {
					t.Errorf("%s: got %d, %s%s", b, code, out, errs)
				}
			}
			return
		}
		writeFile(t, "ppmrelay.yaml", config+tests)
	}, "README", "a folder of their own")
	better := strings.Replace(config, "{{ .After }}", "{{ .After }}{{ with .Difference }} ({{ . }}){{ end }}", 1)
	writeFile(t, "ppmrelay.yaml", better+tests)
	if code, out, errs := ppmrelay(t, "test", "ppmrelay.yaml"); code != exitFine || better == config {
		t.Errorf("after what the manual advises: got %d, %s%s", code, out, errs)
	}
	if code, out, _ := ppmrelay(t, "test", "ppmrelay.yaml", "--golden", "told"); code != exitFailed || !strings.Contains(out, "(14 days later)") {
		t.Errorf("the folder does not show what became other: got %d, %s", code, out)
	}
	if files, err := os.ReadDir("told"); err != nil || len(files) < 12 {
		t.Errorf("got %d files, %v", len(files), err)
	}
}
