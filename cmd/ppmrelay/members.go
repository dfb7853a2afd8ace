package main

import (
	"context"

	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
)

// unfound is the probe of members that templates ring by e-mail: it tells while they cannot be looked up. No message waits
// for that.
func unfound(people interface{ Trouble() slack.Trouble }) handlers.Probe {
	return func(context.Context) []handlers.Problem {
		trouble := people.Trouble()
		if trouble.Why == "" {
			return nil
		}
		return []handlers.Problem{{Key: keyMembers, Part: "slack members", Why: trouble.Why, Since: trouble.Since.UTC(), Next: trouble.Next.UTC()}}
	}
}

// member finds members by e-mail; nil where nobody is looked up.
func (k *kit) member() func(email string) string {
	if k.people == nil {
		return nil
	}
	return k.people.Member
}
