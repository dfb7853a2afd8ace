package ppm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Fault is the closed list of what can be wrong with a body.
type Fault string

// The faults.
const (
	FaultEmpty     Fault = "empty"
	FaultEncoding  Fault = "encoding"   // UTF-16
	FaultNotObject Fault = "not-object" // begins like another JSON value, or like none
	FaultCutOff    Fault = "cut-off"    // ends in the middle
	FaultSyntax    Fault = "syntax"     // not JSON
	FaultTooDeep   Fault = "too-deep"   // more than 10,000 levels
	FaultTrailing  Fault = "trailing"   // something follows the object
)

// BodyError says why a body cannot be read, in words for the people who look at it where it is kept.
type BodyError struct {
	Fault  Fault
	Offset int64 // the byte at which it shows, counted from 1; 0 where that says nothing
	detail string
}

func (e *BodyError) Error() string { return e.detail }

func fault(f Fault, offset int64, format string, args ...any) *BodyError {
	return &BodyError{Fault: f, Offset: offset, detail: fmt.Sprintf(format, args...)}
}

// parseObject reads the one object that a body has to be.
func parseObject(body []byte) (tree, error) {
	text := bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	start := bytes.TrimLeft(text, " \t\r\n")
	if len(start) == 0 || start[0] != '{' {
		return tree{}, notObject(start)
	}
	if !json.Valid(text) {
		return tree{}, invalid(text, int64(len(body)-len(text)))
	}
	return newTree(text), nil
}

func notObject(start []byte) *BodyError {
	if len(start) == 0 {
		return fault(FaultEmpty, 0, "the body is empty")
	}
	if bytes.HasPrefix(start, []byte("\xFF\xFE")) || bytes.HasPrefix(start, []byte("\xFE\xFF")) {
		return fault(FaultEncoding, 0, "the body is UTF-16, not UTF-8")
	}
	const one = "the body is not one JSON object: it begins with "
	switch start[0] {
	case '"':
		return fault(FaultNotObject, 0, one+"a text")
	case '[':
		return fault(FaultNotObject, 0, one+"a list")
	default:
		return fault(FaultNotObject, 0, one+"%q", firstRune(start))
	}
}

// invalid finds out what is wrong. It is not on the way of a good body, so it may read it again.
func invalid(text []byte, skipped int64) *BodyError {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var first json.RawMessage
	err := decoder.Decode(&first)
	if err == nil {
		after := bytes.TrimLeft(text[decoder.InputOffset():], " \t\r\n")
		offset := skipped + int64(len(text)-len(after)) + 1
		return fault(FaultTrailing, offset, "more follows the JSON object, from byte %d", offset)
	}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok || errors.Is(err, io.ErrUnexpectedEOF) {
		offset := skipped + int64(len(text))
		return fault(FaultCutOff, offset, "the JSON ends early, at byte %d", offset)
	}
	offset := skipped + syntax.Offset
	if depth(text[:min(syntax.Offset, int64(len(text)))]) > maxDepth {
		return fault(FaultTooDeep, offset, "the JSON is more than %d levels deep, at byte %d", maxDepth, offset)
	}
	culprit := firstRune(text[syntax.Offset-1:])
	return fault(FaultSyntax, offset, "not valid JSON, at byte %d: %q does not belong there", offset, culprit)
}

func firstRune(text []byte) rune {
	r, _ := utf8.DecodeRune(text)
	return r
}

// maxDepth is what encoding/json accepts.
const maxDepth = 10_000

// depth counts the lists and objects that are open at the end of a text.
func depth(text []byte) int {
	open, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			open++
		case c == '}' || c == ']':
			open--
		}
	}
	return open
}
