package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
)

// mistyped refuses everything, half of it as wrong usage.
type mistyped struct{ Daemon }

func (mistyped) Replay(context.Context, Replay) (Replayed, error) {
	return Replayed{}, fmt.Errorf("asked to tell again: %w", Usage(errors.New("there is no such target")))
}

func (mistyped) Backup(context.Context, Backup) (BackedUp, error) {
	return BackedUp{}, errors.New("the disk is full")
}

// That a command was typed wrongly is known on its side of the socket, in the same words.
func TestUsageCrossesTheSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "j.sock")
	listener, err := Listen(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	server := Server(mistyped{}, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("got %v", err)
		}
	}()
	client := NewClient(socket)
	_, err = client.Replay(t.Context(), Replay{Numbers: []int64{1}})
	if !errors.Is(err, ErrUsage) || err.Error() != "asked to tell again: there is no such target" {
		t.Errorf("got %v, want wrong usage in the daemon's words", err)
	}
	if _, err = client.Backup(t.Context(), Backup{}); err == nil || errors.Is(err, ErrUsage) || err.Error() != "the disk is full" {
		t.Errorf("got %v, want an error that is no wrong usage", err)
	}
}
