package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// base is what a YAML block of the manual is a part of, where it is not a whole configuration: each of its keys takes
// the place of the same key here.
const base = `
server: { public_url: https://relay.example.com, secrets: [env:PPMRELAY_SECRET] }
slack: { token: env:SLACK_BOT_TOKEN }
google: { credentials: file:service-account.json }
display: { time_zone: Europe/Berlin }
`

// block is what stands between two fences.
type block struct {
	language, info, text string
	line                 int
}

func (b block) String() string { return fmt.Sprintf("the block at line %d", b.line) }

// blocksOf returns the fenced blocks of a page.
func blocksOf(page string) []block {
	var all []block
	inside := false
	for n, line := range strings.Split(page, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !inside:
			language, info, _ := strings.Cut(info, " ")
			all = append(all, block{language: language, info: info, line: n + 1})
			inside = true
		case fence:
			inside = false
		case inside:
			all[len(all)-1].text += line + "\n"
		}
	}
	return all
}

// pages returns the manual: path in the repository -> text.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"README.md": readText(t, "README.md"), "CHANGELOG.md": readText(t, "CHANGELOG.md")}
	files, err := filepath.Glob(filepath.Join(repository, "docs", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("docs: %v, %d pages", err, len(files))
	}
	for _, file := range files {
		all["docs/"+filepath.Base(file)] = readText(t, "docs/"+filepath.Base(file))
	}
	return all
}

// Every YAML block of the manual is a configuration that loads, or a part of one; the text behind it is what it says.
func TestManualIsTrue(t *testing.T) {
	for page, text := range pages(t) {
		t.Run(page, func(t *testing.T) {
			tried := newRehearsal(t, "samples/*.json")
			writeFile(t, filepath.Join(tried.folder, "old-secret.txt"), "the-secret-of-last-year")
			if err := os.Mkdir(filepath.Join(tried.folder, "templates"), 0o700); err != nil {
				t.Fatal(err)
			}
			last, err := tried.assemble(t, whole(""))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range blocksOf(text) {
				switch b.language {
				case "yaml":
					if last, err = tried.assemble(t, whole(b.text)); err != nil {
						t.Errorf("%s: %s", b, strings.Join(words(err), "\n"))
					}
				case "tmpl": // a file, by its name
					writeFile(t, filepath.Join(tried.folder, filepath.FromSlash(b.info)), b.text)
				case "expr":
					conditions(t, b)
				case "builtin": // by its name
					if built, _, _ := templates.Builtin(b.info); built != b.text {
						t.Errorf("%s: %s is\n%s", b, b.info, built)
					}
				case "text":
					if b.info != "" && err == nil {
						tried.compare(t, b, last.routes[0])
					}
				case "sh":
					commands(t, b)
				}
			}
		})
	}
}

// whole makes a configuration of a part of one. A template alone gets a route that uses it.
func whole(part string) string {
	keys := func(text string) []string { return regexp.MustCompile(`(?m)^[a-z_]+:`).FindAllString(text, -1) }
	own := keys(part)
	var rest []string
	for line := range strings.Lines(base) {
		if found := keys(line); len(found) > 0 && !slices.Contains(own, found[0]) {
			rest = append(rest, line)
		}
	}
	part += strings.Join(rest, "")
	if slices.Contains(own, "routes:") {
		return part
	}
	route := "\nroutes: [ { name: delivery-team, events: ['*'], slack: { channel: C0123456789"
	if name := regexp.MustCompile(`(?m)^templates:\n  ([a-z]+):`).FindStringSubmatch(part); name != nil {
		route += ", template: " + name[1]
	}
	return part + route + " } } ]\n"
}

// assemble makes the parts of a configuration.
func (r *rehearsal) assemble(t *testing.T, text string) (*parts, error) {
	t.Helper()
	cfg, err := config.Load(writeFile(t, filepath.Join(r.folder, "ppmrelay.yaml"), text), r.lookup)
	if err != nil {
		return nil, err
	}
	return assemble(t.Context(), cfg, slog.New(slog.DiscardHandler))
}

// compare demands that a block shows what a route says of the sample that the block names.
func (r *rehearsal) compare(t *testing.T, b block, route delivery.Route) {
	t.Helper()
	name, shown := strings.CutSuffix(b.info, " as shown")
	i := slices.IndexFunc(r.events, func(e sampleEvent) bool { return e.name == name })
	if i < 0 {
		t.Fatalf("%s: there is no sample %q", b, b.info)
	}
	said := route.Words.Say([]event.Event{r.events[i].Event})[0]
	lines := append([]string{said.Message.Head}, said.Message.Lines...)
	lines = append(lines, said.Message.Context)
	if len(said.Rows) > 0 {
		lines = nil
		for _, row := range said.Rows {
			var cells []string
			for _, cell := range row.Cells {
				cells = append(cells, cellText(cell))
			}
			lines = append(lines, strings.TrimRight(strings.Join(cells, " | "), " "))
		}
	}
	got := regexp.MustCompile(`<!date\^[^|]*\|([^>]*)>`).ReplaceAllString(strings.Join(lines, "\n")+"\n", "$1")
	if shown {
		got = regexp.MustCompile(`(?m)^:[a-z_]+: |\*`).ReplaceAllString(got, "")
	}
	if got != b.text {
		t.Errorf("%s: got\n%swant\n%s", b, got, b.text)
	}
}

// cellText is a cell as a person reads it.
func cellText(c event.Cell) string {
	switch c.Type {
	case event.CellDate:
		return c.Time.Format("2006-01-02")
	case event.CellDateTime:
		return c.Time.Format("2006-01-02 15:04")
	case event.CellBoolean:
		return strconv.FormatBool(c.Bool)
	default:
		return c.Text
	}
}

// conditions compiles each line.
func conditions(t *testing.T, b block) {
	t.Helper()
	words, err := templates.New(templates.Display{})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.text) {
		if _, err := words.When(strings.TrimSpace(line)); err != nil {
			t.Errorf("%s: %s: %v", b, line, err)
		}
	}
}

// commands looks for every command line of ours in the program.
func commands(t *testing.T, b block) {
	t.Helper()
	for line := range strings.Lines(b.text) {
		found := regexp.MustCompile(`(?:^|/)ppmrelay ([a-z][^#]*)`).FindStringSubmatch(line)
		if found == nil {
			continue
		}
		typed := strings.TrimSpace(found[1])
		command, rest, err := (&app{env: os.LookupEnv}).root().Find(strings.Fields(typed))
		if err != nil || !command.HasParent() {
			t.Errorf("%s: there is no command %q (%v)", b, typed, err)
			continue
		}
		if err := command.ParseFlags(rest); err != nil {
			t.Errorf("%s: %q: %v", b, typed, err)
		} else if err := command.ValidateArgs(command.Flags().Args()); err != nil {
			t.Errorf("%s: %q: %v", b, typed, err)
		}
	}
}
