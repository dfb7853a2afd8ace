package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/journaltest"
)

func TestConformance(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, dir string) journal.Journal {
		t.Helper()
		j, err := Open(t.Context(), filepath.Join(dir, "journal.db"), Options{Tenant: "contoso"})
		if err != nil {
			t.Fatal(err)
		}
		return j
	})
}
