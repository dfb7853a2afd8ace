package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// fieldsOf returns the fields of a struct by the key they are written under.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		switch {
		case tag == ",inline":
			maps.Copy(fields, fieldsOf(v.Field(i)))
		case tag != "":
			fields[tag] = v.Field(i)
		}
	}
	return fields
}

// unknown tells of a key that is not known, and what may be meant. Its value may be a secret.
func (w *walker) unknown(path string, at place, fields map[string]reflect.Value) {
	w.hide(at.key)
	w.hide(at.value)
	name := at.key.Value
	key, hint := meaning(name, fields)
	if w.blemished(path, at.key, fields) {
		return
	}
	switch {
	case key != "" && isName(name):
		w.meant[join(path, key)] = true
	case !isName(name) || isNull(at.value):
		w.forget(at.key) // a value that lost its key, which may be a secret
		w.fault(at.key, hint, "this is not a key that is known")
		return
	}
	w.fault(at.key, hint, "unknown key %s", quoted(name))
}

// blemished tells of a key that is a known one but for what stands in it or behind it, and reports whether it is.
func (w *walker) blemished(path string, n *yaml.Node, fields map[string]reflect.Value) bool {
	word, rest, _ := strings.Cut(n.Value, " ")
	name, _, glued := strings.Cut(n.Value, ":")
	column, message, hint := 0, "", ""
	if i, said, advice := unseen(n.Value); i >= 0 {
		column, message, hint = utf8.RuneCountInString(n.Value[:i]), said, advice
		word = strings.Trim(strings.Map(visible, n.Value[:i]+strings.TrimLeft(n.Value[i:], otherBlanks)), " :")
		word, _, _ = strings.Cut(word, ":")
	} else if glued && fields[name].IsValid() {
		word, column, message, hint = name, len(name), "a blank is missing behind the colon", "write "+name+": and the value"
	} else if rest != "" && fields[word].IsValid() {
		message, hint = quoted(word)+" is not followed by a colon", "write "+word+": and the value"
	}
	if message == "" {
		return false
	}
	w.forget(n)
	w.meant[join(path, word)] = true
	w.add(n.Line, n.Column+column, hint, message)
	return true
}

// meaning guesses the path of the key that an unknown one stands for, and says so: a key of a section below, or the
// nearest right name.
func meaning(name string, fields map[string]reflect.Value) (path, hint string) {
	known := slices.Sorted(maps.Keys(fields))
	for _, key := range known {
		if section := sectionType(fields[key].Type()); section != nil {
			if _, found := fieldsOf(reflect.New(section).Elem())[name]; found {
				return join(key, name), "it belongs below `" + key + "`"
			}
		}
	}
	if near := Nearest(name, known); near != "" {
		return near, "did you mean `" + near + "`?"
	}
	return "", "known here: " + strings.Join(known, ", ")
}

// sectionType returns the struct that a field leads to; nil when it is not a section.
func sectionType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.Implements(reflect.TypeFor[scalar]()) || t == reflect.TypeFor[Text]() {
		return nil
	}
	return t
}

// hasSecret reports whether a value of the type can hold a secret anywhere.
func hasSecret(t reflect.Type) bool {
	switch {
	case t == reflect.TypeFor[Secret]():
		return true
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map:
		return hasSecret(t.Elem())
	}
	section := sectionType(t)
	if section == nil {
		return false
	}
	for field := range section.Fields() {
		if field.Tag.Get("yaml") != "" && hasSecret(field.Type) {
			return true
		}
	}
	return false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// leaf returns the last key of a path.
func leaf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// nameOf names a value for people: its key, or the list that it is an entry of.
func nameOf(path string) string {
	if path == "" {
		return "the file"
	}
	name := leaf(path)
	if list, found := strings.CutSuffix(anyEntry(name), "[]"); found {
		return "an entry of " + quoted(list)
	}
	return quoted(name)
}

// isName reports whether a text looks like a key of ours: a few words of letters.
func isName(text string) bool {
	return len(text) <= 24 && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz_-") == ""
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// bracesHint explains {{, which YAML takes for a section in a section.
func bracesHint(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode {
		return "text that begins with {{ must stand in quotes, or below a |"
	}
	return ""
}

// listHint says what a list of such entries is, and how to write as one what is none.
func listHint(n *yaml.Node, expects string, entry reflect.Type) (what, hint string) {
	switch {
	case n.Kind == yaml.ScalarNode:
		return expects, "write [" + listed(n) + "]"
	case n.Kind == yaml.MappingNode && sectionType(entry) != nil:
		return "a list, each entry of which begins with -", "write - before the first key of each entry, and indent its other keys to stand below that one"
	default:
		return expects, ""
	}
}

// listed writes a scalar as the entries of a list; one with commas in it as several.
func listed(n *yaml.Node) string {
	entries := strings.Split(n.Value, ",")
	for i, entry := range entries {
		entry = strings.TrimSpace(entry)
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 || strings.ContainsAny(entry, "*&!%@`{}[]#'\"") {
			entry = "\"" + entry + "\""
		}
		entries[i] = entry
	}
	return strings.Join(entries, ", ")
}
