package templates

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ppmrelay/ppmrelay/event"
)

// portal is the headline's link to the project of most samples.
const portal = "<" + projectPage + "28e92b4c-3b0c-4100-83c8-80231b62efcb|Customer Portal>"

func TestBuiltinMessages(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	late := sampleFile(t, "Idea-Updated")
	late.Late = true
	better := updated(event.Attributes{
		ranked("Name", 10, event.Value{Kind: event.Text, Text: "Customer Portal"}),
		ranked("OverallStatus", 20, event.Value{Kind: event.Choice, Text: "2"}),
		ranked("FinishDate", 30, date(2022, 4, 28)),
		ranked("StartDate", 30, date(2022, 1, 10)),
		ranked("Budget", 40, event.Value{Kind: event.Money, Text: "275000"}),
		ranked("Manager", 50, event.Value{Kind: event.List, List: []event.Value{person("John Doe")}}),
		ranked("Description", 80, event.Value{Kind: event.Text, Text: "Finish moved: the test environment is late."}),
	}, event.Attributes{
		ranked("Name", 10, event.Value{Kind: event.Text, Text: "Customer Portal 2"}),
		ranked("OverallStatus", 20, event.Value{Kind: event.Choice, Text: "0"}),
		ranked("FinishDate", 30, date(2022, 4, 7)),
		ranked("StartDate", 30, event.Value{}),
		ranked("Budget", 40, event.Value{Kind: event.Money, Text: "240000"}),
		ranked("Manager", 50, event.Value{Kind: event.List, List: []event.Value{person("Anna Doe")}}),
		ranked("Description", 80, event.Value{}),
	})
	better.Entity.Name, better.Initiator.Name = "Customer Portal 2", "Brian Adams"

	tests := []struct {
		name   string
		events []event.Event
		want   event.Message
	}{
		{"project updated", []event.Event{sampleFile(t, "Project-Updated")}, event.Message{
			Head: ":large_orange_diamond: Project *" + portal + "* was updated",
			Lines: []string{
				"Status: On track → At risk",
				"Finish: 31 Mar 2022 → 14 Apr 2022 (14 days later)",
				"Budget: 250,000 → 275,000 (+10 %)",
				"Manager: + Brian Adams",
				"Schedule: Not set → At risk",
				"Description: added “Finish moved: the test environment is late.”",
				"Tags: + #late",
			},
			Context: "By Anna Doe · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC> · Digital › Self Service",
			Text: "Anna Doe updated project Customer Portal. Status: On track → At risk. " +
				"Finish: 31 Mar 2022 → 14 Apr 2022 (14 days later). Budget: 250,000 → 275,000 (+10 %). " +
				"Manager: added Brian Adams. Schedule: Not set → At risk. " +
				"Description: added “Finish moved: the test environment is late.”. Tags: added #late.",
		}},
		{"two edits", []event.Event{sampleFile(t, "Project-Updated-Followup"), sampleFile(t, "Project-Updated")}, event.Message{
			Head: ":octagonal_sign: Project *" + portal + "* was updated, 2 edits in 40 s",
			Lines: []string{
				"Status: On track → Critical (2 steps)",
				"Finish: 31 Mar 2022 → 28 Apr 2022 (28 days later, 2 steps)",
				"Budget: 250,000 → 275,000 (+10 %)",
				"Manager: + Brian Adams",
				"Schedule: Not set → Critical (2 steps)",
				"Description: added “Finish moved: the test environment is late.”",
				"Tags: + #late",
			},
			Context: "2 edits by Anna Doe · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC> to " +
				"<!date^1644931284^{time}|13:21 UTC> · Digital › Self Service",
			Text: "Anna Doe updated project Customer Portal (2 edits). Status: On track → Critical (2 steps). " +
				"Finish: 31 Mar 2022 → 28 Apr 2022 (28 days later, 2 steps). Budget: 250,000 → 275,000 (+10 %). " +
				"Manager: added Brian Adams. Schedule: Not set → Critical (2 steps). " +
				"Description: added “Finish moved: the test environment is late.”. Tags: added #late.",
		}},
		{"better news, emptied, renamed", []event.Event{better}, event.Message{
			Head: ":large_green_circle: Project *<" + projectPage + "1|Customer Portal 2>* was updated",
			Lines: []string{
				"Name: Customer Portal → Customer Portal 2",
				"OverallStatus: Critical → On track",
				"FinishDate: 28 Apr 2022 → 7 Apr 2022 (21 days earlier)",
				"StartDate: 10 Jan 2022 → none",
				"Budget: 275,000 → 240,000 (−12.7 %)",
				"Manager: + Anna Doe, − John Doe",
				"Description: removed “Finish moved: the test environment is late.”",
			},
			Context: "By Brian Adams · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC>",
			Text: "Brian Adams updated project Customer Portal 2, before: Customer Portal. Name: Customer Portal → Customer Portal 2. " +
				"OverallStatus: Critical → On track. FinishDate: 28 Apr 2022 → 7 Apr 2022 (21 days earlier). " +
				"StartDate: 10 Jan 2022 → none. Budget: 275,000 → 240,000 (−12.7 %). " +
				"Manager: added Anna Doe, removed John Doe. Description: removed “Finish moved: the test environment is late.”.",
		}},
		{"project created", []event.Event{sampleFile(t, "Project-Created")}, event.Message{
			Head:    ":new: Project *<" + projectPage + "a9211e5f-7565-4647-9ff8-a13952992398|Artificial Intelligence>* was created",
			Lines:   []string{"Dates: 1 Dec 2021 – 31 Dec 2021", "Manager: John Doe"},
			Context: "By Anna Doe · <!date^1644504558^{date_short} at {time}|10 Feb 2022 14:49 UTC>",
			Text:    "Anna Doe created project Artificial Intelligence. Dates: 1 Dec 2021 to 31 Dec 2021. Manager: John Doe.",
		}},
		{"project deleted", []event.Event{sampleFile(t, "Project-Deleted")}, event.Message{
			Head:    ":wastebasket: Project *Old Intranet* was *deleted*",
			Lines:   []string{"Last known: Done, finish 30 Sep 2021, budget 40,000, manager Brian Adams"},
			Context: "By Brian Adams · <!date^1644998599^{date_short} at {time}|16 Feb 2022 08:03 UTC>",
			Text:    "Brian Adams deleted project Old Intranet. Last known: Done, finish 30 Sep 2021, budget 40,000, manager Brian Adams.",
		}},
		{"idea created", []event.Event{sampleFile(t, "Idea-Created")}, event.Message{
			Head: ":new: Idea *Dog Shelter Charity* was created",
			Lines: []string{
				"Challenge: Charity ideas", "Stage: Draft", "Dates: 1 Feb 2022 – 28 Feb 2022", "Expected cost: 1,000",
				"Expected efforts: 1,000", "Idea’s sponsor: Brian Adams", "Tags: #shelter", "Description: “Let's donate $1000 each month”",
			},
			Context: "By Anna Doe · <!date^1645450239^{date_short} at {time}|21 Feb 2022 13:30 UTC>",
			Text: "Anna Doe created idea Dog Shelter Charity. Challenge: Charity ideas. Stage: Draft. Dates: 1 Feb 2022 to 28 Feb 2022. " +
				"Expected cost: 1,000. Expected efforts: 1,000. Idea’s sponsor: Brian Adams. Tags: #shelter. " +
				"Description: “Let's donate $1000 each month”.",
		}},
		{"idea updated", []event.Event{sampleFile(t, "Idea-Updated")}, event.Message{
			Head:    ":pencil2: Idea *Dog Shelter Charity* was updated",
			Lines:   []string{"Stage: Draft → Proposed"},
			Context: "By Anna Doe · <!date^1645450257^{date_short} at {time}|21 Feb 2022 13:30 UTC> · Charity ideas",
			Text:    "Anna Doe updated idea Dog Shelter Charity. Stage: Draft → Proposed.",
		}},
		{"idea deleted", []event.Event{sampleFile(t, "Idea-Deleted")}, event.Message{
			Head:    ":wastebasket: Idea *Standing desks* was *deleted*",
			Lines:   []string{"Last known: Draft, expected cost 6,500, submitted by John Doe"},
			Context: "By John Doe · <!date^1645513965^{date_short} at {time}|22 Feb 2022 07:12 UTC> · Better office",
			Text:    "John Doe deleted idea Standing desks. Last known: Draft, expected cost 6,500, submitted by John Doe.",
		}},
		{"task created", []event.Event{named(sampleFile(t, "Task-Created"), "Customer Portal")}, event.Message{
			Head:    ":new: Task *Create a test environment* in project " + portal + " was created",
			Lines:   []string{"Dates: 14 Feb 2022 – 24 Feb 2022 (9 working days)", "Group: Backlog"},
			Context: "By Anna Doe · <!date^1644570753^{date_short} at {time}|11 Feb 2022 09:12 UTC>",
			Text: "Anna Doe created task Create a test environment in project Customer Portal. " +
				"Dates: 14 Feb 2022 to 24 Feb 2022 (9 working days). Group: Backlog.",
		}},
		{"task updated", []event.Event{named(sampleFile(t, "Task-Updated"), "Customer Portal")}, event.Message{
			Head: ":fast_forward: Task *Write the release notes* in project " + portal + " was updated",
			Lines: []string{
				"Due: 4 Mar 2022 → 11 Mar 2022 (7 days later)",
				"Assigned to: + Brian Adams",
				"Group: Backlog → In progress",
				"Priority: 0 → 2",
				"Duration: 10 → 15 working days (+50 %)",
				"Progress: 0 % → 40 %  ▰▰▰▰▱▱▱▱▱▱",
				"Description: added “First draft is in review.”",
			},
			Context: "By Brian Adams · <!date^1645717640^{date_short} at {time}|24 Feb 2022 15:47 UTC>",
			Text: "Brian Adams updated task Write the release notes in project Customer Portal. " +
				"Due: 4 Mar 2022 → 11 Mar 2022 (7 days later). Assigned to: added Brian Adams. Group: Backlog → In progress. " +
				"Priority: 0 → 2. Duration: 10 → 15 working days (+50 %). Progress: 0 % → 40 %. " +
				"Description: added “First draft is in review.”.",
		}},
		{"task deleted", []event.Event{named(sampleFile(t, "Task-Deleted"), "Customer Portal")}, event.Message{
			Head:    ":wastebasket: Task *Create a test environment* in project " + portal + " was *deleted*",
			Lines:   []string{"Last known: On track, 50 % done, due 24 Feb 2022, group Backlog"},
			Context: "By Anna Doe · <!date^1644826747^{date_short} at {time}|14 Feb 2022 08:19 UTC>",
			Text: "Anna Doe deleted task Create a test environment in project Customer Portal. " +
				"Last known: On track, 50 % done, due 24 Feb 2022, group Backlog.",
		}},
		{"key date created", []event.Event{named(sampleFile(t, "KeyDate-Created"), "Digital")}, event.Message{
			Head:    ":new: Key date *Board review Q2* in portfolio Digital was created",
			Lines:   []string{"Date: 12 May 2022", "Status: On track", "Assigned to: Anna Doe", "Description: “Numbers by 2 May.”"},
			Context: "By Anna Doe · <!date^1645095959^{date_short} at {time}|17 Feb 2022 11:05 UTC>",
			Text: "Anna Doe created key date Board review Q2 in portfolio Digital. Date: 12 May 2022. Status: On track. " +
				"Assigned to: Anna Doe. Description: “Numbers by 2 May.”.",
		}},
		{"key date updated", []event.Event{named(sampleFile(t, "KeyDate-Updated"), "Customer Portal")}, event.Message{
			Head:    ":white_check_mark: Key date *Release 1.0* in project " + portal + " was updated",
			Lines:   []string{"Status: At risk → Done", "Complete: no → yes"},
			Context: "By Anna Doe · <!date^1644826846^{date_short} at {time}|14 Feb 2022 08:20 UTC> · date 13 Feb 2022",
			Text:    "Anna Doe updated key date Release 1.0 in project Customer Portal. Status: At risk → Done. Complete: no → yes.",
		}},
		{"changed by nobody", []event.Event{named(hostileFile(t, "null-initiator", "KeyDate:Updated"), "Customer Portal")}, event.Message{
			Head:  ":large_orange_diamond: Key date *Release 1.0* in project " + portal + " was updated",
			Lines: []string{"Status: On track → At risk"},
			Context: "By PPM Express, no person named · <!date^1644796803^{date_short} at {time}|14 Feb 2022 00:00 UTC>" +
				" · date 13 Feb 2022",
			Text: "Key date Release 1.0 in project Customer Portal was updated, no person named. Status: On track → At risk.",
		}},
		{"key date deleted, parent unknown", []event.Event{sampleFile(t, "KeyDate-Deleted")}, event.Message{
			Head:    ":wastebasket: Key date *Pilot with ten customers* was *deleted*",
			Lines:   []string{"Last known: 21 Mar 2022, not complete"},
			Context: "By Brian Adams · <!date^1645806600^{date_short} at {time}|25 Feb 2022 16:30 UTC>",
			Text:    "Brian Adams deleted key date Pilot with ten customers. Last known: 21 Mar 2022, not complete.",
		}},
		{"unknown type", []event.Event{hostileFile(t, "unknown-event", "Risk:Escalated")}, event.Message{
			Head:    ":grey_question: *Supplier is late* sent an event of unknown type",
			Lines:   []string{"Type: Risk\u200b:\u200bEscalated"},
			Context: "By Anna Doe · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC>",
			Text:    "Supplier is late sent an event of unknown type. Type: Risk:Escalated.",
		}},
		{"told late", []event.Event{late}, event.Message{
			Head:  ":pencil2: Idea *Dog Shelter Charity* was updated",
			Lines: []string{"Stage: Draft → Proposed"},
			Context: "By Anna Doe · <!date^1645450257^{date_short} at {time}|21 Feb 2022 13:30 UTC> · Charity ideas" +
				" · arrived late: newer changes were told before",
			Text: "Anna Doe updated idea Dog Shelter Charity at 14:30 (arrived late). Stage: Draft → Proposed.",
		}},
		{"long text", []event.Event{hostileFile(t, "description-40000", "Project:Updated")}, event.Message{
			Head: ":pencil2: Project *" + portal + "* was updated",
			Lines: []string{
				"Description: 2 of 7,230 words changed: … has to decide whether the release ~moves. The~ *moveMOVED* " +
					"test environment is late and the …",
			},
			Context: "By Anna Doe · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC> · Digital › Self Service",
			Text:    "Anna Doe updated project Customer Portal. Description: 2 of 7,230 words changed: “moves. The” became “moveMOVED”.",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, w.Message(netOf(test.events...))); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func ranked(name string, rank int, v event.Value) event.Attribute {
	return event.Attribute{Name: name, Label: name, Rank: rank, Value: v}
}

func date(y int, m time.Month, d int) event.Value {
	return event.Value{Kind: event.Date, Time: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

func TestMessageOfTakenBackChanges(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	there := updated(event.Attributes{ranked("Budget", 1, money("1")), ranked("Score", 2, money("5"))},
		event.Attributes{ranked("Budget", 1, money("2")), ranked("Score", 2, money("6"))})
	back := updated(there.Attributes, event.Attributes{ranked("Budget", 1, money("1")), ranked("Score", 2, money("7"))})
	back.Occurred = back.Occurred.Add(3 * time.Minute)
	back.Initiator.Name = "John Doe"
	got := w.Message(netOf(there, back))
	want := event.Message{
		Head:  ":pencil2: Project *<" + projectPage + "1|Customer Portal>* was updated, 2 edits in 3 min",
		Lines: []string{"Score: 5 → 7 (+40 %, 2 steps)"},
		Context: "2 edits by Anna Doe, John Doe · <!date^1644931244^{date_short} at {time}|15 Feb 2022 13:20 UTC> to " +
			"<!date^1644931424^{time}|13:23 UTC> · 1 change was taken back and is not shown",
		Text: "Anna Doe, John Doe updated project Customer Portal (2 edits). Score: 5 → 7 (+40 %, 2 steps).",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func money(digits string) event.Value { return event.Value{Kind: event.Money, Text: digits} }

// A creation and its first edits are told as one creation in its newest state.
func TestMessageOfCreationAndEdits(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	created := updated(nil, event.Attributes{ranked("Budget", 1, money("1"))})
	created.Type = "Project:Created"
	edited := updated(created.Attributes, event.Attributes{ranked("Budget", 1, money("2"))})
	edited.Occurred = edited.Occurred.Add(time.Minute)
	got := w.Message(netOf(created, edited))
	if want := ":new: Project *<" + projectPage + "1|Customer Portal>* was created, 2 edits in 60 s"; got.Head != want {
		t.Errorf("head: got %q, want %q", got.Head, want)
	}
	if diff := cmp.Diff([]string{"Budget: 2"}, got.Lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestEmoji(t *testing.T) {
	t.Parallel()
	status := func(to string) event.Change {
		return event.Change{Field: "OverallStatus", After: event.Value{Kind: event.Choice, Text: to}}
	}
	moved := func(field string, from, to int) event.Change {
		return event.Change{Field: field, Before: date(2022, 1, from), After: date(2022, 1, to)}
	}
	tests := []struct {
		changes []event.Change
		want    string
	}{
		{[]event.Change{status("-1")}, ":white_circle:"},
		{[]event.Change{status("0")}, ":large_green_circle:"},
		{[]event.Change{status("1")}, ":large_orange_diamond:"},
		{[]event.Change{status("2"), moved("FinishDate", 1, 9)}, ":octagonal_sign:"},
		{[]event.Change{status("10")}, ":white_check_mark:"},
		{[]event.Change{status("17")}, ":pencil2:"},
		{[]event.Change{status("17"), moved("FinishDate", 1, 9)}, ":fast_forward:"},
		{[]event.Change{moved("FinishDate", 9, 1)}, ":rewind:"},
		{[]event.Change{moved("StartDate", 9, 1)}, ":pencil2:"},
		{[]event.Change{{Field: "Name"}}, ":label:"},
		{[]event.Change{{Field: "Name"}, {Field: "Budget"}}, ":pencil2:"},
		{[]event.Change{{Field: "IsComplete", After: event.Value{Kind: event.Boolean, Bool: true}}}, ":white_check_mark:"},
		{[]event.Change{{Field: "IsComplete", After: event.Value{Kind: event.Boolean}}}, ":pencil2:"},
		{nil, ":pencil2:"},
	}
	for _, test := range tests {
		if got := emoji(updated(nil, nil), test.changes).mrkdwn; got != test.want {
			t.Errorf("%+v: got %s, want %s", test.changes, got, test.want)
		}
	}
}
