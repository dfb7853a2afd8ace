package templates

import (
	"embed"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"

	"github.com/ppmrelay/ppmrelay/event"
)

// builtinFiles are the built-in templates: one per event type, one for unknown types, and the last line of them all.
//
//go:embed *.tmpl
var builtinFiles embed.FS

const unknownFile = "Unknown"

// BuiltinText returns the text of the built-in template of an event type, to start from; that of unknown types when
// the type is not one of the twelve.
func BuiltinText(t event.Type) string { return builtinText(builtinFile(t)) }

// builtinFile returns the name of the file of a type: "Project-Updated".
func builtinFile(t event.Type) string {
	if !known(t) {
		return unknownFile
	}
	return strings.Replace(string(t), ":", "-", 1)
}

func builtinText(file string) string {
	text, err := builtinFiles.ReadFile(file + ".tmpl")
	if err != nil {
		return ""
	}
	return string(text)
}

// compileBuiltins prepares the built-in templates. An error is a fault of this package.
func (w *Words) compileBuiltins() error {
	last, err := parseSource(contextName, builtinText(contextName), reflect.TypeFor[Data](), nil)
	if err != nil {
		return fmt.Errorf("built-in template: %w", err)
	}
	w.shared = map[string]*parse.Tree{contextName: last.trees[contextName]}
	w.builtins = map[event.Type]*Template{}
	var faults []error
	for _, t := range append(event.Types(), "") {
		file := builtinFile(t)
		source, err := parseSource(file, builtinText(file), reflect.TypeFor[Data](), w.shared)
		if err != nil {
			faults = append(faults, fmt.Errorf("built-in template: %w", err))
			continue
		}
		w.builtins[t] = w.newTemplate(source)
		w.builtins[t].builtin = true
	}
	return errors.Join(faults...)
}

// Message says a net, which must hold at least one event, in the built-in wording.
func (w *Words) Message(net event.Net) event.Message {
	net = w.told(net)
	t := net.Last().Type
	if !known(t) {
		t = ""
	}
	message, err := w.builtins[t].message(net)
	if err != nil { // a budget used up by a monstrous event
		sentence := w.sentence(net)
		return event.Message{Head: escape(short(sentence, maxText)), Text: sentence + "."}
	}
	return message
}
