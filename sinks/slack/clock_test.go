package slack

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestLooks: the first look comes 5 s after the attempt, the second one 20 s after it; whoever asks later gets one look.
// What an earlier process attempted ended when this one began, at the latest. That nothing can appear any more is claimed
// only when the time is over in which a message is looked for at all.
func TestLooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		visible time.Duration // how long after the attempt's end the message shows; 0 = never posted
		asked   time.Duration // how long after it Recall is asked
		unended bool          // nobody saw the end
		restart bool          // it is another process that is asked
		want    sinks.Happened
		took    time.Duration
		looks   int32
		late    bool // a copy could still appear
	}{
		"at once":            {visible: time.Second, want: sinks.Did, took: 5 * time.Second, looks: 1},
		"at the second look": {visible: 19 * time.Second, want: sinks.Did, took: 20 * time.Second, looks: 2},
		"never":              {want: sinks.DidNot, took: 20 * time.Second, looks: 2, late: true},
		"asked after 8 s":    {asked: 8 * time.Second, want: sinks.DidNot, took: 12 * time.Second, looks: 2, late: true},
		"asked after 14 min": {asked: 14 * time.Minute, want: sinks.DidNot, took: 0, looks: 1, late: true},
		"asked after 1 h":    {asked: time.Hour, want: sinks.DidNot, took: 0, looks: 1},
		"after a restart":    {asked: 14 * time.Minute, restart: true, want: sinks.DidNot, took: 20 * time.Second, looks: 2, late: true},
		"after a crash":      {asked: 14 * time.Minute, unended: true, want: sinks.DidNot, took: 20 * time.Second, looks: 2, late: true},
		"restart after 20 d": {asked: 20 * 24 * time.Hour, restart: true, want: sinks.DidNot, took: 20 * time.Second, looks: 2},
		"crash, after 20 d":  {asked: 20 * 24 * time.Hour, unended: true, want: sinks.DidNot, took: 20 * time.Second, looks: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				slack := sandbox.New(sandbox.Options{
					Token: token, Channels: []sandbox.Channel{{ID: channel}},
					Switches: sandbox.Switches{VisibleAfter: test.visible},
				})
				var looks atomic.Int32
				counting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/api/conversations.history" {
						looks.Add(1)
					}
					slack.ServeHTTP(w, r)
				})
				sink := New(wired(t, counting, Options{Token: token}), channel)
				effect := effectOf(t, sink, false, item("A"))
				if test.visible > 0 {
					if _, err := sink.Perform(t.Context(), effect); err != nil {
						t.Fatal(err)
					}
				}
				if !test.unended {
					effect.Ended = time.Now()
				}
				time.Sleep(test.asked)
				asked := time.Now()
				if test.restart {
					sink = New(wired(t, counting, Options{Token: token}), channel)
				}
				if got := wantHappened(t, sink, effect, test.want); got.Late != test.late {
					t.Errorf("got late %t, want %t", got.Late, test.late)
				}
				if got := time.Since(asked); got != test.took || looks.Load() != test.looks {
					t.Errorf("got an answer after %v and %d looks, want %v and %d", got, looks.Load(), test.took, test.looks)
				}
			})
		})
	}
}

// TestClocks: Slack's clock and ours differ. Nobody has spoken to Slack before, so Recall asks for its time.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-3 * time.Hour, -2 * time.Minute, 2 * time.Minute, 3 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				slack := sandbox.New(sandbox.Options{
					Token: token, Channels: []sandbox.Channel{{ID: channel}},
					Switches: sandbox.Switches{ClockAhead: ahead},
				})
				sink := New(wired(t, slack, Options{Token: token}), channel)
				effect := effectOf(t, sink, false, item("A"))
				if _, err := sink.Perform(t.Context(), effect); err != nil {
					t.Fatal(err)
				}
				restarted := New(wired(t, slack, Options{Token: token}), channel)
				time.Sleep(time.Hour)
				wantHappened(t, restarted, effect, sinks.Did)
				wantHappened(t, restarted, effectOf(t, sink, false, item("A")), sinks.DidNot)
			})
		})
	}
}

