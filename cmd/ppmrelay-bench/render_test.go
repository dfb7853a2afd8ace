package main

import (
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Rendering is measured on what a message and rows really are.
func TestRenderers(t *testing.T) {
	t.Parallel()
	message, rows, err := renderers(event.Event{ID: "x", Type: "Project:Updated", Received: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := rows(); err == nil {
		t.Error("got no error for an event without changes")
	}
	if err := message(); err != nil {
		t.Errorf("got %v for a message that has words", err)
	}
}
