package config

import (
	"path"
	"strings"
)

// FieldsFile is the path of the file with the tenant's fields, as written; Config.FieldsFile says where it leads. That its
// name ends in .json keeps the configuration itself, a key or the journal from being written over.
type FieldsFile string

func (f FieldsFile) expects() string { return "the name of a file such as fields.json" }

func (f FieldsFile) parse(text string, _ surroundings) (scalar, error) {
	name, prefixed := strings.CutPrefix(text, "file:")
	switch {
	case !strings.HasSuffix(name, ".json") || path.Base(name) == ".json":
		return nil, wrong("write a name that ends in .json", "%s is not %s", quoted(text), f.expects())
	case prefixed:
		return nil, wrong("write "+name, "%s is not %s", quoted(text), f.expects())
	}
	return FieldsFile(text), nil
}

// FieldsFile returns the path of the file with the tenant's fields: beside the journal where none is written. Empty without
// ppm_express.
func (c *Config) FieldsFile() string {
	switch {
	case c.PPMExpress == nil:
		return ""
	case c.PPMExpress.Fields == "":
		return c.Resolve(c.Journal.URL.Path()) + ".fields.json"
	default:
		return c.Resolve(string(c.PPMExpress.Fields))
	}
}
