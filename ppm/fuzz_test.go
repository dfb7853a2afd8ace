package ppm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// FuzzDecode: whatever comes, it is refused with a reason or told, in no time, and the standard library agrees.
func FuzzDecode(f *testing.F) {
	for _, name := range bodies(f) {
		f.Add(sample(f, name))
	}
	f.Add([]byte(`{"data":{"attributes":{"\u0041":[[],{}],"A":"\ud800"},"TIMESTAMP":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		start := time.Now()
		m, err := ppm.Parse(body)
		if want := acceptable(body); (err == nil) != want {
			t.Fatalf("got error %v, want acceptable: %v", err, want)
		}
		_, decoded := ppm.Decode(body, "")
		_, peeked := ppm.Peek(body, "")
		if (decoded == nil) != (err == nil) || (peeked == nil) != (err == nil) {
			t.Fatalf("Parse says %v, Decode %v, Peek %v", err, decoded, peeked)
		}
		if err != nil {
			if _, ok := errors.AsType[*ppm.BodyError](err); !ok || !utf8.ValidString(err.Error()) {
				t.Fatalf("got %#v, want a BodyError in words", err)
			}
			return
		}
		for _, kind := range append(event.Types(), "") {
			checkEvent(t, m, m.Event(kind))
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("took %v for %d bytes", took, len(body))
		}
	})
}

// acceptable is what the standard library says.
func acceptable(body []byte) bool {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	return json.Valid(body) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

func checkEvent(t *testing.T, m *ppm.Message, e event.Event) {
	t.Helper()
	if got := m.Fingerprint(); got != nil && len(got) != 32 {
		t.Fatalf("fingerprint of %d bytes", len(got))
	}
	changes := event.Changes(e, nil)
	for i := range changes {
		c := &changes[i]
		if c.Before.Equal(c.After) {
			t.Fatalf("%q did not change", c.Field)
		}
		c.DaysMoved()
		c.Difference()
		c.Percent()
	}
	var state map[string]any
	if raw := m.State(); raw != nil {
		if err := json.Unmarshal(raw, &state); err != nil && !errors.As(err, new(*json.UnmarshalTypeError)) {
			t.Fatalf("state: %v", err)
		}
	}
	if len(e.Attributes) != len(state) {
		t.Fatalf("got %d attributes, want %d", len(e.Attributes), len(state))
	}
	for i := range e.Attributes {
		a := &e.Attributes[i]
		if _, sent := state[a.Name]; !sent || a.Label == "" {
			t.Fatalf("got attribute %q as %q, which was not sent", a.Name, a.Label)
		}
		checkValue(t, a.Value)
	}
}

// checkValue holds values to what the event package says of them.
func checkValue(t *testing.T, v event.Value) {
	t.Helper()
	if !utf8.ValidString(v.Text) || !utf8.ValidString(v.Ref.Name) {
		t.Fatalf("not UTF-8: %q, %q", v.Text, v.Ref.Name)
	}
	if v.Kind == event.Date && !v.Time.Equal(v.Time.Truncate(24*time.Hour)) {
		t.Fatalf("a day with a time: %v", v.Time)
	}
	if v.Kind == event.Object && !json.Valid([]byte(v.Text)) {
		t.Fatalf("not JSON: %q", v.Text)
	}
	if _, err := v.Time.MarshalJSON(); err != nil {
		t.Fatalf("a time that cannot be written: %v", err)
	}
	for i := range v.List {
		if v.List[i].Kind == event.List {
			t.Fatal("a list in a list")
		}
		checkValue(t, v.List[i])
	}
}
