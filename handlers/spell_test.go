package handlers

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// A disk that is full refuses every event of a burst: the log hears of each reason once, and of all when it is over.
func TestLogOfAJournalThatRefuses(t *testing.T) {
	t.Parallel()
	var refusal error
	s := newSetup(t, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
		if refusal != nil {
			return journal.Appended{}, refusal
		}
		return accept(ctx, in)
	}))
	post := func(times int) {
		for range times {
			serve(s.Public(), request(t, "/events", "{}"))
		}
	}
	refusal = errors.New("database or disk is full")
	post(50)
	refusal = errors.New("disk I/O error")
	post(25)
	refusal = errors.New("database or disk is full")
	post(25)
	if lines := s.log.lines("an event could not be written down"); len(lines) != 2 ||
		!strings.Contains(lines[0], "disk is full") || !strings.Contains(lines[1], "I/O error") {
		t.Errorf("got %q, want a line for each reason", lines)
	}
	refusal = nil
	post(2)
	if lines := s.log.lines("events can be written down again"); len(lines) != 1 || !strings.Contains(lines[0], `"refused":100`) {
		t.Errorf("got %q, want one line that says 100", lines)
	}
	refusal = errors.New("database or disk is full")
	post(1)
	if lines := s.log.lines("an event could not be written down"); len(lines) != 3 {
		t.Errorf("got %q, want another line for the next time", lines)
	}
}

// A body of the quarantine is described as when it came, or it is said again why it cannot be read.
func TestReread(t *testing.T) {
	t.Parallel()
	s := newSetup(t, appendFunc(accept))
	in := s.incoming(t.Context(), []byte(sample(t, "Project-Updated.json")), event.Type("Project:Updated"), "")
	kept := journal.Entry{Incoming: journal.Incoming{Body: in.Body, Received: in.Received, Type: in.Type, Quarantine: "an older version could not"}}
	got, err := s.Reread(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	if got.Quarantine != "" || got.Entity != in.Entity || !bytes.Equal(got.Fingerprint, in.Fingerprint) || !got.Received.Equal(in.Received) ||
		!bytes.Equal(got.Body, in.Body) {
		t.Errorf("got %+v, want %+v", got, in)
	}
	kept.Body = kept.Body[:100]
	if _, err := s.Reread(t.Context(), kept); err == nil || !strings.Contains(err.Error(), "ends early") {
		t.Errorf("got %v, want that the JSON ends early", err)
	}
	s.decode = func([]byte, event.Type) (journal.Incoming, error) { panic("a fault") }
	if _, err := s.Reread(t.Context(), kept); err == nil {
		t.Error("got no error from a panic")
	}
}
