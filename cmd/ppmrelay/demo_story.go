package main

import (
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// chapter is a part of the story with a heading of its own.
type chapter struct {
	title string
	steps []step
}

// step is one thing that happens, in words and in deed, and what has to follow before the story goes on.
type step struct {
	who   part
	says  string
	do    func(cast) error // nil: it is only said
	until until
}

// part is whose place it is where something happens or is seen.
type part string

// The parts, as they stand at the beginning of a line.
const (
	inPPM   part = "PPM"
	inSlack part = "Slack"
	inSheet part = "Sheet"
	inRelay part = "Relay"
	atFault part = "Fault" // what goes wrong, on purpose
)

// until is what the story waits for after a step.
type until string

// What can be waited for.
const (
	atOnce          until = ""           // nothing: the next step follows at once
	untilTold       until = "told"       // Slack and the sheet have everything
	untilWritten    until = "written"    // the sheet has everything, Slack may be behind
	untilRegistered until = "registered" // every webhook is there
)

// story is what the demo tells, in this order. It takes some 40 seconds: half of them pass between a lost answer and the
// moment when it is safe to send again.
func story() []chapter {
	return []chapter{
		{"People edit. The team reads it in Slack, the PMO in the sheet", []step{
			{inPPM, "Anna Doe edits project Customer Portal: status, finish and budget.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{
				"OverallStatus": 1, "FinishDate": ppm.Day(2026, 7, 10), "Budget": 55_000,
			}), untilTold},
			{inPPM, "John Doe reports progress on a task of Payment Gateway.", edits("John Doe", event.Task, "Test plan for Payment Gateway", map[string]any{"Progress": 40}), untilTold},
			{inPPM, "Brian Adams moves the go-live of Status Page, a key date.", edits("Brian Adams", event.KeyDate, "Go-live of Status Page", map[string]any{"Date": ppm.Day(2026, 10, 8)}), untilTold},
			{inPPM, "Carla Núñez puts an idea forward and corrects what it will cost.", edits("Carla Núñez", event.Idea, "Chat for customers", map[string]any{"Stage": 1, "ExpectedCost": 18_000}), untilTold},
		}},
		{"Something new, something gone", []step{
			{inPPM, "Anna Doe creates project Online Booking.", func(c cast) error {
				return c.create("Anna Doe", event.Project, map[string]any{
					"Name": "Online Booking", "Manager": ppm.People(c.person("Carla Núñez")), "OverallStatus": 0, "Budget": 30_000,
					"StartDate": ppm.Day(2026, 3, 2), "FinishDate": ppm.Day(2026, 9, 30),
				})
			}, atOnce},
			{inPPM, "John Doe deletes project Office Move.", func(c cast) error { return c.remove("John Doe", event.Project, "Office Move") }, untilTold},
		}},
		{"An answer gets lost, and somebody edits everything at once", []step{
			{atFault, "Slack takes the next message, but its answer gets lost on the way.", func(c cast) error {
				c.Slack.Board.Script(posting, fault.AfterReset)
				return nil
			}, atOnce},
			{inPPM, "Anna Doe ticks off the go-live of Mobile App.", edits("Anna Doe", event.KeyDate, "Go-live of Mobile App", map[string]any{"IsComplete": true}), untilWritten},
			{inRelay, "Was it taken? Sending again could tell it twice, so it looks into the channel first, 5 s later.", nil, atOnce},
			{inPPM, "Brian Adams moves the finish of all projects by two weeks: there are more than 200.", func(c cast) error {
				c.shiftAll("Brian Adams", 14)
				return nil
			}, untilTold},
			{inRelay, "Many changes by one person that wait together are one message. The sheet has them all.", nil, atOnce},
		}},
		{"Slack is down. The sheet goes on", []step{
			{atFault, "Slack answers every message with an error from now on.", func(c cast) error {
				c.Slack.Board.Always(posting, fault.Before)
				return nil
			}, atOnce},
			{inPPM, "Anna Doe sets Customer Portal to Critical.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"OverallStatus": 2}), untilWritten},
			{inRelay, "The message got an error. That does not say whether it was taken, so nothing is sent until it is sure.", nil, atOnce},
		}},
		{"Meanwhile, a webhook disappears", []step{
			{atFault, "Somebody deletes the webhook that tells of project updates. Nobody edits while it is missing.", func(c cast) error {
				return c.removeWebhook(event.TypeOf(event.Project, event.Updated))
			}, untilRegistered},
			{inRelay, "The cron job saw that it was gone and registered it again. It runs every 2 s here, every 5 min by default.", nil, atOnce},
			{inPPM, "Anna Doe cuts the budget of Customer Portal. The new webhook brings it.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"Budget": 48_000}), untilWritten},
		}},
		{"Slack is back", []step{
			{atFault, "Over: Slack takes messages again.", func(c cast) error {
				c.repair()
				return nil
			}, atOnce},
			{inRelay, "Until 20 s after the first attempt its message could still appear. If it does not, what waited is sent: " +
				"both edits of Customer Portal in one message.", nil, untilTold},
		}},
	}
}

func edits(by, kind, name string, changes map[string]any) func(cast) error {
	return func(c cast) error { return c.edit(by, kind, name, changes) }
}
