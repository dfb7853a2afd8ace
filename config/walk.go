package config

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const maxKey = 256 // bytes; paths are made of keys, and must not grow with the square of the file

// place is where a value stands. Entries of lists have no key.
type place struct{ key, value *yaml.Node }

// walker fills a Config from the tree.
type walker struct {
	*source
	from   surroundings
	places map[string]place    // what was found, by path: "routes[0].slack.channel"
	next   map[*yaml.Node]int  // the line of the node that follows
	bad    map[*yaml.Node]bool // told of already, not to be read
	last   int                 // the line that runes are of: one line may hold very many nodes
	runes  []rune
	meant  map[string]bool // paths that a misspelt or misplaced key stands for
}

// longhand is a type that has a short form.
type longhand interface {
	// long returns what a short form stands for, at the same place; a value in its long form as it is.
	long(n *yaml.Node) *yaml.Node
}

// value reads one value into v, which holds its default.
func (w *walker) value(path string, at place, v reflect.Value) {
	w.places[path] = at
	if d, ok := reflect.TypeAssert[defaulted](v.Addr()); ok {
		d.setDefaults()
	}
	if hasSecret(v.Type()) && (w.bad[at.value] || at.value.Kind == yaml.ScalarNode || v.Type() == reflect.TypeFor[Secret]()) {
		w.hide(at.value)
	}
	switch {
	case w.bad[at.value] || w.notBuilt(path, at):
	case isNull(at.value):
		w.noValue(path, at)
	default:
		w.filled(path, at, v)
	}
}

// filled reads a value that is there by the type of what it goes into.
func (w *walker) filled(path string, at place, v reflect.Value) {
	switch special := v.Addr().Interface().(type) {
	case *Text:
		w.text(path, at, special)
		return
	case *Shown:
		w.shown(path, at, special)
		return
	case longhand:
		at.value = special.long(at.value)
	}
	if kind, ok := reflect.TypeAssert[scalar](v); ok && v.Kind() != reflect.Pointer {
		w.scalar(path, at, kind, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		w.value(path, at, v.Elem())
	case reflect.Struct:
		w.section(path, at, v)
	case reflect.Slice:
		w.list(path, at, v)
	case reflect.Map:
		w.names(path, at, v)
	case reflect.String:
		if text, ok := w.plain(path, at, "text"); ok {
			v.SetString(text)
		}
	default:
		panic("a " + v.Kind().String() + " cannot be read; give it a type that is a scalar")
	}
}

// section reads a mapping whose keys are known.
func (w *walker) section(path string, at place, v reflect.Value) {
	expects := "a section with keys below it"
	if own, ok := reflect.TypeAssert[interface{ expects() string }](v.Addr()); ok {
		expects = own.expects()
	}
	if !w.is(path, at, yaml.MappingNode, expects, v.Type()) {
		return
	}
	fields := fieldsOf(v)
	w.pairs(at.value, func(at place) {
		name := at.key.Value
		field, known := fields[name]
		inner := join(path, name)
		switch _, later := refused(inner, ""); {
		case known:
			w.value(inner, at, field)
		case later:
			w.notBuilt(inner, at)
		default:
			w.unknown(path, at, fields)
		}
	})
}

// names reads a mapping whose keys are chosen by the file's writer.
func (w *walker) names(path string, at place, v reflect.Value) {
	if !w.is(path, at, yaml.MappingNode, "a section with names below it", v.Type()) {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	w.pairs(at.value, func(at place) {
		inner := reflect.New(v.Type().Elem()).Elem()
		w.value(join(path, at.key.Value), at, inner)
		v.SetMapIndex(reflect.ValueOf(at.key.Value), inner)
	})
}

// list reads a sequence.
func (w *walker) list(path string, at place, v reflect.Value) {
	if !w.is(path, at, yaml.SequenceNode, "a list, such as [a, b]", v.Type()) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(at.value.Content), len(at.value.Content)))
	for i, entry := range at.value.Content {
		w.value(path+"["+strconv.Itoa(i)+"]", place{value: entry}, v.Index(i))
	}
}

