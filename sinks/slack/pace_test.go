package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
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
				options := sandbox.Options{Token: token, Switches: sandbox.Switches{ChannelBurst: 4, WorkspaceRate: 190}}
				for i := range lanes {
					options.Channels = append(options.Channels, sandbox.Channel{ID: fmt.Sprint("C", i)})
				}
				slack := sandbox.New(options)
				client := wired(t, slack, Options{Token: token})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var running sync.WaitGroup
				for _, channel := range options.Channels {
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
				posted := 0
				for _, channel := range options.Channels {
					posted += len(slack.Messages(channel.ID))
				}
				if want := min(lanes, 3) * 60; slack.Refused() != 0 || posted < want-5 || posted > want+10 {
					t.Errorf("got %d messages and %d refusals, want about %d and none", posted, slack.Refused(), want)
				}
			})
		})
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
