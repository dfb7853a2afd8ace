package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestPaceIsHalvedAfter429: for five minutes the workspace gets half as much, then what it got before.
func TestPaceIsHalvedAfter429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := NewClient(Options{Token: token})
		turns := func(within time.Duration) int {
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			var running sync.WaitGroup
			var got atomic.Int32
			for i := range 10 {
				running.Go(func() {
					for pace := client.Pace(fmt.Sprint("C", i)); pace(ctx) == nil; {
						got.Add(1)
					}
				})
			}
			running.Wait()
			<-ctx.Done()
			return int(got.Load())
		}
		turns(10 * time.Second) // to the pace of what goes on for long
		for _, want := range []struct {
			hold    time.Duration
			minutes int // of messages in the next 4 minutes
		}{{0, 240}, {time.Second, 120}, {time.Second, 60}, {time.Second, 60}} {
			if want.hold > 0 {
				client.hold(want.hold)
			}
			if got := turns(4*time.Minute) / 4; got < want.minutes-3 || got > want.minutes+3 {
				t.Errorf("after a 429 (%v): got %d messages a minute, want %d", want.hold, got, want.minutes)
			}
		}
		turns(2 * time.Minute) // past the fifth minute, and to the pace of what goes on for long
		if got := turns(time.Minute); got < 237 || got > 243 {
			t.Errorf("in the end: got %d messages a minute, want 240", got)
		}
	})
}

// TestHoldWithoutATime: where Slack does not say how long, it is 5, 10, 20, 40 and then 60 s, until a message is taken.
func TestHoldWithoutATime(t *testing.T) {
	t.Parallel()
	client := NewClient(Options{Token: token})
	for _, want := range []float64{5, 10, 20, 40, 60, 60} {
		if got := client.hold(0).Seconds(); got != want {
			t.Errorf("got %v s, want %v s", got, want)
		}
	}
	if got := client.hold(7 * time.Second); got != 7*time.Second {
		t.Errorf("told: got %v, want 7 s", got)
	}
	client.posted()
	if got := client.hold(0); got != 5*time.Second {
		t.Errorf("after a message: got %v, want 5 s", got)
	}
}

// TestPaceAfter429: all channels wait as long as Slack asks, but not for an hour because of one.
func TestPaceAfter429(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]time.Duration{
		"10": 10 * time.Second, "3600": time.Minute, "86400": time.Minute, "1e300": time.Minute, "Fri, 01 Jan 2100 00:00:00 GMT": time.Minute,
	} {
		t.Run(asked, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := wired(t, busy(asked), Options{Token: token})
				sink := New(client, channel)
				_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
				wantFailure(t, err, sinks.Wait, sinks.ReasonRateLimited)
				begin := time.Now()
				if err := client.Pace("C0OTHER")(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(begin); got != want {
					t.Errorf("another channel waits %v, want %v", got, want)
				}
			})
		})
	}
}

func TestPaceStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := NewClient(Options{Token: token})
		client.hold(time.Minute)
		stop := errors.New("stopping")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		if err := client.Pace(channel)(ctx); !errors.Is(err, stop) {
			t.Errorf("got %v, want %v", err, stop)
		}
	})
}

// TestStrictWorkspace: a workspace that allows no bursts at all costs time, never a message.
func TestStrictWorkspace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		board := fault.NewBoard()
		slack := sandbox.New(sandbox.Options{
			Token: token, Board: board, Channels: []sandbox.Channel{{ID: channel}},
			Switches: sandbox.Switches{ChannelBurst: 1, WorkspaceRate: 60},
		})
		client := wired(t, slack, Options{Token: token})
		sink, pace, told := New(client, channel), client.Pace(channel), 0
		time.Sleep(time.Minute) // for a burst
		for told < 20 {
			if err := pace(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A")))
			if err == nil {
				told++
				continue
			}
			wantFailure(t, err, sinks.Wait, sinks.ReasonRateLimited)
			time.Sleep(sinks.Classify(err).After)
		}
		if got := len(slack.Messages(channel)); got != told || slack.Refused() == 0 {
			t.Errorf("got %d messages and %d refusals, want %d and some", got, slack.Refused(), told)
		}
	})
}
