package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/templates"
)

// Every key of the configuration has a line in the manual with its default, and the manual has no other.
func TestManualHasEveryKey(t *testing.T) {
	tried := newRehearsal(t)
	file := writeFile(t, filepath.Join(tried.folder, "ppmrelay.yaml"), whole(`
ppm_express: { url: https://api-eu.ppm.express, tenant: contoso, token: env:TOKEN }
ops: { channel: C0OPS000000 }
routes:
  - { name: a, events: ["*"], slack: { channel: C0123456789 } }
  - { name: b, events: ["*"], sheet: { spreadsheet: 1AbCdEf } }
  - { name: c, events: ["*"], file: { path: a.csv, columns: [ { header: A, value: a } ] } }
tests:
  - { name: a, event: Project-Updated, expect: { a: told } }
`)+"\n")
	text := regexp.MustCompile(`display: .*\n`).ReplaceAllString(string(mustRead(t, file)), "")
	cfg, err := config.Parse(file, []byte(text), tried.lookup)
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	keys(reflect.ValueOf(*cfg), "", defaults)
	page := readText(t, "docs/configuration.md")
	for _, line := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| .* \\| (.*) \\|$").FindAllStringSubmatch(page, -1) {
		key, said := line[1], strings.Trim(line[2], "`")
		is, known := defaults[key]
		switch {
		case !known:
			t.Errorf("there is no key %s", key)
		case strings.HasPrefix(line[2], "`") && said != is:
			t.Errorf("%s: the manual says the default %s, and it is %s", key, said, is)
		}
		delete(defaults, key)
	}
	for key := range defaults {
		t.Errorf("%s is not in the manual", key)
	}
}

// keys gathers the paths of all keys, and what their values print as. Entries of a list share their paths.
func keys(section reflect.Value, path string, into map[string]string) {
	for i := range section.NumField() {
		tag, field := section.Type().Field(i).Tag.Get("yaml"), section.Field(i)
		key := strings.TrimPrefix(path+"."+tag, ".")
		if field.Kind() == reflect.Pointer && !field.IsNil() {
			field = field.Elem()
		}
		switch {
		case tag == "" || field.Kind() == reflect.Pointer: // not a key, or a section that is not there
		case tag == ",inline":
			keys(field, path, into)
		case isSection(field.Type()):
			if strings.Contains(key, ".") {
				into[key] = "" // others have a heading of their own
			}
			keys(field, key, into)
		case field.Kind() == reflect.Slice && isSection(field.Type().Elem()):
			into[key] = ""
			for j := range field.Len() {
				keys(field.Index(j), tag+"[]", into)
			}
		default:
			into[key] = fmt.Sprint(field.Interface())
		}
	}
}

// isSection reports whether a type holds keys, and is not one value.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !t.Implements(reflect.TypeFor[fmt.Stringer]()) && t != reflect.TypeFor[config.Text]()
}

// Every name that a template can see is in the manual, and each action there compiles somewhere.
func TestManualOfTemplatesHasEveryName(t *testing.T) {
	page := readText(t, "docs/templates.md")
	for _, kind := range []reflect.Type{
		reflect.TypeFor[templates.Data](), reflect.TypeFor[templates.RowData](), reflect.TypeFor[templates.Entity](),
		reflect.TypeFor[templates.Change](), reflect.TypeFor[templates.Fact](),
	} {
		for field := range kind.Fields() {
			if field.IsExported() && !field.Anonymous && !regexp.MustCompile(`\.`+field.Name+`\b`).MatchString(page) {
				t.Errorf("%s.%s is not in the manual", kind.Name(), field.Name)
			}
		}
	}
	words, err := templates.New(templates.Display{})
	if err != nil {
		t.Fatal(err)
	}
	actions := regexp.MustCompile("`(\\{\\{ [^`]*\\}\\})`").FindAllStringSubmatch(page, -1)
	if len(actions) < 40 {
		t.Errorf("got %d actions in the manual, want them all", len(actions))
	}
	for _, action := range actions {
		if strings.Contains(action[1], "…") {
			continue
		}
		_, message := words.Compile("x", "x "+action[1])
		_, change := words.Compile("x", "x {{ range .Changes }}"+action[1]+"{{ end }}")
		_, cell := words.Table(templates.RowPerChange, []templates.Column{{Header: "x", Value: action[1]}})
		if message != nil && change != nil && cell != nil {
			t.Errorf("%s compiles nowhere: %v", action[1], message)
		}
	}
}

// What the configuration refuses for now stands in the README.
func TestReadmeNamesWhatIsNotBuilt(t *testing.T) {
	_, list, _ := strings.Cut(readText(t, "README.md"), "## What it does not do yet")
	list, _, _ = strings.Cut(list, "\n## ")
	refused := regexp.MustCompile(`(?m)^\t\t\{"([^"]+)", "([^"]*)",`).FindAllStringSubmatch(readText(t, "config/notbuilt.go"), -1)
	if len(refused) == 0 {
		t.Fatal("config/notbuilt.go lists nothing")
	}
	for _, r := range refused {
		name := r[1][strings.LastIndexByte(r[1], '.')+1:]
		if !strings.Contains(list, name) || r[2] == "entity" && !strings.Contains(list, name+": "+r[2]) {
			t.Errorf("%s %s is refused, and the README does not say so", r[1], r[2])
		}
	}
}

// Every command that the manual names is there, and every command is named.
func TestManualNamesEveryCommand(t *testing.T) {
	named, root := map[string]bool{}, (&app{env: os.LookupEnv}).root()
	for page, text := range pages(t) {
		for _, found := range regexp.MustCompile("(?m)(?:^|[`/ ])ppmrelay ([a-z]+)\\b").FindAllStringSubmatch(text, -1) {
			command, _, err := root.Find([]string{found[1]})
			if command.HasParent() {
				named[command.Name()] = true
			} else if found[0][0] == '`' {
				t.Errorf("%s: there is no command %s (%v)", page, found[1], err)
			}
		}
	}
	for _, command := range root.Commands() {
		if !named[command.Name()] && !command.Hidden && command.Name() != "help" {
			t.Errorf("ppmrelay %s is nowhere in the manual", command.Name())
		}
	}
}

// Links within the repository lead somewhere, and headings that are linked exist.
func TestManualLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	for page, text := range all {
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
			target, heading, _ := strings.Cut(link[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			if target == "" {
				path = page
			}
			if _, err := os.Stat(filepath.Join(repository, path)); err != nil {
				t.Errorf("%s: %s leads nowhere", page, link[1])
			}
			if heading != "" && !slices.Contains(headings(all[path]), heading) {
				t.Errorf("%s: %s has no heading %s", page, path, heading)
			}
		}
	}
}

// headings returns the names that the headings of a page are linked by.
func headings(page string) []string {
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

// The messages of the log that the manual explains are those that the program writes.
func TestManualKnowsTheLog(t *testing.T) {
	var source strings.Builder
	err := fs.WalkDir(os.DirFS(repository), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			source.Write(mustRead(t, filepath.Join(repository, path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (?:info|warn|error) \\|").FindAllStringSubmatch(readText(t, "docs/operating.md"), -1)
	if len(lines) < 10 {
		t.Errorf("got %d messages in the manual, want those worth an alert", len(lines))
	}
	for _, line := range lines {
		if !strings.Contains(source.String(), `"`+line[1]+`"`) {
			t.Errorf("nothing logs %q", line[1])
		}
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
