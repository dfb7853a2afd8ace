package ppm

import "github.com/ppmrelay/ppmrelay/event"

// spec is what is known about one attribute of one kind of entity.
type spec struct {
	label string
	kind  event.Kind // of the value, or of each value of a list; Null = unknown, the JSON tells
	rank  int
	unit  string
	of    string // kind of entity that a reference names
	noise bool
}

// The ranks of attributes: the order in which changes are read.
const (
	rankName    = 10
	rankStatus  = 20
	rankDates   = 30
	rankMoney   = 40
	rankPeople  = 50
	rankChoices = 60
	rankNumbers = 70
	rankTexts   = 80
	rankLists   = 90
)

// specOf returns what is known about an attribute: the vendor's built-in ones, as far as its examples show them. All
// others count as custom ones, which are named by people.
func specOf(entity, name string) spec {
	if s := sharedSpec(name); s.label != "" {
		return s
	}
	var s spec
	switch entity {
	case event.Project:
		s = projectSpec(name)
	case event.Idea:
		s = ideaSpec(name)
	case event.Task:
		s = taskSpec(name)
	case event.KeyDate:
		s = keyDateSpec(name)
	}
	switch {
	case s.label != "":
		return s
	case name == "":
		return spec{label: "(no name)", rank: event.RankCustom}
	default:
		return spec{label: name, rank: event.RankCustom}
	}
}

// sharedSpec knows what means the same wherever it is sent.
func sharedSpec(name string) spec {
	switch name {
	case "Id":
		return spec{label: "Id", kind: event.Text, rank: rankTexts, noise: true}
	case "CreatedDate":
		return spec{label: "Created", kind: event.Instant, rank: rankDates, noise: true}
	case "LastModifiedDate":
		return spec{label: "Last modified", kind: event.Instant, rank: rankDates, noise: true}
	case "Name":
		return spec{label: "Name", kind: event.Text, rank: rankName}
	case "Description":
		return text("Description")
	case "StartDate":
		return date("Start")
	default:
		return spec{}
	}
}

// plannedSpec knows what projects and ideas have in common. Impact, Cost and their like are scores of the
// prioritisation, not amounts.
func plannedSpec(name string) spec {
	switch name {
	case "FinishDate":
		return date("Finish")
	case "Budget":
		return money("Budget")
	case "Impact", "Risk", "Cost", "Revenue", "Efforts":
		return number(name, "")
	case "AlignmentScore":
		return number("Alignment score", "")
	case "Tags":
		return spec{label: "Tags", kind: event.Text, rank: rankLists}
	default:
		return spec{}
	}
}

// projectSpec: the Progress of a project is a choice, not a percentage.
func projectSpec(name string) spec {
	switch name {
	case "OverallStatus":
		return status("Status")
	case "Manager":
		return person("Manager")
	case "ScheduleStatus":
		return choice("Schedule")
	case "CostStatus":
		return choice("Cost status")
	case "RisksStatus":
		return choice("Risks")
	case "IssuesStatus":
		return choice("Issues")
	case "ResourcesStatus":
		return choice("Resources")
	case "Stage", "Progress", "Priority":
		return choice(name)
	case "Score", "Number":
		return number(name, "")
	case "ReportedTime":
		return number("Reported time", "")
	case "PlannedWork":
		return number("Planned work", "")
	case "HighLevelScope":
		return text("High-level scope")
	case "ParentIdea":
		return reference("Parent idea", event.Idea)
	case "Portfolio", "Program":
		return spec{label: name, kind: event.Reference, rank: rankLists, of: name}
	default:
		return plannedSpec(name)
	}
}

// ideaSpec: the stage of an idea is what the status of a project is.
func ideaSpec(name string) spec {
	switch name {
	case "Stage":
		return status("Stage")
	case "ExpectedCost":
		return money("Expected cost")
	case "ExpectedEfforts":
		return number("Expected efforts", "")
	case "BusinessPriority":
		return number("Business priority", "")
	case "Submitter":
		return person("Submitter")
	case "Challenge":
		return reference("Challenge", "Challenge")
	case "ChildProject":
		return reference("Project", event.Project)
	case "DiscussionUrl":
		return text("Discussion")
	default:
		return plannedSpec(name)
	}
}

// taskSpec: the duration counts working days with both ends (help.ppm.express, "Task management").
func taskSpec(name string) spec {
	switch name {
	case "Status":
		return status("Status")
	case "DueDate":
		return date("Due")
	case "AssignedTo":
		return person("Assigned to")
	case "Group":
		return reference("Group", "Group")
	case "Priority":
		return choice("Priority")
	case "IsMilestone":
		return boolean("Milestone")
	case "Duration":
		return number("Duration", "working days")
	case "Progress":
		return number("Progress", "%")
	default:
		return spec{}
	}
}

func keyDateSpec(name string) spec {
	switch name {
	case "Status":
		return status("Status")
	case "IsComplete": // after the status, which is sent later
		return spec{label: "Complete", kind: event.Boolean, rank: rankStatus + 1}
	case "Date":
		return date("Date")
	case "AssignedTo":
		return person("Assigned to")
	case "Type":
		return choice("Type")
	case "ShowOnTimeline":
		return boolean("Show on timeline")
	default:
		return spec{}
	}
}

func status(label string) spec  { return spec{label: label, kind: event.Choice, rank: rankStatus} }
func date(label string) spec    { return spec{label: label, kind: event.Date, rank: rankDates} }
func money(label string) spec   { return spec{label: label, kind: event.Money, rank: rankMoney} }
func person(label string) spec  { return spec{label: label, kind: event.PersonRef, rank: rankPeople} }
func choice(label string) spec  { return spec{label: label, kind: event.Choice, rank: rankChoices} }
func boolean(label string) spec { return spec{label: label, kind: event.Boolean, rank: rankChoices} }
func text(label string) spec    { return spec{label: label, kind: event.Text, rank: rankTexts} }

func number(label, unit string) spec {
	return spec{label: label, kind: event.Number, rank: rankNumbers, unit: unit}
}

func reference(label, of string) spec {
	return spec{label: label, kind: event.Reference, rank: rankChoices, of: of}
}
