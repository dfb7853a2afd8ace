package slack

import (
	"context"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// Told reads the history of the channel from since on, and returns those of the events that the metadata of our messages
// names. Since zero is a person who asks to hear it again: then it returns none and looks at nothing.
//
// A message names its first 50 events, and none in its plain form. What else it told is not found, nor what a person
// deleted, nor anything where Slack keeps no metadata. Since is read with the same margin as an attempt's time.
//
// A scope that looking alone needs parks this channel. It is no reason to stop the others, which can be told without it.
func (s *Sink) Told(ctx context.Context, events []string, since time.Time) ([]string, error) {
	if since.IsZero() || len(events) == 0 {
		return nil, nil
	}
	ahead, err := s.client.ahead(ctx)
	if err != nil {
		return nil, s.unlooked("asking Slack for its time", err)
	}
	wanted := make(map[string]bool, len(events))
	for _, id := range events {
		wanted[id] = true
	}
	var told []string
	err = s.history(ctx, since.Add(ahead-before), func(m stored) bool {
		for _, id := range m.payload().Events {
			if wanted[id] {
				told = append(told, id)
				delete(wanted, id)
			}
		}
		return len(wanted) > 0
	})
	if err != nil {
		return nil, s.unlooked("reading the history of "+s.channel, err)
	}
	slices.Sort(told)
	return told, nil
}

// unlooked is the error of a look that Told could not take.
func (s *Sink) unlooked(doing string, err error) *sinks.Error {
	failure := s.client.wrap(doing, err)
	if failure.Class == sinks.Stop && failure.Reason == sinks.ReasonPermission {
		failure.Class = sinks.Park
	}
	return failure
}
