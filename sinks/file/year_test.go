package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestYearTenThousand: the last day in UTC is the first one of the year 10000 in Berlin, which JSON does not have.
func TestYearTenThousand(t *testing.T) {
	at := time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC).In(time.FixedZone("", 3600))
	path := filepath.Join(t.TempDir(), "log.csv")
	s, err := New(Config{Path: path}, []string{"When", "Day"})
	if err != nil {
		t.Fatal(err)
	}
	row := event.Row{Key: "e/1", Cells: []event.Cell{
		{Header: "When", Type: event.CellDateTime, Time: at}, {Header: "Day", Type: event.CellDate, Time: at},
	}}
	content, taken, err := s.Compose([]sinks.Item{{Events: []string{"e"}, Rows: []event.Row{row}}}, false)
	if err != nil || taken != 1 {
		t.Fatalf("got %d taken and %v, want the row", taken, err)
	}
	if row.Cells[0].Type != event.CellDateTime {
		t.Error("the item was changed")
	}
	if _, err := s.Perform(t.Context(), sinks.Effect{ID: "x", Content: content}); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if want := "10000-01-01 00:59,10000-01-01,e/1"; err != nil || !strings.Contains(string(written), want) {
		t.Errorf("got %q and %v, want %q in it", written, err, want)
	}
}
