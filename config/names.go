package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"

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
	word, rest, _ := strings.Cut(name, " ")
	switch {
	case rest != "" && fields[word].IsValid():
		w.forget(at.key)
		w.meant[join(path, word)] = true
		w.fault(at.key, "write "+word+": and the value", "%s is not followed by a colon", quoted(word))
		return
	case key != "" && isName(name):
		w.meant[join(path, key)] = true
	case !isName(name) || isNull(at.value):
		w.forget(at.key) // a value that lost its key, which may be a secret
		w.fault(at.key, hint, "this is not a key that is known")
		return
	}
	w.fault(at.key, hint, "unknown key %s", quoted(name))
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

// listed writes a scalar as an entry of a list.
func listed(n *yaml.Node) string {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return "\"" + n.Value + "\""
	}
	return n.Value
}
