package templates

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/file"
)

// expressionFault makes an Error of what the expression language says of a text, in words of our own: what it says itself
// is for programmers. What is not foreseen is told without its words.
func expressionFault(text string, err error) *Error {
	fault := &Error{Template: "when", Text: err.Error(), cause: err}
	at := -1
	if where, ok := errors.AsType[*file.Error](err); ok {
		head, _ := firstRunes(text, where.From)
		at, fault.Text = len(head), strings.TrimSpace(where.Message)
	}
	if s := slipAt(text, at, fault.Text); s != nil {
		fault.tell(text, *s)
		return fault
	}
	if name, ok := unknownName(fault.Text); ok {
		fault.unknown(text, name, at)
		return fault
	}
	heard := fault.Text
	fault.tell(text, inPlainWords(heard, at))
	if hint := hintFor(text, at, heard); hint != "" {
		fault.Hint = hint
	}
	return fault
}

// slip is what is wrong at a byte of an expression, and what to write instead.
type slip struct {
	at         int // -1 where no place is known
	said, hint string
}

func (f *Error) tell(text string, s slip) {
	f.Text, f.Hint = s.said, s.hint
	if s.at >= 0 {
		f.Line, f.Column = position(text, s.at)
	}
}

// inPlainWords returns what the expression language says in words for everybody.
func inPlainWords(heard string, at int) slip {
	for _, s := range conditionSayings() {
		pattern := regexp.MustCompile(`(?s)^(?:` + s.heard + `)$`)
		found := pattern.FindStringSubmatchIndex(heard)
		if found == nil {
			continue
		}
		if s.kinds {
			groups := pattern.FindStringSubmatch(heard)
			said := s.said
			for i := len(groups) - 1; i > 0; i-- {
				said = strings.ReplaceAll(said, fmt.Sprint("$", i), whenKind(groups[i]))
			}
			return slip{at, said, s.hint}
		}
		expand := func(words string) string { return string(pattern.ExpandString(nil, words, heard, found)) }
		return slip{at, expand(s.said), expand(s.hint)}
	}
	return slip{at: at, said: "this cannot be worked out"}
}

// whenKind is what people call a kind of value; what is none it returns as it is.
func whenKind(kind string) string {
	switch {
	case kind == "int" || kind == "float64" || kind == "integer" || kind == "int64" || kind == "uint8":
		return "a number"
	case kind == "string":
		return "a text"
	case kind == "<nil>" || kind == "nil":
		return "nothing"
	case kind == "bool":
		return "yes/no"
	case kind == "templates.Value":
		return "the value of a field"
	case strings.HasPrefix(kind, "func("):
		return "a function"
	case strings.HasPrefix(kind, "[]") || strings.HasPrefix(kind, "map["):
		return "a list"
	case kind == "unknown" || strings.HasPrefix(kind, "interface {}") || strings.HasPrefix(kind, "templates."):
		return "a value"
	default:
		return kind
	}
}

// whenNames returns what an expression can name.
func whenNames() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[whenData]()) {
		names = append(names, field.Tag.Get("expr"))
	}
	return names
}

// whenFunctions are those of them that take the name of a field.
func whenFunctions() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[whenData]()) {
		if field.Type.Kind() == reflect.Func {
			names = append(names, field.Tag.Get("expr"))
		}
	}
	return names
}
