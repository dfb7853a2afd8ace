package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What is kept of the tenant's fields beside the journal is on one machine and not on another: tests do not see it. A file
// that the configuration names they do.
func TestTestsSeeWhatIsStated(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "ppmrelay.db.fields.json"), tenantFields)
	writeFile(t, filepath.Join(dir, "fields.json"), tenantFields)
	for part, want := range map[string]int{"": exitFine, ", fields: fields.json": exitFailed} {
		file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), `server: { secrets: [`+secret+`], public_url: https://relay.example.com }
ppm_express: { url: https://api-eu.ppm.express, tenant: contoso, token: env:LABELS_TEST_TOKEN`+part+` }
routes: [ { name: log, events: ["*"], file: { path: log.csv } } ]
tests:
  - { name: a, event: Project-Updated, expect: { log: { cells: { Field: Status, After: At risk } } } }
`)
		code, out, errs := triedWith(t, file)
		if code != want || want == exitFailed && !strings.Contains(out, "came      On fire") {
			t.Errorf("%q: got %d, %s%s", part, code, out, errs)
		}
	}
}

const tenantFields = `{
  "about": "fields of a tenant of PPM Express, written by ppmrelay",
  "tenant": "contoso",
  "pulled": "2026-03-01T12:00:00Z",
  "entities": { "Project": { "data": [
    { "key": "OverallStatus", "label": "Overall Status", "settings": { "options": [{ "value": 0, "label": "Fine" }, { "value": 1, "label": "On fire" }] } }
  ] } }
}
`
