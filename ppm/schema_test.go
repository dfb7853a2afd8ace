package ppm_test

import (
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// TestBuiltInAttributesAreKnown goes through the samples: nothing built-in may look like a custom attribute.
func TestBuiltInAttributesAreKnown(t *testing.T) {
	custom := map[string]bool{"Client’s contact": true, "Go-live approved": true, "Idea’s sponsor": true}
	for _, name := range bodies(t) {
		if typeOf(name) == "Project:Updated" && name != "Project-Updated.json" {
			continue
		}
		e := decoded(t, name)
		for _, a := range e.Attributes {
			if (a.Rank >= event.RankCustom) != custom[a.Name] {
				t.Errorf("%s: %s has rank %d", name, a.Name, a.Rank)
			}
			if noise := a.Name == "Id" || a.Name == "CreatedDate" || a.Name == "LastModifiedDate"; a.Noise != noise {
				t.Errorf("%s: %s is noise: %v, want %v", name, a.Name, a.Noise, noise)
			}
		}
	}
}

func TestWhatPeopleCallThem(t *testing.T) {
	tests := []struct {
		entity, name, text string
		label, unit        string
		kind               event.Kind
	}{
		{event.Project, "OverallStatus", `1`, "Status", "", event.Choice},
		{event.Project, "ScheduleStatus", `1`, "Schedule", "", event.Choice},
		{event.Project, "Progress", `2`, "Progress", "", event.Choice},
		{event.Project, "FinishDate", `"2022-03-31T12:00:00Z"`, "Finish", "", event.Date},
		{event.Project, "Budget", `1`, "Budget", "", event.Money},
		{event.Project, "Cost", `1`, "Cost", "", event.Number},
		{event.Idea, "ExpectedCost", `1`, "Expected cost", "", event.Money},
		{event.Idea, "Stage", `"Proposed"`, "Stage", "", event.Choice},
		{event.Task, "DueDate", `"2022-03-31T12:00:00Z"`, "Due", "", event.Date},
		{event.Task, "Progress", `40`, "Progress", "%", event.Number},
		{event.Task, "Duration", `9`, "Duration", "working days", event.Number},
		{event.Task, "AssignedTo", `{"Id":"a","FullName":"Anna"}`, "Assigned to", "", event.PersonRef},
		{event.KeyDate, "IsComplete", `true`, "Complete", "", event.Boolean},
		{event.KeyDate, "Date", `"2022-03-31T12:00:00Z"`, "Date", "", event.Date},
		{event.KeyDate, "DueDate", `1`, "DueDate", "", event.Number}, // of tasks: here somebody's own
		{"Risk", "Name", `"x"`, "Name", "", event.Text},
		{"Risk", "Probability", `0.4`, "Probability", "", event.Number},
		{"", "", `1`, "(no name)", "", event.Number},
	}
	for _, tt := range tests {
		attributes, err := ppm.DecodeState(tt.entity, []byte(`{"`+tt.name+`":`+tt.text+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if a := attributes[0]; a.Label != tt.label || a.Unit != tt.unit || a.Value.Kind != tt.kind {
			t.Errorf("%s %s: got %q, %q, %s, want %q, %q, %s", tt.entity, tt.name, a.Label, a.Unit, a.Value.Kind, tt.label, tt.unit, tt.kind)
		}
	}
}

func TestTypeByShape(t *testing.T) {
	tests := []struct{ name, body, want, kind string }{
		{"project", `{"OverallStatus":1,"ScheduleStatus":1},"BeforeAttributes":{}`, "Project:Updated", "Project"},
		{"without before", `{"OverallStatus":1,"ScheduleStatus":1}`, "", "Project"},
		{"before is null", `{"OverallStatus":1,"ScheduleStatus":1},"BeforeAttributes":null`, "", "Project"},
		{"half a project", `{"OverallStatus":1},"BeforeAttributes":{}`, "", ""},
		{"project with a parent", `{"OverallStatus":1,"ScheduleStatus":1},"BeforeAttributes":{},"ParentEntityId":"p"`, "", ""},
		{"idea", `{"Submitter":null,"Challenge":null},"BeforeAttributes":{}`, "Idea:Updated", "Idea"},
		{"project and idea", `{"OverallStatus":1,"ScheduleStatus":1,"Submitter":1,"Challenge":1},"BeforeAttributes":{}`, "", ""},
		{"task", `{"DueDate":null,"IsMilestone":false},"BeforeAttributes":{},"ParentEntityId":"p"`, "Task:Updated", "Task"},
		{"task without a parent", `{"DueDate":null,"IsMilestone":false},"BeforeAttributes":{}`, "", ""},
		{"key date", `{"Date":null,"IsComplete":false},"BeforeAttributes":{},"parententityid":"p"`, "KeyDate:Updated", "KeyDate"},
	}
	for _, tt := range tests {
		m, err := ppm.Parse([]byte(`{"Data":{"Id":"x","Attributes":` + tt.body + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		e := m.Event("")
		if string(m.TypeByShape()) != tt.want || string(e.Type) != tt.want || e.Entity.Kind != tt.kind {
			t.Errorf("%s: got %q of a %q, want %q of a %q", tt.name, e.Type, e.Entity.Kind, tt.want, tt.kind)
		}
		if e := m.Event("Task:Deleted"); e.Type != "Task:Deleted" || e.Entity.Kind != "Task" {
			t.Errorf("%s: a given type became %q of a %q", tt.name, e.Type, e.Entity.Kind)
		}
	}
}
