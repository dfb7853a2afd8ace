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

// BuiltinNames returns the names of the built-in templates: one for each event type, in the vendor's order, the one for
// unknown types, and the small last line of them all.
func BuiltinNames() []string {
	var names []string
	for _, t := range event.Types() {
		names = append(names, builtinFile(t))
	}
	return append(names, unknownFile, contextName)
}

// Builtin returns the text of the built-in template of a name, also spelt like its event type: "Project-Updated",
// "Project:Updated". Where there is none it returns the nearest right name, if one is near.
func Builtin(name string) (text, near string, ok bool) {
	name = strings.Replace(strings.TrimSuffix(name, ".tmpl"), ":", "-", 1)
	for _, known := range BuiltinNames() {
		if strings.EqualFold(known, name) {
			return builtinText(known), "", true
		}
	}
	return "", nearest(name, BuiltinNames()), false
}

// compileBuiltins prepares the built-in templates. An error is a fault of this package.
func (w *Words) compileBuiltins() error {
	w.library, w.builtins = library{}, map[event.Type]*Template{}
	var faults []error
	for _, name := range BuiltinNames() {
		s, err := parseText(name, builtinText(name), w.library)
		if err != nil {
			faults = append(faults, fmt.Errorf("built-in template: %w", err))
			continue
		}
		w.library[name] = s
	}
	last := w.library[contextName]
	last.trees = map[string]*parse.Tree{root: last.trees[contextName]} // it is a define, to be copied as it is
	for _, t := range append(event.Types(), "") {
		s := w.library[builtinFile(t)]
		if err := check(s, reflect.TypeFor[Data]()); err != nil {
			faults = append(faults, fmt.Errorf("built-in template: %w", err))
			continue
		}
		w.builtins[t] = w.newTemplate(s)
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
	message, err := w.builtins[t].In(w).message(net)
	if err != nil { // a budget used up by a monstrous event
		w.failures.add(err)
		sentence := w.sentence(net)
		return event.Message{Head: escape(short(sentence, maxText)), Text: sentence + "."}
	}
	return message
}
