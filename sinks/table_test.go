package sinks

import (
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
)

func TestCheckHeaders(t *testing.T) {
	for _, headers := range [][]string{{""}, {"a", ""}, {" a"}, {"a\nb"}, {"a\x00"}, {"a", "b", "a"}} {
		if CheckHeaders(headers) == nil {
			t.Errorf("%q: got no error", headers)
		}
	}
	if err := CheckHeaders([]string{"When", "Event id", "Idea’s sponsor"}); err != nil {
		t.Errorf("good ones: %v", err)
	}
}

func TestThawBatch(t *testing.T) {
	for _, content := range []string{"", "{", "{}", `{"rows":[]}`, `[1]`} {
		_, err := ThawBatch(Effect{ID: "0190", Content: []byte(content)})
		if failure := Classify(err); err == nil || failure.Class != Bury || failure.Reason != ReasonContent || !strings.Contains(err.Error(), "0190") {
			t.Errorf("%q: got %v, want it buried, with the effect's id", content, err)
		}
	}
	frozen, err := ThawBatch(Effect{Content: []byte(`{"headers":["a"],"rows":[{"key":"x/1"},{"key":"x/2"}]}`)})
	if err != nil || len(frozen.Rows) != 2 || len(frozen.Headers) != 1 {
		t.Errorf("got %+v and %v, want two rows", frozen, err)
	}
}

func TestReceipt(t *testing.T) {
	rows := []event.Row{{Key: "x/1"}, {Key: "x/2"}, {Key: "y/1"}}
	if got := (Batch{Rows: rows}).Receipt("a.csv"); got != "a.csv x/1 to y/1" {
		t.Errorf("three rows: got %q", got)
	}
	if got := (Batch{Rows: rows[:1]}).Receipt("a.csv"); got != "a.csv x/1" {
		t.Errorf("one row: got %q", got)
	}
}

func TestEventOf(t *testing.T) {
	for key, want := range map[string]string{"0190-a/12": "0190-a", "0190-a": "0190-a", "": "", "/1": ""} {
		if got := EventOf(key); got != want {
			t.Errorf("%q: got %q, want %q", key, got, want)
		}
	}
}
