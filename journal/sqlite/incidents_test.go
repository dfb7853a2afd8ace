package sqlite

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// The oldest incidents that are over make room for new ones; those that last stay.
func TestIncidentsAreBounded(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	begin := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	incident := func() journal.Incident {
		begin = begin.Add(time.Second)
		return journal.Incident{ID: uuid.Must(uuid.NewV7()).String(), Key: "x", Since: begin, Until: begin}
	}
	lasting, first, second := incident(), incident(), incident()
	lasting.Until = time.Time{}
	for _, in := range []journal.Incident{lasting, first, second} {
		if err := j.SetIncident(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
		for range maxIncidents - 2 {
			in := incident()
			id, err := packIDs(in.ID)
			if err != nil {
				return err
			}
			if _, err := c.exec(ctx, storeIncident, id, "x", "", "", "", micros(in.Since), micros(in.Until), nil, 0, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.SetIncident(t.Context(), incident()); err != nil {
		t.Fatal(err)
	}
	all, err := j.Incidents(t.Context(), journal.IncidentFilter{Limit: 2 * maxIncidents})
	if err != nil || len(all) != maxIncidents+1 {
		t.Fatalf("got %d incidents (%v), want %d", len(all), err, maxIncidents+1)
	}
	if oldest := all[len(all)-2:]; oldest[0].ID != second.ID || oldest[1].ID != lasting.ID {
		t.Errorf("got %v, want the second one, and the one that lasts", oldest)
	}
}
