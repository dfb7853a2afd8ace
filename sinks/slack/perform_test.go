package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestFaults: each way to fail gives one message in the end, or it is known that there is none. The plain form is found
// again, too, and both forms where metadata is forgotten.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range fault.Kinds() {
		for _, plain := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s plain %t", kind, plain), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { meetFault(t, kind, plain) })
			})
		}
	}
}

func meetFault(t *testing.T, kind fault.Kind, plain bool) {
	t.Helper()
	board := fault.NewBoard()
	slack := sandbox.New(sandbox.Options{
		Token: token, Board: board, Channels: []sandbox.Channel{{ID: channel}},
		Switches: sandbox.Switches{MetadataDropped: true},
	})
	sink := New(wired(t, slack, Options{Token: token}), channel)
	board.Script("chat.postMessage", kind)
	effect := effectOf(t, sink, plain, item("A"))
	_, err := sink.Perform(t.Context(), effect)
	effect.Ended = time.Now()
	switch kind {
	case fault.TooMany:
		wantFailure(t, err, sinks.Wait, sinks.ReasonRateLimited)
	case fault.Before, fault.After:
		wantFailure(t, err, sinks.Unsure, sinks.ReasonServerError)
	default:
		wantFailure(t, err, sinks.Unsure, sinks.ReasonNoAnswer)
	}
	messages := slack.Messages(channel)
	if !kind.Happens() {
		wantHappened(t, sink, effect, sinks.DidNot)
		if len(messages) != 0 {
			t.Errorf("got %d messages, want none", len(messages))
		}
		return
	}
	found := wantHappened(t, sink, effect, sinks.Did)
	if len(messages) != 1 || found.Receipt != sinks.Receipt(channel+" "+messages[0].TS) {
		t.Errorf("got receipt %q and messages %+v, want one", found.Receipt, messages)
	}
}

// TestRefused: what the workspace refuses, what that means, and that the next one is told once a person put it right.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := open(t, sandbox.Options{Unlimited: true})
	told := 0
	for _, test := range []struct {
		name        string
		change, end func()
		class       sinks.Class
		reason      sinks.Reason
	}{
		{
			"the app is removed", func() { w.SetChannel(sandbox.Channel{ID: channel, Outside: true}) },
			func() { w.SetChannel(sandbox.Channel{ID: channel}) }, sinks.Park, sinks.ReasonTargetRefuses,
		},
		{
			"removed from a private one", func() { w.SetChannel(sandbox.Channel{ID: channel, Outside: true, Private: true}) },
			func() { w.SetChannel(sandbox.Channel{ID: channel}) }, sinks.Park, sinks.ReasonTargetGone,
		},
		{
			"archived", func() { w.SetChannel(sandbox.Channel{ID: channel, Archived: true}) },
			func() { w.SetChannel(sandbox.Channel{ID: channel}) }, sinks.Park, sinks.ReasonTargetGone,
		},
		{
			"read-only", func() { w.SetChannel(sandbox.Channel{ID: channel, ReadOnly: true}) },
			func() { w.SetChannel(sandbox.Channel{ID: channel}) }, sinks.Park, sinks.ReasonTargetRefuses,
		},
		{
			"a scope is missing", func() { w.SetScopes("users:read") },
			func() { w.SetScopes("chat:write") }, sinks.Stop, sinks.ReasonPermission,
		},
		{
			"the token is revoked", func() { w.Revoke(true) },
			func() { w.Revoke(false) }, sinks.Stop, sinks.ReasonCredentials,
		},
	} {
		test.change()
		effect := effectOf(t, w.sink, false, item("A"))
		_, err := w.sink.Perform(t.Context(), effect)
		wantFailure(t, err, test.class, test.reason)
		test.end()
		if _, err := w.sink.Perform(t.Context(), effectOf(t, w.sink, false, item("A"))); err != nil {
			t.Errorf("%s, and put right: %v", test.name, err)
		}
		if told++; len(w.Messages(channel)) != told {
			t.Errorf("%s: got %d messages, want %d", test.name, len(w.Messages(channel)), told)
		}
	}
	_, err := New(w.client, "C0OTHER").Perform(t.Context(), effectOf(t, w.sink, false, item("A")))
	wantFailure(t, err, sinks.Park, sinks.ReasonTargetGone)
}

// TestEventsInMetadata: the ids of up to 50 events go along.
func TestEventsInMetadata(t *testing.T) {
	t.Parallel()
	w := open(t, sandbox.Options{})
	effect := effectOf(t, w.sink, false, item("A"))
	for range 60 {
		effect.Events = append(effect.Events, newID())
	}
	if _, err := w.sink.Perform(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
	metadata := w.Messages(channel)[0].Metadata
	if metadata == nil || metadata.EventType != eventType || metadata.EventPayload["effect_id"] != effect.ID {
		t.Fatalf("got metadata %+v", metadata)
	}
	ids, _ := metadata.EventPayload["event_ids"].([]any)
	if len(ids) != 50 || ids[0] != effect.Events[0] {
		t.Errorf("got %d event ids, want the first 50", len(ids))
	}
}

// TestPatience: an attempt ends after 30 s, and the error says that this was why.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		board := fault.NewBoard()
		client := wired(t, sandbox.New(sandbox.Options{Token: token, Board: board}), Options{Token: token})
		board.Always("*", fault.Hang)
		sink, begin := New(client, channel), time.Now()
		_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
		wantFailure(t, err, sinks.Unsure, sinks.ReasonNoAnswer)
		if got := time.Since(begin); got != 30*time.Second {
			t.Errorf("got an answer after %v, want 30 s", got)
		}
		if !strings.Contains(err.Error(), "no answer within 30s") {
			t.Errorf("got %q, want the time in it", err)
		}
	})
}

// TestStopped: when our own side gives up in mid-air, the message may be there.
func TestStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		board := fault.NewBoard()
		client := wired(t, sandbox.New(sandbox.Options{Token: token, Board: board}), Options{Token: token})
		board.Script("chat.postMessage", fault.Hang)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("the program is stopping")) })
		sink := New(client, channel)
		_, err := sink.Perform(ctx, effectOf(t, sink, false, item("A")))
		wantFailure(t, err, sinks.Unsure, sinks.ReasonInterrupted)
		if !strings.Contains(err.Error(), "the program is stopping") {
			t.Errorf("got %q, want the cause in it", err)
		}
	})
}

func TestSpoiltContent(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "{", "{}", `{"blocks":[]}`} {
		sink := New(NewClient(Options{Token: token}), channel)
		_, err := sink.Perform(t.Context(), sinks.Effect{ID: newID(), Content: []byte(content)})
		wantFailure(t, err, sinks.Bury, sinks.ReasonContent)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for id, valid := range map[string]bool{
		"C0123456789": true, "G12": true, "D0123": true, "": false, "#general": false, "c0123": false, "C 1": false,
	} {
		if err := (Config{Channel: id}).Validate(); (err == nil) != valid {
			t.Errorf("channel %q: got %v, want valid %t", id, err, valid)
		}
	}
}
