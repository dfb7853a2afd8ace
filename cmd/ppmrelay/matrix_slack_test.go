package main

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	messages = "chat.postMessage"
	history  = "conversations.history"

	laterThanLate = "a message that appears later than `slack.late`: counted as a possible double"
)

// slackRows are the faults of Slack's answers.
func slackRows() []row {
	look := func(reason sinks.Reason) sight { return unseen(journal.Paused, reason, true, bothChannels()...) }
	limited := func(reason sinks.Reason) sight {
		s := onHold(journal.Paused, sinks.Wait, reason, bothChannels()...)
		s.any = true
		return s
	}
	return []row{
		{
			who: "Slack", where: messages, what: "500, or the connection is closed; nothing is posted",
			ends:    "two looks do not find it: told again",
			doubles: laterThanLate, possible: 2,
			acts: slowly(once(onSlack, messages, unsure, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonServerError, fault.Reset: sinks.ReasonNoAnswer,
			})),
		},
		{
			who: "Slack", where: messages, what: "it is posted, but the answer is 500, a closed connection, half of it, `{}`, or a page for people",
			ends: "the first look finds it",
			acts: slowly(once(onSlack, messages, unsure, map[fault.Kind]sinks.Reason{
				fault.After: sinks.ReasonServerError, fault.AfterReset: sinks.ReasonNoAnswer, fault.AfterCut: sinks.ReasonNoAnswer,
				fault.AfterEmpty: sinks.ReasonBadAnswer, fault.AfterHTML: sinks.ReasonBadAnswer,
			})),
		},
		{
			who: "Slack", where: messages, what: "no answer for 30 s; nothing is posted",
			ends:    "two looks do not find it: told again",
			doubles: laterThanLate, possible: 1,
			acts: slowly(once(onSlack, messages, unsure, map[fault.Kind]sinks.Reason{fault.Hang: sinks.ReasonNoAnswer})),
		},
		{
			who: "Slack", where: messages, what: "it is posted, but no answer comes for 30 s",
			ends: "the first look finds it",
			acts: slowly(once(onSlack, messages, unsure, map[fault.Kind]sinks.Reason{fault.AfterHang: sinks.ReasonNoAnswer})),
		},
		{
			who: "Slack", where: messages, what: "500, or the connection is closed, and it is posted a moment later",
			ends: "the second look finds it",
			acts: slowly([]rowAct{
				{strike: script(onSlack, messages, fault.Late.In(lateness/2)), shown: []sight{unsure(sinks.ReasonServerError)}},
				{strike: script(onSlack, messages, fault.LateReset.In(lateness/2)), shown: []sight{unsure(sinks.ReasonNoAnswer)}},
			}),
		},
		{
			who: "Slack", where: messages, what: "no answer for 30 s, and it is posted a moment later",
			ends: "the second look finds it",
			acts: slowly([]rowAct{{
				strike: script(onSlack, messages, fault.LateHang.In(lateness/2)), shown: []sight{unsure(sinks.ReasonNoAnswer)},
			}}),
		},
		{
			who: "Slack", where: messages, what: "the connection is closed, and it is posted after the second look",
			ends:    "told again, and then it appears",
			doubles: "this message: it stands twice, and is counted as a possible double", possible: 1, appeared: 1,
			acts: slowly([]rowAct{{
				strike: script(onSlack, messages, fault.LateReset.In(time.Hour)), shown: []sight{unsure(sinks.ReasonNoAnswer)},
			}}),
			after: land(onSlack),
		},
		{
			who: "Slack", where: messages, what: "429, and Retry-After says a second, a second and a half, a date, nothing, or nonsense",
			ends: "told after the time that was asked for, or after 5, 10, 20, 40, 60 s",
			acts: lasting(onSlack, messages, limited, map[fault.Kind]sinks.Reason{
				fault.TooMany: sinks.ReasonRateLimited, fault.TooMany.With("1.5"): sinks.ReasonRateLimited,
				fault.TooMany.With("date"): sinks.ReasonRateLimited, fault.TooMany.With("none"): sinks.ReasonRateLimited,
				fault.TooMany.With("soon"): sinks.ReasonRateLimited, fault.TooMany.With("-1"): sinks.ReasonRateLimited,
			}),
		},
		{
			who: "Slack", where: messages, what: "answers take 2 s", ends: "told, as soon as it is answered",
			acts: []rowAct{{strike: always(onSlack, messages, fault.Slow), mend: always(onSlack, messages, fault.None)}},
		},
		{
			who: "Slack", where: history, what: "a message is unsure, and the look is answered with 500, a closed connection, half an answer, `{}`, a page, or 429",
			ends: "looked again after 1, 2, 4 … 60 s, and found",
			acts: after(script(onSlack, messages, fault.After), lasting(onSlack, history, look, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonServerError, fault.Reset: sinks.ReasonNoAnswer, fault.AfterCut: sinks.ReasonNoAnswer,
				fault.AfterEmpty: sinks.ReasonBadAnswer, fault.AfterHTML: sinks.ReasonBadAnswer, fault.TooMany: sinks.ReasonRateLimited,
			})),
		},
		{
			who: "Slack", where: history, what: "a message is unsure, and the look gets no answer for 30 s",
			ends: "looked again, and found",
			acts: after(script(onSlack, messages, fault.After), lasting(onSlack, history, look, map[fault.Kind]sinks.Reason{
				fault.Hang: sinks.ReasonNoAnswer,
			})),
		},
	}
}

