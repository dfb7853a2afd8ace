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
	deep := strings.Contains(err.Error(), "max depth")
	if found := likeliest(outlineOf(s.lines[:min(last, len(s.lines))]), first); found.line > 0 && !deep {
		s.addSyntax(found.line, found.column, found.hint, found.message)
		return
	}
	message, hint := plainSyntax(err.Error())
	s.addSyntax(first, startOf(s.line(first)), hint, message)
}

// likeliest returns what makes the lines from first on no YAML; nothing when none of them does. What is wrong for certain
// comes last in the list: something that it may follow from stands in its line, or, if it reaches so far, in the one above.
func likeliest(found []riddle, first int) riddle {
	stop, column := 0, maxFile // where reading stopped
	if n := len(found); n > 0 && found[n-1].sure == certain {
		stop, column = found[n-1].until, found[n-1].column
	}
	for _, r := range found {
		switch {
		case r.sure == lineBelow && (r.until < max(first, stop)-1 || column < r.from): // what follows stands below it
		case r.sure == sameLine && r.line < first:
		case r.sure == certain && r.until < first-1:
		default:
			return r
		}
	}
	return riddle{}
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
