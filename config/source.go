package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	maxFaults  = 100 // more teach nobody, and each costs an excerpt
	maxExcerpt = 120 // characters of a line that are shown
)

// source is the text of a file, what of it must not be shown, and the faults that were found in it.
type source struct {
	file    string
	lines   []string
	hidden  map[int]bool         // lines with something that is, or may be, a secret
	keys    map[int][]*yaml.Node // known and unknown keys by line, left to right
	secrets []string             // values of secrets, which no fault may repeat
	faults  Errors
	hints   Errors // warnings
	more    int    // faults beyond maxFaults

	others map[string]*source // the files of templates, by path; what is known of secrets is here alone
}

func newSource(file string, data []byte) *source {
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return &source{file: file, lines: lines, hidden: map[int]bool{}, keys: map[int][]*yaml.Node{}, others: map[string]*source{}}
}

// line returns a line by its number from 1; empty outside the file.
func (s *source) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	return s.lines[number-1]
}

// add notes a fault. Its excerpt comes later, when it is known what must be hidden.
func (s *source) add(line, column int, hint, message string) {
	s.note(Fault{File: s.file, Line: line, Column: column, Message: message, Hint: hint})
}

// note notes a fault of any file.
func (s *source) note(fault Fault) {
	if len(s.faults) >= maxFaults {
		s.more++
		return
	}
	s.faults = append(s.faults, fault)
}

// warn notes what is no fault, but hardly meant.
func (s *source) warn(n *yaml.Node, hint, message string) {
	s.warnIn(Fault{File: s.file, Line: n.Line, Column: n.Column, Message: message, Hint: hint})
}

// warnIn notes the same of any file.
func (s *source) warnIn(hint Fault) {
	if len(s.hints) < maxFaults {
		hint.Warning = true
		s.hints = append(s.hints, hint)
	}
}

// warnings returns all warnings, complete.
func (s *source) warnings() Errors {
	for i, hint := range s.hints {
		s.hints[i] = s.complete(hint)
	}
	s.hints = s.hints.Sorted()
	return s.hints
}

// result returns all faults, complete; nil when there are none.
func (s *source) result() error {
	if len(s.faults) == 0 {
		return nil
	}
	for i, fault := range s.faults {
		s.faults[i] = s.complete(fault)
	}
	s.faults = s.faults.Sorted()
	if s.more > 0 {
		s.faults = append(s.faults, Fault{File: s.file, Message: fmt.Sprintf("and %d more faults", s.more)})
	}
	return s.faults
}

// complete puts the fault inside the file, gives it its excerpt and takes secrets out of it.
func (s *source) complete(fault Fault) Fault {
	if other := s.others[fault.File]; other != nil {
		other.secrets = s.secrets
		return other.complete(fault)
	}
	if fault.Line > 0 {
		fault.Line = min(fault.Line, len(s.lines))
		fault.Column = min(max(fault.Column, 1), utf8.RuneCountInString(s.line(fault.Line))+1)
		if strings.TrimSpace(s.line(fault.Line)) != "" {
			fault.Excerpt = s.excerpt(fault.Line, fault.Column)
		}
	}
	fault.Message, fault.Hint = s.discreet(fault.Message), s.discreet(fault.Hint)
	return fault
}

// excerpt returns the line with a caret below the column. Of a line that may hold a secret it shows the key alone.
func (s *source) excerpt(number, column int) string {
	line := s.line(number)
	if s.hidden[number] {
		line, column = s.keyAlone(number, column)
	}
	line, column = window(s.discreet(line), column)
	return line + "\n" + caretBelow(line, column)
}

// keyAlone returns the line's indentation and the last key at or before the column, which is never a secret.
func (s *source) keyAlone(number, column int) (line string, caret int) {
	text := s.line(number)
	start := text[:len(text)-len(strings.TrimLeft(text, " -"))]
	shown := ""
	for _, key := range s.keys[number] {
		if key.Column <= column || shown == "" {
			shown = key.Value + ": "
		}
	}
	return start + shown + "…", utf8.RuneCountInString(start) + 1
}

// discreet takes what is, or looks like, a secret out of a text.
func (s *source) discreet(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = regexp.MustCompile(`xox[a-z]-[^\s"',}\]]+|xapp-[^\s"',}\]]+`).ReplaceAllString(text, "…")
	return regexp.MustCompile(`://[^/\s@]*@`).ReplaceAllString(text, "://…@")
}

// window cuts a long line around the column.
func window(line string, column int) (shown string, shownColumn int) {
	runes := []rune(line)
	if len(runes) <= maxExcerpt {
		return line, column
	}
	from := min(max(column-maxExcerpt/2, 0), len(runes)-maxExcerpt)
	shown = string(runes[from : from+maxExcerpt])
	if from > 0 {
		shown, column = "…"+shown, column+1
	}
	if from+maxExcerpt < len(runes) {
		shown += "…"
	}
	return shown, column - from
}

// caretBelow returns a caret at the column, with the line's own tabs before it, so that both move alike.
func caretBelow(line string, column int) string {
	var out strings.Builder
	count := 1
	for _, r := range line {
		if count >= column {
			break
		}
		if r != '\t' {
			r = ' '
		}
		out.WriteRune(r)
		count++
	}
	out.WriteByte('^')
	return out.String()
}
