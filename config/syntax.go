package config

import (
	"bytes"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// syntax notes why the file is not YAML, and where. The library tells a line at most, and often the one where the
// surrounding list or section began.
func (s *source) syntax(data []byte, err error) {
	first, last := failingLines(data)
	for number := first; number <= last; number++ {
		if column, message, hint := riddleIn(s.line(number)); message != "" {
			s.addSyntax(number, column, hint, message)
			return
		}
	}
	if above := s.line(first - 1); strings.Contains(err.Error(), "mapping values") && withoutColon(above) {
		s.addSyntax(first-1, startOf(above), "write key: value", "a key is not followed by a colon")
		return
	}
	message, hint := plainSyntax(err.Error())
	s.addSyntax(first, startOf(s.line(first)), hint, message)
}

// withoutColon reports whether a line has a key and a value, but nothing between them. YAML takes it for text that goes
// on in the next line, and stumbles there.
func withoutColon(line string) bool {
	text := strings.TrimLeft(line, " -")
	return text != "" && text[0] != '#' && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":")
}

func (s *source) addSyntax(line, column int, hint, message string) {
	if !s.showable(line) {
		s.hidden[line] = true
		text := strings.TrimLeft(s.line(line), " -")
		if key, _, found := strings.Cut(text, ":"); found && knownKeys()[key] {
			s.keys[line] = []*yaml.Node{{Value: key}}
		}
	}
	s.add(line, column, hint, message)
}

// failingLines returns the lines that hold what cannot be read: from the start of the list, section or quoted text that
// never comes to its end, to where reading stopped.
func failingLines(data []byte) (first, last int) {
	stopped := &lineReader{rest: data}
	_ = yaml.NewDecoder(stopped).Decode(new(yaml.Node))
	last = max(stopped.lines, 1)
	ends := lineEnds(data)
	budget := 1 << 20 // bytes; a fault far away from its cause is not worth more than a moment
	for first = last; first > 1 && budget > 0; first-- {
		before := data[:ends[first-2]]
		if yaml.Unmarshal(before, new(yaml.Node)) == nil {
			return first, last
		}
		budget -= len(before)
	}
	if first > 1 {
		first = last
	}
	return first, last
}

// lineEnds returns where each line ends, its line break included.
func lineEnds(data []byte) []int {
	var ends []int
	for line := range bytes.Lines(data) {
		end := len(line)
		if len(ends) > 0 {
			end += ends[len(ends)-1]
		}
		ends = append(ends, end)
	}
	return ends
}

// lineReader hands out one line at a time, so that it is known how far somebody read.
type lineReader struct {
	rest  []byte
	lines int  // begun
	mid   bool // inside a line
}

func (r *lineReader) Read(into []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	if !r.mid {
		r.lines++
	}
	end := bytes.IndexByte(r.rest, '\n') + 1
	if end == 0 {
		end = len(r.rest)
	}
	n := copy(into, r.rest[:end])
	r.mid = n < end
	r.rest = r.rest[n:]
	return n, nil
}

// plainSyntax says what the library says in words for people who do not know YAML.
func plainSyntax(text string) (message, hint string) {
	switch {
	case strings.Contains(text, "did not find expected ',' or ']'"), strings.Contains(text, "did not find expected ',' or '}'"):
		return "a bracket that is opened here is not closed, or a comma is missing", "every [ needs a ], every { a }"
	case strings.Contains(text, "unexpected end of stream"), strings.Contains(text, "document indicator"):
		return "a quote that is opened here is not closed", "every \" needs another, every ' too"
	case strings.Contains(text, "could not find expected ':'"):
		return "a key is not followed by a colon", "write key: value"
	case strings.Contains(text, "escape character"), strings.Contains(text, "hexdecimal number"):
		return "there is a \\ inside of \"…\" that means nothing", "write '…' around the text instead"
	case strings.Contains(text, "did not find expected key"), strings.Contains(text, "'-' indicator"),
		strings.Contains(text, "mapping values are not allowed"), strings.Contains(text, "sequence entries are not allowed"):
		return "this line does not belong to what is above it", "keys of one section, and entries of one list, begin in the same column"
	case strings.Contains(text, "max depth"):
		return "this is nested too deep", ""
	default:
		return "this cannot be read: " + strings.TrimPrefix(text, "yaml: "), ""
	}
}

// showable reports whether a line of a file whose structure is unknown can be shown: it stands in a section that holds
// no secrets, and neither it nor a line that it is indented below speaks of any.
func (s *source) showable(number int) bool {
	indent := len(s.lines) + maxFile
	for ; number > 0; number-- {
		line := s.line(number)
		text := strings.TrimLeft(line, " -\t")
		if text == "" || text[0] == '#' || len(line)-len(text) > indent {
			continue
		}
		indent = len(line) - len(text)
		if speaksOfSecrets(text) {
			return false
		}
		if key, _, found := strings.Cut(text, ":"); indent == 0 {
			section, known := fieldsOf(reflect.ValueOf(&Config{}).Elem())[key]
			return found && known && !hasSecret(section.Type())
		}
	}
	return false
}

func speaksOfSecrets(line string) bool {
	line = strings.ToLower(line)
	for _, word := range []string{"secret", "token", "credential", "password", "private", "env:", "file:/", "key:"} {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

// knownKeys returns every key that the file's shape knows.
func knownKeys() map[string]bool {
	keys := map[string]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		section := sectionType(t)
		if section == nil {
			return
		}
		for name, field := range fieldsOf(reflect.New(section).Elem()) {
			keys[name] = true
			visit(field.Type())
		}
	}
	visit(reflect.TypeFor[Config]())
	return keys
}
