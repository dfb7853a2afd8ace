package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal"
)

// reading is a daemon that says how far its readings are, one state after the other; the last one stays.
type reading struct {
	control.Daemon

	states []control.RecoveryState
}

func (r *reading) Recovery(context.Context, control.Recovery) (control.RecoveryState, error) {
	now := r.states[0]
	if len(r.states) > 1 {
		r.states = r.states[1:]
	}
	return now, nil
}

// follow returns what a person hears who asked that daemon for a reading as baseline after the fifth one.
func (r *reading) follow(t *testing.T) (control.Sweep, string, error) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := control.Listen(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	server := control.Server(r, slog.New(slog.DiscardHandler))
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { _ = server.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var heard strings.Builder
	_, done, err := new(app).follow(ctx, control.NewClient(socket), control.Backfilling{Mode: string(journal.Adopt), After: 5}, &heard)
	return done, heard.String(), err
}

// A reading that nobody knows of is not waited for; one that waits for another is.
func TestBackfillEndsWhenNobodyReads(t *testing.T) {
	other := control.Sweep{Number: 5, Mode: string(journal.Compare), Stage: string(journal.StageVisits)}
	waits := control.RecoveryState{Waiting: 1, Sweeps: []control.Sweep{other}}
	done := control.Sweep{Number: 6, Mode: string(journal.Adopt), Began: time.Now(), Ended: time.Now()}
	none := control.RecoveryState{Sweeps: []control.Sweep{other}}

	got, heard, err := (&reading{states: []control.RecoveryState{waits, {Sweeps: []control.Sweep{done, other}}}}).follow(t)
	if err != nil || got.Number != 6 || !strings.Contains(heard, "another reading is under way") {
		t.Errorf("got %+v, %v and %q, want it done after the other one", got, err, heard)
	}
	_, _, err = (&reading{states: []control.RecoveryState{none}}).follow(t)
	if err == nil || !strings.Contains(err.Error(), "does not know of this reading: ask again") {
		t.Errorf("got %v, want that nobody knows of it", err)
	}
}

// Who follows a daemon that stops hears what becomes of the reading.
func TestBackfillWhoseDaemonStops(t *testing.T) {
	client := control.NewClient(filepath.Join(t.TempDir(), "s"))
	_, _, err := new(app).follow(t.Context(), client, control.Backfilling{}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "when it is started again") {
		t.Errorf("got %v, want that it goes on when ppmrelay is started again", err)
	}
}
