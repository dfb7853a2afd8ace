package slack

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
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

// TestPaceOfManyChannels prints how long 500 messages of 20 channels take that cannot be merged, without a single 429. What
// lanes do at once is under the race detector in TestPaceProvokesNoRefusal.
func TestPaceOfManyChannels(t *testing.T) {
	t.Parallel()
	raced.Calculates(t)
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

// TestLooksAfterRestarts: a process that comes up, looks as often as it may, and dies after a second, eight times in a row,
// provokes no 429, though none of them knows how often the last one looked.
func TestLooksAfterRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slack := sandbox.New(sandbox.Options{Token: token, Channels: []sandbox.Channel{{ID: channel}}})
		for range 8 {
			sink := New(wired(t, slack, Options{Token: token}), channel)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			for err := error(nil); err == nil; {
				_, err = sink.Told(ctx, []string{"never"}, time.Now())
			}
			<-ctx.Done()
			cancel()
		}
		if slack.Refused() != 0 {
			t.Errorf("got %d refusals, want none", slack.Refused())
		}
	})
}
