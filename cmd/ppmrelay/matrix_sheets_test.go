package main

import (
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	batches   = "batchUpdate"
	fences    = "developerMetadata.search"
	keyColumn = "values.get"
)

// sheetRows are the faults of Google's answers.
func sheetRows() []row {
	look := func(reason sinks.Reason) sight { return unseen(journal.Paused, reason, false, allSheets()...) }
	lookOne := func(reason sinks.Reason) sight { return unseen(journal.Paused, reason, true, allSheets()...) }
	retried := func(reason sinks.Reason) sight { return onHold(journal.Paused, sinks.Retry, reason, allSheets()...) }
	retriedOne := func(reason sinks.Reason) sight {
		s := retried(reason)
		s.any = true
		return s
	}
	limited := onHold(journal.Paused, sinks.Wait, sinks.ReasonRateLimited, allSheets()...)
	token := inTurn(always(onGoogle, "token", fault.None), forgetTokens)
	return []row{
		{
			who: "Sheets", where: batches, what: "500, or the connection is closed; nothing is written",
			ends: "the mark can be burnt: nothing was written, and never can be; told again",
			acts: lasting(onGoogle, batches, look, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonServerError, fault.Reset: sinks.ReasonNoAnswer,
			}),
		},
		{
			who: "Sheets", where: batches, what: "it is written, but the answer is 500, a closed connection, half of it, `{}`, or a page for people",
			ends: "the mark is there: it was written",
			acts: append(lasting(onGoogle, batches, look, map[fault.Kind]sinks.Reason{
				fault.After: sinks.ReasonServerError, fault.AfterReset: sinks.ReasonNoAnswer,
				fault.AfterEmpty: sinks.ReasonBadAnswer, fault.AfterHTML: sinks.ReasonBadAnswer,
			}), rowAct{ // half a refusal is enough: the look says at once that the mark is there
				strike: always(onGoogle, batches, fault.AfterCut), mend: always(onGoogle, batches, fault.None),
				shown: []sight{{at: allSheets(), log: "unexpected EOF"}},
			}),
		},
		hangs(fault.Hang, "nothing is written", "the mark can be burnt: told again"),
		hangs(fault.AfterHang, "it is written", "the mark is there: it was written"),
		{
			who: "Sheets", where: batches, what: "500, or the connection is closed, and Google applies the batch after ppmrelay looked",
			shown: []sight{look(sinks.ReasonServerError)},
			ends:  "the mark was burnt by the look: the late batch is refused, and its rows stand once",
			acts:  []rowAct{late(fault.Late), late(fault.LateReset)},
			after: land(onGoogle),
		},
		{
			who: "Sheets", where: batches, what: "429, and Retry-After says a second, a second and a half, or a date",
			shown: []sight{limited}, ends: "told after the time that was asked for",
			acts: lasting(onGoogle, batches, func(sinks.Reason) sight { return limited }, map[fault.Kind]sinks.Reason{
				fault.TooMany: "", fault.TooMany.With("1.5"): "", fault.TooMany.With("date"): "",
			}),
		},
		{
			who: "Sheets", where: batches, what: "answers take 2 s", ends: "told, as soon as it is answered",
			acts: []rowAct{{strike: always(onGoogle, batches, fault.Slow), mend: always(onGoogle, batches, fault.None)}},
		},
		{
			who: "Sheets", where: "quota", what: "used up for the minute by others",
			shown: []sight{limited}, ends: "told at the beginning of the next minute",
			acts: []rowAct{passing(onGoogle, "quota-used-up", "")},
		},
		{
			who: "Sheets", where: "spreadsheets.get", what: "500, a closed connection, half an answer, a page, or 429",
			ends: "nothing was written yet: tried again after 1, 2, 4 … 60 s",
			acts: append(lasting(onGoogle, "spreadsheets.get", retried, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonServerError, fault.Reset: sinks.ReasonNoAnswer, fault.AfterCut: sinks.ReasonNoAnswer,
				fault.AfterHTML: sinks.ReasonBadAnswer,
			}), with(rowAct{
				strike: always(onGoogle, "spreadsheets.get", fault.TooMany), mend: always(onGoogle, "spreadsheets.get", fault.None),
			}, limited)),
		},
		{
			who: "Sheets", where: "spreadsheets.get", what: "`{}`, as if the spreadsheet had no tabs",
			shown: []sight{onHold(journal.Paused, sinks.Retry, sinks.ReasonBadAnswer, allSheets()...)},
			ends:  "tried again; no second tab is made",
			acts: []rowAct{{
				strike: always(onGoogle, "spreadsheets.get", fault.AfterEmpty), mend: always(onGoogle, "spreadsheets.get", fault.None),
			}},
		},
		{
			who: "Sheets", where: "spreadsheets.get", what: "no answer for a minute",
			ends:  "nothing was written yet: tried again",
			shown: []sight{{at: allSheets(), log: "no answer within 1m0s"}},
			// What was seen after a write serves the next one for 2 s; then the tab is read first, which is what hangs here.
			acts: []rowAct{{strike: inTurn(letPass(3*time.Second), script(onGoogle, "spreadsheets.get", fault.Hang))}},
		},
		{
			who: "Sheets", where: fences, what: "rows are unsure, and whose the mark is cannot be read: 500, a closed connection, half an answer, a page, or 429",
			ends: "looked again after 1, 2, 4 … 60 s, and found",
			acts: after(script(onGoogle, batches, fault.After), lasting(onGoogle, fences, lookOne, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonServerError, fault.Reset: sinks.ReasonNoAnswer, fault.AfterCut: sinks.ReasonNoAnswer,
				fault.AfterHTML: sinks.ReasonBadAnswer, fault.TooMany: sinks.ReasonRateLimited,
			})),
		},
		{
			who: "Sheets", where: keyColumn, what: "rows are unsure, and what stands in the column *Event id* cannot be read: 500, a closed connection, half an answer, a page, or 429",
			ends: "the mark is burnt; looked again after 1, 2, 4 … 60 s; then told again",
			acts: after(script(onGoogle, batches, fault.Reset), lasting(onGoogle, keyColumn, lookOne, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonServerError, fault.Reset: sinks.ReasonNoAnswer, fault.AfterCut: sinks.ReasonNoAnswer,
				fault.AfterHTML: sinks.ReasonBadAnswer, fault.TooMany: sinks.ReasonRateLimited,
			})),
		},
		{
			who: "Sheets", where: batches, what: "Google takes a mark twice, and an answer gets lost; it is written",
			ends:    "the mark is there: it was written",
			options: takenTwice,
			acts:    []rowAct{{strike: script(onGoogle, batches, fault.After)}},
		},
		{
			who: "Sheets", where: batches, what: "Google takes a mark twice, and the connection is closed; nothing is written",
			ends:    "looked again when nothing can come any more, after 3 minutes; then told again",
			options: takenTwice, long: true,
			acts: once(onGoogle, batches, lookOne, map[fault.Kind]sinks.Reason{fault.Reset: sinks.ReasonNoAnswer}),
		},
		{
			who: "Sheets", where: "the token server", what: "500, or 429, when a token is needed",
			ends: "nothing was sent: tried again after 1, 2, 4 … 60 s",
			acts: after(token, lasting(onGoogle, "token", retried, map[fault.Kind]sinks.Reason{
				fault.Before: sinks.ReasonUnreachable, fault.TooMany: sinks.ReasonUnreachable,
			})),
		},
		{
			who: "Sheets", where: "the token server", what: "a closed connection, half an answer, or a page, when a token is needed",
			ends: "nothing was sent: tried again after 1, 2, 4 … 60 s",
			acts: after(token, lasting(onGoogle, "token", retried, map[fault.Kind]sinks.Reason{
				fault.Reset: sinks.ReasonUnreachable, fault.AfterCut: sinks.ReasonUnreachable, fault.AfterHTML: sinks.ReasonUnreachable,
			})),
		},
		{
			who: "Sheets", where: "the token server", what: "`{}`, when a token is needed: one that Google refuses",
			shown: []sight{onHold(journal.Stopped, sinks.Stop, sinks.ReasonCredentials, allSheets()...)},
			ends:  "told when a token is good",
			acts: after(token, []rowAct{{
				strike: always(onGoogle, "token", fault.AfterEmpty), mend: always(onGoogle, "token", fault.None), restart: true,
			}}),
		},
		{
			who: "Sheets", where: "the token server", what: "no answer for a minute",
			ends: "nothing was sent: tried again",
			acts: after(token, lasting(onGoogle, "token", retriedOne, map[fault.Kind]sinks.Reason{fault.Hang: sinks.ReasonUnreachable})),
		},
	}
}

// late is a batch that is applied long after it was given up, as soon as the story lets it land. Other requests fail
// meanwhile, so that people can see what is unsure.
func late(kind fault.Kind) rowAct {
	return rowAct{
		strike: inTurn(script(onGoogle, batches, kind.In(time.Hour)), always(onGoogle, batches, fault.Before)),
		mend:   always(onGoogle, batches, fault.None),
	}
}

func takenTwice(o *sandbox.Options) { o.Google.DuplicateMetadata = true }

// hangs is an attempt without an answer. Shortly before ppmrelay gives it up other requests begin to fail, so that people
// can see what is unsure.
func hangs(kind fault.Kind, what, ends string) row {
	return row{
		who: "Sheets", where: batches, what: "no answer for a minute; " + what, ends: ends,
		shown: []sight{unseen(journal.Paused, sinks.ReasonServerError, true, allSheets()...)},
		acts: []rowAct{{
			strike: script(onGoogle, batches, kind),
			wait:   inTurn(met(onGoogle, kind), letPass(55*time.Second), always(onGoogle, batches, fault.Before)),
			mend:   always(onGoogle, batches, fault.None),
		}},
	}
}
