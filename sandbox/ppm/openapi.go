package ppm

import (
	_ "embed" // the description is a part of the program
	"net/http"
)

// openAPIPath is where the description of the API is served, to everybody.
const openAPIPath = "/openapi.json"

// openAPI describes, in OpenAPI 3.1, what this package answers and sends: every route of table, with its answers, and
// the body of a delivery for each type of event.
//
//go:embed openapi.json
var openAPI string

// serveOpenAPI answers who asks for the description, and reports whether somebody did.
func serveOpenAPI(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != openAPIPath || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write([]byte(openAPI)) // who went away does not read it
	return true
}
