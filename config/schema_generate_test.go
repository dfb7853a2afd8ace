package config

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// schema is the part of JSON Schema that is needed, in the order in which it is written.
type schema struct {
	Draft       string   `json:"$schema,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Type        any      `json:"type,omitempty"` // one or several
	Enum        []string `json:"enum,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
	Minimum     int      `json:"minimum,omitempty"`
	Maximum     int      `json:"maximum,omitempty"`
	Default     any      `json:"default,omitempty"`

	Items    *schema `json:"items,omitempty"`
	MinItems int     `json:"minItems,omitempty"`

	Properties    properties `json:"properties,omitempty"`
	PropertyNames *schema    `json:"propertyNames,omitempty"`
	Additional    any        `json:"additionalProperties,omitempty"` // false, or what all values are
	Required      []string   `json:"required,omitempty"`
	OneOf         []schema   `json:"oneOf,omitempty"`
}

// properties are written in the order of the struct.
type properties []property

type property struct {
	key string
	schema
}

func (p properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, one := range p {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := encode(&out, one.key, ""); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := encode(&out, one.schema, ""); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// encode writes JSON without escaping < and >, which are common here.
func encode(out *bytes.Buffer, value any, indent string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	return encoder.Encode(value)
}

// generator makes the schema of structs by their tags and comments.
type generator struct {
	t        *testing.T
	comments map[string]string // by "package.Type.Field"
}

// generateSchema returns the whole file.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	g := &generator{t: t, comments: commentsOf(t, ".", "../sinks/slack", "../sinks/sheets", "../sinks/file")}
	root := g.value("", reflect.New(reflect.TypeFor[Config]()).Elem())
	root.Draft, root.Title = "https://json-schema.org/draft/2020-12/schema", "ppmrelay.yaml"
	root.Description = "The configuration of ppmrelay. `ppmrelay check` tells everything that is wrong with it."
	var out bytes.Buffer
	if err := encode(&out, root, "  "); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// value describes what may stand at a path. V is of its type, with the defaults that are known above it.
func (g *generator) value(path string, v reflect.Value) schema {
	kind := v.Type()
	if s, ok := scalarSchema(kind); ok {
		if pattern := patternAt(path); pattern != "" {
			s.Pattern = pattern
		}
		return s
	}
	switch kind.Kind() {
	case reflect.Pointer:
		return g.value(path, reflect.New(kind.Elem()).Elem())
	case reflect.Struct:
		if kind == reflect.TypeFor[Expectation]() {
			return schema{OneOf: []schema{{Enum: []string{"told", "not told"}}, g.section(path, v)}}
		}
		return g.section(path, v)
	case reflect.Slice:
		items := g.value(path+"[]", reflect.New(kind.Elem()).Elem())
		s := schema{Type: "array", Items: &items, MinItems: 1}
		if mayBeEmpty(path) {
			s.MinItems = 0
		}
		if reflect.PointerTo(kind).Implements(reflect.TypeFor[longhand]()) {
			return schema{OneOf: []schema{items, s}}
		}
		return s
	case reflect.Map:
		values := g.value(path+".*", reflect.New(kind.Elem()).Elem())
		return schema{Type: "object", PropertyNames: namesAt(path), Additional: values}
	default:
		g.t.Fatalf("%s: a %s has no schema; add it to scalarSchema", path, kind)
		return schema{}
	}
}

// section describes a struct.
func (g *generator) section(path string, v reflect.Value) schema {
	s := schema{Type: "object", Additional: false, Required: requiredAt(path)}
	if d, ok := reflect.TypeAssert[defaulted](v.Addr()); ok {
		d.setDefaults()
	}
	g.fields(path, v, &s)
	if path == "routes[]" {
		s.OneOf = []schema{{Required: []string{"slack"}}, {Required: []string{"sheet"}}, {Required: []string{"file"}}}
	}
	for _, key := range s.Required {
		if !slices.ContainsFunc(s.Properties, func(p property) bool { return p.key == key }) {
			g.t.Errorf("%s: there is no key %s to be required", path, key)
		}
	}
	return s
}

func (g *generator) fields(path string, section reflect.Value, into *schema) {
	kind := section.Type()
	for i := range kind.NumField() {
		field := kind.Field(i)
		key := field.Tag.Get("yaml")
		switch key {
		case "":
		case ",inline":
			g.fields(path, section.Field(i), into)
		default:
			one := g.value(join(path, key), section.Field(i))
			one.Description = g.description(kind, field.Name)
			one.Default = defaultOf(section.Field(i))
			into.Properties = append(into.Properties, property{key, one})
		}
	}
}

// defaultOf returns what stands for a key that is not written; nil where nothing does, or a whole section.
func defaultOf(v reflect.Value) any {
	if v.IsZero() && v.Kind() != reflect.Bool || v.Type() == reflect.TypeFor[Secret]() {
		return nil
	}
	if texts, ok := reflect.TypeAssert[[]string](v); ok {
		return texts
	}
	switch one := v.Interface().(type) {
	case Count:
		return int(one)
	case Flag:
		return bool(one)
	case interface{ String() string }:
		return one.String()
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return nil
}

// description is the first paragraph of a field's comment, without the name that Go wants in front.
func (g *generator) description(kind reflect.Type, field string) string {
	name := kind.String() + "." + field
	comment, _, _ := strings.Cut(g.comments[name], "\n\n")
	comment = strings.Join(strings.Fields(comment), " ")
	if comment == "" {
		g.t.Errorf("%s has no comment", name)
	}
	for _, front := range []string{field + " is ", field + " are ", field + " "} {
		if rest, found := strings.CutPrefix(comment, front); found {
			comment = rest
			break
		}
	}
	return strings.ToUpper(comment[:1]) + comment[1:]
}