// pairs calls each with every key of a mapping that is usable, and tells of those that are not.
func (w *walker) pairs(mapping *yaml.Node, each func(place)) {
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		earlier, repeated := first[key.Value]
		switch {
		case w.bad[key]:
			w.hide(value)
		case len(key.Value) > maxKey:
			w.hide(value)
			w.fault(key, "", "a key is longer than %d bytes", maxKey)
		case key.Kind != yaml.ScalarNode || isNull(key):
			w.hide(key)
			w.hide(value)
			w.fault(key, bracesHint(key), "a key must be plain text")
		case repeated:
			w.keys[key.Line] = append(w.keys[key.Line], key)
			w.hide(value)
			w.fault(key, "remove one of them", "%s is written twice, first in line %d", quoted(key.Value), earlier.Line)
		default:
			w.keys[key.Line] = append(w.keys[key.Line], key)
			first[key.Value] = key
			each(place{key, value})
		}
	}
}

// scalar reads a value of a type of its own.
func (w *walker) scalar(path string, at place, kind scalar, v reflect.Value) {
	text, ok := w.plain(path, at, kind.expects())
	if !ok {
		return
	}
	value, err := kind.parse(text, w.from)
	if err != nil {
		hint := ""
		if m, ok := errors.AsType[*mistake](err); ok {
			hint = m.hint
		}
		if strings.ContainsAny(text, typographic) {
			hint = straightHint
		}
		w.fault(at.value, hint, "%s: %s", nameOf(path), err)
		return
	}
	v.Set(reflect.ValueOf(value))
	if secret, ok := value.(Secret); ok {
		w.learn(secret.Reveal())
	}
}

// plain returns the text of a value that is neither a list nor a section, nor yes or no.
func (w *walker) plain(path string, at place, expects string) (string, bool) {
	n := at.value
	switch {
	case n.Kind == yaml.MappingNode:
		w.fault(n, bracesHint(n), "%s must be %s, not a section", nameOf(path), expects)
	case n.Kind != yaml.ScalarNode:
		w.fault(n, "", "%s must be %s, not a list", nameOf(path), expects)
	case n.Tag == "!!bool" && expects != trueOrFalse:
		w.fault(n, "put it in quotes if the word is meant", "%s must be %s, not yes or no", nameOf(path), expects)
	case strings.TrimSpace(n.Value) == "":
		hint := ""
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && strings.Trim(n.Value, "\n") == "" {
			hint = "the lines of its text are indented further than the key"
		}
		w.fault(n, hint, "%s is empty", nameOf(path))
	default:
		return n.Value, true
	}
	return "", false
}

// is reports whether a node has the kind that is expected, and tells when it has not.
func (w *walker) is(path string, at place, kind yaml.Kind, expects string, t reflect.Type) bool {
	if at.value.Kind == kind {
		return true
	}
	w.bad[at.value] = true
	if hasSecret(t) {
		w.hide(at.value)
	}
	hint := ""
	if kind == yaml.SequenceNode && !hasSecret(t) {
		expects, hint = listHint(at.value, expects, t.Elem())
	}
	w.fault(at.value, hint, "%s must be %s", nameOf(path), expects)
	return false
}

// notBuilt tells of a key or value that this version refuses, and reports whether it is one.
func (w *walker) notBuilt(path string, at place) bool {
	r, found := refused(path, at.value.Value)
	if !found {
		return false
	}
	w.bad[at.value] = true
	n := at.key
	if r.value != "" {
		n = at.value
	}
	if strings.Contains(at.value.Value, "://") {
		w.hide(at.value) // the address of a database holds a password in one of several places
	}
	w.fault(n, r.advice, "%s is not built yet", r.what())
	return true
}

func (w *walker) noValue(path string, at place) {
	w.bad[at.value] = true
	n := at.key
	if n == nil {
		n = at.value
	}
	hint := "remove it or give it one"
	if before, _, found := strings.Cut(w.line(n.Line), " #"); found && strings.HasSuffix(strings.TrimSpace(before), n.Value+":") {
		hint = hashMessage + ": " + hashHint
	}
	w.fault(n, hint, "%s has no value", nameOf(path))
}

// fault notes what is wrong at a node.
func (w *walker) fault(n *yaml.Node, hint, format string, args ...any) {
	w.add(n.Line, n.Column, hint, fmt.Sprintf(format, args...))
}
