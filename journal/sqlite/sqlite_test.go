package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/journaltest"
)

// Under the race detector only what does several things at once is played; make test plays all of it without.
func TestConformance(t *testing.T) {
	play := journaltest.Run
	if raced.On {
		play = journaltest.RunAtOnce
	}
	play(t, func(t *testing.T, dir string) journal.Journal {
		t.Helper()
		j, err := Open(t.Context(), filepath.Join(dir, "journal.db"), Options{Tenant: "contoso"})
		if err != nil {
			t.Fatal(err)
		}
		return j
	})
}
