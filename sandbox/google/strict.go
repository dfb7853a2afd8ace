package google

import (
	"reflect"
	"strings"
)

// known checks that every field of a JSON value is one that the type has. (encoding/json's DisallowUnknownFields does not
// reach into the library's types, which decode themselves.)
func known(raw, into any) error { return knownAs(raw, reflect.TypeOf(into)) }

func knownAs(raw any, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := raw.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return nil // of another type than expected: decoding says so
		}
		for _, element := range value {
			if err := knownAs(element, t.Elem()); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, inner := range value {
			if err := knownField(name, inner, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func knownField(name string, inner any, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Map:
		return knownAs(inner, t.Elem())
	case reflect.Struct:
		field, ok := fieldOf(t, name)
		if !ok {
			return invalid("Invalid JSON payload received. Unknown name %q: Cannot find field.", name)
		}
		return knownAs(inner, field.Type)
	default:
		return nil
	}
}

// fieldOf finds a struct's field by its name in JSON.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for field := range t.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name && tag != "-" {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
