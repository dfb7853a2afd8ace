package config

import (
	_ "embed"
	"slices"
)

//go:generate go test -run TestSchemaSaysWhatTheStructsSay -update .

//go:embed config.schema.json
var schemaJSON []byte

// Schema returns the JSON Schema (draft 2020-12) of the file, for editors that complete and check it. It is made from the
// structs and their comments by a test, so that it never lags behind them, and describes the shape: what Parse says
// beyond it is about more than one value, or about what stands outside of the file.
func Schema() []byte { return slices.Clone(schemaJSON) }
