package journaltest

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func rememberChecks() []check {
	return []check{
		{"what is remembered is there after a restart, byte for byte", rememberKept},
		{"the newest value counts, and names are apart", rememberNewest},
		{"what is forgotten is not there", rememberForgotten},
		{"no retention touches it", rememberTrimmed},
	}
}

func (r *rig) recollects(name string, want []byte) {
	r.t.Helper()
	got, err := r.Recollect(r.t.Context(), name)
	if err != nil || got == nil || !bytes.Equal(got, want) {
		r.t.Errorf("%q: got %q (%v), want %q", name, got, err, want)
	}
}

func rememberKept(r *rig) {
	values := map[string][]byte{
		"text":  []byte(`{"last":"2026-02-15T13:20:44Z"}`),
		"bytes": {0, 1, 0xff, 0, '\'', 0xc3, 0x28},
		"empty": {},
		"":      []byte("no name is a name"),
		"large": []byte(strings.Repeat("0123456789", 100_000)),
	}
	for name, value := range values {
		r.must(r.Remember(r.t.Context(), name, value))
	}
	for range 2 {
		for name, value := range values {
			r.recollects(name, value)
		}
		r.reopen()
	}
}

func rememberNewest(r *rig) {
	r.must(r.Remember(r.t.Context(), "webhooks", []byte("1")))
	r.must(r.Remember(r.t.Context(), "Webhooks", []byte("other")))
	r.must(r.Remember(r.t.Context(), "webhooks", []byte("2")))
	r.recollects("webhooks", []byte("2"))
	r.recollects("Webhooks", []byte("other"))
}

func rememberForgotten(r *rig) {
	t := r.t
	r.must(r.Remember(t.Context(), "cron", []byte("1")))
	r.must(r.Remember(t.Context(), "cron", nil))
	r.must(r.Remember(t.Context(), "never", nil))
	// Whatever else an implementation keeps in the same place has no name here.
	for _, name := range []string{"cron", "never", "tenant", "probe", "mark"} {
		if got, err := r.Recollect(t.Context(), name); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%q: got %q (%v), want ErrNotFound", name, got, err)
		}
	}
}

func rememberTrimmed(r *rig) {
	r.must(r.Remember(r.t.Context(), "cron", []byte("1")))
	r.planned()
	r.pass(1000 * time.Hour)
	r.trim(journal.Policy{Events: time.Minute, Memory: time.Minute, Size: 1})
	r.recollects("cron", []byte("1"))
}
