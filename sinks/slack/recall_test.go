package slack

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestPages: the message stands before and behind more messages than a page holds.
func TestPages(t *testing.T) {
	t.Parallel()
	w := open(t, sandbox.Options{Unlimited: true})
	say := func(n int) {
		for i := range n {
			w.Say(channel, fmt.Sprintf("chatter %d <!channel>", i))
		}
	}
	t.Cleanup(func() { // people may ring
		for _, m := range w.Messages(channel) {
			w.Delete(channel, m.TS)
		}
	})
	say(450)
	effect, other := effectOf(t, w.sink, false, item("A")), effectOf(t, w.sink, false, item("A"))
	receipt, err := w.sink.Perform(t.Context(), effect)
	if err != nil {
		t.Fatal(err)
	}
	say(450)
	if got := wantHappened(t, w.sink, effect, sinks.Did); got.Receipt != receipt {
		t.Errorf("got receipt %q, want %q", got.Receipt, receipt)
	}
	wantHappened(t, w.sink, other, sinks.DidNot)
}

// TestPageFails: a page that cannot be had is no proof that the message is not on it.
func TestPageFails(t *testing.T) {
	t.Parallel()
	board := fault.NewBoard()
	w := open(t, sandbox.Options{Unlimited: true, Board: board})
	for range 450 {
		w.Say(channel, "chatter")
	}
	effect := effectOf(t, w.sink, false, item("A"))
	effect.Ended = time.Now()
	for _, kind := range []fault.Kind{fault.Before, fault.Reset, fault.TooMany} {
		board.Script("conversations.history", fault.None, fault.None, kind)
		if got, err := w.sink.Recall(t.Context(), effect); err == nil {
			t.Errorf("page 3 meets %s: got %+v, want an error", kind, got)
		}
	}
	wantHappened(t, w.sink, effect, sinks.DidNot)
}

// TestPagesThatLie: an answer that says there is more, but not where, is a look that failed.
func TestPagesThatLie(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no cursor":    `{"ok":true,"messages":[],"has_more":true}`,
		"same cursor":  `{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"a"}}`,
		"odd messages": `{"ok":true,"messages":{"a":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := New(answering(t, 200, nil, body), channel)
			got, err := sink.Recall(t.Context(), effectOf(t, sink, false, item("A")))
			if err == nil {
				t.Errorf("got %+v, want an error", got)
			}
		})
	}
}

// TestForeignMessages: blocks and metadata of others, whatever they look like, do not hide ours.
func TestForeignMessages(t *testing.T) {
	t.Parallel()
	var body atomic.Value
	client := served(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, body.Load())
	}))
	sink := New(client, channel)
	effect := effectOf(t, sink, false, item("A"))
	const odd = `{"ts":"1.000001","blocks":{"a":1},"metadata":[7]},{"ts":"1.000002","blocks":[{"type":"rich_text","elements":3}]},` +
		`{"ts":"1.000003","blocks":[],"metadata":{"event_type":"other","event_payload":{"effect_id":5}}},`
	body.Store(`{"ok":true,"messages":[` + odd + `{"ts":"1.000004","blocks":[{"block_id":"ppm:` + effect.ID + `"}]}]}`)
	if got := wantHappened(t, sink, effect, sinks.Did); got.Receipt != channel+" 1.000004" {
		t.Errorf("got receipt %q, want that of 1.000004", got.Receipt)
	}
	body.Store(`{"ok":true,"messages":[` + odd + `{"ts":"1.000004","blocks":[{"block_id":"ppm:` + newID() + `"}]}]}`)
	wantHappened(t, sink, effect, sinks.DidNot)
}

// TestLookRefused: a look that a person must make possible is no answer, and works once that is done.
func TestLookRefused(t *testing.T) {
	t.Parallel()
	w := open(t, sandbox.Options{Unlimited: true})
	effect := effectOf(t, w.sink, false, item("A"))
	if _, err := w.sink.Perform(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func()
		reason sinks.Reason
	}{
		{func() { w.SetScopes("chat:write") }, sinks.ReasonPermission},
		{func() { w.SetChannel(sandbox.Channel{ID: channel, Outside: true}) }, sinks.ReasonTargetRefuses},
		{func() { w.SetChannel(sandbox.Channel{ID: channel, Outside: true, Private: true}) }, sinks.ReasonTargetGone},
		{func() { w.Revoke(true) }, sinks.ReasonCredentials},
	} {
		test.change()
		if got := wantHappened(t, w.sink, effect, sinks.CannotTell); got.Reason != test.reason || got.Detail == "" {
			t.Errorf("got %s (%s), want %s with a detail", got.Reason, got.Detail, test.reason)
		}
		w.SetScopes("chat:write", "channels:history")
		w.SetChannel(sandbox.Channel{ID: channel})
	}
	w.Revoke(false)
	wantHappened(t, w.sink, effect, sinks.Did)
}

// TestCursorRefused: a page that Slack does not know any more is no answer; the look begins anew, with the first page.
func TestCursorRefused(t *testing.T) {
	t.Parallel()
	var cursors []string
	var effect sinks.Effect
	client := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "auth.test") {
			_, _ = w.Write([]byte(`{"ok":true}`))
			return
		}
		cursors = append(cursors, r.FormValue("cursor"))
		body := `{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"a"}}`
		switch len(cursors) {
		case 2:
			body = `{"ok":false,"error":"invalid_cursor"}`
		case 4:
			body = `{"ok":true,"messages":[{"ts":"1.000004","text":"` + effect.ID + `"}]}`
		}
		_, _ = w.Write([]byte(body))
	}))
	sink := New(client, channel)
	effect = effectOf(t, sink, false, item("A"))
	_, err := sink.Recall(t.Context(), effect)
	wantFailure(t, err, sinks.Retry, sinks.ReasonBadAnswer)
	wantHappened(t, sink, effect, sinks.Did)
	if want := []string{"", "a", "", "a"}; !slices.Equal(cursors, want) {
		t.Errorf("got pages %q, want %q", cursors, want)
	}
}
