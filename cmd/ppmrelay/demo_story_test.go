package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// bareScene is a scene without a relay: webhooks are registered by hand, for an address that nobody calls.
type bareScene struct {
	cast

	waited []until
	fails  error
}

func (r *bareScene) follow(_ context.Context, u until) error {
	r.waited = append(r.waited, u)
	if u == untilRegistered && !r.registered() {
		r.register(event.TypeOf(event.Project, event.Updated))
	}
	return r.fails
}

func (r *bareScene) register(types ...event.Type) {
	for _, t := range types {
		r.PPM.AddWebhook(ppm.Webhook{EventTypes: []string{string(t)}, URL: "https://relay.example.com/events"})
	}
}

func newBareScene(t *testing.T) *bareScene {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r := &bareScene{cast: cast{Sandbox: s}}
	r.register(event.Types()...)
	return r
}

func TestEveryStepIsPlayedAndPrinted(t *testing.T) {
	r := newBareScene(t)
	var out bytes.Buffer
	if err := play(t.Context(), story(), r.cast, &window{out: &out}, r); err != nil {
		t.Fatal(err)
	}
	printed := strings.Join(strings.Fields(out.String()), " ")
	for _, chapter := range story() {
		said := []step{{says: chapter.title}}
		for _, step := range append(said, chapter.steps...) {
			_, after, found := strings.Cut(printed, strings.TrimSpace(string(step.who)+" "+step.says))
			if !found {
				t.Errorf("not printed, or not in its order: %q", step.says)
				continue
			}
			printed = after
		}
	}
	for line := range strings.Lines(out.String()) {
		if seen(line) > 80 {
			t.Errorf("got a line of %d columns, want at most 80: %q", seen(line), line)
		}
	}
	if !slices.Contains(r.waited, untilRegistered) || r.waited[len(r.waited)-1] != untilTold {
		t.Errorf("got %q waited for, want webhooks among them, and that all is told at the end", r.waited)
	}
	if err := r.PPM.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	types := map[event.Type]int{}
	for _, d := range r.PPM.Deliveries() {
		types[d.Type]++
	}
	want := map[event.Type]int{
		"Project:Created": 1, "Project:Updated": 15, "Project:Deleted": 1, "Task:Updated": 1, "KeyDate:Updated": 2, "Idea:Updated": 1,
	}
	if !maps.Equal(types, want) {
		t.Errorf("got events %v, want %v", types, want)
	}
	if len(r.PPM.Webhooks()) != len(event.Types()) {
		t.Errorf("got %d webhooks at the end, want %d", len(r.PPM.Webhooks()), len(event.Types()))
	}
}

func TestStoryStopsWhenItFails(t *testing.T) {
	r := newBareScene(t)
	r.fails = errors.New("the relay ended")
	if err := play(t.Context(), story(), r.cast, &window{out: &bytes.Buffer{}}, r); !errors.Is(err, r.fails) {
		t.Errorf("got %v, want the error of the scene", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	pressed := []chapter{{"One", []step{
		{says: "Ctrl-C.", do: func(cast) error { cancel(); return nil }},
		{says: "Never said."},
	}}, {title: "Never told"}}
	if err := play(ctx, pressed, r.cast, &window{out: &out}, r); err != nil || strings.Contains(out.String(), "Never") {
		t.Errorf("got %v and\n%s\nwant that Ctrl-C ends it without an error", err, out.String())
	}
	nobody := []chapter{{steps: []step{{do: edits("Anna Doe", event.Project, "Nowhere", nil)}, {says: "The end."}}}}
	r.fails = nil
	out.Reset()
	err := play(t.Context(), nobody, r.cast, &window{out: &out}, r)
	told := strings.Join(strings.Fields(out.String()), " ")
	if err != nil || !strings.Contains(told, `the tenant has no Project "Nowhere". The story goes on. The end.`) {
		t.Errorf("got %v and\n%s\nwant that a step that cannot be done is told, and the next one follows", err, out.String())
	}
}

func TestReasonsForWaiting(t *testing.T) {
	held := journal.TargetState{Hold: journal.Paused, Reason: "rate-limited: posting: too many requests"}
	tests := []struct {
		waits waits
		want  []string
	}{
		{waits{}, nil},
		{waits{slack: waiting{changes: 1}}, []string{"1 change waits for Slack: it takes one message a second in a channel."}},
		{waits{sheet: waiting{changes: 3}}, []string{"3 changes wait for the sheet: Google allows 60 writes a minute."}},
		{waits{slack: waiting{changes: 2, unsure: true, state: held}, sheet: waiting{changes: 1, state: held}}, []string{
			"2 changes wait for Slack: nobody knows yet whether the last attempt arrived, so it is looked up first.",
			"1 change waits for the sheet: rate-limited: posting: too many requests.",
		}},
	}
	for _, tt := range tests {
		if got := tt.waits.words(); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: got %q, want %q", tt.waits, got, tt.want)
		}
	}
}

func TestLullIsExplainedOnce(t *testing.T) {
	began := time.Now()
	l := lull{since: began}
	slack, both := []string{"Slack waits."}, []string{"Slack waits.", "The sheet waits."}
	for _, tt := range []struct {
		after   time.Duration
		reasons []string
		want    string
	}{
		{3 * time.Second, slack, ""},
		{4 * time.Second, nil, ""},
		{4 * time.Second, slack, "Slack waits."},
		{5 * time.Second, slack, ""},
		{8 * time.Second, slack, "Still so, for 8 s now."},
		{12 * time.Second, both, "Slack waits.\nThe sheet waits."},
	} {
		if got := l.over(began.Add(tt.after), func() []string { return tt.reasons }); got != tt.want {
			t.Errorf("after %v: got %q, want %q", tt.after, got, tt.want)
		}
	}
}
