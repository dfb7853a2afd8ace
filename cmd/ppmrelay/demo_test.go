package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// TestDemoUnderFaults plays a scene that is seen and a time of random edits, with all that goes wrong there, by the real
// daemon. Who looks meanwhile never finds anything lost or told twice.
func TestDemoUnderFaults(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := openStage(t.Context(), ppm.NewSmall().Entities)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	stop := watchLive(t, s)
	defer stop()
	const late = fault.Late + ":1s"
	s.Slack.Board.Script(posting, late)
	s.Google.Board.Script(writing, fault.None, late)
	var out bytes.Buffer
	w := &window{out: &out}
	scene := []chapter{{"A scene", []step{
		{inPPM, "Anna edits.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"OverallStatus": 1}), untilTold},
	}}}
	if err := play(t.Context(), scene, s.cast, w, live{stage: s, window: w}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Slack  🔶 Project Customer Portal was updated", "Status: On track → At risk", "Sheet  1   Event", "2   Updated Customer Portal"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got\n%s\nwant something that shows %q", out.String(), want)
		}
	}
	if err := newImproviser(s.cast, 7).play(t.Context(), 3500*time.Millisecond, s.pass); err != nil {
		t.Fatal(err)
	}
	if err := s.drain(t.Context(), drainTime, func() {}); err != nil {
		t.Fatal(err)
	}
	stop()
	found, err := s.finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := verdict(found); err != nil {
		t.Errorf("got %v, want that everything was told once: %q", err, found.Details)
	}
	if s.Slack.Board.Met(fault.AfterReset) == 0 || s.Google.Board.Met(fault.After) == 0 || s.Slack.Board.Met(late) == 0 || s.Google.Board.Met(late) == 0 {
		t.Errorf("the faults were not met: the test proves too little")
	}
	if !s.registered() {
		t.Errorf("got %d webhooks at the end, want all of them", len(s.PPM.Webhooks()))
	}
}

// TestDemoStopsBeforeItBegins presses Ctrl-C while everything starts: nothing stays behind.
func TestDemoStopsBeforeItBegins(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"demo", "--page", "127.0.0.1:0"}, &out, &errs); code != exitFailed || !strings.HasSuffix(errs.String(), "starting the demo: it was stopped before it began\n") {
		t.Errorf("got exit code %d and %q", code, errs.String())
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("got %v and %v, want that nothing stays", left, err)
	}
}

// TestDemoStopsEarly presses Ctrl-C in a demo that would take an hour.
func TestDemoStopsEarly(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		whenTold(ctx, temporary)
	}()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"demo", "--headless", "--for", "1h", "--json"}, &out, &errs); code != exitFine {
		t.Errorf("got exit code %d, want %d: %s", code, exitFine, errs.String())
	}
	var summary map[string]int
	if err := json.Unmarshal(out.Bytes(), &summary); err != nil {
		t.Fatalf("got %q, want one JSON object: %v", out.String(), err)
	}
	if keys := slices.Sorted(maps.Keys(summary)); !slices.Equal(keys, []string{"appeared", "doubled", "events", "lost", "messages", "out_of_order", "possible_doubles", "rows"}) {
		t.Errorf("got the keys %q", keys)
	}
	if summary["events"] == 0 || summary["messages"] == 0 || summary["rows"] == 0 || summary["lost"] != 0 || summary["doubled"] != 0 {
		t.Errorf("got %v, want some events, messages and rows, and nothing lost or doubled", summary)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v left behind, want nothing", left, err)
	}
}

// whenTold returns when the demo in that folder has told an event to Slack and to the sheet, or when ctx ends.
func whenTold(ctx context.Context, folder string) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
		files, _ := filepath.Glob(filepath.Join(folder, "*", "ppmrelay.db")) // the pattern is right
		if len(files) == 0 {
			continue
		}
		store, err := sqlite.Open(ctx, files[0], sqlite.Options{ReadOnly: true})
		if err != nil {
			continue // it is just being made
		}
		told := false
		for number := int64(1); number < 100 && !told; number++ {
			story, err := store.Story(ctx, number)
			told = err == nil && len(story.Deliveries) == 2 && !slices.ContainsFunc(story.Deliveries, func(d journal.DeliveryStory) bool {
				return d.State != journal.Delivered
			})
		}
		if store.Close() == nil && told {
			return
		}
	}
}

func TestVerdict(t *testing.T) {
	good := audit{Events: 3, Messages: 2, Rows: 5}
	tests := []struct {
		name   string
		change func(*audit)
		want   string // empty = fine
	}{
		{"all told once", func(*audit) {}, ""},
		{"lost", func(a *audit) { a.Lost = 1 }, "1 lost, 0 doubled"},
		{"doubled", func(a *audit) { a.Doubled = 2 }, "0 lost, 2 doubled"},
		{"out of order", func(a *audit) { a.Disorder = 1 }, "1 out of order"},
		{"no events", func(a *audit) { *a = audit{} }, "nothing was told"},
		{"no messages", func(a *audit) { a.Messages = 0 }, "nothing was told"},
		{"no rows", func(a *audit) { a.Rows = 0 }, "nothing was told"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := good
			tt.change(&found)
			got := ""
			if err := verdict(found); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var out bytes.Buffer
			(&window{out: &out}).summary(found)
			if told := strings.Contains(out.String(), "Every event was told"); told != (tt.want == "") {
				t.Errorf("got a summary that does not fit the verdict %q:\n%s", tt.want, out.String())
			}
		})
	}
}

// TestLostEventsFailTheDemo takes a message away from Slack after it was told, and a row from the sheet.
func TestLostEventsFailTheDemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := openStage(t.Context(), ppm.NewSmall().Entities)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	if err := s.edit("Anna Doe", event.Project, "Customer Portal", map[string]any{"Budget": 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.drain(t.Context(), drainTime, func() {}); err != nil {
		t.Fatal(err)
	}
	messages := s.Slack.Messages(sandbox.Channel)
	if len(messages) != 1 || !s.Slack.Delete(sandbox.Channel, messages[0].TS) {
		t.Fatalf("got %d messages, want one to delete", len(messages))
	}
	found, err := s.finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.Events != 1 || found.Lost != 1 || verdict(found) == nil {
		t.Errorf("got %+v, want one event, and that it is lost", found)
	}
}

func TestDemoRefusesWhatItWouldIgnore(t *testing.T) {
	for _, tt := range []struct {
		args string
		say  string
	}{
		{"demo --json", "--json needs --headless"},
		{"demo --for 3s", "--for needs --headless"},
		{"demo --seed 3", "--seed needs --headless"},
		{"demo --headless --for 0s", "write a time above zero"},
		{"demo --headless --for soon", "write a time as"},
		{"demo now", "unknown command"},
	} {
		code, stdout, stderr := ppmrelay(t, strings.Fields(tt.args)...)
		if code != exitWrong || !strings.Contains(stdout+stderr, tt.say) {
			t.Errorf("%s: got exit code %d and %q, want %d and something that says %q", tt.args, code, stdout+stderr, exitWrong, tt.say)
		}
	}
}

func TestStyledOnlyOnATerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unset := func(string) (string, bool) { return "", false }
	if (&app{out: file, env: unset}).styled() || (&app{out: &bytes.Buffer{}, env: unset}).styled() {
		t.Error("got styles in a file, want none")
	}
}
