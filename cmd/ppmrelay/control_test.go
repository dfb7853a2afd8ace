package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// replays is a delivery that tells each event to one channel and keeps what it was asked.
type replays struct {
	parts [][]int64
	last  delivery.ReplayRequest
	ended bool  // the asking ended before the replay did
	fail  int64 // the event that cannot be replayed
}

func (r *replays) Replay(ctx context.Context, ask delivery.ReplayRequest) (delivery.Replayed, error) {
	r.last, r.ended = ask, ctx.Err() != nil
	numbers := ask.Numbers
	if slices.Contains(numbers, r.fail) {
		return delivery.Replayed{}, fmt.Errorf("event %d is not in the journal", r.fail)
	}
	r.parts = append(r.parts, slices.Clone(numbers))
	done := delivery.Replayed{Targets: []delivery.TargetReplay{{Target: "slack:C1", Deliveries: len(numbers)}}}
	if slices.Contains(numbers, 2) {
		done.Waiting = []int64{2}
	}
	return done, nil
}

// desk returns an operator over a real journal with events: the even ones are deletions, every tenth is unreadable.
func newOperator(t *testing.T, events int) (*operator, *replays) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "j.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	begin := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for n := 1; n <= events; n++ {
		in := journal.Incoming{Body: eventBody(n), Type: "Project:Updated", Received: begin.Add(time.Duration(n) * time.Minute)}
		if n%2 == 0 {
			in.Type = "Project:Deleted"
		}
		if n%10 == 0 {
			in.Quarantine = "an older version could not read it"
		}
		if _, err := store.Append(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	relay := &replays{}
	return &operator{store: store, relay: relay, log: slog.New(slog.DiscardHandler), wake: func() {}}, relay
}

func TestReplayChooses(t *testing.T) {
	desk, relay := newOperator(t, 30)
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 0, minute, 0, 0, time.UTC) }
	for _, test := range []struct {
		name string
		ask  control.Replay
		want []int64
	}{
		{"numbers", control.Replay{Numbers: []int64{9, 3, 9}}, []int64{3, 9}},
		{"a type, without what cannot be read", control.Replay{Filter: &control.Filter{Type: "Project:Deleted", Until: at(13)}}, []int64{2, 4, 6, 8, 12}},
		{"a time", control.Replay{Filter: &control.Filter{Since: at(27)}}, []int64{27, 28, 29}},
		{"a state", control.Replay{Filter: &control.Filter{State: "buried"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			relay.parts = nil
			done, err := desk.Replay(t.Context(), test.ask)
			if err != nil || done.Events != len(test.want) || !reflect.DeepEqual(slices.Concat(relay.parts...), test.want) {
				t.Errorf("got %+v, %v for %v, want %v", done, err, relay.parts, test.want)
			}
		})
	}
	if _, err := desk.Replay(t.Context(), control.Replay{Filter: &control.Filter{Since: at(27)}, Target: "slack:C1"}); err != nil || relay.last.Target != "slack:C1" {
		t.Errorf("got %+v, %v, want the target passed on", relay.last, err)
	}
	for _, ask := range []control.Replay{{}, {Filter: &control.Filter{}}, {Numbers: []int64{1}, Filter: &control.Filter{State: "buried"}}} {
		if _, err := desk.Replay(t.Context(), ask); err == nil {
			t.Errorf("%+v: got no error", ask)
		}
	}
}

