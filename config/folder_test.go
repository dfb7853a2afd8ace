package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inFolder writes a configuration and the files of its templates, and returns what was read.
func inFolder(t *testing.T, templates string, files map[string]string) (*Config, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "words"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, "words", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := "server: { secrets: [sixteen-characters] }\nslack: { token: xoxb-not-a-real-token }\ntemplates_folder: words\n" + templates +
		"routes:\n  - { name: team, events: ['*'], slack: { channel: C0123456789, template: status } }\n"
	file := filepath.Join(folder, "relay.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, lookup)
}

// Files of the folder are templates like those that are written below the key.
func TestTemplatesFolder(t *testing.T) {
	t.Parallel()
	c, err := inFolder(t, "templates: { line: '{{ .Label }}' }\n", map[string]string{
		"status.tmpl": "*{{ .Entity }}*\n{{ range .Changes }}{{ template \"line\" . }}{{ end }}\n", ".status.tmpl.swp": "x", "status.tmpl~": "x", "README.md": "x",
	})
	if err != nil || len(c.Warnings()) > 0 {
		t.Fatalf("got %v, %v", err, c.Warnings())
	}
	folder := filepath.Dir(c.source.file)
	status := c.Templates["status"]
	if len(c.Templates) != 2 || status.File != filepath.Join(folder, "words", "status.tmpl") || !strings.HasPrefix(status.Value, "*{{ .Entity }}*\n") {
		t.Errorf("got templates %v, %q of %s", c.Templates, status.Value, status.File)
	}
	want := []string{c.source.file, filepath.Join(folder, "words"), filepath.Join(folder, "words", "status.tmpl")}
	if got := c.Files(); !slices.Equal(got, want) {
		t.Errorf("got files %v, want %v", got, want)
	}
	fault := c.FaultAt(status, 2, 26, "no {{ x }}", "write y")
	if got, want := fault.String(), status.File+":2:26: no {{ x }}; write y"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if want := "{{ range .Changes }}{{ template \"line\" . }}{{ end }}\n" + strings.Repeat(" ", 25) + "^"; fault.Excerpt != want {
		t.Errorf("got\n%s\nwant\n%s", fault.Excerpt, want)
	}
	if got := c.FaultAt(c.Templates["line"], 1, 4, "x", ""); got.File != c.source.file || got.Line != 4 || got.Column != 24 {
		t.Errorf("got %v, want relay.yaml:4:24", got)
	}
}

// The version follows what the files say, and nothing else of them.
func TestVersionFollowsTheFolder(t *testing.T) {
	t.Parallel()
	version := func(text, beside string) string {
		c, err := inFolder(t, "", map[string]string{"status.tmpl": text, "beside.txt": beside})
		if err != nil {
			t.Fatal(err)
		}
		return c.Version()
	}
	if a, b := version("a", "x"), version("a", "y"); a != b {
		t.Errorf("got versions %s and %s of the same templates", a, b)
	}
	if a, b := version("a", "x"), version("b", "x"); a == b {
		t.Errorf("got version %s of both", a)
	}
}

// A broken file is told once, at the file, and no route is called wrong for naming it. What stands in it is not shown where
// it is a secret.
func TestFilesThatAreNoTemplates(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": " \n", "long": strings.Repeat("x", 65<<10), "latin": "\xe4"} {
		c, err := inFolder(t, "", map[string]string{"status.tmpl": text})
		faults, _ := err.(Errors) //nolint:errorlint // Load returns it bare
		if c == nil || len(faults) != 1 || !strings.HasSuffix(faults[0].File, "status.tmpl") || faults[0].Line != 0 {
			t.Errorf("%s: got %v", name, err)
		}
	}
	c, err := inFolder(t, "", map[string]string{"status.tmpl": "{{ .By }} sixteen-characters"})
	if err != nil {
		t.Fatal(err)
	}
	if fault := c.FaultAt(c.Templates["status"], 1, 1, "x", ""); strings.Contains(fault.Excerpt, "sixteen") {
		t.Errorf("got %s", fault.Excerpt)
	}
	if _, err := os.Stat("/dev/null"); err == nil {
		folder := t.TempDir()
		if err := os.Symlink("/dev/null", filepath.Join(folder, "a.tmpl")); err != nil {
			t.Fatal(err)
		}
		_, err := Parse("x.yaml", []byte("templates_folder: "+folder), lookup)
		if err == nil || !strings.Contains(err.Error(), "a.tmpl: it is no file that can be read") {
			t.Errorf("a device: got %v", err)
		}
	}
}
