// Package samples holds bodies of PPM Express webhooks, so that the program has them wherever it is installed. README.md
// beside it says what each is for. Hostile bodies and answers of the vendor's API are files for tests alone.
package samples

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.json
var files embed.FS

// Names returns the names of the samples, sorted: "Project-Updated", "Project-Updated-Followup".
func Names() []string {
	found, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil // unreachable: the pattern is right
	}
	for i, name := range found {
		found[i] = strings.TrimSuffix(name, ".json")
	}
	return found
}

// Body returns the body of a sample, and reports whether there is one of that name. The name may be spelt as a file's,
// and as the type of an event: "Project-Updated", "Project-Updated.json", "Project:Updated".
func Body(name string) (body []byte, ok bool) {
	body, err := files.ReadFile(strings.Replace(strings.TrimSuffix(name, ".json"), ":", "-", 1) + ".json")
	return body, err == nil
}