// Many events are made pending in parts, the oldest first, and the sums are right.
func TestReplayInParts(t *testing.T) {
	desk, relay := newOperator(t, 1)
	var numbers []int64
	for n := range int64(1200) {
		numbers = append(numbers, 1200-n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // whoever asked is gone: what was begun goes on
	done, err := desk.Replay(ctx, control.Replay{Numbers: numbers})
	want := control.Replayed{Events: 1200, Targets: []control.Target{{Target: "slack:C1", Deliveries: 1200}}, Waiting: []int64{2}, Untaken: []int64{}}
	if err != nil || !reflect.DeepEqual(done, want) || relay.ended {
		t.Errorf("got %+v, %v, ended %v, want %+v", done, err, relay.ended, want)
	}
	if len(relay.parts) != 3 || relay.parts[0][0] != 1 || relay.parts[2][199] != 1200 {
		t.Errorf("got %d parts, want 500, 500 and 200 in order", len(relay.parts))
	}
	if _, err := desk.Replay(ctx, control.Replay{Numbers: numbers, Dry: true}); err != nil || !relay.ended || !relay.last.Dry {
		t.Errorf("got %v, ended %v, dry %v, want that a dry run ends with whoever asked", err, relay.ended, relay.last.Dry)
	}
	relay.fail = 700
	_, err = desk.Replay(t.Context(), control.Replay{Numbers: numbers})
	if err == nil || !strings.Contains(err.Error(), "event 700 is not in the journal; 500 events before it wait to be sent already") {
		t.Errorf("got %v, want how far it came", err)
	}
}

func TestRelease(t *testing.T) {
	desk, _ := newOperator(t, 40)
	woken := 0
	desk.wake = func() { woken++ }
	desk.reread = func(_ context.Context, e journal.Entry) (journal.Incoming, error) {
		switch e.Number {
		case 20:
			return journal.Incoming{}, errors.New("the JSON ends early")
		case 40:
			return journal.Incoming{Body: e.Body, Received: e.Received, Type: e.Type, Fingerprint: make([]byte, 32)}, nil
		}
		return journal.Incoming{Body: e.Body, Received: e.Received, Type: e.Type}, nil
	}
	store, ok := desk.store.(*sqlite.Journal)
	if !ok {
		t.Fatalf("got a %T", desk.store)
	}
	original, err := store.Append(t.Context(), journal.Incoming{Body: eventBody(40), Received: time.Now(), Fingerprint: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	would, err := desk.Release(t.Context(), control.Release{All: true, Dry: true})
	if err != nil || !reflect.DeepEqual(would.Released, []int64{10, 30, 40}) || woken != 0 {
		t.Errorf("dry: got %+v, %v, want 10, 30 and 40", would, err)
	}
	got, err := desk.Release(t.Context(), control.Release{All: true})
	want := control.Released{
		Released: []int64{10, 30}, Left: []control.Left{{Number: 20, Why: "the JSON ends early"}},
		Duplicates: []control.Left{{Number: 40, Why: fmt.Sprintf("event %d is the same", original.Number)}},
	}
	if err != nil || !reflect.DeepEqual(got, want) || woken != 1 {
		t.Errorf("got %+v, %v, woken %d times, want %+v and once", got, err, woken, want)
	}
	got, err = desk.Release(t.Context(), control.Release{Numbers: []int64{10, 99}})
	want = control.Released{Released: []int64{}, Duplicates: []control.Left{}, Left: []control.Left{
		{Number: 10, Why: "it is not in quarantine"}, {Number: 99, Why: "it is not in the journal"},
	}}
	if err != nil || !reflect.DeepEqual(got, want) || woken != 1 {
		t.Errorf("got %+v, %v, woken %d times, want %+v", got, err, woken, want)
	}
	for _, ask := range []control.Release{{}, {All: true, Numbers: []int64{1}}} {
		if _, err := desk.Release(t.Context(), ask); err == nil {
			t.Errorf("%+v: got no error", ask)
		}
	}
}

func TestBackupByTheDaemon(t *testing.T) {
	desk, _ := newOperator(t, 3)
	if _, err := desk.Backup(t.Context(), control.Backup{File: "copy.db"}); err == nil {
		t.Error("a path in a folder that the daemon does not know: got no error")
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	done, err := desk.Backup(t.Context(), control.Backup{File: file})
	if err != nil || done.File != file || done.Bytes == 0 || time.Since(done.Made) > time.Minute {
		t.Errorf("got %+v, %v", done, err)
	}
	if counts := count(t, file); counts.Events != 3 {
		t.Errorf("got %d events in the copy, want 3", counts.Events)
	}
}
