package ppm

import (
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
)

// Attributes returns the names of the attributes that the vendor's examples show of a kind of entity, as events hold them,
// sorted. All others are the tenant's own, or of a newer version.
func Attributes(entity string) []string {
	var names []string
	for _, name := range allNames() {
		if specOf(entity, name).rank < event.RankCustom && !isForeign(entity, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// isForeign reports whether an attribute is known for every kind, and none of this one.
func isForeign(entity, name string) bool {
	switch name {
	case "Id":
		return entity != event.Project
	case "CreatedDate", "LastModifiedDate":
		return entity != event.Project && entity != event.Idea
	case "StartDate":
		return entity == event.KeyDate
	default:
		return false
	}
}

// allNames are the names that the specs know.
func allNames() []string {
	return []string{
		"AlignmentScore", "AssignedTo", "Budget", "BusinessPriority", "Challenge", "ChildProject", "Cost", "CostStatus", "CreatedDate",
		"Date", "Description", "DiscussionUrl", "DueDate", "Duration", "Efforts", "ExpectedCost", "ExpectedEfforts", "FinishDate", "Group",
		"HighLevelScope", "Id", "Impact", "IsComplete", "IsMilestone", "IssuesStatus", "LastModifiedDate", "Manager", "Name", "Number",
		"OverallStatus", "ParentIdea", "PlannedWork", "Portfolio", "Priority", "Program", "Progress", "ReportedTime", "ResourcesStatus",
		"Revenue", "Risk", "RisksStatus", "ScheduleStatus", "Score", "ShowOnTimeline", "Stage", "StartDate", "Status", "Submitter", "Tags",
		"Type",
	}
}
