package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// scalarSchema describes a value of a type of its own, as its parse takes it.
func scalarSchema(kind reflect.Type) (schema, bool) {
	text := func(pattern string) (schema, bool) { return schema{Type: "string", Pattern: pattern}, true }
	anyText := schema{Type: []string{"string", "number"}, Pattern: `\S`} // YAML takes 2026 for a number
	switch kind {
	case reflect.TypeFor[string](), reflect.TypeFor[Text](), reflect.TypeFor[Secret]():
		return anyText, true
	case reflect.TypeFor[Regexp]():
		return anyText, true
	case reflect.TypeFor[Shown]():
		return schema{Type: []string{"string", "number", "boolean"}}, true
	case reflect.TypeFor[EventType]():
		return text(`^[^:*]+:[^:*]+$`)
	case reflect.TypeFor[Duration]():
		return text(`^([0-9]+(ms|s|m|h|d))+$`)
	case reflect.TypeFor[Size]():
		return text(`^[0-9]+(B|KiB|MiB|GiB)$`)
	case reflect.TypeFor[Count]():
		return schema{Type: []string{"integer", "string"}, Pattern: `^\+?[0-9]+$`, Minimum: 1, Maximum: maxCount}, true
	case reflect.TypeFor[Flag]():
		return schema{Type: "boolean"}, true
	case reflect.TypeFor[Address]():
		return text(`^[^ /@]*:[0-9]+$`)
	case reflect.TypeFor[URL]():
		return text(`^[Hh][Tt][Tt][Pp][Ss]?://[^ ?#@]+$`)
	case reflect.TypeFor[Link]():
		return text(`^[Hh][Tt][Tt][Pp][Ss]?://[^ ]*\{id\}`)
	case reflect.TypeFor[JournalURL]():
		return text(`^file:/?[^/?#%][^?#%]*$`)
	case reflect.TypeFor[FieldsFile]():
		return text(`\S\.json$`)
	case reflect.TypeFor[Schedule]():
		return text(`^((CRON_)?TZ=\S+\s+)?(@every .+|@(yearly|annually|monthly|weekly|daily|midnight|hourly)|\s*\S+(\s+\S+){4}\s*)$`)
	case reflect.TypeFor[Zone]():
		return text(`^[A-Z][A-Za-z0-9_+/-]*$`)
	case reflect.TypeFor[Pattern]():
		return schema{Enum: patterns()}, true
	case reflect.TypeFor[Rows]():
		return schema{Enum: []string{"change", "event"}}, true
	case reflect.TypeFor[WhenUnsure]():
		return schema{Enum: []string{"park", "resend"}}, true
	case reflect.TypeFor[ColumnType]():
		return schema{Enum: []string{"auto", "text", "number", "date", "datetime", "boolean", "link"}}, true
	default:
		return schema{}, false
	}
}

// requiredAt returns the keys that a section must have.
func requiredAt(path string) []string {
	return map[string][]string{
		"":                         {"server", "routes"},
		"server":                   {"secrets"},
		"ppm_express":              {"url", "tenant", "token"},
		"slack":                    {"token"},
		"ops":                      {"channel"},
		"google":                   {"credentials"},
		"routes[]":                 {"name", "events"},
		"routes[].slack":           {"channel"},
		"routes[].sheet":           {"spreadsheet"},
		"routes[].file":            {"path"},
		"tests[]":                  {"name", "event", "expect"},
		"routes[].sheet.columns[]": {"header", "value"},
		"routes[].file.columns[]":  {"header", "value"},
	}[path]
}

// patternAt narrows a text by its place.
func patternAt(path string) string {
	return map[string]string{
		"ppm_express.tenant":         `^[^@/?# ]+$`,
		"ppm_express.api_version":    `^v[0-9]+\.[0-9]+$`,
		"ops.channel":                `^[CGD][A-Z0-9]{2,}$`,
		"routes[].slack.channel":     `^[CGD][A-Z0-9]{2,}$`,
		"routes[].sheet.spreadsheet": `^[A-Za-z0-9_-]{5,}$`,
		"routes[].file.path":         `\.([Cc][Ss][Vv]|[Jj][Ss][Oo][Nn][Ll])$`,
	}[path]
}

// namesAt describes keys that the file's writer chooses.
func namesAt(path string) *schema {
	switch path {
	case "ppm_express.links":
		return &schema{Enum: entities()}
	case "display.labels":
		return &schema{Pattern: `^(` + strings.Join(entities(), "|") + `)\..`}
	default:
		return nil
	}
}

func mayBeEmpty(list string) bool { return list == "display.ignore" }

// commentsOf returns the comments of all fields of structs, by "package.Type.Field".
func commentsOf(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	comments := map[string]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			commentsIn(file, comments)
		}
	}
	return comments
}

func commentsIn(file *ast.File, into map[string]string) {
	ast.Inspect(file, func(node ast.Node) bool {
		named, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := named.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				into[file.Name.Name+"."+named.Name.Name+"."+name.Name] = strings.TrimSpace(field.Doc.Text() + field.Comment.Text())
			}
		}
		return false
	})
}
