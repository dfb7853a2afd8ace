package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/samples"
)

// noTests says that there are none, and how to write the first one.
func (t *trier) noTests(w *wordsOf) error {
	if t.asJSON {
		return t.printJSON(t.json(nil, 0))
	}
	first, err := firstTest(w, t.file)
	if err != nil {
		return err
	}
	out := &window{out: t.out}
	out.paragraph(fmt.Sprintf("%s has no tests. A first one, of what its first route makes of a sample today: write it at the end of the file, "+
		"and say in it what you want to stay so.", t.file))
	out.line("")
	for line := range strings.Lines(first) {
		out.line(strings.TrimSuffix(line, "\n"))
	}
	out.ending(t, "0 tests", "0 failed")
	return out.err
}

// firstTest writes a test of the first route that passes: of the first sample that the route tells, else that it does not
// tell one.
func firstTest(w *wordsOf, file string) (string, error) {
	route := w.cfg.Routes[0].Name
	sample, expected := "", "not told"
	var names []string
	for _, kind := range event.Types() {
		names = append(names, sampleName(string(kind)))
	}
	for _, name := range append(names, samples.Names()...) { // the usual ones first
		body, _ := samples.Body(name)
		h, err := sampled(body, name, "", name, receivedThen())
		if err != nil {
			return "", err
		}
		if sample == "" || !takes(w.cfg.Routes[0].Events, typeOfName(sample)) {
			sample = name
		}
		shown, err := w.tell(h, file)
		if err != nil {
			return "", err
		}
		if said, told := shown.told[route]; told && said.skip == "" && len(shown.faults) == 0 {
			sample, expected = name, expectedOf(said)
			break
		}
	}
	return fmt.Sprintf("tests:\n  - name: %s\n    event: %s\n    expect:\n      %s: %s\n",
		inYAML("what "+route+" tells of "+sample), sample, inYAML(route), expected), nil
}

// expectedOf writes what is expected of a route: the first line of a message, some cells of the first row.
func expectedOf(said spoken) string {
	if said.headers == nil {
		first, _, _ := strings.Cut(messageOf(said).read, "\n")
		_, words, found := strings.Cut(first, " ")
		if begin, _ := utf8.DecodeRuneInString(first); !found || unicode.IsLetter(begin) {
			words = first
		}
		return "{ contains: " + inYAML(words) + " }" // an emoji is left out: not every keyboard has it
	}
	const some = 3
	var cells []string
	for _, cell := range said.rows[0].Cells {
		if text := shownCell(cell); len(cells) < some && text != "" && cell.Type == event.CellText {
			cells = append(cells, inYAML(cell.Header)+": "+inYAML(text))
		}
	}
	if len(cells) == 0 {
		return "told"
	}
	return "{ cells: { " + strings.Join(cells, ", ") + " } }"
}

// inYAML writes a text in quotes, as YAML and JSON both read it; a plain word stays as it is.
func inYAML(text string) string {
	if isPlainWord(text) {
		return text
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text can always be written
	return strings.TrimSpace(out.String())
}

// isPlainWord reports whether a text is of letters and hyphens, and no word that YAML takes for something else.
func isPlainWord(text string) bool {
	switch strings.ToLower(text) {
	case "yes", "no", "true", "false", "on", "off", "null", "y", "n":
		return false
	}
	return regexp.MustCompile(`^[A-Za-z]+(-[A-Za-z]+)*$`).MatchString(text)
}
