package sinks

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestWhatNobodyClassifiedMayHaveHappened(t *testing.T) {
	cause := errors.New("EOF")
	got := Classify(fmt.Errorf("posting: %w", cause))
	if got.Class != Unsure || !errors.Is(got, cause) {
		t.Errorf("got %v (%v), want unsure with its cause", got.Class, got)
	}
}

func TestClassifyFindsTheFailureBelowWrapping(t *testing.T) {
	failure := &Error{Class: Wait, Reason: ReasonRateLimited, After: 7 * time.Second, Err: errors.New("slow down")}
	got := Classify(fmt.Errorf("posting to C0123: %w", failure))
	if got != failure || got.After != 7*time.Second {
		t.Errorf("got %+v, want %+v", got, failure)
	}
}

func TestEveryClassHasAName(t *testing.T) {
	seen := map[string]bool{}
	for class := Unsure; class <= Unknown; class++ {
		if name := class.String(); name == "" || seen[name] {
			t.Errorf("class %d: got name %q, want one of its own", class, name)
		} else {
			seen[name] = true
		}
	}
}
