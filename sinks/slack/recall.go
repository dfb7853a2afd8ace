package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
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
// and when it is not there again when none can come any more. (Of an attempt whose end nobody saw, the process that
// made it died before this one was asked.)
//
// A message that a person deleted before Recall looked is not found, and told again.
func (s *Sink) Recall(ctx context.Context, effect sinks.Effect) (sinks.Recollection, error) {
	ended := effect.Ended
	if now := time.Now(); ended.IsZero() || ended.After(now) {
		ended = now
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
	return sinks.Recollection{Happened: sinks.DidNot}, nil
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
	window := slack.GetConversationHistoryParameters{
		ChannelID: s.channel, Limit: pageSize, Inclusive: true, IncludeAllMetadata: true,
		Oldest: timestamp(effect.Started.Add(ahead - before)),
		Latest: timestamp(ended.Add(ahead + after)),
	}
	for {
		page, err := s.client.call(ctx, func(ctx context.Context, api *slack.Client) error {
			_, err := api.GetConversationHistoryContext(ctx, &window)
			return err
		})
		if err != nil {
			return "", err
		}
		for _, m := range page.Messages {
			if m.carries(effect) {
				return m.TS, nil
			}
		}
		next := page.ResponseMetadata.NextCursor
		switch {
		case next == "" && !page.HasMore:
			return "", nil
		case next == "" || next == window.Cursor: // the rest cannot be read, so nothing can be said of it
			return "", sinks.Fail(sinks.Retry, sinks.ReasonBadAnswer, "the answer has no next page, but says there is more")
		}
		window.Cursor = next
	}
}

// stored is a message of history, as far as it matters here. It is read from the answer itself: the client library
// gives up a whole page when it does not understand one block of anybody's message.
type stored struct {
	TS       string          `json:"ts"`
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata json.RawMessage `json:"metadata"`
}

// carries reports whether the message is the effect's. Any of its marks is enough: Slack is free to drop one.
func (m stored) carries(effect sinks.Effect) bool {
	var blocks []struct {
		ID string `json:"block_id"`
	}
	var metadata struct {
		Type    string `json:"event_type"`
		Payload struct {
			ID string `json:"effect_id"`
		} `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &metadata) == nil && metadata.Type == eventType && metadata.Payload.ID == effect.ID {
		return true
	}
	if json.Unmarshal(m.Blocks, &blocks) == nil && len(blocks) > 0 && blocks[0].ID == marker(effect) {
		return true
	}
	return strings.Contains(m.Text, effect.ID) // of the plain form; nobody else can know it before
}

// timestamp is a time as Slack writes it: seconds and microseconds.
func timestamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }
