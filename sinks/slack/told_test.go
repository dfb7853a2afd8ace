package slack

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// wantTold asks which of the effects' events were told since then.
func wantTold(t *testing.T, sink *Sink, since time.Time, asked []sinks.Effect, want ...sinks.Effect) {
	t.Helper()
	events := func(effects []sinks.Effect) []string {
		var all []string
		for _, effect := range effects {
			all = append(all, effect.Events...)
		}
		slices.Sort(all)
		return all
	}
	got, err := sink.Told(t.Context(), events(asked), since)
	if err != nil {
		t.Fatalf("asking what was told: %v", err)
	}
	if !slices.Equal(got, events(want)) {
		t.Errorf("got %d events told, want %d", len(got), len(events(want)))
	}
}

// TestToldSince: what was told before the time that is asked for is not looked at, but for the margin of the clocks; all
// pages behind it are read, whatever others said meanwhile, and whatever Slack's clock says.
func TestToldSince(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-3 * time.Hour, 0, 3 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			slack := sandbox.New(sandbox.Options{
				Token: token, Channels: []sandbox.Channel{{ID: channel}, {ID: "C0OTHER"}},
				Switches: sandbox.Switches{ClockAhead: ahead},
			})
			client := wired(t, slack, Options{Token: token})
			sink := New(client, channel)
			tell := func(sink *Sink) sinks.Effect {
				effect := effectOf(t, sink, false, item("A"), item("B"))
				if _, err := sink.Perform(t.Context(), effect); err != nil {
					t.Fatal(err)
				}
				return effect
			}
			old := tell(sink)
			time.Sleep(time.Hour)
			backup := time.Now()
			first := tell(sink)
			for range 450 {
				slack.Say(channel, "chatter")
			}
			time.Sleep(time.Minute)
			second, elsewhere := tell(sink), tell(New(client, "C0OTHER"))
			never := effectOf(t, sink, false, item("A"))

			restarted := New(wired(t, slack, Options{Token: token}), channel)
			all := []sinks.Effect{old, first, second, elsewhere, never}
			wantTold(t, restarted, backup, all, first, second)
			wantTold(t, restarted, backup.Add(-time.Hour), all, old, first, second)
			wantTold(t, restarted, time.Now().Add(-before+30*time.Second), all, first, second) // within the margin
			wantTold(t, restarted, time.Now().Add(time.Hour), all)
			wantTold(t, restarted, backup, nil)
		})
	}
}

// TestToldAgain: a person who replays an event wants it said again; nothing is looked at.
func TestToldAgain(t *testing.T) {
	t.Parallel()
	board := fault.NewBoard()
	w := open(t, sandbox.Options{Board: board})
	effect := effectOf(t, w.sink, false, item("A"))
	if _, err := w.sink.Perform(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
	board.Always("*", fault.Before)
	wantTold(t, w.sink, time.Time{}, []sinks.Effect{effect})
}

// TestToldLimits: a message names the first 50 of its events, and none in its plain form.
func TestToldLimits(t *testing.T) {
	t.Parallel()
	w := open(t, sandbox.Options{})
	bulk, plain := effectOf(t, w.sink, false, item("A")), effectOf(t, w.sink, true, item("A"))
	for range 60 {
		bulk.Events = append(bulk.Events, newID())
	}
	for _, effect := range []sinks.Effect{bulk, plain} {
		if _, err := w.sink.Perform(t.Context(), effect); err != nil {
			t.Fatal(err)
		}
	}
	named := bulk
	named.Events = bulk.Events[:50]
	wantTold(t, w.sink, bulk.Started, []sinks.Effect{bulk, plain}, named)
}

// TestToldFails: a look that fails, or is refused, is an error; what it says tells delivery what would help.
func TestToldFails(t *testing.T) {
	t.Parallel()
	board := fault.NewBoard()
	w := open(t, sandbox.Options{Board: board, Unlimited: true})
	effect := effectOf(t, w.sink, false, item("A"))
	if _, err := w.sink.Perform(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
	for range 250 {
		w.Say(channel, "chatter")
	}
	told := func() error {
		_, err := w.sink.Told(t.Context(), effect.Events, effect.Started)
		return err
	}
	board.Script("conversations.history", fault.None, fault.Reset) // the second page
	wantFailure(t, told(), sinks.Unsure, sinks.ReasonNoAnswer)
	board.Script("conversations.history", fault.TooMany)
	wantFailure(t, told(), sinks.Wait, sinks.ReasonRateLimited)
	w.SetScopes("chat:write")
	wantFailure(t, told(), sinks.Park, sinks.ReasonPermission) // the other channels are told on
	w.SetScopes("chat:write", "channels:history")
	w.SetChannel(sandbox.Channel{ID: channel, Outside: true})
	wantFailure(t, told(), sinks.Park, sinks.ReasonTargetRefuses)
	w.SetChannel(sandbox.Channel{ID: channel})
	w.Revoke(true)
	wantFailure(t, told(), sinks.Stop, sinks.ReasonCredentials)
	w.Revoke(false)
	wantTold(t, w.sink, effect.Started, []sinks.Effect{effect}, effect)
}
