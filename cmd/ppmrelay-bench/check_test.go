package main

import (
	"path/filepath"
	"regexp"
	"testing"
)

// What is checked is as large as the figure says: every template is different from the others by name, and is used.
func TestManyRoutes(t *testing.T) {
	t.Parallel()
	text := manyRoutes(checkedRoutes, checkedTemplates)
	used := map[string]bool{}
	for _, found := range regexp.MustCompile(`template: (words-\d+)`).FindAllStringSubmatch(text, -1) {
		used[found[1]] = true
	}
	routes := regexp.MustCompile(`(?m)^  - name: route-\d+$`).FindAllString(text, -1)
	if len(routes) != checkedRoutes || len(used) != checkedTemplates {
		t.Errorf("got %d routes and %d templates that are used, want %d and %d", len(routes), len(used), checkedRoutes, checkedTemplates)
	}
}

// A check that finds something, or looks at something else, is no figure.
func TestCheckHasToLookAtEverything(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"true", "false"} {
		b := &bench{daemon: program}
		if _, _, err := b.checked(t.Context(), filepath.Join(t.TempDir(), "x.yaml")); err == nil {
			t.Errorf("%s: got no error", program)
		}
	}
}
