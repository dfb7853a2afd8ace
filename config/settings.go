package config

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// Settings returns what the file says, value by value, by the paths that Place takes: "slack.burst", "server.secrets[0]",
// "routes[2].slack.channel", "templates.status". Defaults are there like what was written; sections that are not there have
// no values. Two files say the same when their Settings are equal. Of a secret there is only what tells it from another
// one. Tests are no part of it.
func (c *Config) Settings() map[string]string {
	found := map[string]string{}
	settings(reflect.ValueOf(*c), "", found)
	return found
}

// settings adds the values at and below a path.
func settings(v reflect.Value, path string, to map[string]string) {
	if v.Kind() == reflect.Pointer {
		if !v.IsNil() {
			settings(v.Elem(), path, to)
		}
		return
	}
	if secret, ok := reflect.TypeAssert[Secret](v); ok {
		sum := sha256.Sum256([]byte(secret.Reveal()))
		to[path] = hex.EncodeToString(sum[:])
		return
	}
	if _, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		to[path] = plainJSON(v.Interface())
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		structSettings(v, path, to)
	case reflect.Slice:
		for i := range v.Len() {
			settings(v.Index(i), path+"["+strconv.Itoa(i)+"]", to)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			settings(v.MapIndex(key), join(path, key.String()), to)
		}
	default:
		to[path] = plainJSON(v.Interface())
	}
}

// structSettings adds what the keys of a section say.
func structSettings(v reflect.Value, path string, to map[string]string) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch key := field.Tag.Get("yaml"); {
		case key == ",inline":
			structSettings(v.Field(i), path, to)
		case key != "" && field.Tag.Get("json") != "-":
			settings(v.Field(i), join(path, key), to)
		}
	}
}

// plainJSON returns a value as JSON, without the quotes of a text.
func plainJSON(value any) string {
	said, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a config is plain data: %s", err)) // unreachable unless a field of another kind was added
	}
	if text := ""; json.Unmarshal(said, &text) == nil {
		return text
	}
	return string(said)
}
