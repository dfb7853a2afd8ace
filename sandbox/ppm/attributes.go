package ppm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// hasDates reports whether entities of the kind tell when they were made and changed.
func hasDates(kind string) bool { return kind == kindProject || kind == kindIdea }

// defaults are the attributes of a new entity, as the vendor's examples show them.
func defaults(kind string) map[string]any {
	switch kind {
	case kindProject:
		return map[string]any{
			"Impact": 0, "Risk": 0, "Cost": 0, "Revenue": 0, "Efforts": 0, "Score": 0, "AlignmentScore": 0,
			"OverallStatus": -1, "RisksStatus": -1, "IssuesStatus": -1, "ResourcesStatus": -1, "CostStatus": -1, "ScheduleStatus": -1,
			"Name": "", "Description": nil, "HighLevelScope": nil, "ParentIdea": nil, "Portfolio": []any{}, "Program": []any{},
			"Progress": 2, "Number": 0, "StartDate": nil, "FinishDate": nil, "Priority": 3, "Manager": []any{}, "Stage": nil,
			"Budget": 0, "ReportedTime": 0, "PlannedWork": 0,
		}
	case kindIdea:
		return map[string]any{
			"Impact": 0, "Risk": 0, "Cost": 0, "Revenue": 0, "Efforts": 0, "AlignmentScore": 0, "BusinessPriority": 0,
			"ExpectedEfforts": 0, "ExpectedCost": 0, "Tags": []any{}, "Name": "", "Description": nil, "Stage": 0, "ChildProject": nil,
			"Challenge": nil, "Submitter": nil, "Budget": 0, "DiscussionUrl": nil, "StartDate": nil, "FinishDate": nil,
		}
	case kindTask:
		return map[string]any{
			"Group":     map[string]any{"Id": "50a1d504-1f0a-4b39-99a7-4344e0755346", "Name": "Backlog", "Color": "#6a6b6d"},
			"StartDate": nil, "DueDate": nil, "Duration": 0, "Progress": 0, "Status": 0, "IsMilestone": false, "Priority": 0, "Name": "",
		}
	case kindKeyDate:
		return map[string]any{
			"ShowOnTimeline": true, "Name": "", "Type": 0, "Date": nil, "IsComplete": false, "Status": 0, "Description": nil, "AssignedTo": []any{},
		}
	default:
		return map[string]any{"Name": ""}
	}
}

// cloneAttributes makes a deep copy that consists of JSON alone and keeps the digits of numbers.
func cloneAttributes(attributes map[string]any) map[string]any {
	text, err := json.Marshal(attributes)
	if err != nil {
		panic(fmt.Sprintf("ppm: attributes must be JSON: %v", err)) // unreachable unless a caller hands in a channel or the like
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	copied := map[string]any{}
	if err := decoder.Decode(&copied); err != nil {
		panic(err) // unreachable: it has just been encoded
	}
	return copied
}

// stamp writes an instant as the vendor does: 7 digits after the second.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// Day writes a calendar day as the vendor does: noon, UTC.
func Day(year, month, day int) string {
	return fmt.Sprintf("%04d-%02d-%02dT12:00:00Z", year, month, day)
}

// People is the value of an attribute that names persons.
func People(persons ...event.Person) []any {
	list := make([]any, len(persons))
	for i, p := range persons {
		list[i] = map[string]any{"Id": p.ID, "FullName": p.Name, "ImageId": nil}
	}
	return list
}

// References is the value of an attribute that names other entities.
func References(entities ...Entity) []any {
	list := make([]any, len(entities))
	for i, e := range entities {
		list[i] = map[string]any{"Id": e.ID, "Name": e.Attributes["Name"]}
	}
	return list
}
