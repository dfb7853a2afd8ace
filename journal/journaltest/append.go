package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

func appendChecks() []check {
	return []check{
		{"an event comes back as it was received", eventComesBack},
		{"every body comes back byte for byte", bodiesComeBack},
		{"every text comes back as it was", textsComeBack},
		{"times of every year come back", timesComeBack},
		{"ids are UUIDv7", idsAreUUIDv7},
		{"numbers rise for every caller and are given once", numbersRise},
		{"a context that has ended adds nothing", endedContextAddsNothing},
		{"a body that could not be read is kept and planned for nobody", quarantineIsKept},
	}
}

func eventComesBack(r *rig) {
	t := r.t
	in := r.incoming()
	in.Parent = event.Ref{Kind: "Program", ID: "8f9a0b1c", Name: "Self Service"}
	in.Entity.Kind, in.Type = event.KeyDate, "KeyDate:Created"
	appended := r.append(in)
	if appended.Duplicate || appended.Number < 1 {
		t.Errorf("got %+v, want a number and no duplicate", appended)
	}
	for range 2 {
		got := r.story(appended.Number).Entry
		got.Fingerprint = in.Fingerprint // need not be kept with the event
		same(t, "entry", got, journal.Entry{Incoming: in, Number: appended.Number, ID: appended.ID})
		r.reopen()
	}
}

func bodiesComeBack(r *rig) {
	t := r.t
	noise := make([]byte, 4<<20)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // any bytes will do
	for i := range noise {
		noise[i] = byte(random.Uint32() & 0xff)
	}
	var every []byte
	for b := range 256 {
		every = append(every, byte(b))
	}
	for name, body := range map[string][]byte{
		"nil":            nil,
		"empty":          {},
		"one byte":       {0},
		"every byte":     every,
		"not UTF-8":      []byte("caf\xe9 \xed\xa0\x80 \xc0\xaf"),
		"Unicode":        []byte(`{"Name":"👩‍👩‍👧 Größe שלום","Key":"Client’s contact"}`),
		"NUL in between": []byte("{\"Name\":\"a\x00b\"}\x00"),
		"4 MiB, alike":   bytes.Repeat([]byte(`{"Name":"Customer Portal"}`), 4<<20/26),
		"4 MiB, noise":   noise,
	} {
		in := r.incoming()
		in.Body = body
		appended := r.append(in)
		if got := r.story(appended.Number).Entry.Body; !bytes.Equal(got, body) {
			t.Errorf("%s: got %d bytes, want %d, or others", name, len(got), len(body))
		}
	}
}

func textsComeBack(r *rig) {
	t := r.t
	for _, text := range []string{
		"", "a\x00b", "\x00", "'; DROP TABLE events; --", "👩‍👩‍👧 \u202egnp.exe\u202c é é", string(make([]byte, 300)), "ÄÖÜ ſ İ",
	} {
		in := r.incoming()
		in.Type, in.MessageID, in.WebhookID, in.Initiator = event.Type(text), text, text, text
		in.Entity = event.Ref{Kind: text, ID: text, Name: text}
		in.Parent = in.Entity
		appended := r.append(in)
		got := r.story(appended.Number).Entry
		got.Fingerprint, got.ReusedID = in.Fingerprint, false
		same(t, fmt.Sprintf("entry with %q", text), got, journal.Entry{Incoming: in, Number: appended.Number, ID: appended.ID})
	}
}

func timesComeBack(r *rig) {
	t := r.t
	for _, at := range []time.Time{
		{}, // not sent
		time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2026, 7, 1, 12, 0, 0, 1000, time.FixedZone("", 5*3600+1800)),
	} {
		in := r.incoming()
		in.Occurred = at
		got := r.story(r.append(in).Number).Entry.Occurred
		if !got.Equal(at) || got.IsZero() != at.IsZero() {
			t.Errorf("got %v, want %v", got, at)
		}
		if got.Location() != time.UTC {
			t.Errorf("got %v in zone %v, want UTC", got, got.Location())
		}
	}
}

func idsAreUUIDv7(r *rig) {
	t := r.t
	seen := make(map[string]bool)
	for range 20 {
		id := r.add().ID
		parsed, err := uuid.Parse(id)
		if err != nil || parsed.Version() != 7 || parsed.String() != id || seen[id] {
			t.Errorf("got %q (%v), want a UUIDv7 in small letters, each once", id, err)
		}
		seen[id] = true
	}
}

func numbersRise(r *rig) {
	t := r.t
	const callers, each = 16, 25
	var mu sync.Mutex
	given := make(map[int64]string)
	var all sync.WaitGroup
	for range callers {
		var events []journal.Incoming
		for range each {
			events = append(events, r.incoming())
		}
		all.Go(func() {
			var last int64
			for _, in := range events {
				appended, err := r.Append(t.Context(), in)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if appended.Number <= last || given[appended.Number] != "" {
					t.Errorf("got number %d after %d, want a greater one that nobody has", appended.Number, last)
				}
				given[appended.Number] = in.MessageID
				mu.Unlock()
				last = appended.Number
			}
		})
	}
	all.Wait()
	if got := r.counts().Events; got != callers*each {
		t.Errorf("got %d events, want %d", got, callers*each)
	}
	for number, message := range given {
		if got := r.story(number).Entry.MessageID; got != message {
			t.Errorf("event %d: got %q, want %q", number, got, message)
		}
	}
}

func endedContextAddsNothing(r *rig) {
	t := r.t
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Append(ctx, r.incoming()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if got := r.counts().Events; got != 0 {
		t.Errorf("got %d events, want 0", got)
	}
}

func quarantineIsKept(r *rig) {
	t := r.t
	in := r.incoming()
	in.Body, in.Quarantine = []byte{0xff, 0xfe, 0}, "it is not JSON"
	appended := r.append(in)
	r.add()
	entry := r.story(appended.Number).Entry
	if !entry.Planned || entry.Quarantine != in.Quarantine || !bytes.Equal(entry.Body, in.Body) {
		t.Errorf("got %+v, want it planned, with body and reason", entry)
	}
	unplanned, err := r.Unplanned(t.Context(), 10)
	r.must(err)
	if len(unplanned) != 1 || unplanned[0].Number == appended.Number {
		t.Errorf("got %+v unplanned, want the other one only", unplanned)
	}
	if again := r.append(in); !again.Duplicate || again.Number != appended.Number {
		t.Errorf("got %+v for the same bytes again, want a duplicate of %d", again, appended.Number)
	}
	counts := r.counts()
	if counts.Quarantined != 1 || counts.Events != 2 || counts.Unplanned != 1 {
		t.Errorf("got %+v, want 2 events, 1 in quarantine, 1 unplanned", counts)
	}
}
