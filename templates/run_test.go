package templates

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

func TestBudget(t *testing.T) {
	t.Parallel()
	r := run{within: time.Minute}
	r.start(marked, event.Net{})
	if err := r.spend(maxSteps); err != nil {
		t.Errorf("all steps: %v", err)
	}
	if err := r.spend(1); !errors.Is(err, errSteps) {
		t.Errorf("a step more: %v", err)
	}

	r.start(marked, event.Net{})
	r.deadline = time.Now().Add(-time.Nanosecond)
	if err := r.spend(callSteps); !errors.Is(err, errTime) {
		t.Errorf("after the deadline: %v", err)
	}

	r.start(marked, event.Net{})
	huge := strings.Repeat("x", maxOutput/2)
	if _, err := r.printable([]any{huge, huge}); err != nil {
		t.Errorf("all bytes: %v", err)
	}
	if _, err := r.printable([]any{huge, huge, "x"}); !errors.Is(err, errOutput) { // before it is copied
		t.Errorf("a byte more: %v", err)
	}
	if _, err := r.Write([]byte(huge + huge)); err != nil {
		t.Errorf("all output: %v", err)
	}
	if _, err := r.Write([]byte("x")); !errors.Is(err, errOutput) {
		t.Errorf("a byte of output more: %v", err)
	}
}

func TestTextOfRun(t *testing.T) {
	t.Parallel()
	r := run{within: time.Minute}
	r.start(marked, event.Net{})
	if _, err := r.Write([]byte("\n\n  a \t\r\n\nb  \n\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := r.text(), "  a\n\nb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
