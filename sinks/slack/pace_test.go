package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestPaceProvokesNoRefusal: lanes that post all they can for a minute meet no 429, and use what is allowed.
func TestPaceProvokesNoRefusal(t *testing.T) {
	t.Parallel()
	for _, lanes := range []int{1, 2, 8} {
		t.Run(strconv.Itoa(lanes), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				options := sandbox.Options{Token: token, Switches: sandbox.Switches{ChannelBurst: 4, WorkspaceRate: 250}}
				for i := range lanes {
					options.Channels = append(options.Channels, sandbox.Channel{ID: fmt.Sprint("C", i)})
				}
				slack := sandbox.New(options)
				client := wired(t, slack, Options{Token: token})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				post(ctx, t, client, options.Channels)
				posted := 0
				for _, channel := range options.Channels {
					posted += len(slack.Messages(channel.ID))
				}
				if want := min(lanes, 4) * 60; slack.Refused() != 0 || posted < want-5 || posted > want+10 {
					t.Errorf("got %d messages and %d refusals, want about %d and none", posted, slack.Refused(), want)
				}
			})
		})
	}
}

// post runs a lane for each channel, which posts all it is allowed to until ctx ends. Whatever fails fails the test.
func post(ctx context.Context, t *testing.T, client *Client, channels []sandbox.Channel) {
	t.Helper()
	var running sync.WaitGroup
	for _, channel := range channels {
		running.Go(func() {
			sink, pace := New(client, channel.ID), client.Pace(channel.ID)
			for pace(ctx) == nil {
				if _, err := sink.Perform(t.Context(), effectOf(t, sink, false, item("A"))); err != nil {
					t.Errorf("posting: %v", err)
				}
			}
		})
	}
	running.Wait()
}

// TestPaceAfterRestarts: a process that is busy for ten seconds, dies, and comes up and dies again eight times within
// four seconds provokes no 429, though none of them knows what the last one posted:
//
//	0 s            10 s  10.5  11 …      14 s
//	post post post † post † post † … post †     a channel takes 10 at once and 1 a second
//
// It fails (23 messages in a channel where 14 have room) when a process begins with all of its burst.
func TestPaceAfterRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		options := sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: "C0ONE"}, {ID: "C0TWO"}}}
		slack := sandbox.New(options)
		lives := []time.Duration{10 * time.Second}
		for range 8 {
			lives = append(lives, 500*time.Millisecond)
		}
		for _, life := range lives {
			ctx, cancel := context.WithTimeout(t.Context(), life)
			post(ctx, t, wired(t, slack, Options{Token: token}), options.Channels)
			<-ctx.Done()
			cancel()
		}
		if got := len(slack.Messages("C0ONE")); slack.Refused() != 0 || got < 14 {
			t.Errorf("got %d messages and %d refusals, want 14 and more, and none", got, slack.Refused())
		}
	})
}

// TestPaceOfManyChannels prints how long 500 messages of 20 channels take that cannot be merged, without a single 429.
func TestPaceOfManyChannels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		options := sandbox.Options{Token: token}
		for i := range 20 {
			options.Channels = append(options.Channels, sandbox.Channel{ID: fmt.Sprint("C", i)})
		}
		slack := sandbox.New(options)
		ctx, cancel := context.WithCancel(t.Context())
		posted := func() int {
			n := 0
			for _, channel := range options.Channels {
				n += len(slack.Messages(channel.ID))
			}
			return n
		}
		begin := time.Now()
		go func() {
			for posted() < 500 {
				time.Sleep(time.Second)
			}
			cancel()
		}()
		post(ctx, t, wired(t, slack, Options{Token: token}), options.Channels)
		if took := time.Since(begin); slack.Refused() != 0 || took > 130*time.Second {
			t.Errorf("500 messages took %v with %d refusals, want about 125 s and none", took, slack.Refused())
		}
	})
}

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

// TestLooksArePaced: 30 channels that look into their history at once provoke no 429: the method takes 50 calls a minute.
func TestLooksArePaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		options := sandbox.Options{Token: token}
		for i := range 30 {
			options.Channels = append(options.Channels, sandbox.Channel{ID: fmt.Sprint("C", i)})
		}
		slack := sandbox.New(options)
		client := wired(t, slack, Options{Token: token})
		var running sync.WaitGroup
		for _, channel := range options.Channels {
			running.Go(func() {
				sink := New(client, channel.ID)
				wantHappened(t, sink, effectOf(t, sink, false, item("A")), sinks.DidNot)
			})
		}
		running.Wait()
		if slack.Refused() != 0 {
			t.Errorf("got %d refusals, want none", slack.Refused())
		}
	})
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