// TestClockPutRight: our clock was wrong when the attempt was made, by as much as the window allows for.
func TestClockPutRight(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-14 * time.Minute, -9 * time.Minute, 90 * time.Second, 14 * time.Minute} {
		for _, ended := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				slack := sandbox.New(sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: channel}}})
				sink := New(wired(t, slack, Options{Token: token}), channel)
				effect := effectOf(t, sink, false, item("A"))
				effect.Started = time.Now().Add(off)
				if ended {
					effect.Ended = effect.Started.Add(time.Second)
				}
				if _, err := sink.Perform(t.Context(), effect); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				restarted := New(wired(t, slack, Options{Token: token}), channel)
				wantHappened(t, restarted, effect, sinks.Did)
			})
		}
	}
}

// TestClockInTheFuture: our clock was set back since the attempt. Recall does not wait for it.
func TestClockInTheFuture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slack := sandbox.New(sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: channel}}})
		sink := New(wired(t, slack, Options{Token: token}), channel)
		effect := effectOf(t, sink, false, item("A"))
		effect.Ended = time.Now().Add(time.Hour)
		begin := time.Now()
		wantHappened(t, sink, effect, sinks.DidNot)
		if got := time.Since(begin); got != 20*time.Second {
			t.Errorf("got an answer after %v, want 20 s", got)
		}
	})
}

// TestRecallStops: a stop ends the waiting between looks.
func TestRecallStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slack := sandbox.New(sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: channel}}})
		sink := New(wired(t, slack, Options{Token: token}), channel)
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := sink.Recall(ctx, effectOf(t, sink, false, item("A")))
		wantFailure(t, err, sinks.Retry, sinks.ReasonInterrupted)
		if got := time.Since(begin); got != 7*time.Second {
			t.Errorf("got an answer after %v, want 7 s", got)
		}
	})
}

// TestClockSetBack: our clock was ahead when the attempt was made, or behind, by more than the margin, and was put right
// before anybody looked.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-24 * time.Hour, -20 * time.Minute, 20 * time.Minute, 24 * time.Hour} {
		for _, ended := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				slack := sandbox.New(sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: channel}}})
				sink := New(wired(t, slack, Options{Token: token}), channel)
				effect := effectOf(t, sink, false, item("A"))
				effect.Started = time.Now().Add(off)
				if ended {
					effect.Ended = effect.Started.Add(time.Second)
				}
				if _, err := sink.Perform(t.Context(), effect); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				wantHappened(t, New(wired(t, slack, Options{Token: token}), channel), effect, sinks.Did)
			})
		}
	}
}

// TestLateByAWrongClock: how long ago an earlier process made the attempt is not believed while our clock and Slack's
// differ.
func TestLateByAWrongClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			slack := sandbox.New(sandbox.Options{
				Token: token, Channels: []sandbox.Channel{{ID: channel}}, Switches: sandbox.Switches{ClockAhead: ahead},
			})
			effect := effectOf(t, New(nil, channel), false, item("A"))
			time.Sleep(time.Hour)
			sink := New(wired(t, slack, Options{Token: token}), channel)
			if got := wantHappened(t, sink, effect, sinks.DidNot); !got.Late {
				t.Errorf("Slack's clock is %v ahead: got not late, want late", ahead)
			}
			time.Sleep(after)
			if got := wantHappened(t, sink, effect, sinks.DidNot); got.Late != effect.Ended.IsZero() {
				t.Errorf("a quarter of an hour later: got late %t", got.Late)
			}
		})
	}
}

// TestWindow: the history is read from shortly before the attempt on, however late the message came to stand there, so
// that an attempt of today does not mean reading all of it.
func TestWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slack := sandbox.New(sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: channel}}})
		sink := New(wired(t, slack, Options{Token: token}), channel)
		effect := effectOf(t, sink, false, item("A"))
		time.Sleep(14 * time.Minute) // the attempt itself may begin late and be applied late
		if _, err := sink.Perform(t.Context(), effect); err != nil {
			t.Fatal(err)
		}
		wantHappened(t, sink, effect, sinks.Did)
		for _, earlier := range []time.Duration{time.Hour, 24 * time.Hour} { // our clock was behind
			moved := effect
			moved.Started = effect.Started.Add(-earlier)
			wantHappened(t, sink, moved, sinks.Did)
		}
		time.Sleep(time.Hour)
		effect.Started = time.Now()
		wantHappened(t, sink, effect, sinks.DidNot)
	})
}