// slackConditions are what people do in a workspace, and crashes while a message is on its way.
func slackConditions() []row {
	return []row{
		{
			who: "Slack", where: "a channel", what: "archived",
			shown: []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonTargetGone, atTeam)},
			ends:  "told when the channel is back",
			acts:  []rowAct{condition(onSlack, "channel-archived", sandbox.Channel)},
		},
		{
			who: "Slack", where: "a channel", what: "only administrators may post, or the app is removed",
			shown: []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonTargetRefuses, atTeam)},
			ends:  "told when the app may post",
			acts: []rowAct{
				condition(onSlack, "channel-read-only", sandbox.Channel), condition(onSlack, "bot-removed", sandbox.Channel),
			},
		},
		{
			who: "Slack", where: "the token", what: "revoked, or expired",
			shown: []sight{onHold(journal.Stopped, sinks.Stop, sinks.ReasonCredentials, bothChannels()...)},
			ends:  "told when it is valid; sheets and files go on",
			acts:  []rowAct{condition(onSlack, "token-revoked", ""), condition(onSlack, "token-expired", "")},
		},
		{
			who: "Slack", where: "the token", what: "lost the scope chat:write",
			shown: []sight{onHold(journal.Stopped, sinks.Stop, sinks.ReasonPermission, bothChannels()...)},
			ends:  "told when it has the scope",
			acts:  []rowAct{condition(onSlack, "scope-missing", "chat:write")},
		},
		{
			who: "Slack", where: "the token", what: "a message is unsure, and the token has no scope to read the history, or is revoked",
			ends: "looked up when a person has mended it, and found",
			acts: after(script(onSlack, messages, fault.After), []rowAct{
				with(condition(onSlack, "scope-missing", "channels:history"), unseen(journal.Parked, sinks.ReasonPermission, true, bothChannels()...)),
				with(revokedAfterwards(), unseen(eitherHold, sinks.ReasonCredentials, true, bothChannels()...)),
			}),
		},
		{
			who: "Slack", where: "the workspace", what: "over the limit of its plan, for a minute",
			shown: []sight{onHold(journal.Paused, sinks.Wait, sinks.ReasonRateLimited, bothChannels()...)},
			ends:  "tried again every minute, and told",
			acts:  []rowAct{passing(onSlack, "over-plan", "")},
		},
		{
			who: "Slack", where: "its clock", what: "90 minutes behind, or ahead, while an answer gets lost",
			shown:   []sight{unsure(sinks.ReasonServerError)},
			ends:    "the first look finds it, by Slack's clock",
			options: func(o *sandbox.Options) { o.Slack.Switches.ClockAhead = -90 * time.Minute },
			acts:    slowly(after(script(onSlack, messages, fault.After), []rowAct{{}, mendedWhenTold(passing(onSlack, "clock-ahead", ""))})),
		},
		{
			who: "Slack", where: "a message", what: "its answer got lost, and a person deletes it before ppmrelay looks",
			shown:   []sight{unseen(journal.Paused, sinks.ReasonServerError, true, bothChannels()...)},
			ends:    "two looks do not find it: told again",
			doubles: "what a person took away is told again; counted as a possible double", possible: 1,
			acts: []rowAct{{
				strike: inTurn(script(onSlack, messages, fault.After), always(onSlack, history, fault.Before)),
				mend:   inTurn(deleteUnclaimed, always(onSlack, history, fault.None)),
			}},
		},
	}
}

func with(a rowAct, shown ...sight) rowAct {
	a.shown = shown
	return a
}

// slowly keeps the answers to looks back until what is looked up was seen; not as long as a look waits for one.
func slowly(acts []rowAct) []rowAct {
	for i := range acts {
		acts[i].strike = inTurn(acts[i].strike, always(onSlack, history, fault.Slow.In(25*time.Second)))
		acts[i].mend = inTurn(always(onSlack, history, fault.None), acts[i].mend)
	}
	return acts
}

// mendedWhenTold is an act that lasts until everything is told.
func mendedWhenTold(a rowAct) rowAct {
	a.mend = inTurn(quiet, a.mend)
	return a
}

// revokedAfterwards revokes the token as soon as an answer got lost and a look failed. A start does not help.
func revokedAfterwards() rowAct {
	a := condition(onSlack, "token-revoked", "")
	revoke := a.strike
	a.strike = always(onSlack, history, fault.Before) // nobody finds it before the token is revoked
	a.wait = inTurn(met(onSlack, fault.Before), revoke, always(onSlack, history, fault.None), pausesOver, stop, start)
	return a
}

// deleteUnclaimed deletes the newest message of each channel that has one more than the journal knows of.
func deleteUnclaimed(ctx context.Context, s *rowPlay) error {
	open, err := s.journal.OpenEffects(ctx)
	if err != nil {
		return err
	}
	for _, effect := range open {
		for _, channel := range []string{sandbox.Channel, otherChannel} {
			for _, m := range s.sandbox.Slack.Messages(channel) {
				if effectOf(m) == effect.ID && s.sandbox.Slack.Delete(channel, m.TS) {
					return nil
				}
			}
		}
	}
	return errors.New("no unsure message stands in Slack")
}
