package main

import (
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// sheetConditions are what makes Google refuse.
func sheetConditions() []row {
	const changes = sandbox.Spreadsheet + "/Changes"
	return []row{
		{
			who: "Sheets", where: "a tab", what: "protected, wholly or in part",
			shown: []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonTargetRefuses, atLog)},
			ends:  "told when it may be written to; the other tab goes on",
			acts:  []rowAct{condition(onGoogle, "tab-protected", changes), condition(onGoogle, "range-protected", changes)},
		},
		{
			who: "Sheets", where: "a spreadsheet", what: "not shared any more",
			shown: []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonPermission, atLog, atTab)},
			ends:  "told when it is shared; the other spreadsheet goes on",
			acts:  []rowAct{condition(onGoogle, "not-shared", sandbox.Spreadsheet)},
		},
		{
			who: "Sheets", where: "the service account", what: "its key is revoked",
			shown: []sight{onHold(journal.Stopped, sinks.Stop, sinks.ReasonCredentials, allSheets()...)},
			ends:  "told when a key is valid; Slack and files go on",
			acts:  []rowAct{condition(onGoogle, "key-revoked", "")},
		},
		{
			who: "Sheets", where: "the service account", what: "our clock is two hours behind Google's, or ahead of it, when a token is needed",
			shown: []sight{onHold(journal.Stopped, sinks.Stop, sinks.ReasonCredentials, allSheets()...)},
			ends:  "told when the clock is right",
			acts:  after(forgetTokens, []rowAct{condition(onGoogle, "clock-ahead", ""), condition(onGoogle, "clock-behind", "")}),
		},
		{
			who: "Sheets", where: "the service account", what: "rows are unsure, and its key is revoked",
			shown: []sight{unseen(eitherHold, sinks.ReasonCredentials, true, allSheets()...)},
			ends:  "looked up when a key is valid",
			acts: []rowAct{{
				strike:  inTurn(script(onGoogle, batches, fault.After), always(onGoogle, fences, fault.Before)),
				wait:    inTurn(met(onGoogle, fault.Before), set(onGoogle, "key-revoked", "", true), always(onGoogle, fences, fault.None), pausesOver, stop, start),
				mend:    set(onGoogle, "key-revoked", "", false),
				restart: true,
			}},
		},
	}
}

// sheetHands are what people do in a tab that ppmrelay writes to.
func sheetHands() []row {
	const changes = sandbox.Spreadsheet + "/Changes"
	silently := func(name string) rowAct { return passing(onGoogle, name, changes) }
	return []row{
		{
			who: "Sheets", where: "a tab", what: "its columns are moved, one gets another header, a row is inserted, its rows are filtered away, it gets another title",
			ends: "columns are found by header, rows are appended below the last one, a tab is found by its id",
			acts: []rowAct{silently("column-moved"), {strike: set(onGoogle, "column-renamed", changes, true)}, silently("row-inserted"), silently("rows-filtered"), silently("tab-renamed")},
		},
		{
			who: "Sheets", where: "a tab", what: "its rows are sorted, downwards and upwards",
			ends: "new rows come below the last one",
			acts: []rowAct{{
				strike: inTurn(noteMoved, set(onGoogle, "rows-sorted", changes, true)),
				mend:   inTurn(noteMoved, set(onGoogle, "rows-sorted", changes, false)),
			}},
		},
		{
			who: "Sheets", where: "a tab", what: "deleted",
			shown: []sight{{at: []string{atLog}, briefly: true, hold: journal.Paused, class: sinks.Retry, reason: sinks.ReasonTargetGone, state: journal.Pending}},
			ends:  "made anew with the next row; what was told stays told",
			acts:  []rowAct{{strike: inTurn(noteGone, set(onGoogle, "tab-deleted", changes, true))}},
		},
		{
			who: "Sheets", where: "a tab", what: "its column *Event id* gets another header, or a row is inserted above the headers",
			shown: []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonTargetRefuses, atLog)},
			ends:  "told when the header is back in its row",
			acts: []rowAct{
				{strike: keyHeader("Number"), mend: keyHeader(sinks.KeyHeader), restart: true},
				{strike: rowAbove(true), mend: rowAbove(false), restart: true},
			},
		},
	}
}
