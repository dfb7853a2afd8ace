package slack

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// The window of history in which an attempt's message can stand, by Slack's clock. Only today's difference to our clock
// is known, so the window is as wide as our clock may have been off when the attempt was made, and was put right since.
// A wide one costs pages, never a mistake: the message carries the effect's id. Who sets the clock by more than that
// between an attempt and its Recall may see a message twice.
const (
	before   = 15 * time.Minute
	after    = 15 * time.Minute
	pageSize = 200 // what Slack recommends at most
)

// Recall looks for the effect's message in the channel's history: first when an attempt's late copy may have arrived,
// and when it is not there again when none is likely to come any more. (Of an attempt whose end nobody saw, the process that
// made it died before this one was asked.)
//
// Late of the answer says that the message could still appear. It is false only when the whole time is over in which it
// would be looked for. A message that a person deleted before Recall looked is not found, and told again.
func (s *Sink) Recall(ctx context.Context, effect sinks.Effect) (sinks.Recollection, error) {
	ended := effect.Ended
	if now := time.Now(); ended.IsZero() || ended.After(now) {
		ended = now
	}
	if ended.Before(s.client.began) { // whatever the clock of an earlier process said, it ended before this one began
		ended = s.client.began
	}
	for _, wait := range []time.Duration{s.client.late / 4, s.client.late} {
		at := ended.Add(wait)
		if wait < s.client.late && !time.Now().Before(ended.Add(s.client.late)) {
			continue // so long ago that one look is enough
		}
		if err := waitUntil(ctx, at); err != nil {
			return sinks.Recollection{}, sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "waiting to look into %s: %w", s.channel, err)
		}
		ts, err := s.look(ctx, effect)
		if err != nil {
			return s.refused(err)
		}
		if ts != "" {
			return sinks.Recollection{Happened: sinks.Did, Receipt: s.receipt(ts)}, nil
		}
	}
	return sinks.Recollection{Happened: sinks.DidNot, Late: time.Since(ended) < after}, nil
}

// refused tells a look that failed, and is worth repeating, from one that a person must make possible.
func (s *Sink) refused(err error) (sinks.Recollection, error) {
	failure := s.client.wrap("reading the history of "+s.channel, err)
	switch failure.Class {
	case sinks.Unsure, sinks.Retry, sinks.Wait:
		return sinks.Recollection{}, failure
	default:
		return sinks.Recollection{Reason: failure.Reason, Detail: failure.Error()}, nil
	}
}

// look reads all pages of the window, and returns the time stamp of the effect's message, or nothing.
func (s *Sink) look(ctx context.Context, effect sinks.Effect) (string, error) {
	ahead, err := s.client.ahead(ctx)
	if err != nil {
		return "", err
	}
	ended := effect.Ended
	if ended.IsZero() {
		ended = effect.Started.Add(patience)
	}
	found := ""
	err = s.history(ctx, effect.Started.Add(ahead-before), ended.Add(ahead+after), func(m stored) bool {
		if m.carries(effect) {
			found = m.TS
		}
		return found == ""
	})
	return found, err
}

// history shows the messages of the channel between two times of Slack's clock, page by page, newest first, until see
// returns false. A zero end is now. Without an error, all were shown or see had enough.
func (s *Sink) history(ctx context.Context, oldest, latest time.Time, see func(stored) bool) error {
	window := slack.GetConversationHistoryParameters{
		ChannelID: s.channel, Limit: pageSize, Inclusive: true, IncludeAllMetadata: true, Oldest: timestamp(oldest),
	}
	if !latest.IsZero() {
		window.Latest = timestamp(latest)
	}
	for {
		if err := s.client.looks.Wait(ctx); err != nil {
			return sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "stopped before it was asked: %w", err)
		}
		page, err := s.client.call(ctx, func(ctx context.Context, api *slack.Client) error {
			_, err := api.GetConversationHistoryContext(ctx, &window)
			return err
		})
		if err != nil {
			return err
		}
		for _, m := range page.Messages {
			if !see(m) {
				return nil
			}
		}
		next := page.ResponseMetadata.NextCursor
		switch {
		case next == "" && !page.HasMore:
			return nil
		case next == "" || next == window.Cursor: // the rest cannot be read, so nothing can be said of it
			return sinks.Fail(sinks.Retry, sinks.ReasonBadAnswer, "the answer has no next page, but says there is more")
		}
		window.Cursor = next
	}
}

// timestamp is a time as Slack writes it: seconds and microseconds.
func timestamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }
