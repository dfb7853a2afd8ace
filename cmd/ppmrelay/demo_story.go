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
)

// until is what the story waits for after a step.
type until string

// What can be waited for.
const (
	atOnce     until = ""           // nothing: the next step follows at once
	told       until = "told"       // Slack and the sheet have everything
	written    until = "written"    // the sheet has everything, Slack may be behind
	registered until = "registered" // every webhook is there
)

// story is what the demo tells, in this order. It takes some 40 seconds: most of them pass between a lost answer and the
// moment when it is safe to send again.
func story() []chapter {
	return []chapter{
		{"People edit. The team reads it in Slack, the PMO in the sheet", []step{
			{inPPM, "Anna Doe edits project Customer Portal: status, finish and budget.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{
				"OverallStatus": 1, "FinishDate": ppm.Day(2026, 7, 10), "Budget": 55_000,
			}), told},
			{inPPM, "John Doe reports progress on a task of Payment Gateway.", edits("John Doe", event.Task, "Test plan for Payment Gateway", map[string]any{"Progress": 40}), atOnce},
			{inPPM, "Brian Adams moves the go-live of Status Page, a key date.", edits("Brian Adams", event.KeyDate, "Go-live of Status Page", map[string]any{"Date": ppm.Day(2026, 10, 8)}), told},
			{inPPM, "Carla Núñez puts an idea forward and corrects what it will cost.", edits("Carla Núñez", event.Idea, "Chat for customers", map[string]any{"Stage": 1, "ExpectedCost": 18_000}), told},
		}},
		{"Something new, something gone", []step{
			{inPPM, "Anna Doe creates project Online Booking.", func(c cast) error {
				return c.create("Anna Doe", event.Project, map[string]any{
					"Name": "Online Booking", "Manager": ppm.People(c.person("Carla Núñez")), "OverallStatus": 0, "Budget": 30_000,
					"StartDate": ppm.Day(2026, 3, 2), "FinishDate": ppm.Day(2026, 9, 30),
				})
			}, atOnce},
			{inPPM, "John Doe deletes project Office Move.", func(c cast) error { return c.remove("John Doe", event.Project, "Office Move") }, told},
		}},
		{"An answer gets lost, and somebody edits everything at once", []step{
			{inSlack, "The next message is taken, but the answer that says so gets lost.", func(c cast) error {
				c.slackFaults.Script(posting, fault.AfterReset)
				return nil
			}, atOnce},
			{inPPM, "Anna Doe ticks off the go-live of Mobile App.", edits("Anna Doe", event.KeyDate, "Go-live of Mobile App", map[string]any{"IsComplete": true}), written},
			{inRelay, "Was it taken? Sending again could tell it twice. I look into the channel after 5 s.", nil, atOnce},
			{inPPM, "Brian Adams sets the finish of all 12 projects to one day.", func(c cast) error {
				return c.editAll("Brian Adams", event.Project, map[string]any{"FinishDate": ppm.Day(2026, 12, 11)})
			}, told},
		}},
		{"Slack is down. The sheet does not care", []step{
			{inSlack, "From now on, every message is answered with an error.", func(c cast) error {
				c.slackFaults.Always(posting, fault.Before)
				return nil
			}, atOnce},
			{inPPM, "Anna Doe sets Customer Portal to Critical.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"OverallStatus": 2}), written},
		}},
		{"Meanwhile, a webhook disappears", []step{
			{inPPM, "Somebody deletes the webhook for Project:Updated. Nobody edits while it is missing.", func(c cast) error {
				return c.removeWebhook(event.TypeOf(event.Project, event.Updated))
			}, registered},
			{inRelay, "My cron job found it missing and registered it again. Here it looks every 2 s, otherwise every 5 min.", nil, atOnce},
			{inPPM, "Anna Doe cuts the budget of Customer Portal. The new webhook brings it.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"Budget": 48_000}), written},
		}},
		{"Slack is back", []step{
			{inSlack, "Messages are taken again.", func(c cast) error {
				c.repair()
				return nil
			}, atOnce},
			{inRelay, "Did the first attempt arrive after all? Until 20 s after it, its message could still appear. " +
				"Then I send what waited, with both edits of Customer Portal in one message.", nil, told},
		}},
	}
}

func edits(by, kind, name string, changes map[string]any) func(cast) error {
	return func(c cast) error { return c.edit(by, kind, name, changes) }
}
