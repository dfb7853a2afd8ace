package slack

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// An attempt's message stands in the history, by Slack's clock, from the attempt on, less what our clock may have been
// ahead when the attempt was made, and was put right since: only today's difference is known. The history is read up to
// now, as the clock may also have been behind, by whatever it was. That costs pages, never a mistake: the message carries
// the effect's id. Each 200 messages since the attempt are one call, and calls of all channels share one each two seconds:
// a channel with 500 messages a day, looked into after 20 days, takes 100 s, twice if nothing is there. What fails on the
// way is begun anew.
//
// What is left: a clock that was ahead by more than 15 minutes at the attempt, and right again at a Recall that comes
// later than it was ahead. Then a message may be seen twice.
const (
	before   = 15 * time.Minute
	after    = 15 * time.Minute // how long a copy could still appear
	pageSize = 200              // what Slack recommends at most
)

// Recall looks for the effect's message in the channel's history: first when an attempt's late copy may have arrived,
// and when it is not there again when none is likely to come any more. (Of an attempt whose end nobody saw, the process that
// made it died before this one was asked.)
//
// Late of the answer says that the message could still appear, which is no more likely after a quarter of an hour. A
// message that a person deleted before Recall looked is not found, and told again.
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
	return sinks.Recollection{Happened: sinks.DidNot, Late: s.client.couldAppear(effect, ended)}, nil
}

// couldAppear reports whether a quarter of an hour is not over yet since the attempt ended. One of an earlier process ended
// before this one began. When it did is believed only while our clock goes as Slack's does: then it is likely that it
// went right in the earlier process, too.
func (c *Client) couldAppear(effect sinks.Effect, ended time.Time) bool {
	if time.Since(ended) >= after {
		return false
	}
	ahead := c.clock.Load()
	right := ahead != nil && ahead.Abs() < time.Minute
	return !right || effect.Ended.After(c.began) || time.Since(effect.Started) < patience+after
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

// look reads all pages since the attempt, and returns the time stamp of the effect's message, or nothing.
func (s *Sink) look(ctx context.Context, effect sinks.Effect) (string, error) {
	ahead, err := s.client.ahead(ctx)
	if err != nil {
		return "", err
	}
	oldest := effect.Started
	if now := time.Now(); oldest.After(now) { // our clock was set back since
		oldest = now
	}
	found := ""
	err = s.history(ctx, oldest.Add(ahead-before), func(m stored) bool {
		if m.carries(effect) {
			found = m.TS
		}
		return found == ""
	})
	return found, err
}

// history shows the messages of the channel since a time of Slack's clock, page by page, newest first, until see returns
// false. Without an error, all were shown or see had enough.
func (s *Sink) history(ctx context.Context, oldest time.Time, see func(stored) bool) error {
	window := slack.GetConversationHistoryParameters{
		ChannelID: s.channel, Limit: pageSize, Inclusive: true, IncludeAllMetadata: true, Oldest: timestamp(oldest),
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
